internal import TCMFormat
internal import TensorCore

/// Text files as the tools take them: UTF-8, one item a line.
public enum TextLines {
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
  /// - Throws: `AnswerError.file`, or `.sentence` for a file that is too large or not UTF-8.
  public static func lines(
    _ path: String, limit: Int = byteLimit
  ) throws(AnswerError) -> [String] {
    var bytes = try content(path, limit: limit)
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    var lines: [String] = []
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
      let line = bytes[start..<end]
      let content = line.last == 0x0D ? line.dropLast() : line
      guard let text = String(validating: content, as: UTF8.self) else {
        throw .sentence("\(path): line \(lines.count + 1) is not UTF-8")
      }
      if lines.count == lineLimit { throw .sentence("\(path): more than \(lineLimit) lines") }
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
  /// - Throws: As `lines`, for a NUL byte, for a `.json` file, and without such a line.
  public static func items(
    _ path: String, what: String, limit: Int = byteLimit
  ) throws(AnswerError) -> [String] {
    // Its lines would be taken for labels, brackets and all.
    if path.hasSuffix(".json") {
      throw .sentence("\(path): expected one \(what) a line; only taiyi-convert reads JSON lists")
    }
    var items: [String] = []
    for (index, line) in try lines(path, limit: limit).enumerated() {
      if line.utf8.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { continue }
      if line.utf8.contains(0) { throw .sentence("\(path): line \(index + 1) holds a NUL byte") }
      items.append(line)
    }
    if items.isEmpty { throw .sentence("\(path): expected one \(what) a line, found none") }
    return items
  }

  /// Templates, one a line.
  ///
  /// - Parameters:
  ///   - path: Any path.
  ///   - limit: Most bytes.
  /// - Returns: At least one text with `{c}` or `{}` where the label goes.
  /// - Throws: As `items`, and naming the first line without such a place.
  public static func templates(
    _ path: String, limit: Int = byteLimit
  ) throws(AnswerError) -> [String] {
    let items = try items(path, what: "template", limit: limit)
    for item in items where !LabelTemplate.isTemplate(item) {
      throw .sentence("\(path): expected {} or {c} where the label goes, found \(printable(item))")
    }
    return items
  }

  private static func content(_ path: String, limit: Int) throws(AnswerError) -> [UInt8] {
    let file: InputFile
    do throws(FileError) { file = try InputFile(path: path) } catch { throw .file(error) }
    if file.byteCount > limit {
      throw .sentence(
        "\(path): at most \(limit) bytes of text, found \(file.byteCount) "
          + "(--max-text raises the limit)")
    }
    do throws(FileError) { return try file.bytes(at: 0, count: file.byteCount) } catch {
      throw .file(error)
    }
  }
}
