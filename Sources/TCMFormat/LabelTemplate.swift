/// Texts with `{c}` or `{}` where a class name goes.
public enum LabelTemplate {
  /// Most bytes of a text that a label makes in a template: hundreds of times what a tower reads.
  public static let textLimit = 65_536

  /// The texts of a label: it in each template, or itself without any.
  ///
  /// - Parameters:
  ///   - label: A class name.
  ///   - templates: With `{c}` or `{}` where the label goes; every such place takes it.
  /// - Returns: As many texts as templates, at least one.
  public static func texts(of label: String, _ templates: [String]) -> [String] {
    templates.isEmpty ? [label] : templates.map { text(of: label, in: $0) }
  }

  /// A label in a template.
  ///
  /// - Parameters:
  ///   - label: A class name.
  ///   - template: With `{c}` or `{}` where the label goes; every such place takes it.
  /// - Returns: At most `textLimit` bytes of UTF-8, if `check` was content.
  public static func text(of label: String, in template: String) -> String {
    var bytes: [UInt8] = []
    let source = Array(template.utf8)
    var index = 0
    while index < source.count {
      let count = placeLength(source, index)
      if count > 0 {
        bytes += Array(label.utf8)
        index += count
      } else {
        bytes.append(source[index])
        index += 1
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Refuses what would make a text of any length: a template may have many places, a label be as long.
  ///
  /// - Parameters:
  ///   - labels: Class names.
  ///   - templates: With `{c}` or `{}` where the label goes.
  /// - Throws: `LabelTextError` for the first template that makes a text of more than `textLimit` bytes, and the longest
  ///   label.
  /// - Complexity: O(bytes of labels and templates).
  public static func check(
    _ labels: [String], _ templates: [String]
  ) throws(LabelTextError) {
    var longest = 0
    for label in labels.indices where labels[label].utf8.count > labels[longest].utf8.count {
      longest = label
    }
    if labels.isEmpty { return }
    let length = labels[longest].utf8.count
    for (index, template) in templates.enumerated() {
      let source = Array(template.utf8)
      var place = 0
      var count = 0
      while place < source.count {
        let size = placeLength(source, place)
        place += max(size, 1)
        count += size > 0 ? length : 1
      }
      if count > textLimit {
        throw LabelTextError(label: longest, template: index, byteCount: count)
      }
    }
  }

  /// Whether a template says where the label goes.
  ///
  /// - Parameter template: Any text.
  /// - Returns: Whether it holds `{c}` or `{}`.
  public static func isTemplate(_ template: String) -> Bool {
    let bytes = Array(template.utf8)
    for index in bytes.indices where placeLength(bytes, index) > 0 { return true }
    return false
  }

  /// Bytes of `{c}` or `{}` at an index, or 0.
  private static func placeLength(_ bytes: [UInt8], _ index: Int) -> Int {
    let open = UInt8(ascii: "{")
    let close = UInt8(ascii: "}")
    if bytes[index] != open { return 0 }
    if index + 1 < bytes.count && bytes[index + 1] == close { return 2 }
    let isNamed =
      index + 2 < bytes.count && bytes[index + 1] == UInt8(ascii: "c")
      && bytes[index + 2] == close
    return isNamed ? 3 : 0
  }
}
