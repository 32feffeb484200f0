internal import CLIPRuntime
internal import TCMFormat
internal import TensorCore

/// A few items to look at layers with.
extension SideBySide {
  /// Texts and pictures of the first data set, or those given or built in.
  ///
  /// - Parameters:
  ///   - plans: Data sets, if there are any.
  ///   - count: Most texts and pictures.
  /// - Returns: Texts, and pictures as `[pictures, 3, side, side]`.
  func someItems(
    _ plans: [DatasetPlan], _ count: Int
  ) throws(EvaluationError) -> (texts: [String], pixels: Block<Float>) {
    let comparison = EmbeddingComparison(models: self)
    var texts: [String] = []
    if models[1].textTower != nil {
      if let plan = plans.first {
        switch plan.texts.items {
        case .texts(let captions): texts = spread(captions, count)
        case .labels(let labels, let templates):
          texts = spread(labels, count).map { label in
            templates.first.map { LabelTemplate.text(of: label, in: $0) } ?? label
          }
        case .pictures: break
        }
      } else {
        texts = spread(comparison.texts, count)
      }
    }
    if models[1].imageTower == nil { return (texts, try block(0).readOnly) }
    let size = 3 * side * side
    let pixels = try block(count * size)
    var filled = 0
    if let plan = plans.first {
      for index in spread(plan.chosen, count) {
        let part = pixels[filled * size..<(filled + 1) * size]
        if read(plan.dataset.pictures, index, into: part) == nil { filled += 1 }
      }
    } else {
      filled = try comparison.fill(pixels, count)
    }
    return (texts, pixels[0..<filled * size].readOnly)
  }
}

/// Items at equal distances, at most `count`.
func spread<Item>(_ items: [Item], _ count: Int) -> [Item] {
  if items.count <= count { return items }
  return (0..<count).map { items[$0 * items.count / count] }
}
