import Kernels
import TensorCore
import Testing

/// Operations that copy and add, against the same in Swift.
@Suite struct GatherTests {
  @Test(arguments: Configuration.all)
  func gather(_ configuration: Configuration) throws {
    let engine = try configuration.engine()
    for width in [1, 3, 16, 37] {
      let (rows, ids) = (7, (0..<40).map { Int32($0 * 5 % 7) })
      let values = try Numbers.block(rows * width, seed: 11).readOnly
      let half = values.array.map { Float16($0) }
      let patterns = try MutableBlock(copying: half.map(\.bitPattern)).readOnly
      let bytes = (0..<rows * width).map { Int8(truncatingIfNeeded: $0 * 37) }
      let scales = try Numbers.positive(rows, seed: 12)
      let quantized = Table.Storage.int8(
        values: try MutableBlock(copying: bytes).readOnly, scales: scales)
      let cases: [(Table.Storage, (Int) -> Float)] = [
        (.float32(values), { values[$0] }),
        (.float16(patterns), { Float(half[$0]) }),
        (quantized, { Float(bytes[$0]) * scales[$0 / width] }),
      ]
      for (storage, value) in cases {
        let table = Table(rows: rows, columns: width, storage: storage)
        let block = try MutableBlock(copying: ids).readOnly
        let y = try MutableBlock<Float>.output(ids.count * width)
        engine.gather(table, ids: block, into: y)
        let expected = ids.flatMap { id in (0..<width).map { value(Int(id) * width + $0) } }
        expectSameBits(
          y[0..<expected.count].array, expected.map(\.bitPattern), "width \(width)")
        engine.gather(table, ids: block, accumulate: true, into: y)
        expectSameBits(
          y[0..<expected.count].array, expected.map { ($0 + $0).bitPattern }, "accumulated")
        #expect(y[expected.count].bitPattern == 0x7FC0_1234)
      }
    }
  }

  @Test(arguments: Configuration.all)
  func addRows(_ configuration: Configuration) throws {
    let engine = try configuration.engine()
    let (rows, period, width) = (50, 7, 19)
    let y = try Numbers.block(rows * width, seed: 13)
    let addend = try Numbers.block(period * width, seed: 14)
    let expected = (0..<rows * width).map { y[$0] + addend[$0 % (period * width)] }
    engine.addRows(addend.readOnly, to: y, rows: rows, period: period, width: width)
    expectSameBits(y.array, expected.map(\.bitPattern), "sum")
  }

  @Test(arguments: Configuration.all)
  func patches(_ configuration: Configuration) throws {
    let engine = try configuration.engine()
    for (items, side, patch) in [(1, 4, 4), (2, 12, 3), (3, 10, 5), (1, 11, 3)] {
      let grid = side / patch
      let pixels = try Numbers.block(items * 3 * side * side, seed: 15).readOnly
      var expected: [UInt32] = []
      for item in 0..<items {
        for py in 0..<grid {
          for px in 0..<grid {
            for channel in 0..<3 {
              for dy in 0..<patch {
                for dx in 0..<patch {
                  let row = (item * 3 + channel) * side + py * patch + dy
                  expected.append(pixels[row * side + px * patch + dx].bitPattern)
                }
              }
            }
          }
        }
      }
      let rows = try MutableBlock<Float>.output(expected.count)
      engine.patches(of: pixels, items: items, side: side, patch: patch, into: rows)
      expectSameBits(rows[0..<expected.count].array, expected, "\(side)/\(patch)")
      #expect(rows[expected.count].bitPattern == 0x7FC0_1234)
    }
  }
}
