internal import ArgumentParser
internal import CLIPRuntime
internal import Evaluation
internal import Notation
internal import TensorCore
internal import ToolSupport

/// `taiyi-convert compare INPUT... FILE.tcm`.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Show where two models part, layer by layer and tensor by tensor.",
    usage: """
      taiyi-convert compare [options] <input> ... <file.tcm>
      taiyi-convert compare [options] <input> ... --with <input> ...
      """,
    discussion: """
      Each of the two is a .tcm file, or checkpoints as convert takes them, which are run in f32. Without --with, the \
      last path is the second model. Both are run on a few texts and pictures. Accumulated is the relative error of the hidden states behind a layer when all up to it is \
      the second model's; isolated when the layer alone is, or the matrix alone. What a file folds from one tensor into \
      another cancels out, since outputs are compared.
      """)

  @Option(help: "Texts and pictures to compare on.")
  var samples = 8
  @Option(help: ArgumentHelp("Texts, one a line, instead of built-in ones.", valueName: "file"))
  var texts: String?
  @Option(help: ArgumentHelp("Pictures instead of built-in ones.", valueName: "folder"))
  var images: String?
  @Flag(help: "Print JSON.")
  var json = false
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("The second model, if it is several files or folders.", valueName: "input"))
  var with: [String] = []
  @OptionGroup var textSize: TextLimitOption
  @OptionGroup var comparison: ComparisonOptions
  @Argument(help: ArgumentHelp("The first model, then the second.", valueName: "path"))
  var paths: [String]

  func validate() throws {
    if paths.count + (with.isEmpty ? 0 : 1) < 2 {
      throw ValidationError("Expected two models: <input> ... <file.tcm>.")
    }
    if !(1...1024).contains(samples) {
      throw ValidationError("--samples takes 1 to 1024, found \(samples).")
    }
  }

  func run() throws {
    try Tool.run { out in
      let cache = try comparison.cache.open()
      let second = try comparison.open(with.isEmpty ? [paths[paths.count - 1]] : with, cache)
      let first = try comparison.open(
        with.isEmpty ? Array(paths.dropLast()) : paths, for: second, cache
      ) { _ in }
      var settings = try comparison.settings()
      settings.layerSamples = samples
      settings.texts =
        try texts.map { try TextFile.items($0, what: "text", limit: textSize.maxText) } ?? []
      settings.pictures = try images.map { try Dataset.pictures(in: $0) }
      let verification = try Verification(
        candidate: second, reference: first, options: settings, cache: cache
      ) { _ in }
      guard let report = try verification.compareLayers() else {
        throw ToolError("nothing to compare on: there are no texts and no pictures")
      }
      let text = ComparisonText(report)
      if json {
        try out.print(text.json.text)
      } else {
        for line in text.lines { try out.print(line) }
      }
    }
  }
}

/// What `compare` shows of a layer report: towers from their inputs to their ends.
private struct ComparisonText {
  let report: LayerReport

  init(_ report: LayerReport) { self.report = report }

  /// The first layer whose hidden states differ, if one does.
  private var first: LayerRow? { report.rows.first { $0.accumulated > 0 } }

  /// Steps of a tower's part.
  private func steps(_ row: LayerRow) -> [StepRow] {
    let layer = "\(row.tower).\(row.name)."
    let named = report.steps.filter { step in
      row.name.hasPrefix("layers.")
        ? step.tensor.hasPrefix(layer)
        : step.tensor.hasPrefix(row.tower + ".") && !step.tensor.contains(".layers.")
          && (row.name == "embeddings") == step.tensor.contains("embedding")
    }
    return named.sorted { $0.tensor < $1.tensor }
  }

  private func percent(_ share: Double) -> String { Amount.fixed(100 * share, 4) + " %" }

  var lines: [String] {
    var lines = ["on \(report.texts) texts and \(report.pictures) pictures"]
    let rows = report.rows.flatMap { row -> [[String]] in
      [[row.tower + " " + row.name, percent(row.accumulated), percent(row.isolated)]]
        + steps(row).map { ["  " + $0.tensor, "", percent($0.isolated)] }
    }
    let widths = (0..<3).map { column in
      max(rows.map { $0[column].count }.max() ?? 0, ["", "accumulated", "isolated"][column].count)
    }
    for row in [["", "accumulated", "isolated"]] + rows {
      let spaces = zip(row, widths).map { String(repeating: " ", count: $1 - $0.count) }
      lines.append("  \(row[0])\(spaces[0])  \(spaces[1])\(row[1])  \(spaces[2])\(row[2])")
    }
    if let first {
      lines.append("the first to differ: \(first.tower) \(first.name)")
    } else {
      lines.append("nothing differs: hidden states and embeddings are the same numbers")
    }
    return lines
  }

  var json: JSONText {
    .object([
      ("texts", .integer(report.texts)), ("pictures", .integer(report.pictures)),
      ("first", first.map { .string($0.tower + "." + $0.name) } ?? .null),
      (
        "layers",
        .array(
          report.rows.map { row in
            .object([
              ("tower", .string(row.tower)), ("name", .string(row.name)),
              ("accumulated", .double(row.accumulated)), ("isolated", .double(row.isolated)),
              (
                "tensors",
                .array(
                  steps(row).map {
                    .object([
                      ("tensor", .string($0.tensor)), ("isolated", .double($0.isolated)),
                    ])
                  })
              ),
            ])
          })
      ),
    ])
  }
}
