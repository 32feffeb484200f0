internal import CLIPRuntime
internal import TensorCore
internal import ToolSupport

/// Labels and what they are put into.
struct LabelSet {
  let labels: [String]
  /// Texts with `{}` or `{c}` where the label goes; without any, labels are taken as they are.
  let templates: [String]

  /// The template files' own way to mark the label's place.
  private static let marks = ["{c}", "{}"]

  /// Reads templates, one a line.
  ///
  /// - Throws: `ToolError` naming the first line without a place for the label.
  static func templates(_ path: String) throws -> [String] {
    let items = try TextFile.items(path, what: "template")
    if let wrong = items.first(where: { item in !marks.contains { item.contains($0) } }) {
      throw ToolError(
        "\(path): expected {} or {c} where the label goes, found \(printable(wrong))")
    }
    return items
  }

  /// Every text that is encoded, template by template within a label.
  var texts: [String] {
    if templates.isEmpty { return labels }
    return labels.flatMap { label in
      templates.map { template in
        Self.marks.reduce(template) { $0.replacing($1, with: label) }
      }
    }
  }

  /// One embedding a label.
  ///
  /// With templates as CLIP does it (Radford and others 2021, arXiv 2103.00020, section 3.1.4): the mean of the
  /// templates' embeddings, each of length 1, brought to length 1 again.
  ///
  /// - Parameter encoder: Gives embeddings of length 1.
  /// - Returns: `[labels.count, width]`.
  func embeddings(_ encoder: Encoder) throws -> [Float] {
    let width = encoder.session.model.embeddingWidth
    let count = max(templates.count, 1)
    var result: [Float] = []
    result.reserveCapacity(labels.count * width)
    var mean = [Float](repeating: 0, count: width)
    var seen = 0
    try encoder.embed(texts.map(Input.text)) { run, embeddings in
      for row in 0..<run.count {
        for column in 0..<width { mean[column] += embeddings[row * width + column] }
        seen += 1
        if seen < count { continue }
        let length = count == 1 ? 1 : mean.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        result += mean.map { length == 0 ? 0 : Float(Double($0) / length) }
        mean = [Float](repeating: 0, count: width)
        seen = 0
      }
    }
    return result
  }
}
