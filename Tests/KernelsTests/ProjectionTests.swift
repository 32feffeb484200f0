import Kernels
import TensorCore
import Testing

/// Queries, keys and values quantized where they are made: attention has the bits it has with the floats in between.
@Suite struct ProjectionTests {
  /// Sequences, tokens, heads and the size of one; more rows than a task takes, tasks that hold one, two and four heads,
  /// and the last of them not whole.
  static let shapes = [
    (3, 17, 1, 64), (2, 5, 3, 32), (1, 48, 5, 16), (7, 77, 1, 16), (1, 1, 2, 64),
  ]

  @Test(arguments: Configuration.all, [Layer.Storage.int8, .int4])
  func bits(_ configuration: Configuration, _ storage: Layer.Storage) throws {
    let engine = try configuration.engine()
    let scalar = try Configuration.reference.engine()
    for (items, tokens, heads, size) in Self.shapes {
      let (rows, width) = (items * tokens, heads * size)
      let layer = try Layer(rows: rows, n: 3 * width, k: 48, storage, on: scalar)
      let qkv = try MutableBlock<Float>.output(rows * 3 * width)
      let memory = try QuantizedRows(capacity: rows, width: 48)
      scalar.linear(
        layer.x, layer.matrix, bias: layer.bias, rows: rows, quantized: memory, into: qkv)
      let quantized = try QuantizedHeads(capacity: rows + 3, heads: heads, headSize: size)
      engine.project(
        layer.x, layer.matrix, bias: layer.bias, rows: rows, quantized: memory, into: quantized)
      for queries in Set([1, tokens]) {
        let expected = try MutableBlock<Float>.output(items * queries * width)
        scalar.attention(
          qkv.readOnly, .int8, items: items, tokens: tokens, queries: queries, heads: heads,
          headSize: size, into: expected)
        let found = try MutableBlock<Float>.output(items * queries * width)
        engine.attention(quantized, items: items, tokens: tokens, queries: queries, into: found)
        expectSameBits(found, expected, "\(items)×\(tokens), \(heads) heads of \(size)")
      }
    }
  }

  @Test func misuse() async {
    await #expect(processExitsWith: .failure) {
      _ = try QuantizedHeads(capacity: 1, heads: 1, headSize: 80)
    }
    // One row more than there is memory for.
    await #expect(processExitsWith: .failure) {
      let engine = try Configuration.reference.engine()
      let layer = try Layer(rows: 5, n: 48, k: 16, .int8, on: engine)
      let heads = try QuantizedHeads(capacity: 4, heads: 1, headSize: 16)
      engine.project(
        layer.x, layer.matrix, bias: nil, rows: 5,
        quantized: try QuantizedRows(capacity: 5, width: 16), into: heads)
    }
    await #expect(processExitsWith: .failure) {
      let engine = try Configuration.reference.engine()
      let heads = try QuantizedHeads(capacity: 4, heads: 1, headSize: 16)
      let y = try MutableBlock<Float>(allocating: 5 * 16)
      engine.attention(heads, items: 1, tokens: 5, into: y)
    }
    await #expect(processExitsWith: .failure) {
      let engine = try Configuration.reference.engine()
      let layer = try Layer(rows: 4, n: 48, k: 16, .float32, on: engine)
      let heads = try QuantizedHeads(capacity: 4, heads: 1, headSize: 16)
      engine.project(layer.x, layer.matrix, bias: nil, rows: 4, quantized: nil, into: heads)
    }
  }
}
