internal import Answers
internal import CLIPRuntime
internal import CTaiyi
internal import ImageInput
internal import TCMFormat
internal import TensorCore

/// What a call of the C library failed with.
struct Failure: Error {
  let status: Int32
  let message: String
  /// The text or picture at fault, or −1.
  var item = -1

  /// A call that makes no sense.
  static func argument(_ message: String) -> Failure {
    Failure(status: Int32(TAIYI_ERROR_ARGUMENT), message: message)
  }

  static let null = argument("a pointer is NULL")

  init(status: Int32, message: String) {
    self.status = status
    self.message = message
  }

  init(_ error: ModelError) {
    message = error.description
    switch error {
    case .format(.file(.empty)): status = Int32(TAIYI_ERROR_FORMAT)
    case .format(.file(.cannotRead(_, .outOfMemory))): status = Int32(TAIYI_ERROR_MEMORY)
    case .format(.file): status = Int32(TAIYI_ERROR_FILE)
    case .format, .vocabulary, .vocabularySize: status = Int32(TAIYI_ERROR_FORMAT)
    case .image: status = Int32(TAIYI_ERROR_IMAGE)
    case .system, .memoryLimit: status = Int32(TAIYI_ERROR_MEMORY)
    default: status = Int32(TAIYI_ERROR_UNSUPPORTED)
    }
  }

  init(_ error: AnswerError, item: Int) {
    message = error.description
    self.item = item
    switch error {
    case .file(.cannotRead(_, .outOfMemory)): status = Int32(TAIYI_ERROR_MEMORY)
    case .file: status = Int32(TAIYI_ERROR_FILE)
    case .image(.outOfMemory), .system: status = Int32(TAIYI_ERROR_MEMORY)
    default: status = Int32(TAIYI_ERROR_IMAGE)
    }
  }

  /// The same, of one text or picture.
  func at(_ item: Int) -> Failure {
    var failure = self
    failure.item = item
    return failure
  }

  init(_ error: SystemError) {
    self.init(status: Int32(TAIYI_ERROR_MEMORY), message: error.description)
  }
}

/// Runs the body of a C function: tells its error and returns its status.
///
/// - Parameters:
///   - error: Where C code wants to read about it, or `nil`.
///   - body: The work.
func answering(
  _ error: UnsafeMutablePointer<taiyi_error>?, _ body: () throws(Failure) -> Void
) -> Int32 {
  do throws(Failure) {
    if let error = unsafe error, unsafe error.pointee.size != MemoryLayout<taiyi_error>.size {
      // Not even the error can be told.
      return Int32(TAIYI_ERROR_ARGUMENT)
    }
    try body()
    return Int32(TAIYI_OK)
  } catch let failure {
    if let error = unsafe error { unsafe tell(failure, error) }
    return failure.status
  }
}

private func tell(_ failure: Failure, _ error: UnsafeMutablePointer<taiyi_error>) {
  unsafe error.pointee.status = failure.status
  unsafe error.pointee.reserved = 0
  unsafe error.pointee.item = Int64(failure.item)
  unsafe withUnsafeMutableBytes(of: &error.pointee.message) { buffer in
    _ = unsafe copy(failure.message, into: buffer)
  }
}

/// Copies UTF-8 and a NUL, cut between characters where there is no room.
///
/// - Returns: The bytes of the whole text.
func copy(_ text: String, into buffer: UnsafeMutableRawBufferPointer) -> Int {
  let bytes = Array(text.utf8)
  if buffer.count > 0 {
    var count = min(bytes.count, buffer.count - 1)
    // A byte 10xxxxxx goes on with a character.
    while count > 0, count < bytes.count, bytes[count] & 0xC0 == 0x80 { count -= 1 }
    for index in 0..<count { unsafe buffer[index] = bytes[index] }
    unsafe buffer[count] = 0
  }
  return bytes.count
}
