internal import Answers
internal import CPlatform
internal import TensorCore

/// Standard output and standard error.
struct EdgeOutput {
  private var buffer: [UInt8] = []
  private let limit = cp_is_terminal(1) != 0 ? 0 : 1 << 16

  /// Writes a line.
  mutating func print(_ line: String) throws(AnswerError) {
    buffer += VisibleText.bytes(of: line)
    buffer.append(0x0A)
    if buffer.count > limit { try flush() }
  }

  /// Writes what is buffered.
  mutating func flush() throws(AnswerError) {
    let code = unsafe buffer.withUnsafeBytes { unsafe cp_write(1, $0.baseAddress, $0.count) }
    buffer.removeAll(keepingCapacity: true)
    if code != 0 {
      throw .sentence("standard output: cannot write: \(SystemError(code: -code).description)")
    }
  }

  /// Writes a line to standard error.
  static func note(_ line: String) {
    let bytes = Array(withoutControls(line).utf8) + [0x0A]
    _ = unsafe bytes.withUnsafeBytes { unsafe cp_write(2, $0.baseAddress, $0.count) }
  }
}
