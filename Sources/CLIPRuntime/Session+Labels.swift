internal import TCMFormat
public import TensorCore

/// From class names to embeddings.
extension Session {
  /// One embedding a label.
  ///
  /// With templates as CLIP does it (Radford and others 2021, arXiv 2103.00020, section 3.1.4): the mean of the
  /// templates' embeddings, each of length 1, brought to length 1 again.
  ///
  /// - Parameters:
  ///   - labels: Class names.
  ///   - templates: Texts with `{c}` or `{}` where the label goes, repeated ones counting twice; without any, labels are
  ///     taken as they are.
  ///   - padding: By default as the model was evaluated.
  /// - Returns: `[labels.count, embeddingWidth]`.
  /// - Throws: `ModelError.noTextTower`, or `.system` when there is no memory.
  /// - Complexity: Encodes labels times templates texts; memory for a few hundred at a time.
  public func embed(
    labels: [String], templates: [String], padding: TextPadding = .fixed
  ) throws(ModelError) -> MutableBlock<Float> {
    let width = model.embeddingWidth
    let result: MutableBlock<Float>
    do throws(SystemError) {
      result = try MutableBlock(allocating: labels.count * width)
    } catch { throw .system(error) }
    let prompts = max(templates.count, 1)
    let step = max(256 / prompts, 1)
    var start = 0
    while start < labels.count {
      let end = min(start + step, labels.count)
      var texts: [String] = []
      for label in labels[start..<end] { texts += LabelTemplate.texts(of: label, templates) }
      let rows = try embed(texts: texts, padding: padding)
      for label in start..<end {
        let first = (label - start) * prompts * width
        average(
          rows[first..<first + prompts * width].readOnly, rows: prompts, width: width,
          into: result[label * width..<(label + 1) * width])
      }
      start = end
    }
    return result
  }
}

/// The mean of rows of length 1, brought to length 1; one row stays as it is.
private func average(_ x: Block<Float>, rows: Int, width: Int, into y: MutableBlock<Float>) {
  for column in 0..<width {
    var sum: Float = 0
    for row in 0..<rows { sum += x[row * width + column] }
    y[column] = sum
  }
  if rows == 1 { return }
  var square = 0.0
  for column in 0..<width { square += Double(y[column]) * Double(y[column]) }
  let length = square.squareRoot()
  for column in 0..<width { y[column] = length == 0 ? 0 : Float(Double(y[column]) / length) }
}
