internal import CPlatform

/// An error number of the operating system, as a C function left it in `errno`.
public struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The errno value, for example 2 for ENOENT.
  public let code: Int32

  /// Wraps an errno value.
  ///
  /// - Parameter code: A positive errno value.
  public init(code: Int32) {
    self.code = code
  }

  /// There is no memory left for an allocation (ENOMEM).
  public static let outOfMemory = SystemError(code: 12)

  /// The system's English text for the error, for example `No such file or directory`.
  public var description: String {
    var bytes = [CChar](repeating: 0, count: 128)
    let length = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
      unsafe cp_error_text(code, buffer.baseAddress, buffer.count)
    }
    return String(decoding: bytes[0..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
