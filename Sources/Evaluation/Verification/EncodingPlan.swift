internal import TensorCore

/// Items that both models encode, and where their rows are kept.
struct EncodingPlan {
  /// What is encoded.
  enum Items {
    /// Pictures of a data set, by index.
    case pictures(any PictureSource, [Int])
    /// Texts, a row each.
    case texts([String])
    /// Labels, a row each, the mean of its templates.
    case labels([String], templates: [String])

    /// Rows.
    var count: Int {
      switch self {
      case .pictures(_, let indices): indices.count
      case .texts(let texts): texts.count
      case .labels(let labels, _): labels.count
      }
    }

    /// Texts or pictures a row.
    var perRow: Int {
      if case .labels(_, let templates) = self { return max(templates.count, 1) }
      return 1
    }

    /// Whether they are texts.
    var areTexts: Bool {
      if case .pictures = self { return false }
      return true
    }
  }

  /// For progress.
  let stage: String
  let items: Items
  /// Of the reference and of the candidate; the same one if both are one model.
  let stores: [EmbeddingStore]

  /// Rows of both models.
  ///
  /// - Parameter range: In `0..<done`.
  /// - Returns: `[range.count, width]` each.
  func rows(
    _ range: Range<Int>
  ) throws(EvaluationError) -> (reference: Block<Float>, candidate: Block<Float>) {
    (try stores[0].rows(range).readOnly, try stores[1].rows(range).readOnly)
  }

  /// Rows that both have.
  var done: Int { stores.map(\.count).min() ?? 0 }
}
