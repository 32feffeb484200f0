internal import Notation
internal import TensorCore

/// For people, on a terminal.
extension VerificationReport {
  /// The report as lines of text.
  public var lines: [String] {
    var lines = [
      "\(printable(candidate.path)): \(Amount.bytes(candidate.byteCount)), \(candidate.recipe); "
        + "reference \(Amount.bytes(reference.byteCount)), \(reference.recipe)"
    ]
    for dataset in datasets { lines += dataset.lines }
    if let embeddings { lines += embeddings.lines }
    if let layers { lines += layers.lines }
    if let tuning { lines += tuning.lines }
    lines += notes.map { "note: \($0)" }
    lines.append(conclusion)
    return lines
  }

  /// The verdict in a sentence.
  public var conclusion: String {
    let limits = [
      datasets.isEmpty ? nil : "a drop of at most \(percent(maxDrop / 100)) points",
      minCosine.flatMap { embeddings == nil ? nil : "cosines of at least \($0)" },
    ].compactMap { $0 }.joined(separator: " and ")
    switch verdict {
    case nil: return "nothing was to be decided (give --dataset, or --min-cosine)"
    case .held: return "held: \(limits)"
    case .violated: return "violated: \(limits)"
    case .undecided(let further):
      let hint =
        further.map { "about \($0) more samples of the same kind would decide" }
        ?? "the drop is so near the limit that no number of samples would decide"
      return "undecided: \(limits); \(hint)"
    }
  }
}

extension DatasetReport {
  fileprivate var lines: [String] {
    var lines = ["", printable(name)]
    var size = "  \(pictures) pictures, \(texts) \(isClassification ? "classes" : "captions")"
    if let sampledFrom { size += "; a sample of \(sampledFrom), seed \(seed)" }
    lines.append(size)
    let rows = figures.map { figure in
      [
        figure.name, percent(figure.reference), percent(figure.candidate), signed(figure.drop),
        "\(signed(figure.bounds.lower)) .. \(signed(figure.bounds.upper))",
        figure.decides ? figure.verdict.name : "",
      ]
    }
    let header = ["", "reference", "candidate", "drop", "95 % bounds", ""]
    lines += aligned([header] + rows)
    lines.append(
      isClassification
        ? "  the same first answer: \(percent(agreement)) % of pictures"
        : "  found or missed by both: \(percent(agreement)) % of captions")
    if ties > 0 { lines.append("  \(ties) samples with equal best scores; the first one counts") }
    lines.append("  cosines of pictures: \(pictureCosines.line)")
    lines.append("  cosines of \(isClassification ? "classes" : "captions"): \(textCosines.line)")
    if !worst.isEmpty {
      lines.append("  lost most clearly:")
      for item in worst.prefix(5) {
        lines.append(
          "    \(printable(item.name)): \(printable(item.truth)) fell to place "
            + "\(item.candidateRank), behind \(printable(item.candidateTop.first?.name ?? ""))")
      }
    }
    lines += notes.map { "  note: \($0)" }
    return lines
  }
}

extension EmbeddingReport {
  fileprivate var lines: [String] {
    var lines = ["", isBuiltIn ? "built-in texts and pictures" : "texts and pictures given"]
    if let pictures { lines.append("  cosines of \(pictures.count) pictures: \(pictures.line)") }
    if let texts { lines.append("  cosines of \(texts.count) texts: \(texts.line)") }
    if let overlap {
      lines.append("  of a picture's 10 nearest texts stay \(Amount.fixed(overlap * 10, 2))")
    }
    lines.append("  lowest:")
    for item in worst.prefix(5) {
      lines.append("    \(Amount.fixed(item.cosine, 6))  \(item.kind): \(printable(item.name))")
    }
    return lines
  }
}

extension LayerReport {
  fileprivate var lines: [String] {
    var lines = ["", "where the error is made (\(texts) texts, \(pictures) pictures)"]
    let order = rows.indices.sorted {
      (-(rows[$0].effect ?? 0), $0) < (-(rows[$1].effect ?? 0), $1)
    }
    var table = [["", "accumulated", "isolated", "effect on cosines", "peak"]]
    for index in order.prefix(8) {
      let row = rows[index]
      table.append([
        "\(row.tower) \(row.name)", "\(percent(row.accumulated)) %", "\(percent(row.isolated)) %",
        row.effect.map { Amount.fixed($0, 6) } ?? "", Amount.fixed(row.peak, 1),
      ])
    }
    lines += aligned(table)
    if rows.count > 8 {
      lines.append("  the 8 with the most effect of \(rows.count); all are in the report")
    }
    if let step = steps.first {
      lines.append(
        "  look first at \(step.tensor): its output is off by \(percent(step.isolated)) %")
    }
    return lines
  }
}

extension CosineSummary {
  var line: String {
    "lowest \(Amount.fixed(minimum, 6)), 1 % below \(Amount.fixed(percentile1, 6)), 5 % below "
      + "\(Amount.fixed(percentile5, 6)), median \(Amount.fixed(median, 6))"
  }
}

/// A share in percent with two decimals.
func percent(_ share: Double) -> String {
  share.isFinite ? Amount.fixed(share * 100, 2) : "infinite"
}

/// A difference in points, with its sign.
func signed(_ share: Double) -> String {
  let text = Amount.fixed(share * 100, 2)
  return share > 0 && text != "0.00" ? "+" + text : text
}

/// Columns, all but the first to the right.
func aligned(_ rows: [[String]]) -> [String] {
  let count = rows.map(\.count).max() ?? 0
  let widths = (0..<count).map { column in
    rows.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
  }
  return rows.map { row in
    var line = "  "
    for (column, cell) in row.enumerated() {
      let gap = String(repeating: " ", count: widths[column] - cell.count)
      let isLeft = column == 0 || (column == count - 1 && cell.first?.isLetter == true)
      line += (column == 0 ? "" : "  ") + (isLeft ? cell + gap : gap + cell)
    }
    while line.last == " " { line.removeLast() }
    return line
  }
}
