internal import Evaluation
internal import Notation
internal import TCMFormat
internal import TCMWriter

/// Quality reports inside `.tcm` files.
enum Stamp {
  /// Stores a report in the file it is about.
  static func write(_ report: VerificationReport, to path: String) throws {
    try TCMWriter.replaceReport(
      of: path,
      with: Report(
        identity: report.candidate.identity, numericsVersion: UInt32(report.numericsVersion),
        text: Array(report.stamp.text.utf8)))
  }
}
