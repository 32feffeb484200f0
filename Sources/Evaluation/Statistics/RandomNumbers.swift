/// xoshiro256** (Blackman and Vigna, ACM Transactions on Mathematical Software 47, 2021), the same numbers for the same seed on every machine.
public struct RandomNumbers: RandomNumberGenerator, Sendable {
  private var state: (UInt64, UInt64, UInt64, UInt64)

  /// Begins the sequence of a seed, spread over the state by SplitMix64.
  public init(seed: UInt64) {
    var x = seed
    func next() -> UInt64 {
      x &+= 0x9E37_79B9_7F4A_7C15
      var z = x
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
    state = (next(), next(), next(), next())
  }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    let product = state.1 &* 5
    let result = (product << 7 | product >> 57) &* 9
    let t = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= t
    state.3 = state.3 << 45 | state.3 >> 19
    return result
  }

  /// An index below `count`, all equally likely (Lemire, ACM Transactions on Modeling and Computer Simulation 29, 2019).
  mutating func index(below count: Int) -> Int {
    let n = UInt64(count)
    var product = next().multipliedFullWidth(by: n)
    if product.low < n {
      let limit = (0 &- n) % n
      while product.low < limit { product = next().multipliedFullWidth(by: n) }
    }
    return Int(product.high)
  }

  /// A number in 0..<1 with 53 random bits.
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
