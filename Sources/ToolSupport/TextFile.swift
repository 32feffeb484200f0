internal import TCMFormat
internal import TensorCore

/// Text files as the commands take them: UTF-8, one item a line.
public enum TextFile {
  /// Bytes a text file may have, unless an option raises it.
  public static let byteLimit = 16 << 20

  /// Lines a text file may have.
  public static let lineLimit = 1_000_000

  /// The lines of a file.
  ///
  /// Lines end at byte 0x0A (a vocabulary's U+2028 is no line end); a byte 0x0D before it is dropped, as is a byte
  /// order mark at the start. An empty last line does not count.
  ///
  /// - Parameters:
  ///   - path: Any path.
  ///   - limit: Most bytes.
  /// - Returns: The lines without their ends.
  /// - Throws: `FileError`, or `ToolError` for a file that is too large or not UTF-8.
  public static func lines(_ path: String, limit: Int = byteLimit) throws -> [String] {
    let file = try InputFile(path: path)
    if file.byteCount > limit {
      throw ToolError(
        "\(path): at most \(limit) bytes of text, found \(file.byteCount) (--max-text raises the limit)"
      )
    }
    var bytes = try file.bytes(at: 0, count: file.byteCount)
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    var lines: [String] = []
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
      let line = bytes[start..<end]
      let content = line.last == 0x0D ? line.dropLast() : line
      guard let text = String(validating: content, as: UTF8.self) else {
        throw ToolError("\(path): line \(lines.count + 1) is not UTF-8")
      }
      if lines.count == lineLimit {
        throw ToolError("\(path): more than \(lineLimit) lines")
      }
      lines.append(text)
      start = end + 1
    }
    return lines
  }

  /// The lines of a file that are not blank.
  ///
  /// - Parameters:
  ///   - path: Any path.
  ///   - what: What a line is, for the error.
  ///   - limit: Most bytes.
  /// - Returns: At least one line.
  /// - Throws: As `lines`, and `ToolError` without such a line.
  public static func items(
    _ path: String, what: String, limit: Int = byteLimit
  ) throws -> [String] {
    let items = try lines(path, limit: limit).filter { line in
      !line.allSatisfy { $0 == " " || $0 == "\t" }
    }
    if items.isEmpty { throw ToolError("\(path): expected one \(what) a line, found none") }
    return items
  }

  /// Templates, one a line.
  ///
  /// - Parameters:
  ///   - path: Any path.
  ///   - limit: Most bytes.
  /// - Returns: At least one text with `{c}` or `{}` where the label goes.
  /// - Throws: As `items`, and `ToolError` naming the first line without such a place.
  public static func templates(_ path: String, limit: Int = byteLimit) throws -> [String] {
    let items = try items(path, what: "template", limit: limit)
    if let wrong = items.first(where: { !LabelTemplate.isTemplate($0) }) {
      throw ToolError(
        "\(path): expected {} or {c} where the label goes, found \(printable(wrong))")
    }
    return items
  }
}
