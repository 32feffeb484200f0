internal import CLIPRuntime
internal import ImageInput
internal import TensorCore

/// What a `taiyi_model` is.
final class ModelHandle {
  let model: Model

  init(_ model: Model) { self.model = model }
}

/// What a `taiyi_session` is.
final class SessionHandle {
  let session: Session
  let limits: ImageLimits
  /// Whether memory is limited.
  let isFrugal: Bool
  /// The name of the instruction set with its NUL, which C code may hold on to.
  let instructionSet: Block<CChar>

  init(
    _ session: Session, _ limits: ImageLimits, isFrugal: Bool, instructionSet: Block<CChar>
  ) {
    self.isFrugal = isFrugal
    self.session = session
    self.limits = limits
    self.instructionSet = instructionSet
  }
}

/// What a `taiyi_bank` is.
final class BankHandle {
  let bank: LabelBank

  init(_ bank: LabelBank) { self.bank = bank }
}

/// A new reference for C code, which gives it back to `release`.
func retained<Handle: AnyObject>(_ handle: Handle) -> OpaquePointer {
  unsafe OpaquePointer(Unmanaged.passRetained(handle).toOpaque())
}

/// The object behind a pointer from C code.
func object<Handle: AnyObject>(_ pointer: OpaquePointer, _ type: Handle.Type) -> Handle {
  unsafe Unmanaged<Handle>.fromOpaque(UnsafeRawPointer(pointer)).takeUnretainedValue()
}

/// Gives a reference back.
func release<Handle: AnyObject>(_ pointer: OpaquePointer?, _ type: Handle.Type) {
  guard let pointer = unsafe pointer else { return }
  unsafe Unmanaged<Handle>.fromOpaque(UnsafeRawPointer(pointer)).release()
}
