/// Texts with `{c}` or `{}` where a class name goes.
public enum LabelTemplate {
  /// The texts of a label: it in each template, or itself without any.
  ///
  /// - Parameters:
  ///   - label: A class name.
  ///   - templates: With `{c}` or `{}` where the label goes; every such place takes it.
  /// - Returns: As many texts as templates, at least one.
  public static func texts(of label: String, _ templates: [String]) -> [String] {
    if templates.isEmpty { return [label] }
    var texts: [String] = []
    for template in templates {
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
      texts.append(String(decoding: bytes, as: UTF8.self))
    }
    return texts
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
