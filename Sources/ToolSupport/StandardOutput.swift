internal import Answers
internal import Glibc
internal import TensorCore

/// Standard output with errors: a full disk must not look like success.
public final class StandardOutput {
  private var buffer: [UInt8] = []
  private let limit: Int

  init() {
    // On a terminal every line shows at once.
    limit = isatty(1) == 1 ? 0 : 1 << 16
  }

  /// Writes a line, or several; other control characters are made visible.
  ///
  /// - Parameter line: Without a line end.
  /// - Throws: `ToolError`.
  public func print(_ line: String) throws(ToolError) {
    buffer += VisibleText.bytes(of: line)
    buffer.append(0x0A)
    if buffer.count > limit { try flush() }
  }

  /// Writes what is buffered.
  ///
  /// - Throws: `ToolError`.
  public func flush() throws(ToolError) {
    var start = 0
    while start < buffer.count {
      let rest = buffer[start...]
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(1, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      if count < 0 {
        buffer = []
        throw ToolError("standard output: cannot write: \(SystemError(code: errno))")
      }
      start += count
    }
    buffer.removeAll(keepingCapacity: true)
  }
}
