import Kernels
import TensorCore
import Testing

/// The kernels against a second implementation of `Formats/numerics.md`, bit for bit.
@Suite struct NumericsTests {
  private static let golden = Result { try NumericsGolden.load() }

  @Test(arguments: Configuration.instructionSets)
  func functions(_ instructionSet: InstructionSet) throws {
    let golden = try Self.golden.get().functions
    let x = golden.x.map(Float.init(bitPattern:))
    for (function, expected) in [
      (KernelProbe.Function.exp, golden.exp), (.erf, golden.erf), (.tanh, golden.tanh),
      (.sigmoid, golden.sigmoid),
    ] {
      expectSameBits(KernelProbe.apply(function, x, instructionSet), expected, "\(function)")
    }
    let engine = try Engine(instructionSet: instructionSet)
    for (activation, expected) in [
      (Activation.gelu, golden.gelu), (.quickGELU, golden.quickGELU), (.tanh, golden.tanh),
      (.none, golden.x),
    ] {
      let y = try MutableBlock(copying: x)
      engine.activate(y, count: x.count, activation)
      expectSameBits(y.array, expected, "\(activation)")
    }
  }

  @Test(arguments: Configuration.all)
  func rowOperations(_ configuration: Configuration) throws {
    let engine = try configuration.engine()
    for (index, row) in try Self.golden.get().rows.enumerated() {
      let width = row.x.count
      let x = try Block<Float>(patterns: row.x)
      let y = try MutableBlock<Float>(copying: x.array)
      engine.normalize(y, rows: 1, width: width)
      expectSameBits(y.array, row.normalized, "normalized row \(index)")
      engine.layerNorm(
        x, gain: try Block(patterns: row.gain), bias: try Block(patterns: row.bias), epsilon: 1e-5,
        rows: 1, into: y)
      expectSameBits(y.array, row.layerNorm, "layer norm of row \(index)")
      let scales = try Block<Float>(patterns: row.inputScales)
      for (inputScales, bytes, scale, zero) in [
        (nil, row.quantized, row.scale, row.zero),
        (scales, row.scaledQuantized, row.scaledScale, row.scaledZero),
      ] {
        let quantized = try QuantizedRows(capacity: 1, width: width)
        engine.quantize(x, inputScales: inputScales, rows: 1, width: width, into: quantized)
        #expect(quantized.values.array.prefix(width) == bytes[...], "row \(index)")
        #expect(quantized.values.array.dropFirst(width).allSatisfy { $0 == 0 }, "row \(index)")
        expectSameBits(quantized.scales.array, scale, "scale of row \(index)")
        #expect(quantized.zeros.array == [zero], "row \(index)")
      }
    }
  }

  @Test(arguments: Configuration.all)
  func linear(_ configuration: Configuration) throws {
    let engine = try configuration.engine()
    for (index, layer) in try Self.golden.get().linear.enumerated() {
      let (n, k) = (layer.n, layer.k)
      let w = try Block<Float>(patterns: layer.w)
      let half = try MutableBlock<UInt16>(allocating: n * k)
      WeightKernels.toFloat16(w, into: half)
      #expect(half.array == layer.f16, "layer \(index)")
      let quantized = try Layer.quantized(
        w, n: n, k: k, inputScales: layer.inputScales.map(Block.init(patterns:)),
        columnScales: layer.columnScales.map(Block.init(patterns:)), engine)
      guard case .int8(let panels) = quantized.storage else { return }
      #expect(panels.values.array == layer.panels, "layer \(index)")
      #expect(panels.sums.array == layer.sums, "layer \(index)")
      #expect(WeightKernels.panelSums(panels.values, rows: n, columns: k) == layer.sums)
      expectSameBits(panels.scales.array, layer.scales, "scales of layer \(index)")
      let activation = try #require(Activation.allCases.first { "\($0)" == layer.activation })
      for (matrix, expected) in [
        (Matrix(rows: n, columns: k, storage: .float32(w)), layer.float32),
        (Matrix(rows: n, columns: k, storage: .float16(half.readOnly)), layer.float16),
        (quantized, layer.int8),
      ] {
        let y = try MutableBlock<Float>(allocating: layer.rows * n)
        engine.linear(
          try Block(patterns: layer.x), matrix, bias: try layer.bias.map(Block.init(patterns:)),
          activation: activation, residual: try layer.residual.map(Block.init(patterns:)),
          rows: layer.rows, quantized: try QuantizedRows(capacity: layer.rows, width: k), into: y)
        expectSameBits(y.array, expected, "layer \(index)")
      }
    }
  }

  @Test(arguments: Configuration.all)
  func attention(_ configuration: Configuration) throws {
    let golden = try Self.golden.get()
    let engine = try configuration.engine()
    let cases =
      [(Engine.AttentionArithmetic.float, golden.attention)]
      + golden.quantizedAttention.map { (.int8, $0) }
    for (arithmetic, golden) in cases {
      let y = try MutableBlock<Float>(allocating: golden.y.count)
      try engine.reserve(
        Engine.scratchForAttention(arithmetic, tokens: golden.tokens, headSize: golden.headSize))
      engine.attention(
        try Block(patterns: golden.qkv), arithmetic, items: 1, tokens: golden.tokens,
        heads: golden.heads, headSize: golden.headSize, into: y)
      expectSameBits(y.array, golden.y, "\(arithmetic), \(golden.tokens) tokens")
    }
  }
}
