import Kernels
import TensorCore
import Testing

/// Misuse traps instead of touching memory that is not the caller's.
@Suite struct MisuseTests {
  @Test func idsOutsideTheTable() async {
    await #expect(processExitsWith: .failure) {
      let values = try Numbers.block(4, seed: 1)
      let table = Table(rows: 2, columns: 2, storage: .float32(values.readOnly))
      let ids = try MutableBlock<Int32>(copying: [2])
      try Engine().gather(table, ids: ids.readOnly, into: try MutableBlock(allocating: 2))
    }
    await #expect(processExitsWith: .failure) {
      let values = try Numbers.block(4, seed: 1)
      let table = Table(rows: 2, columns: 2, storage: .float32(values.readOnly))
      let ids = try MutableBlock<Int32>(copying: [-1])
      try Engine().gather(table, ids: ids.readOnly, into: try MutableBlock(allocating: 2))
    }
  }

  @Test func sizesThatDoNotFit() async {
    await #expect(processExitsWith: .failure) {
      let x = try Numbers.block(7, seed: 1)
      try Engine().normalize(x, rows: 2, width: 4)
    }
    await #expect(processExitsWith: .failure) {
      let w = try Numbers.block(7, seed: 1)
      _ = Matrix(rows: 2, columns: 4, storage: .float32(w.readOnly))
    }
    await #expect(processExitsWith: .failure) {
      let x = try Numbers.block(8, seed: 1)
      let matrix = Matrix(rows: 2, columns: 4, storage: .float32(x.readOnly))
      let y = try MutableBlock<Float>(allocating: 3)
      let engine = try Engine()
      try engine.reserve(Engine.scratchForFloatProducts(columns: 4))
      engine.linear(x.readOnly, matrix, bias: nil, rows: 2, quantized: nil, into: y)
    }
    await #expect(processExitsWith: .failure) {
      let engine = try Engine()
      let rows = try QuantizedRows(capacity: 1, width: 4)
      let x = try Numbers.block(8, seed: 1)
      engine.quantize(x.readOnly, inputScales: nil, rows: 2, width: 4, into: rows)
    }
  }

  @Test func int8WithoutMemoryForRows() async {
    await #expect(processExitsWith: .failure) {
      let engine = try Engine()
      let layer = try Layer(rows: 1, n: 4, k: 4, .int8, on: engine)
      let y = try MutableBlock<Float>(allocating: 4)
      engine.linear(layer.x, layer.matrix, bias: nil, rows: 1, quantized: nil, into: y)
    }
  }

  /// Sizes whose kernels would just get along with the 4,096 bytes there are, so that nothing but
  /// the check can end the process.
  @Test func scratchNotReserved() async {
    await #expect(processExitsWith: .failure) {
      let engine = try Engine(instructionSet: .scalar)
      try engine.reserve(64)
      let layer = try Layer(rows: 1, n: 40, k: 100, .float32, on: engine)
      _ = try layer.run(on: engine)
    }
    await #expect(processExitsWith: .failure) {
      let engine = try Engine(instructionSet: .scalar)
      try engine.reserve(64)
      let qkv = try Numbers.block(5 * 3 * 5, seed: 1).readOnly
      let y = try MutableBlock<Float>(allocating: 5 * 5)
      engine.attention(qkv, .int8, items: 1, tokens: 5, heads: 1, headSize: 5, into: y)
    }
  }

  @Test func periodsAndSizesThatAreNone() async {
    await #expect(processExitsWith: .failure) {
      let x = try Numbers.block(4, seed: 1)
      try Engine().addRows(x.readOnly, to: x, rows: 0, period: 0, width: 4)
    }
    await #expect(processExitsWith: .failure) { try Engine().reserve(-1) }
  }
}
