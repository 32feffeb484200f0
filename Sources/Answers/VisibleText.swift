internal import TensorCore

/// Text on its way to a terminal.
public enum VisibleText {
  /// The UTF-8 of lines, with control characters other than line ends made visible.
  ///
  /// - Parameter lines: Any text.
  public static func bytes(of lines: String) -> [UInt8] {
    if lines.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F || $0 == 0x0A }) { return Array(lines.utf8) }
    var result: [UInt8] = []
    // By scalars: a text of accents alone is one character of any length.
    for scalar in lines.unicodeScalars {
      if scalar == "\n" || !isControl(scalar) {
        if let bytes = UTF8.encode(scalar) { result += bytes }
      } else {
        result += withoutControls(String(scalar)).utf8
      }
    }
    return result
  }
}
