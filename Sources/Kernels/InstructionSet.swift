internal import CKernels

/// An instruction set that there are kernels for.
///
/// All of them give the same bits; they differ in speed.
public enum InstructionSet: Int, Sendable, CaseIterable {
  /// Portable C, on every machine.
  case scalar = 0
  /// x86-64 with AVX2, FMA and F16C.
  case avx2 = 1
  /// x86-64 with AVX2, FMA, F16C and AVX-VNNI.
  case avxvnni = 2
  /// x86-64 with AVX-512 F, BW, VL, DQ and VNNI.
  case avx512vnni = 3
  /// ARM64.
  case neon = 4
  /// ARM64 with 8-bit dot products.
  case dotprod = 5
  /// ARM64 with 8-bit dot and matrix products.
  case i8mm = 6

  /// The name, as the environment variable TAIYI_ISA spells it.
  public var name: String {
    switch self {
    case .scalar: "scalar"
    case .avx2: "avx2"
    case .avxvnni: "avxvnni"
    case .avx512vnni: "avx512vnni"
    case .neon: "neon"
    case .dotprod: "dotprod"
    case .i8mm: "i8mm"
    }
  }

  /// The instruction set of that name, or `nil`.
  ///
  /// - Parameter name: One of the names above, in lower case.
  public init?(name: String) {
    switch name {
    case "scalar": self = .scalar
    case "avx2": self = .avx2
    case "avxvnni": self = .avxvnni
    case "avx512vnni": self = .avx512vnni
    case "neon": self = .neon
    case "dotprod": self = .dotprod
    case "i8mm": self = .i8mm
    default: return nil
    }
  }

  /// Whether this processor runs it.
  public var isAvailable: Bool { ck_isa_available(cValue) == 1 }

  /// The fastest one this processor runs.
  public static var best: InstructionSet {
    InstructionSet(rawValue: Int(ck_isa_best().rawValue)) ?? .scalar
  }

  var cValue: ck_isa { ck_isa(rawValue: UInt32(rawValue)) }
}
