internal import Notation
internal import TensorCore

/// For people, in a browser.
extension VerificationReport {
  /// What every page begins with, by which one is told from other files.
  public static let htmlStart = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"

  /// A page that needs nothing else: no network, no script.
  public var html: String {
    var body = header
    for dataset in datasets { body += dataset.html(maxDrop: maxDrop) }
    if let embeddings { body += embeddings.html }
    if let layers { body += layers.html }
    if let tuning { body += tuning.html(maxDrop: maxDrop) }
    if !notes.isEmpty {
      body += "<h2>Notes</h2><ul>"
      body += notes.map { "<li>\(HTMLText.escaped($0))</li>" }.joined() + "</ul>"
    }
    let name = candidate.path.split(separator: "/").last.map(String.init) ?? candidate.path
    return """
      \(VerificationReport.htmlStart)<meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(HTMLText.escaped(name)): verification</title>
      <style>
      \(HTMLText.style)
      </style></head><body>
      \(body)
      </body></html>

      """
  }

  private var header: String {
    func facts(_ title: String, _ model: ModelSummary) -> String {
      let sources = model.sources.map {
        "\(HTMLText.escaped($0.name)) <code>\(Amount.hex(Array($0.sha256.prefix(8))))…</code>"
      }
      return """
        <div><b>\(title)</b><br><code>\(HTMLText.escaped(model.path))</code><br>
        \(Amount.bytes(model.byteCount)), \(HTMLText.escaped(model.recipe))<br>
        <span class="soft">identity <code>\(Amount.hex(Array(model.identity.prefix(8))))…</code><br>
        from \(sources.joined(separator: ", "))</span></div>
        """
    }
    return """
      <p class="soft">Verification by \(HTMLText.escaped(tool)), numerics version \(numericsVersion)</p>
      <h1>\(badge(verdict)) \(HTMLText.escaped(withoutVerdict(conclusion)))</h1>
      \(advice)
      <div class="facts">\(facts("Candidate", candidate))\(facts("Reference", reference))</div>
      """
  }
}

extension VerificationReport {
  /// Where to look, unless all is well.
  private var advice: String {
    guard verdict != .held, let step = layers?.steps.first else { return "" }
    return "<p>Look first at <code>\(HTMLText.escaped(step.tensor))</code>: given the reference's "
      + "input, its output is off by \(percent(step.isolated)) %.</p>"
  }

  /// What follows the word that the badge shows.
  private func withoutVerdict(_ sentence: String) -> String {
    guard let name = verdict?.name, sentence.hasPrefix(name + ": ") else { return sentence }
    return String(sentence.dropFirst(name.count + 2))
  }
}

/// A verdict as a word in its colour.
func badge(_ verdict: Verdict?) -> String {
  let name = verdict?.name ?? "none"
  return verdict == nil ? "" : "<span class=\"verdict \(name)\">\(name)</span>"
}

extension DatasetReport {
  fileprivate func html(maxDrop: Double) -> String {
    var size = "\(pictures) pictures, \(texts) \(isClassification ? "classes" : "captions")"
    if let sampledFrom { size += "; a sample of \(sampledFrom), seed \(seed)" }
    // One scale for all rows, symmetric, with room for the tolerance.
    let reach = figures.reduce(maxDrop) {
      max($0, max(abs($1.bounds.lower), abs($1.bounds.upper)) * 100)
    }
    let scale = max(reach, 0.1) * 1.15
    var rows = ""
    for figure in figures {
      rows += """
        <tr><td>\(HTMLText.escaped(figure.name))</td><td>\(percent(figure.reference)) %</td><td>\(percent(figure.candidate)) %</td>
        <td>\(signed(figure.drop))</td><td>\(signed(figure.bounds.lower)) … \(signed(figure.bounds.upper))</td>
        <td class="chart">\(interval(figure, maxDrop: maxDrop, scale: scale))</td><td>\(figure.decides ? badge(figure.verdict) : "")</td></tr>

        """
    }
    var page = """
      <h2>\(HTMLText.escaped(name))</h2>
      <p>\(size). \(isClassification ? "The same first answer" : "Found or missed by both"): \(percent(agreement)) %.</p>
      <div class="scroll"><table><tr><th></th><th>reference</th><th>candidate</th><th>drop</th><th>95 % bounds</th>
      <th>−\(Amount.fixed(scale, 2)) … +\(Amount.fixed(scale, 2)) points</th><th></th></tr>
      \(rows)</table></div>
      <p class="soft">Drops are in percentage points, positive where the candidate is worse. The dashed line is the tolerance of
      \(Amount.fixed(maxDrop, 2)) points; each bound is passed by the true drop with 5 % probability.</p>

      """
    page += "<div class=\"pair\">" + Chart.histogram("pictures", pictureCosines)
    page += Chart.histogram(isClassification ? "classes" : "captions", textCosines) + "</div>"
    page += notes.map { "<p class=\"soft\">\(HTMLText.escaped($0))</p>" }.joined()
    if !worst.isEmpty {
      page += "<h3>Lost most clearly</h3><div class=\"items\">"
      page += worst.map { $0.html(isClassification: isClassification) }.joined() + "</div>\n"
    }
    return page
  }

