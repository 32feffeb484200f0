import Kernels
import TensorCore
import Testing

/// Every instruction set and number of threads writes the bits of portable C on one thread.
@Suite struct AgreementTests {
  private static let widths = [1, 2, 3, 5, 15, 16, 17, 31, 32, 33, 47, 64, 70, 130, 257]

  @Test(arguments: Configuration.all, Layer.Storage.allCases)
  func linear(_ configuration: Configuration, _ storage: Layer.Storage) throws {
    let engine = try configuration.engine()
    let scalar = try Configuration.reference.engine()
    for n in 1...67 {
      for k in [4, 5, 7, 16, 18, 33, 64, 101, 257, 260] where (n + k) % 3 != 0 || k < 64 {
        let layer = try Layer(rows: 1 + (n * 7 + k) % 13, n: n, k: k, storage, on: scalar)
        let found = try layer.run(on: engine)
        expectSameBits(found, try layer.run(on: scalar), "\(layer.rows) rows, n \(n), k \(k)")
      }
    }
  }

  /// More rows and panels than one task takes.
  @Test(arguments: Configuration.all, Layer.Storage.allCases)
  func largeLinear(_ configuration: Configuration, _ storage: Layer.Storage) throws {
    let scalar = try Configuration.reference.engine()
    let layer = try Layer(rows: 487, n: 83, k: 20, storage, on: scalar)
    expectSameBits(
      try layer.run(on: configuration.engine()), try layer.run(on: scalar), "487 rows")
  }

  /// A row's result does not depend on the rows beside it.
  @Test(arguments: Configuration.all, Layer.Storage.allCases)
  func batchIndependence(_ configuration: Configuration, _ storage: Layer.Storage) throws {
    let engine = try configuration.engine()
    for (n, k) in [(67, 33), (16, 64), (5, 260)] {
      let layer = try Layer(rows: 13, n: n, k: k, storage, on: engine)
      let batch = try layer.run(on: engine)
      for row in 0..<13 {
        let alone = try layer.run(row..<row + 1, on: engine)
        expectSameBits(
          alone[0..<n], batch[row * n..<(row + 1) * n], "row \(row) of n \(n), k \(k)")
      }
    }
  }

  /// Rows that reach the corners of row quantization, seen through a product that reads every byte.
  @Test(arguments: Configuration.all)
  func quantizedRows(_ configuration: Configuration) throws {
    let engine = try configuration.engine()
    let scalar = try Configuration.reference.engine()
    for width in Self.widths {
      let x = try Numbers.block(8 * width, seed: UInt64(width))
      for column in 0..<width {
        x[column] = 0
        x[width + column] = 0.7
        x[2 * width + column] = -abs(x[2 * width + column])
        x[3 * width + column] = column == width / 2 ? 3e8 : x[3 * width + column]
        x[4 * width + column] = -0.0
        x[5 * width + column] *= 1e-38
        x[6 * width + column] = Float(column) - 0.5
      }
      let identity = try MutableBlock<Float>(allocating: width * width)
      for index in 0..<width * width { identity[index] = index % (width + 1) == 0 ? 127 : 0 }
      for scales in [nil, try Numbers.positive(width, seed: 3)] {
        let matrix = try Layer.quantized(
          identity.readOnly, n: width, k: width, inputScales: scales, columnScales: nil, scalar)
        var outputs: [MutableBlock<Float>] = []
        for engine in [engine, scalar] {
          let y = try MutableBlock<Float>.output(8 * width)
          engine.linear(
            x.readOnly, matrix, bias: nil, rows: 8,
            quantized: try QuantizedRows(capacity: 8, width: width), into: y)
          outputs.append(y)
        }
        expectSameBits(outputs[0], outputs[1], "width \(width)")
      }
    }
  }

  @Test(arguments: Configuration.all)
  func rowOperations(_ configuration: Configuration) throws {
    let engine = try configuration.engine()
    let scalar = try Configuration.reference.engine()
    for width in Self.widths {
      for rows in [1, 2, 13, 16, 33] {
        let x = try Numbers.block(rows * width, seed: UInt64(width)).readOnly
        let gain = try Numbers.block(width, seed: 5).readOnly
        let bias = try Numbers.block(width, seed: 6).readOnly
        var outputs: [MutableBlock<Float>] = []
        for engine in [engine, scalar] {
          let y = try MutableBlock<Float>.output(5 * rows * width)
          func part(_ index: Int) -> MutableBlock<Float> {
            y[index * rows * width..<(index + 1) * rows * width]
          }
          for index in 1..<5 { for at in 0..<rows * width { part(index)[at] = x[at] } }
          engine.layerNorm(x, gain: gain, bias: bias, epsilon: 1e-5, rows: rows, into: part(0))
          engine.layerNorm(
            part(1).readOnly, gain: bias, bias: gain, epsilon: 1e-12, rows: rows, into: part(1))
          engine.normalize(part(2), rows: rows, width: width)
          engine.addRows(gain, to: part(3), rows: rows, period: 1, width: width)
          let kind = Activation.allCases[(rows + width) % 4]
          engine.activate(part(4), count: rows * width, kind)
          outputs.append(y)
        }
        expectSameBits(outputs[0], outputs[1], "\(rows) rows of \(width)")
      }
    }
  }

