import Kernels
import TensorCore
import Testing

/// The kernels against float64; bounds are what a sweep over all magnitudes measured, rounded up.
@Suite struct ReferenceTests {
  private static let golden = Result { try ReferenceGolden.load() }

  private func worst(
    _ found: [Float], _ expected: [Double], _ unit: (Int) -> Double = { _ in 1 }
  ) -> Double {
    zip(found, expected).enumerated().map { abs(Double($1.0) - $1.1) / unit($0) }.max() ?? .infinity
  }

  @Test(arguments: Configuration.instructionSets)
  func functions(_ instructionSet: InstructionSet) throws {
    let golden = try Self.golden.get().functions
    let x = golden.x.map(Float.init(bitPattern:))
    func y(_ function: KernelProbe.Function) -> [Float] {
      KernelProbe.apply(function, x, instructionSet)
    }
    #expect(worst(y(.exp), golden.exp) { golden.exp[$0] } < 7.9e-8)
    #expect(worst(y(.erf), golden.erf) { abs(golden.erf[$0]) } < 3.3e-7)
    #expect(worst(y(.tanh), golden.tanh) { abs(golden.tanh[$0]) } < 1.4e-7)
    #expect(worst(y(.sigmoid), golden.sigmoid) < 9e-8)
    let engine = try Engine(instructionSet: instructionSet)
    func activated(_ kind: Activation) throws -> [Float] {
      let y = try MutableBlock(copying: x)
      engine.activate(y, count: x.count, kind)
      return y.array
    }
    #expect(worst(try activated(.gelu), golden.gelu) { Double(max(1, abs(x[$0]))) } < 2.7e-7)
    let quick = worst(try activated(.quickGELU), golden.quickGELU) { Double(max(1, abs(x[$0]))) }
    #expect(quick < 1.2e-7)
  }

  @Test(arguments: Configuration.instructionSets)
  func normalizations(_ instructionSet: InstructionSet) throws {
    let golden = try Self.golden.get().layerNorm
    let engine = try Engine(instructionSet: instructionSet)
    let x = try Block<Float>(patterns: golden.x)
    let y = try MutableBlock<Float>(allocating: x.count)
    engine.layerNorm(
      x, gain: try Block(patterns: golden.gain), bias: try Block(patterns: golden.bias),
      epsilon: 1e-5, rows: golden.rows, into: y)
    #expect(worst(y.array, golden.y) < 4.4e-7)
    let z = try MutableBlock(copying: x.array)
    engine.normalize(z, rows: golden.rows, width: x.count / golden.rows)
    #expect(worst(z.array, golden.normalized) < 2.5e-8)
  }

  @Test(arguments: Configuration.all)
  func linear(_ configuration: Configuration) throws {
    let golden = try Self.golden.get().linear
    let engine = try configuration.engine()
    let w = try Block<Float>(patterns: golden.w)
    let (n, k) = (golden.n, golden.k)
    func worst(_ matrix: Matrix) throws -> Double {
      let y = try MutableBlock<Float>(allocating: golden.rows * n)
      engine.linear(
        try Block(patterns: golden.x), matrix, bias: try Block(patterns: golden.bias),
        rows: golden.rows, quantized: try QuantizedRows(capacity: golden.rows, width: k), into: y)
      return self.worst(y.array, golden.y)
    }
    #expect(try worst(Matrix(rows: n, columns: k, storage: .float32(w))) < 5.5e-6)
    let quantized = try Layer.quantized(
      w, n: n, k: k, inputScales: nil, columnScales: nil, engine)
    #expect(try worst(quantized) < 0.2)
  }

  @Test(arguments: Configuration.all)
  func attention(_ configuration: Configuration) throws {
    let golden = try Self.golden.get().attention
    let engine = try configuration.engine()
    let y = try MutableBlock<Float>(allocating: golden.y.count)
    engine.attention(
      try Block(patterns: golden.qkv), .float, items: golden.items, tokens: golden.tokens,
      heads: golden.heads, headSize: golden.headSize, into: y)
    #expect(worst(y.array, golden.y) < 2.3e-7)
  }

  /// A layer worked by hand: scales are 1, so the result is the integer product itself.
  ///
  /// The row −5, 250, 10.5, 0 spans 255: scale 1, zero point 5, bytes 0, 255, 15 (10.5 rounds to
  /// the even 10), 5; so the product sees −5, 250, 10, 0.
  @Test(arguments: Configuration.all)
  func workedInt8(_ configuration: Configuration) throws {
    let engine = try configuration.engine()
    let x = try MutableBlock<Float>(copying: [-5, 250, 10.5, 0])
    let w = try MutableBlock<Float>(copying: [127, 1, -3, 9, 0, -127, 2.5, 1, -127, 0.5, 1.5, 0])
    let matrix = try Layer.quantized(
      w.readOnly, n: 3, k: 4, inputScales: nil, columnScales: nil, engine)
    guard case .int8(let panels) = matrix.storage else { return }
    #expect(panels.scales.array.prefix(3) == [1, 1, 1])
    #expect(panels.sums.array == [134, -124, -125] + [Int32](repeating: 0, count: 13))
    let y = try MutableBlock<Float>(allocating: 3)
    engine.linear(
      x.readOnly, matrix, bias: try MutableBlock<Float>(copying: [0.5, 0, 0]).readOnly,
      residual: try MutableBlock<Float>(copying: [0, 0, 1000]).readOnly, rows: 1,
      quantized: try QuantizedRows(capacity: 1, width: 4), into: y)
    // -635 + 250 - 30; -31750 + 20 (2.5 rounds to 2); 635 + 0 (0.5 rounds to 0) + 20 (1.5 to 2)
    #expect(y.array == [-414.5, -31730, 1655])
  }

  /// Float products of another library get bias, activation and residual from the own kernel.
  @Test(arguments: Configuration.all)
  func foreignProduct(_ configuration: Configuration) throws {
    let engine = try configuration.engine()
    let product = unsafe FloatProduct { m, n, k, x, w, y in
      for row in 0..<m {
        for column in 0..<n {
          var sum: Float = 0
          for index in 0..<k {
            unsafe sum.addProduct(x[row * k + index], w[column * k + index])
          }
          unsafe y[row * n + column] = sum
        }
      }
    }
    for n in [1, 16, 19, 37] {
      let layer = try Layer(rows: 5, n: n, k: 33, .float32, on: engine)
      let y = try MutableBlock<Float>.output(5 * n)
      engine.linear(
        layer.x, layer.matrix, bias: layer.bias, activation: layer.activation,
        residual: layer.residual, rows: 5, quantized: nil, product: product, into: y)
      expectSameBits(y, try layer.run(on: engine), "n \(n)")
    }
  }
}
