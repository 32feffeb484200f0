import Kernels
import Testing

/// An instruction set of this processor and a number of threads.
struct Configuration: Sendable, CustomTestStringConvertible {
  let instructionSet: InstructionSet
  let threads: Int

  static let instructionSets = InstructionSet.allCases.filter(\.isAvailable)
  static let all = instructionSets.flatMap { set in
    (1...3).map { Configuration(instructionSet: set, threads: $0) }
  }

  var testDescription: String { "\(instructionSet.name), \(threads) threads" }

  /// An engine with scratch memory for every size the tests use.
  func engine() throws -> Engine {
    let engine = try Engine(instructionSet: instructionSet, threads: threads)
    try engine.reserve(Engine.scratchForFloatProducts(columns: 300))
    try engine.reserve(Engine.scratchForProjection(columns: 300))
    for arithmetic in [Engine.AttentionArithmetic.float, .int8] {
      try engine.reserve(Engine.scratchForAttention(arithmetic, tokens: 257, headSize: 80))
    }
    return engine
  }

  /// What the others are compared with.
  static let reference = Configuration(instructionSet: .scalar, threads: 1)
}
