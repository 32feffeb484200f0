internal import Answers

/// Text files as the commands take them: `TextLines`, with the errors of tools.
public enum TextFile {
  /// Bytes a text file may have, unless an option raises it.
  public static let byteLimit = TextLines.byteLimit

  /// The lines of a file; see `TextLines.lines`.
  ///
  /// - Parameters:
  ///   - path: Any path.
  ///   - limit: Most bytes.
  /// - Returns: The lines without their ends.
  /// - Throws: `FileError`, or `ToolError` for a file that is too large or not UTF-8.
  public static func lines(_ path: String, limit: Int = byteLimit) throws -> [String] {
    try Tool.answering { () throws(AnswerError) in try TextLines.lines(path, limit: limit) }
  }

  /// The lines of a file that are not blank; see `TextLines.items`.
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
    try Tool.answering { () throws(AnswerError) in
      try TextLines.items(path, what: what, limit: limit)
    }
  }

  /// Templates, one a line; see `TextLines.templates`.
  ///
  /// - Parameters:
  ///   - path: Any path.
  ///   - limit: Most bytes.
  /// - Returns: At least one text with `{c}` or `{}` where the label goes.
  /// - Throws: As `items`, and `ToolError` naming the first line without such a place.
  public static func templates(_ path: String, limit: Int = byteLimit) throws -> [String] {
    try Tool.answering { () throws(AnswerError) in try TextLines.templates(path, limit: limit) }
  }
}
