/// How one element of a tensor is stored in a checkpoint.
public enum ElementType: UInt8, Sendable, CaseIterable {
  /// IEEE 754 binary64.
  case float64
  /// IEEE 754 binary32.
  case float32
  /// IEEE 754 binary16.
  case float16
  /// The upper half of a binary32.
  case bfloat16
  /// Two's complement, 64 bits.
  case int64
  /// Two's complement, 32 bits.
  case int32
  /// Two's complement, 16 bits.
  case int16
  /// Two's complement, 8 bits.
  case int8
  /// Unsigned, 8 bits.
  case uint8
  /// One byte, 0 or 1.
  case bool

  /// Bytes an element takes.
  public var byteCount: Int {
    switch self {
    case .float64, .int64: 8
    case .float32, .int32: 4
    case .float16, .bfloat16, .int16: 2
    case .int8, .uint8, .bool: 1
    }
  }

  /// The name in messages, as safetensors spells it.
  public var name: String {
    switch self {
    case .float64: "F64"
    case .float32: "F32"
    case .float16: "F16"
    case .bfloat16: "BF16"
    case .int64: "I64"
    case .int32: "I32"
    case .int16: "I16"
    case .int8: "I8"
    case .uint8: "U8"
    case .bool: "BOOL"
    }
  }

  /// Whether it is one of the four float types.
  public var isFloat: Bool {
    switch self {
    case .float64, .float32, .float16, .bfloat16: true
    default: false
    }
  }
}
