internal import Checkpoints
internal import Notation
internal import TCMFormat

/// Class names and templates: one a line, or a list in a JSON file.
///
/// JSON is what CLIP_benchmark and Chinese-CLIP use: a list of strings, or an object with the list under a data set's
/// name, `classnames` or `templates`.
public enum TextList {
  /// Class names, at least one.
  ///
  /// - Parameters:
  ///   - path: Any text or `.json` file.
  ///   - keys: Members of a JSON object to look for.
  /// - Returns: The names in order.
  /// - Throws: `DatasetError` naming the file and what is wrong with it.
  public static func classNames(
    _ path: String, keys: [String] = []
  ) throws(DatasetError) -> [String] {
    var names: [String] = []
    if path.hasSuffix(".json") {
      names = try list(
        path, keys: keys + ["classnames", "classes"], expected: "a list of class names")
      for (index, name) in names.enumerated() { try check(name, path, index + 1) }
      return names
    }
    try TextLines.forEach(path) { (number, line) throws(DatasetError) in
      if TextLines.isBlank(line) { return }
      try check(line, path, number)
      names.append(line)
    }
    if names.isEmpty { throw .empty(path: path, expected: "one class name a line") }
    return names
  }

  /// What a file of labels can hold, so that a label too long is found before thousands are embedded.
  private static func check(
    _ text: String, _ path: String, _ line: Int
  ) throws(DatasetError) {
    if text.utf8.contains(0) { throw .line(path: path, line: line, .nul) }
    let limit = TCMLayout.stringLimit
    if text.utf8.count > limit {
      throw .line(path: path, line: line, .tooLong(found: text.utf8.count, limit: limit))
    }
  }

  /// Templates, each with a place for the label; at least one.
  ///
  /// - Parameters:
  ///   - path: Any text or `.json` file.
  ///   - keys: Members of a JSON object to look for.
  /// - Returns: The templates in order.
  /// - Throws: `DatasetError` naming the file and what is wrong with it.
  public static func templates(
    _ path: String, keys: [String] = []
  ) throws(DatasetError) -> [String] {
    var result: [String] = []
    if path.hasSuffix(".json") {
      result = try list(path, keys: keys + ["templates"], expected: "a list of templates")
      for (index, template) in result.enumerated() {
        try check(template, path, index + 1)
        if !LabelTemplate.isTemplate(template) {
          throw .line(path: path, line: index + 1, .noPlaceForLabel(template))
        }
      }
      return result
    }
    try TextLines.forEach(path) { (number, line) throws(DatasetError) in
      if TextLines.isBlank(line) { return }
      try check(line, path, number)
      if !LabelTemplate.isTemplate(line) {
        throw .line(path: path, line: number, .noPlaceForLabel(line))
      }
      result.append(line)
    }
    if result.isEmpty { throw .empty(path: path, expected: "one template a line") }
    return result
  }

  private static func list(
    _ path: String, keys: [String], expected: String
  ) throws(DatasetError) -> [String] {
    let bytes = try TextLines.contents(path)
    let root: JSONValue
    do throws(JSONError) { root = try JSONDocument(bytes).root } catch {
      throw .json(path: path, error)
    }
    if let list = strings(root) { return list }
    for key in keys {
      if let value = root[key], let list = strings(value) { return list }
    }
    let lists = (root.members ?? []).compactMap { strings($0.value) }
    if lists.count == 1 { return lists[0] }
    throw .noList(path: path, expected: expected)
  }

  private static func strings(_ value: JSONValue) -> [String]? {
    guard let elements = value.elements, !elements.isEmpty else { return nil }
    let strings = elements.compactMap(\.string)
    return strings.count == elements.count ? strings : nil
  }
}