  private func interval(_ figure: Figure, maxDrop: Double, scale: Double) -> String {
    func x(_ points: Double) -> String { Amount.fixed(100 + points / scale * 100, 2) }
    let tone = figure.decides ? "first" : "axis"
    return """
      <svg viewBox="0 0 200 24" preserveAspectRatio="none" role="img" aria-label="drop \(signed(figure.drop)), bounds \(signed(figure.bounds.lower)) to \(signed(figure.bounds.upper))">\
      <line x1="100" y1="0" x2="100" y2="24" class="grid" vector-effect="non-scaling-stroke"/>\
      <line x1="\(x(maxDrop))" y1="0" x2="\(x(maxDrop))" y2="24" class="limit" vector-effect="non-scaling-stroke"/>\
      <line x1="\(x(figure.bounds.lower * 100))" y1="12" x2="\(x(figure.bounds.upper * 100))" y2="12" class="\(tone)" stroke-width="2" vector-effect="non-scaling-stroke"/>\
      <line x1="\(x(figure.drop * 100))" y1="6" x2="\(x(figure.drop * 100))" y2="18" class="\(tone)" stroke-width="4" vector-effect="non-scaling-stroke"/></svg>
      """
  }
}

extension WorstItem {
  fileprivate func html(isClassification: Bool) -> String {
    func list(_ title: String, _ rank: Int, _ answers: [(name: String, cosine: Double)]) -> String {
      let rows = answers.map { answer in
        let mark = answer.name == truth ? " class=\"right\"" : ""
        return "<li\(mark)>\(HTMLText.escaped(answer.name)) <span class=\"soft\">"
          + "\(Amount.fixed(answer.cosine, 4))</span></li>"
      }
      return "<b>\(title)</b> <span class=\"soft\">right one: place \(rank)</span>"
        + "<ol>\(rows.joined())</ol>"
    }
    let image = picture.map {
      "<img alt=\"\" src=\"data:image/png;base64,\(HTMLText.base64($0))\">"
    }
    return """
      <div class="item">\(image ?? "")<div><b>\(HTMLText.escaped(isClassification ? truth : name))</b><br>
      <span class="soft">\(HTMLText.escaped(isClassification ? name : truth))</span><br>
      \(list("Reference", referenceRank, referenceTop))\(list("Candidate", candidateRank, candidateTop))</div></div>

      """
  }
}

extension EmbeddingReport {
  fileprivate var html: String {
    var page = "<h2>\(isBuiltIn ? "Built-in texts and pictures" : "Texts and pictures given")</h2>"
    if let overlap {
      page += "<p>Of a picture's 10 nearest texts stay \(Amount.fixed(overlap * 10, 2)).</p>"
    }
    if let pictures { page += Chart.histogram("pictures", pictures) }
    if let texts { page += Chart.histogram("texts", texts) }
    page += "<h3>Lowest cosines</h3><div class=\"scroll\"><table>"
    for item in worst {
      page += "<tr><td>\(HTMLText.escaped(item.name))</td><td>\(item.kind)</td>"
      page += "<td>\(Amount.fixed(item.cosine, 6))</td></tr>"
    }
    return page + "</table></div>\n"
  }
}

extension LayerReport {
  fileprivate var html: String {
    var page = """
      <h2>Where the error is made</h2>
      <p>Relative L2 error of the hidden states behind each layer, on \(texts) texts and \(pictures) pictures:
      <span class="swatch" style="background: var(--first)"></span> accumulated, when all layers up to here are the candidate's;
      <span class="swatch" style="background: var(--second)"></span> isolated, when the layer alone is.</p>

      """
    for tower in ["text", "image"] {
      let rows = rows.filter { $0.tower == tower }
      if !rows.isEmpty { page += Chart.layers(tower, rows) }
    }
    if let step = steps.first {
      page +=
        "<p>Look first at <code>\(HTMLText.escaped(step.tensor))</code>: given the reference's input, its output is off by "
      page += "\(percent(step.isolated)) %.</p>"
    }
    let order = rows.indices.sorted {
      (-(rows[$0].effect ?? 0), $0) < (-(rows[$1].effect ?? 0), $1)
    }
    page += """
      <details open><summary>Layers in the order of what they do to the cosines between texts and pictures</summary>
      <div class="scroll"><table><tr><th>layer</th><th>effect on cosines</th><th>accumulated</th><th>isolated</th><th>peak</th></tr>

      """
    for row in order.map({ rows[$0] }) {
      page += "<tr><td>\(row.tower) \(row.name)</td><td>"
      page +=
        "\(row.effect.map { Amount.fixed($0, 6) } ?? "")</td><td>\(percent(row.accumulated)) %</td>"
      page += "<td>\(percent(row.isolated)) %</td><td>\(Amount.fixed(row.peak, 1))</td></tr>\n"
    }
    page += """
      </table></div></details>
      <p class="soft">Effect: root mean square change of the cosines when this layer alone is the candidate's. Peak: the largest hidden
      value in root mean squares; above \(Int(LayerReport.peakLimit)), one channel takes most of the range of 8-bit activations.</p>
      <details><summary>Tensors, those of the layer that matters most first</summary><div class="scroll"><table>
      <tr><th>tensor</th><th>error of its output</th></tr>

      """
    for step in steps {
      page +=
        "<tr><td><code>\(HTMLText.escaped(step.tensor))</code></td><td>\(percent(step.isolated)) %</td></tr>\n"
    }
    return page + "</table></div></details>\n"
  }
}
