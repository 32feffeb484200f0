import Foundation
import Kernels
import TensorCore
import Testing

/// Attention in integers: the same bits everywhere, and how far they are from softmax attention in binary64.
@Suite struct QuantizedAttentionTests {
  /// What is special about the tokens.
  enum Content: CaseIterable {
    case ordinary
    /// One token's key and value are 200 times larger.
    case outlier
    /// All values are zero.
    case zeroValues
    /// Every third query, key and value is zero, each at other tokens.
    case zeroRows
  }

  private static let pool = Result {
    try Numbers.block(257 * 3 * 80, seed: 40).array.map { $0 / 2 }
  }

  /// One head of `tokens` tokens.
  private static func qkv(_ tokens: Int, _ size: Int, _ content: Content) throws -> [Float] {
    var x = Array(try pool.get().prefix(tokens * 3 * size))
    for token in 0..<tokens {
      for part in 0..<3 {
        let range = (token * 3 + part) * size..<(token * 3 + part + 1) * size
        switch content {
        case .outlier where token == tokens / 2 && part > 0:
          for index in range { x[index] *= 200 }
        case .zeroValues where part == 2, .zeroRows where (token + part) % 3 == 0:
          for index in range { x[index] = 0 }
        default: break
        }
      }
    }
    return x
  }

  private static func attention(
    _ x: [Float], _ tokens: Int, _ size: Int, on engine: Engine
  ) throws -> MutableBlock<Float> {
    let y = try MutableBlock<Float>.output(tokens * size)
    engine.attention(
      try MutableBlock(copying: x).readOnly, .int8, items: 1, tokens: tokens, heads: 1,
      headSize: size, into: y)
    return y
  }

  @Test(arguments: Configuration.all)
  func sameBits(_ configuration: Configuration) throws {
    let engine = try configuration.engine()
    let scalar = try Configuration.reference.engine()
    for tokens in [1, 2, 15, 16, 17, 77, 197, 257] {
      for size in [32, 64, 80] {
        for content in Content.allCases {
          let x = try Self.qkv(tokens, size, content)
          expectSameBits(
            try Self.attention(x, tokens, size, on: engine),
            try Self.attention(x, tokens, size, on: scalar),
            "\(tokens) tokens, head size \(size), \(content)")
        }
      }
    }
  }

  /// Values that are all zero give zeros, not what 0/0 gives; so do values too faint to have a scale.
  @Test(arguments: Configuration.all)
  func zeroValues(_ configuration: Configuration) throws {
    let engine = try configuration.engine()
    for tokens in [1, 16, 77] {
      var x = try Self.qkv(tokens, 32, .zeroValues)
      for value: Float in [0, -0.0, 1e-31, 0x1p-149] {
        for token in 0..<tokens { x[token * 96 + 64] = value }
        let y = try Self.attention(x, tokens, 32, on: engine)
        expectSameBits(
          y[0..<tokens * 32].array, [UInt32](repeating: 0, count: tokens * 32), "\(value)")
      }
    }
  }

  /// The example of `Formats/numerics.md` §6.2: two equal scores, values 127 and 1.
  @Test(arguments: Configuration.all)
  func workedExample(_ configuration: Configuration) throws {
    let y = try Self.attention([0, 1, 127, 0, 1, 1], 2, 1, on: configuration.engine())
    let unit = Float(1) / 65535 / 2
    #expect(y[0] == 8_388_477 * unit)
    #expect(y[1] == y[0])
    #expect(abs(y[0] - 64) < 3e-5)
  }

  /// One row of §6.3: attention in binary64 and the bound of the error.
  private struct Exact {
    var y: [Double]
    var bound: [Double]

    init(_ x: [Double], row: Int, tokens: Int, size: Int) {
      func part(_ token: Int, _ part: Int) -> ArraySlice<Double> {
        x[(token * 3 + part) * size..<(token * 3 + part + 1) * size]
      }
      func scale(_ a: ArraySlice<Double>) -> Double { (a.map(abs).max() ?? 0) / 127 }
      func length(_ a: ArraySlice<Double>) -> Double { a.reduce(0) { $0 + abs($1) } }
      let root = 1 / Double(size).squareRoot()
      let q = part(row, 0)
      var delta = 0.0
      var p: [Double] = []
      for token in 0..<tokens {
        let k = part(token, 1)
        let (sq, sk) = (scale(q), scale(k))
        p.append(zip(q, k).reduce(0) { $0 + $1.0 * $1.1 } * root)
        let rounding = sk * length(q) + sq * length(k) + Double(size) * sq * sk / 2
        delta = max(delta, root * rounding / 2)
      }
      let most = p.max() ?? 0
      p = p.map { exp($0 - most) }
      let sum = p.reduce(0, +)
      p = p.map { $0 / sum }
      y = [Double](repeating: 0, count: size)
      bound = y
      let growth = exp(2 * delta)
      var (shared, heaviest, largest) = (0.0, 0.0, 0.0)
      for token in 0..<tokens {
        let v = part(token, 2)
        let weight = p[token] * scale(v)
        shared += growth * weight / 2
        heaviest = max(heaviest, weight)
        largest = max(largest, scale(v) * 127)
        for (index, value) in v.enumerated() {
          y[index] += p[token] * value
          bound[index] += (growth - 1) * p[token] * abs(value)
        }
      }
      shared += growth * 127 * Double(tokens) * heaviest / 131_070 + 1e-5 * largest
      bound = bound.map { $0 + shared }
    }
  }

  /// Every element is within the bound of §6.3, and the length of the error is 0.7 to 3.5 % of y's.
  ///
  /// One instruction set is enough: `sameBits` says the others are like it.
  @Test(arguments: [(2, 32), (17, 80), (77, 64), (197, 32)], Content.allCases)
  func withinTheErrorBound(_ shape: (Int, Int), _ content: Content) throws {
    let (tokens, size) = shape
    let x = try Self.qkv(tokens, size, content)
    let engine = try Configuration(instructionSet: .best, threads: 1).engine()
    let found = try Self.attention(x, tokens, size, on: engine)
    var (outside, error, length) = (0, 0.0, 0.0)
    let doubles = x.map(Double.init)
    for row in 0..<tokens {
      let exact = Exact(doubles, row: row, tokens: tokens, size: size)
      for index in 0..<size {
        let difference = Double(found[row * size + index]) - exact.y[index]
        if !(abs(difference) <= exact.bound[index]) { outside += 1 }
        error += difference * difference
        length += exact.y[index] * exact.y[index]
      }
    }
    #expect(outside == 0)
    #expect(error <= 0.035 * 0.035 * length)
  }
}
