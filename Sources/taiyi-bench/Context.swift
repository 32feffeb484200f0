internal import Kernels
internal import ToolSupport

/// What benchmarks run with.
struct Context {
  let modelPath: String?
  let imagePath: String?
  let inputs: [String]
  let threads: Int
  let instructionSet: InstructionSet

  /// The model's path.
  ///
  /// - Throws: `ToolError` where none was given.
  func model(for benchmark: String) throws -> String {
    guard let modelPath else { throw ToolError("\(benchmark) needs --model FILE.tcm") }
    return modelPath
  }

  /// The picture's path.
  ///
  /// - Throws: `ToolError` where none was given.
  func image(for benchmark: String) throws -> String {
    guard let imagePath else { throw ToolError("\(benchmark) needs --image FILE") }
    return imagePath
  }
}

/// Numbers that are the same on every machine and in every run.
struct SeededNumbers {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// The next of 2^64 numbers (Steele, Lea and Flood's SplitMix64, OOPSLA 2014).
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Uniform in −1...1.
  mutating func float() -> Float { Float(Int64(bitPattern: next()) >> 40) * 0x1p-23 }

  /// Uniform in the range.
  mutating func integer(in range: Range<Int32>) -> Int32 {
    range.lowerBound + Int32(truncatingIfNeeded: next() >> 33) % Int32(range.count)
  }
}
