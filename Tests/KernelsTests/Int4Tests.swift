import Kernels
import TensorCore
import Testing

/// 4-bit codes: decoding, the search for them, products.
@Suite struct Int4Tests {
  /// The numbers of `Formats/tcm.md` §5.
  private static let codes = [
    -127, -107, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 88, 113,
  ]

  /// Every code with every sub-scale, -128 of a damaged file too, by the formula of the specification.
  @Test(arguments: Configuration.instructionSets)
  func decoding(_ instructionSet: InstructionSet) throws {
    // Row n, group g: sub-scale n * 16 + g - 128; codes in turn, so that each meets each.
    let codes = try MutableBlock<UInt8>(allocating: 16 * 256 / 2)
    for index in 0..<codes.count { codes[index] = 0 }
    let subScales = try MutableBlock<Int8>(allocating: 256)
    var expected = [Int8](repeating: 0, count: 16 * 256)
    var sums = [Int32](repeating: 0, count: 16)
    for row in 0..<16 {
      for column in 0..<256 {
        let subScale = row * 16 + column / 16 - 128
        subScales[column / 16 * 16 + row] = Int8(subScale)
        let code = (column + row) % 16
        let place = row * 4 + column % 4
        codes[column / 4 * 32 + place % 32] |= UInt8(code) << (place < 32 ? 0 : 4)
        let exact = Double(Self.codes[code] * subScale + 64) / 128
        let byte = Int8(exact.rounded(.down))
        expected[column / 4 * 64 + place] = byte
        sums[row] += Int32(byte)
      }
    }
    let panels = Int4Panels(
      codes: codes.readOnly, scales: try MutableBlock<Float>(allocating: 16).readOnly,
      subScales: subScales.readOnly, inputScales: nil)
    let found = try MutableBlock<Int8>(allocating: 16 * 256)
    let foundSums = WeightKernels.decode(
      panels, rows: 16, columns: 256, instructionSet: instructionSet, into: found)
    #expect(found.array == expected)
    #expect(foundSums == sums)
  }

  /// A product is that of the decoded bytes as int8 weights.
  @Test(arguments: Configuration.all)
  func product(_ configuration: Configuration) throws {
    let engine = try configuration.engine()
    let (rows, n, k) = (253, 83, 272)
    let w = try Numbers.block(n * k, seed: 20).readOnly
    let x = try Numbers.block(rows * k, seed: 21).readOnly
    let residual = try Numbers.block(rows * n, seed: 22).readOnly
    let bias = try Numbers.block(n, seed: 23).readOnly
    let inputScales = try Numbers.positive(k, seed: 24)
    let int4 = try Layer.codes(w, n: n, k: k, scales: inputScales, engine)
    let bytes = try MutableBlock<Int8>(allocating: 96 * k)
    let sums = WeightKernels.decode(int4, rows: n, columns: k, into: bytes)
    let int8 = Int8Panels(
      values: bytes.readOnly, scales: int4.scales, sums: try MutableBlock(copying: sums).readOnly,
      inputScales: inputScales)
    var outputs: [MutableBlock<Float>] = []
    for storage in [Matrix.Storage.int4(int4), .int8(int8)] {
      let y = try MutableBlock<Float>.output(rows * n)
      engine.linear(
        x, Matrix(rows: n, columns: k, storage: storage), bias: bias, activation: .gelu,
        residual: residual, rows: rows, quantized: try QuantizedRows(capacity: rows, width: k),
        into: y)
      outputs.append(y)
    }
    expectSameBits(outputs[0], outputs[1], "int4 and int8")
  }

  /// The same codes from every instruction set and number of threads, also for rows of zeros and of few large weights.
  @Test(arguments: Configuration.all)
  func search(_ configuration: Configuration) throws {
    let engine = try configuration.engine()
    let scalar = try Configuration.reference.engine()
    for (n, k) in [(1, 16), (16, 32), (17, 48), (35, 272)] {
      let w = try Numbers.block(n * k, seed: UInt64(n))
      for column in 0..<k {
        w[column] = n == 16 ? 0 : w[column]
        if n == 17 { w[column] *= column % 16 == 3 ? 1e6 : 1e-38 }
        if n == 35 { w[k + column] = column % 16 == 5 ? -.greatestFiniteMagnitude : 0 }
      }
      for scales in [nil, try Numbers.positive(k, seed: 3)] where n < 35 || scales == nil {
        let importance = scales.map { _ in try? Numbers.positive(k, seed: 4) } ?? nil
        let parts = try [engine, scalar].map {
          try Layer.codes(w.readOnly, n: n, k: k, scales: scales, importance: importance, $0)
        }
        #expect(parts[0].codes.array == parts[1].codes.array)
        #expect(parts[0].subScales.array == parts[1].subScales.array)
        expectSameBits(parts[0].scales.array, parts[1].scales.array.map(\.bitPattern), "scales")
        #expect(parts[0].scales.array.prefix(n).allSatisfy { $0 > 0 && $0.isFinite })
        #expect(parts[0].subScales.array.allSatisfy { $0 > -128 })
        #expect(parts[0].scales.array.dropFirst(n).allSatisfy { $0 == 0 })
      }
    }
  }

  /// Sums of twelve uniform numbers: close to Gaussian.
  private static func gaussian(_ count: Int) throws -> MutableBlock<Float> {
    var numbers = Numbers(seed: 77)
    return try MutableBlock(
      copying: (0..<count).map { _ in
        (0..<12).reduce(Float(-6)) { sum, _ in sum + Float(numbers.next() >> 40) * 0x1p-24 }
      })
  }

  /// The squared error of codes, weighted by column, over that of the weights.
  private static func error(
    _ panels: Int4Panels, _ w: Block<Float>, n: Int, k: Int, importance: [Float]
  ) throws -> Double {
    let bytes = try MutableBlock<Int8>(allocating: n * k)
    _ = WeightKernels.decode(panels, rows: n, columns: k, into: bytes)
    var (error, whole) = (0.0, 0.0)
    for row in 0..<n {
      for column in 0..<k {
        let place = row / 16 * 16 * k + column / 4 * 64 + row % 16 * 4 + column % 4
        let value = Double(w[row * k + column])
        let difference = value - Double(bytes[place]) * Double(panels.scales[row])
        error += Double(importance[column]) * difference * difference
        whole += Double(importance[column]) * value * value
      }
    }
    return (error / whole).squareRoot()
  }

  /// 6.4 % on Gaussian rows (ggml's Q4_K: 7.1, Q4_0: 8.6); columns that count more come out better.
  @Test func relativeError() throws {
    let (n, k) = (64, 1024)
    let w = try Self.gaussian(n * k).readOnly
    let engine = try Engine()
    let flat = [Float](repeating: 1, count: k)
    let plain = try Layer.codes(w, n: n, k: k, scales: nil, engine)
    #expect(try Self.error(plain, w, n: n, k: k, importance: flat) < 0.064)
    let importance = (0..<k).map { Float($0 % 16 < 4 ? 25 : 1) }
    let weighted = try Layer.codes(
      w, n: n, k: k, scales: nil, importance: try MutableBlock(copying: importance).readOnly,
      engine)
    let before = try Self.error(plain, w, n: n, k: k, importance: importance)
    let after = try Self.error(weighted, w, n: n, k: k, importance: importance)
    #expect(after < 0.9 * before)
  }
}
