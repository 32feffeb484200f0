internal import CLIPRuntime
internal import TensorCore
internal import ToolSupport

/// Labels and what they are put into.
struct LabelSet {
  let labels: [String]
  /// Texts with `{}` or `{c}` where the label goes; without any, labels are taken as they are.
  let templates: [String]

  /// Reads templates, one a line.
  ///
  /// - Throws: `ToolError` naming the first line without a place for the label.
  static func templates(_ path: String) throws -> [String] {
    let items = try TextFile.items(path, what: "template")
    if let wrong = items.first(where: { !isTemplate($0) }) {
      throw ToolError(
        "\(path): expected {} or {c} where the label goes, found \(printable(wrong))")
    }
    return items
  }

  /// Every text that is encoded, template by template within a label.
  var texts: [String] { labels.flatMap { prompt($0, templates) } }
}
