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
  /// - Throws: `ModelError.noTextTower`, `.labelText` for a label and a template that make too long a text, or `.system`
  ///   when there is no memory.
  /// - Complexity: Encodes labels times templates texts; memory for a few hundred at a time.
  public func embed(
    labels: [String], templates: [String], padding: TextPadding = .fixed
  ) throws(ModelError) -> MutableBlock<Float> {
    let width = model.embeddingWidth
    let result: MutableBlock<Float>
    do throws(SystemError) {
      result = try MutableBlock(allocating: labels.count * width)
    } catch { throw .system(error) }
    do throws(LabelTextError) { try LabelTemplate.check(labels, templates) } catch {
      throw .labelText(error)
    }
    let prompts = max(templates.count, 1)
    let total = labels.count * prompts
    for start in stride(from: 0, to: total, by: Session.promptsAtATime) {
      let end = min(start + Session.promptsAtATime, total)
      let texts = (start..<end).map { index in
        let label = labels[index / prompts]
        return templates.isEmpty
          ? label : LabelTemplate.text(of: label, in: templates[index % prompts])
      }
      let rows = try embed(texts: texts, padding: padding)
      for index in start..<end {
        let row = rows[(index - start) * width..<(index - start + 1) * width].readOnly
        let label = index / prompts
        let sum = result[label * width..<(label + 1) * width]
        let isFirst = index % prompts == 0
        for column in 0..<width { sum[column] = (isFirst ? 0 : sum[column]) + row[column] }
        if prompts > 1 && index % prompts == prompts - 1 { normalize(sum) }
      }
    }
    return result
  }

  private static let promptsAtATime = 256
}

/// Brings a row to length 1.
private func normalize(_ row: MutableBlock<Float>) {
  var square = 0.0
  for value in 0..<row.count { square += Double(row[value]) * Double(row[value]) }
  let length = square.squareRoot()
  for column in 0..<row.count {
    row[column] = length == 0 ? 0 : Float(Double(row[column]) / length)
  }
}
