import TensorCore

/// Reproducible test numbers (SplitMix64).
struct Numbers: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Between -2 and 2 mostly, a few times larger now and then.
  mutating func float() -> Float {
    let bits = next()
    let value = Float(Int64(bits >> 40) - (1 << 23)) * 0x1p-22
    return bits & 63 == 0 ? value * 8 : value
  }

  static func block(_ count: Int, seed: UInt64) throws -> MutableBlock<Float> {
    var numbers = Numbers(seed: seed)
    return try MutableBlock(copying: (0..<count).map { _ in numbers.float() })
  }

  /// Between 0.25 and 2.25, as input scales are.
  static func positive(_ count: Int, seed: UInt64) throws -> Block<Float> {
    let block = try Numbers.block(count, seed: seed)
    for index in 0..<count {
      block[index] = abs(block[index]).truncatingRemainder(dividingBy: 2) + 0.25
    }
    return block.readOnly
  }
}