  @Test(arguments: Configuration.all)
  func activationOverManyTasks(_ configuration: Configuration) throws {
    let engine = try configuration.engine()
    let scalar = try Configuration.reference.engine()
    for kind in Activation.allCases {
      let found = try Numbers.block(70_001, seed: 8)
      let expected = try MutableBlock(copying: found.array)
      engine.activate(found, count: 70_000, kind)
      scalar.activate(expected, count: 70_000, kind)
      expectSameBits(found, expected, "\(kind)")
    }
  }

  @Test(arguments: Configuration.all)
  func attention(_ configuration: Configuration) throws {
    let engine = try configuration.engine()
    let scalar = try Configuration.reference.engine()
    for tokens in [1, 2, 5, 16, 17, 48, 49, 77, 257] {
      for headSize in [7, 32, 64, 80] where tokens < 257 || headSize == 80 {
        let items = tokens < 77 ? 3 : 1
        let qkv = try Numbers.block(items * tokens * 6 * headSize, seed: 9).readOnly
        for arithmetic in [Engine.AttentionArithmetic.float, .int8] {
          var outputs: [MutableBlock<Float>] = []
          for engine in [engine, scalar] {
            let y = try MutableBlock<Float>.output(items * tokens * 2 * headSize)
            engine.attention(
              qkv, arithmetic, items: items, tokens: tokens, heads: 2, headSize: headSize, into: y)
            outputs.append(y)
          }
          expectSameBits(
            outputs[0], outputs[1], "\(arithmetic), \(tokens) tokens, head size \(headSize)")
        }
      }
    }
  }

  /// An item's attention does not depend on the items beside it.
  @Test(arguments: Configuration.all)
  func attentionBatchIndependence(_ configuration: Configuration) throws {
    let engine = try configuration.engine()
    let (tokens, size) = (17, 32)
    let qkv = try Numbers.block(5 * tokens * 3 * size, seed: 10).readOnly
    for arithmetic in [Engine.AttentionArithmetic.float, .int8] {
      let batch = try MutableBlock<Float>.output(5 * tokens * size)
      engine.attention(
        qkv, arithmetic, items: 5, tokens: tokens, heads: 1, headSize: size, into: batch)
      for item in 0..<5 {
        let alone = try MutableBlock<Float>.output(tokens * size)
        engine.attention(
          qkv[item * tokens * 3 * size..<(item + 1) * tokens * 3 * size], arithmetic, items: 1,
          tokens: tokens, heads: 1, headSize: size, into: alone)
        let range = item * tokens * size..<(item + 1) * tokens * size
        expectSameBits(alone[0..<tokens * size], batch[range], "\(arithmetic), item \(item)")
      }
    }
  }

  /// The first tokens of each item by themselves are what they are beside the others.
  @Test(arguments: Configuration.all)
  func attentionOfTheFirst(_ configuration: Configuration) throws {
    let engine = try configuration.engine()
    let (items, tokens, size) = (3, 53, 64)
    let qkv = try Numbers.block(items * tokens * 3 * size, seed: 11).readOnly
    for arithmetic in [Engine.AttentionArithmetic.float, .int8] {
      let all = try MutableBlock<Float>.output(items * tokens * size)
      engine.attention(
        qkv, arithmetic, items: items, tokens: tokens, heads: 1, headSize: size, into: all)
      for queries in [1, 50] {
        let some = try MutableBlock<Float>.output(items * queries * size)
        engine.attention(
          qkv, arithmetic, items: items, tokens: tokens, queries: queries, heads: 1,
          headSize: size, into: some)
        for item in 0..<items {
          expectSameBits(
            some[item * queries * size..<(item + 1) * queries * size],
            all[item * tokens * size..<(item * tokens + queries) * size],
            "\(arithmetic), \(queries) of item \(item)")
        }
      }
    }
  }

  @Test(arguments: Configuration.instructionSets, KernelProbe.Function.allCases)
  func functions(_ instructionSet: InstructionSet, _ function: KernelProbe.Function) {
    var x: [Float] = []
    for pattern in stride(from: UInt32(0), through: 0x7F80_0000, by: 40_009) {
      x.append(Float(bitPattern: pattern))
      x.append(-Float(bitPattern: pattern))
    }
    x += [Float(0.625).nextDown, 0.625, 4, Float(4).nextDown, 88, 87, -87, .leastNonzeroMagnitude]
    x += [.greatestFiniteMagnitude, -.greatestFiniteMagnitude, .infinity, -.infinity]
    expectSameBits(
      KernelProbe.apply(function, x, instructionSet),
      KernelProbe.apply(function, x, .scalar).map(\.bitPattern), "\(function)")
  }
}
