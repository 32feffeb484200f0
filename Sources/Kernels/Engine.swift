internal import CKernels
public import TensorCore

/// A pool of threads with the kernels of one instruction set and the scratch memory they need.
///
/// An engine serves one caller at a time: give each session its own. Its operations write the same bits for every
/// instruction set and number of threads; `Formats/numerics.md` defines them.
@safe public final class Engine: @unchecked Sendable {
  let pointer: OpaquePointer

  /// Starts the threads.
  ///
  /// - Parameters:
  ///   - instructionSet: Must be available on this processor; otherwise it is misuse and traps.
  ///   - threads: Number of threads, the caller's included; at least 1.
  /// - Throws: `SystemError.outOfMemory` when there is no memory or no thread to be had.
  public init(instructionSet: InstructionSet = .best, threads: Int = 1) throws(SystemError) {
    precondition(instructionSet.isAvailable, "the instruction set is available")
    precondition(threads >= 1, "there is at least one thread")
    guard let pointer = unsafe ck_engine_create(instructionSet.cValue, Int32(clamping: threads))
    else { throw .outOfMemory }
    unsafe self.pointer = pointer
  }

  deinit { unsafe ck_engine_destroy(pointer) }

  /// The number of threads, the caller's included.
  public var threads: Int { unsafe Int(ck_engine_threads(pointer)) }

  /// The instruction set in use.
  public var instructionSet: InstructionSet {
    unsafe InstructionSet(rawValue: Int(ck_engine_isa(pointer).rawValue)) ?? .scalar
  }

  /// Makes sure that each thread has `byteCount` bytes of scratch memory.
  ///
  /// - Parameter byteCount: From the `scratch…` functions of the operations.
  /// - Throws: `SystemError.outOfMemory`.
  public func reserve(_ byteCount: Int) throws(SystemError) {
    precondition(byteCount >= 0, "a size is not negative")
    if unsafe ck_engine_reserve(pointer, byteCount) != 0 { throw .outOfMemory }
  }

  /// Bytes of scratch memory each thread has; an operation that needs more was not prepared and traps.
  var reserved: Int { unsafe ck_engine_reserved(pointer) }
}
