public import TCMFormat
public import TensorCore

/// Labels and their embeddings, stored in the place of a text tower.
public struct LabelRows {
  /// What the embeddings are of, and how they were made.
  public let record: LabelBankRecord
  /// Rows `[range.count, record.width]`, each of length 1, of a part of the labels.
  let rows: (Range<Int>) throws(ConversionError) -> Block<Float>

  /// Rows written at a time: memory does not grow with the number of labels.
  private static let step = 1_024

  /// Puts labels together.
  ///
  /// - Parameters:
  ///   - record: What the embeddings are of, and how they were made.
  ///   - rows: Gives the rows of a part of the labels, `[range.count, record.width]`.
  public init(
    record: LabelBankRecord,
    rows: @escaping (Range<Int>) throws(ConversionError) -> Block<Float>
  ) {
    self.record = record
    self.rows = rows
  }

  /// Calls `body` with the rows, from the first to the last.
  func forEachRun(
    _ body: (Block<Float>) throws(ConversionError) -> Void
  ) throws(ConversionError) {
    let count = record.labels.count
    for start in stride(from: 0, to: count, by: LabelRows.step) {
      let run = try rows(start..<min(start + LabelRows.step, count))
      precondition(run.count % record.width == 0, "rows are as wide as the record says")
      try body(run)
    }
  }
}
