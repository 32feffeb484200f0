import Glibc
import Kernels
import TensorCore
import Testing

/// Whatever the host program did to rounding and subnormals, results do not change, and its modes
/// are as before.
@Suite struct FloatEnvironmentTests {
  /// Modes a host program may have set.
  enum Mode: CaseIterable {
    case upward
    case towardZero
    #if arch(x86_64)
      case flushToZero
    #endif

    func run<Result>(_ body: () throws -> Result) rethrows -> Result {
      var saved = fenv_t()
      unsafe fegetenv(&saved)
      defer { unsafe fesetenv(&saved) }
      switch self {
      case .upward: fesetround(FE_UPWARD)
      case .towardZero: fesetround(FE_TOWARDZERO)
      #if arch(x86_64)
        case .flushToZero:
          var mode = saved
          mode.__mxcsr |= 0x8040
          unsafe fesetenv(&mode)
      #endif
      }
      return try body()
    }

    /// The control bits of the environment now.
    static var current: UInt32 {
      #if arch(x86_64)
        var now = fenv_t()
        unsafe fegetenv(&now)
        return now.__mxcsr & ~0x3F
      #else
        return UInt32(fegetround())
      #endif
    }
  }

  /// Inputs whose results the modes would change.
  private struct Inputs {
    let x: Block<Float>
    let half: Block<UInt16>
    let layers: [Layer]

    init() throws {
      let engine = try Configuration.reference.engine()
      x = try Numbers.block(17 * 96, seed: 20).readOnly
      // Every eighth is a subnormal binary16.
      let patterns = (0..<512).map { UInt16($0 % 8 == 0 ? $0 : $0 * 61) }
      half = try MutableBlock(copying: patterns).readOnly
      layers = try Layer.Storage.allCases.flatMap { storage in
        try [18, 20, 23].map { try Layer(rows: 5, n: $0, k: 40, storage, on: engine) }
      }
    }
  }

  /// All operations, one after the other; the bit patterns of all outputs.
  private func outputs(_ inputs: Inputs, _ configuration: Configuration) throws -> [[UInt8]] {
    let engine = try configuration.engine()
    let x = inputs.x
    var blocks = try inputs.layers.map { try $0.run(on: engine) }
    func output(_ body: (MutableBlock<Float>) throws -> Void) rethrows {
      guard let y = try? MutableBlock<Float>(copying: x.array) else { return }
      try body(y)
      blocks.append(y)
    }
    output { engine.normalize($0, rows: 17, width: 96) }
    output {
      engine.layerNorm(x, gain: x[0..<96], bias: x[96..<192], epsilon: 1e-5, rows: 17, into: $0)
    }
    for kind in Activation.allCases { output { engine.activate($0, count: x.count, kind) } }
    output { engine.addRows(x[0..<96], to: $0, rows: 17, period: 1, width: 96) }
    for arithmetic in [Engine.AttentionArithmetic.float, .int8] {
      output {
        engine.attention(
          x, arithmetic, items: 1, tokens: 17, heads: 1, headSize: 32, into: $0)
      }
    }
    let table = Table(rows: 32, columns: 16, storage: .float16(inputs.half))
    let ids = try MutableBlock<Int32>(copying: (0..<32).map { $0 }).readOnly
    output { engine.gather(table, ids: ids, into: $0) }
    return blocks.map(\.bytes.array)
  }

  @Test(arguments: Configuration.all, Mode.allCases)
  func operations(_ configuration: Configuration, _ mode: Mode) throws {
    let inputs = try Inputs()
    let expected = try outputs(inputs, configuration)
    let (found, before, after) = try mode.run {
      let before = Mode.current
      return (try outputs(inputs, configuration), before, Mode.current)
    }
    #expect(found == expected)
    #expect(after == before)
  }

  @Test(arguments: Configuration.instructionSets, Mode.allCases)
  func functions(_ instructionSet: InstructionSet, _ mode: Mode) {
    let x = stride(from: Float(-20), through: 20, by: 0.37).map { $0 }
    for function in KernelProbe.Function.allCases {
      let expected = KernelProbe.apply(function, x, instructionSet)
      let found = mode.run { KernelProbe.apply(function, x, instructionSet) }
      expectSameBits(found, expected.map(\.bitPattern), "\(function)")
    }
  }

  @Test(arguments: Mode.allCases)
  func weights(_ mode: Mode) throws {
    let halves = try MutableBlock(copying: (0..<UInt16(0x7C00)).map { $0 }).readOnly
    let floats = try MutableBlock<Float>(allocating: halves.count)
    let between = try MutableBlock(
      copying: halves.array.map { Float(Float16(bitPattern: $0)) * (1 + 0x1p-12) })
    let expected = between.array.map { Float16($0).bitPattern }
    let rounded = try MutableBlock<UInt16>(allocating: between.count)
    // Between two floats, nearer to either, in the normal and in the subnormal range.
    let doubles = try MutableBlock<Double>(copying: [
      1 + 0x1p-25, 1 + 0x1.8p-24, -1 - 0x1.8p-24, 0.1, -0.1, 0x1.4p-149, -0x1.cp-149, 0x1p-130,
    ])
    let nearest = doubles.array.map { Float($0).bitPattern }
    let narrowed = try MutableBlock<Float>(allocating: doubles.count)
    let (isExact, isAlsoExact, before, after) = mode.run {
      let before = Mode.current
      WeightKernels.toFloat32(halves.bytes, .float16, into: floats)
      WeightKernels.toFloat16(between.readOnly, into: rounded)
      WeightKernels.toFloat32(doubles.readOnly.bytes, .float64, into: narrowed)
      return (
        WeightKernels.isExactInFloat16(floats.readOnly),
        WeightKernels.isExactInFloat16(between.readOnly), before, Mode.current
      )
    }
    expectSameBits(
      floats.array, halves.array.map { Float(Float16(bitPattern: $0)).bitPattern }, "binary16")
    #expect(rounded.array == expected)
    expectSameBits(narrowed.array, nearest, "binary64")
    #expect(isExact && !isAlsoExact)
    #expect(after == before)
  }
}
