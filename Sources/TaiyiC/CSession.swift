internal import Answers
internal import CLIPRuntime
internal import CPlatform
internal import CTaiyi
internal import ImageInput
internal import Kernels
internal import TensorCore

// The functions of taiyi.h about sessions; the header documents them.

/// `taiyi_session_open` of taiyi.h.
@c(taiyi_session_open)
public func sessionOpen(
  _ model: OpaquePointer?, _ options: UnsafeRawPointer?,
  _ session: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutableRawPointer?
) -> Int32 {
  unsafe session?.pointee = nil
  return unsafe answering(error?.assumingMemoryBound(to: taiyi_error.self)) {
    () throws(Failure) in
    guard let pointer = unsafe model, let session = unsafe session else { throw .null }
    let model = unsafe object(pointer, ModelHandle.self).model
    let settings = try unsafe SessionSettings(
      options?.assumingMemoryBound(to: taiyi_session_options.self))
    do throws(ModelError) {
      let opened = try Session(
        model: model, threads: settings.threads, instructionSet: settings.instructionSet,
        maximumMemory: settings.memory)
      unsafe session.pointee = retained(
        SessionHandle(
          opened, settings.limits, isFrugal: settings.memory != nil,
          instructionSet: try text(settings.instructionSet.name)))
    } catch { throw Failure(error) }
  }
}

/// `taiyi_session_close` of taiyi.h.
@c(taiyi_session_close)
public func sessionClose(_ session: OpaquePointer?) {
  unsafe release(session, SessionHandle.self)
}

/// `taiyi_session_threads` of taiyi.h.
@c(taiyi_session_threads)
public func sessionThreads(_ session: OpaquePointer?) -> Int32 {
  guard let session = unsafe session else { return 0 }
  return Int32(unsafe object(session, SessionHandle.self).session.threads)
}

/// `taiyi_session_instruction_set` of taiyi.h.
@c(taiyi_session_instruction_set)
public func sessionInstructionSet(_ session: OpaquePointer?) -> UnsafePointer<CChar>? {
  guard let session = unsafe session else { return nil }
  return unsafe object(session, SessionHandle.self).instructionSet.pointer
}

/// `taiyi_session_options`, checked.
private struct SessionSettings {
  let threads: Int
  let limits: ImageLimits
  let memory: Int?
  let instructionSet: InstructionSet

  init(_ options: UnsafePointer<taiyi_session_options>?) throws(Failure) {
    var (count, pixels, bytes): (Int32, Int64, Int64) = (0, 0, 0)
    var set = InstructionSet.best
    if let options = unsafe options {
      let size = unsafe options.pointee.size
      let expected = unsafe MemoryLayout<taiyi_session_options>.size
      if size != expected {
        throw .argument("taiyi_session_options has a size of \(size)")
      }
      if unsafe options.pointee.reserved != 0 { throw .argument("reserved is not 0") }
      count = unsafe options.pointee.threads
      pixels = unsafe options.pointee.maximum_pixels
      bytes = unsafe options.pointee.maximum_memory
      set = try unsafe SessionSettings.instructionSet(options.pointee.instruction_set)
    }
    if count < 0 || count > 1024 { throw .argument("\(count) threads, expected 0 to 1024") }
    if bytes < 0 { throw .argument("a limit of \(bytes) bytes") }
    memory = bytes == 0 ? nil : Int(bytes)
    if pixels < 0 { throw .argument("a limit of \(pixels) pixels") }
    threads = Int(count == 0 ? cp_processor_count() : count)
    limits = pixels == 0 ? ImageLimits() : ImageLimits(raisedTo: Int(pixels))
    instructionSet = set
  }

  private static func instructionSet(
    _ name: UnsafePointer<CChar>?
  ) throws(Failure) -> InstructionSet {
    guard let name = unsafe name else { return .best }
    let text = unsafe String(cString: name)
    guard let set = InstructionSet(name: text), set.isAvailable else {
      throw Failure(
        status: Int32(TAIYI_ERROR_UNSUPPORTED),
        message: "this processor does not run the instruction set \(printable(text))")
    }
    return set
  }
}

private func text(_ name: String) throws(ModelError) -> Block<CChar> {
  var characters: [CChar] = []
  for byte in name.utf8 { characters.append(CChar(bitPattern: byte)) }
  do throws(SystemError) { return try MutableBlock(copying: characters + [0]).readOnly } catch {
    throw .system(error)
  }
}
