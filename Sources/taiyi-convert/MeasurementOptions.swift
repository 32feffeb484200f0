internal import ArgumentParser
internal import Evaluation
internal import Notation
internal import TCMWriter
internal import TensorCore
internal import ToolSupport

/// Data sets, how they are used, and where the report goes.
struct MeasurementOptions: ParsableArguments {
  @Option(help: ArgumentHelp("A data set. May be repeated.", valueName: "kind:path"))
  var dataset: [String] = []
  @Option(help: "The largest drop accepted, in percentage points.")
  var maxDrop = 1.0
  @Option(help: ArgumentHelp("Draw that many pictures of each data set.", valueName: "n"))
  var sample: Int?
  @Option(help: "The seed of the draw.")
  var seed: UInt64 = 0
  @Option(help: ArgumentHelp("Write a self-contained HTML report.", valueName: "out.html"))
  var report: String?
  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    if !(0...100).contains(maxDrop) {
      throw ValidationError("--max-drop takes 0 to 100 points, found \(maxDrop).")
    }
    if let sample, sample < 1 {
      throw ValidationError("--sample takes at least 1, found \(sample).")
    }
  }

  /// Opens the data sets.
  func open() throws -> [Dataset] {
    try checkReport()
    return try dataset.map { try Dataset.open($0) }
  }

  /// A report may take the place of a report, of nothing else: a checkpoint or a table of captions may bear its name.
  private func checkReport() throws {
    guard let report, let file = try? InputFile(path: report), file.byteCount > 0 else { return }
    let start = Array(VerificationReport.htmlStart.utf8)
    if try file.bytes(at: 0, count: min(start.count, file.byteCount)) != start {
      throw ToolError("\(printable(report)): exists and is not a report, so it is not replaced")
    }
  }

  /// Tells a verification.
  func apply(to settings: inout VerificationOptions) {
    settings.maxDrop = maxDrop
    settings.sample = sample
    settings.seed = seed
  }

  /// Writes the page if one was asked for, and prints the figures.
  func show(_ found: VerificationReport, _ out: StandardOutput) throws {
    if let report {
      let page = try AtomicFile(path: report)
      try page.write(Array(found.html.utf8), at: 0)
      try page.commit()
    }
    if json {
      try out.print(found.json.text)
    } else {
      for line in found.lines { try out.print(line) }
    }
  }

  static func help(_ kind: DatasetKind) -> String {
    let options = kind.options.map { option in
      option.isRequired ? "\(option.name)=" : "[\(option.name)=]"
    }
    return "  \(kind.name): \(kind.summary). \(options.joined(separator: " "))"
  }
}
