import TensorCore
import Testing

/// Expects equal bit patterns and names the first that differs.
func expectSameBits(
  _ found: MutableBlock<Float>, _ expected: MutableBlock<Float>, _ label: @autoclosure () -> String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  if found.bytes.array == expected.bytes.array { return }
  expectSameBits(
    found.array, expected.array.map(\.bitPattern), label(), sourceLocation: sourceLocation)
}

/// Expects the bit patterns of a golden file.
func expectSameBits(
  _ found: [Float], _ expected: [UInt32], _ label: @autoclosure () -> String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(found.count == expected.count, "\(label())", sourceLocation: sourceLocation)
  let different = zip(found, expected).enumerated().first { $1.0.bitPattern != $1.1 }
  guard let (index, (value, pattern)) = different else { return }
  Issue.record(
    "\(label()): [\(index)] is \(value), not \(Float(bitPattern: pattern))",
    sourceLocation: sourceLocation)
}

extension MutableBlock<Float> {
  /// `count` outputs and 16 more that nobody may write, all of one NaN.
  static func output(_ count: Int) throws -> MutableBlock<Float> {
    let block = try MutableBlock<Float>(allocating: count + 16)
    block.fill(with: Float(bitPattern: 0x7FC0_1234))
    return block
  }
}

extension Block<Float> {
  /// A block of the floats with these bit patterns.
  init(patterns: [UInt32]) throws {
    self = try MutableBlock(copying: patterns.map(Float.init(bitPattern:))).readOnly
  }
}
