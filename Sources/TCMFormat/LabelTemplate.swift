/// Texts with `{c}` or `{}` where a class name goes.
public enum LabelTemplate {
  /// Most bytes of a text that a label makes in a template: hundreds of times what a tower reads.
  public static let textLimit = 65_536

  /// A label in a template.
  ///
  /// - Parameters:
  ///   - label: A class name.
  ///   - template: With `{c}` or `{}` where the label goes; every such place takes it.
  /// - Returns: At most `textLimit` bytes of UTF-8, if `check` was content.
  public static func text(of label: String, in template: String) -> String {
    var bytes: [UInt8] = []
    forEachPart(template) { part in
      if let part { bytes.append(part) } else { bytes += label.utf8 }
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
    if labels.isEmpty { return }
    var longest = 0
    for label in labels.indices where labels[label].utf8.count > labels[longest].utf8.count {
      longest = label
    }
    let length = labels[longest].utf8.count
    for (index, template) in templates.enumerated() {
      var count = 0
      forEachPart(template) { count += $0 == nil ? length : 1 }
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
    var hasPlace = false
    forEachPart(template) { if $0 == nil { hasPlace = true } }
    return hasPlace
  }

  /// The bytes of a template, and `nil` for each place of the label.
  private static func forEachPart(_ template: String, _ body: (UInt8?) -> Void) {
    let bytes = Array(template.utf8)
    var index = 0
    while index < bytes.count {
      let count = placeLength(bytes, index)
      body(count > 0 ? nil : bytes[index])
      index += max(count, 1)
    }
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
