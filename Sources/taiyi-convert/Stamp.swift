internal import Evaluation
internal import Notation
internal import TCMFormat
internal import TCMWriter

/// Quality reports inside `.tcm` files.
enum Stamp {
  /// Stores a report in the file it is about.
  ///
  /// - Parameters:
  ///   - report: The report.
  ///   - path: The file it is about.
  ///   - output: Where the file with the report goes, if not in its place.
  static func write(
    _ report: VerificationReport, of path: String, to output: String? = nil
  ) throws {
    try TCMWriter.replaceReport(
      of: path, to: output,
      with: Report(
        identity: report.candidate.identity, numericsVersion: UInt32(report.numericsVersion),
        text: Array(report.stamp.text.utf8)))
  }
}
