internal import Checkpoints
internal import TensorCore

/// Text files of data sets: UTF-8, perhaps with a byte order mark, lines ending in LF or CRLF and nothing else.
enum TextLines {
  /// Largest text file, in bytes.
  static let byteLimit = 1 << 30
  /// Longest line, in bytes.
  static let lineLimit = 64 << 20

  /// Calls `body` with each line and its number, from 1; an empty last line does not count.
  ///
  /// - Throws: `DatasetError.line` for a line that is not UTF-8 or holds a NUL byte.
  static func forEach(
    _ path: String, _ body: (Int, String) throws(DatasetError) -> Void
  ) throws(DatasetError) {
    try forEachRaw(path) { (number, bytes) throws(DatasetError) in
      if bytes.contains(0) { throw .line(path: path, line: number, .nul) }
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw .line(path: path, line: number, .notUTF8)
      }
      try body(number, text)
    }
  }

  /// The same with a line's bytes.
  private static func forEachRaw(
    _ path: String, _ body: (Int, ArraySlice<UInt8>) throws(DatasetError) -> Void
  ) throws(DatasetError) {
    let bytes = try contents(path)
    var start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    var number = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
      let line = bytes[start..<end]
      number += 1
      try checkLine(line.count, path)
      try body(number, line.last == 0x0D ? line.dropLast() : line)
      start = end + 1
    }
  }

  /// Refuses a line of too many bytes.
  static func checkLine(_ count: Int, _ path: String) throws(DatasetError) {
    if count > lineLimit {
      throw .limit(path: path, what: "bytes a line", found: count, limit: lineLimit)
    }
  }

  /// The one word of a small file.
  static func word(_ path: String) throws(DatasetError) -> String {
    let bytes = try contents(path, limit: 4_096)
    return trimmed(
      String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).first ?? "")
  }

  /// All bytes.
  static func contents(
    _ path: String, limit byteLimit: Int = byteLimit
  ) throws(DatasetError) -> [UInt8] {
    let byteCount: Int
    do throws(FileError) {
      let file = try InputFile(path: path)
      byteCount = file.byteCount
      if byteCount <= byteLimit { return try file.bytes(at: 0, count: byteCount) }
    } catch { throw .file(error) }
    throw .limit(path: path, what: "bytes of text", found: byteCount, limit: byteLimit)
  }

  /// Whether a line has nothing but white space.
  static func isBlank(_ line: String) -> Bool { line.utf8.allSatisfy { $0 == 0x20 || $0 == 0x09 } }

  /// Without spaces and tabs around it.
  static func trimmed(_ text: Substring) -> String {
    var bytes = Array(text.utf8)[...]
    while let last = bytes.last, last == 0x20 || last == 0x09 { bytes.removeLast() }
    while let first = bytes.first, first == 0x20 || first == 0x09 { bytes.removeFirst() }
    return String(decoding: bytes, as: UTF8.self)
  }
}
