public import Notation
public import TCMFormat
internal import TensorCore

/// What a file's quality report says, for people and programs.
///
/// A report is text in a file, so anybody's: what does not look as `verify --stamp` writes it is told as such.
public struct StampText {
  private let report: Report
  private let root: JSONValue?

  /// Reads a report.
  ///
  /// - Parameter report: From a manifest, whose identity the reader of the format has compared.
  public init(_ report: Report) {
    self.report = report
    root = try? JSONDocument(report.text, limits: .init(byteCount: 1 << 22)).root
  }

  /// Lines for people.
  public var lines: [String] {
    guard let root, let datasets = root["datasets"]?.elements else {
      return ["verified: the file holds a report of \(report.text.count) bytes in an unknown form"]
    }
    let verdict = root["verdict"]?.string ?? "not decided"
    var limits: [String] = []
    if !datasets.isEmpty, let drop = root["max_drop"]?.double {
      // Anybody's number; beyond a million it is written as it comes.
      let isWhole = drop.magnitude < 1e6 && drop == drop.rounded()
      limits.append("a drop of at most \(isWhole ? "\(Int(drop))" : "\(drop)") points")
    }
    if let cosine = root["min_cosine"]?.double { limits.append("cosines of at least \(cosine)") }
    var lines = [
      "verified: \(printable(verdict))" + (limits.isEmpty ? "" : ", ")
        + "\(limits.joined(separator: ", ")); by \(printable(root["tool"]?.string ?? "an unknown tool"))"
    ]
    for dataset in datasets {
      let name = printable(dataset["name"]?.string ?? "")
      lines.append("  \(name): \(dataset["pictures"]?.int ?? 0) pictures")
      for figure in dataset["figures"]?.elements ?? [] {
        guard let was = figure["reference"]?.double, let remains = figure["candidate"]?.double,
          let upper = figure["upper_bound"]?.double, figure["verdict"]?.string != nil,
          [was, remains, upper].allSatisfy({ abs($0) <= 1 })
        else { continue }
        lines.append(
          "    \(printable(figure["name"]?.string ?? "")): \(Amount.fixed(was * 100, 2)) -> "
            + "\(Amount.fixed(remains * 100, 2)) %, drop below \(Amount.fixed(upper * 100, 2)) points"
        )
      }
    }
    if let numerics { lines.append("  " + numerics) }
    return lines
  }

  /// A sentence if the figures were measured under another arithmetic than this tool's.
  public var numerics: String? {
    if report.numericsVersion == TCMLayout.numericsVersion { return nil }
    return
      "the report was made under numerics version \(report.numericsVersion), this tool computes "
      + "with version \(TCMLayout.numericsVersion): it no longer matches, verify again"
  }

  /// The report for programs; a string if it is not JSON.
  public var json: JSONText {
    guard let root else { return .string(String(decoding: report.text, as: UTF8.self)) }
    return JSONText(root)
  }
}
