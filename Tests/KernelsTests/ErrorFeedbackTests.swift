import Kernels
import TensorCore
import Testing

/// Second moments, their factors, and codes that make good what those before them miss.
@Suite struct ErrorFeedbackTests {
  private let rows = 300
  private let columns = 208

  /// Xᵀ of correlated inputs: each row of X is a walk.
  private func inputs() throws -> MutableBlock<Float> {
    let x = try MutableBlock<Float>(allocating: rows * columns)
    let steps = try Numbers.block(rows * columns, seed: 60)
    for row in 0..<rows {
      var value: Float = 0
      for column in 0..<columns {
        value = 0.8 * value + steps[row * columns + column]
        x[column * rows + row] = value
      }
    }
    return x
  }

  /// Upper triangle of XᵀX as the engine sums it.
  private func moments(_ engine: Engine) throws -> Block<Float> {
    let x = try inputs()
    let whole = try MutableBlock<Float>(allocating: columns * columns)
    for index in 0..<whole.count { whole[index] = 0 }
    // In two goes, since sums continue.
    for part in [0..<100, 100..<rows] {
      let some = try MutableBlock<Float>(allocating: columns * part.count)
      for column in 0..<columns {
        for (place, row) in part.enumerated() {
          some[column * part.count + place] = x[column * rows + row]
        }
      }
      try engine.addMoments(some.readOnly, rows: part.count, to: whole)
    }
    var packed: [Float] = []
    for row in 0..<columns { for k in row..<columns { packed.append(whole[row * columns + k]) } }
    return try MutableBlock(copying: packed).readOnly
  }

  private func upper(_ moments: Block<Float>, _ i: Int, _ k: Int) -> Double {
    let (low, high) = (min(i, k), max(i, k))
    return Double(moments[low * columns - low * (low - 1) / 2 + high - low])
  }

  @Test(arguments: Configuration.all)
  func sums(_ configuration: Configuration) throws {
    let found = try moments(try configuration.engine())
    let x = try inputs()
    for (i, k) in [(0, 0), (3, 7), (63, 64), (207, 207), (1, 206)] {
      let exact = (0..<rows).reduce(0.0) { sum, row in
        sum + Double(x[i * rows + row]) * Double(x[k * rows + row])
      }
      let scale = (upper(found, i, i) * upper(found, k, k)).squareRoot()
      #expect(abs(upper(found, i, k) - exact) < 1e-6 * scale)
    }
    expectSameBits(
      found.array, try moments(try Configuration.reference.engine()).array.map(\.bitPattern),
      "moments")
  }

  /// U·D·Uᵀ is the matrix again, with and without scales.
  @Test(arguments: Configuration.all, [false, true])
  func factors(_ configuration: Configuration, _ isScaled: Bool) throws {
    let engine = try configuration.engine()
    let h = try moments(engine)
    let scales = isScaled ? try Numbers.positive(columns, seed: 61) : nil
    let found = try engine.errorFeedback(moments: h, inputScales: scales, columns: columns)
    func u(_ j: Int, _ k: Int) -> Double {
      j == k ? 1 : Double(found.coefficients[(j / 16 * columns + k) * 16 + j % 16])
    }
    func expected(_ i: Int, _ k: Int) -> Double {
      upper(h, i, k) * Double(scales?[i] ?? 1) * Double(scales?[k] ?? 1)
    }
    let mean = (0..<columns).reduce(0) { $0 + expected($1, $1) } / Double(columns)
    for i in 0..<columns {
      for k in i..<columns {
        let product = (k..<columns).reduce(0.0) { sum, m in
          sum + u(i, m) * Double(found.weights[m]) * u(k, m)
        }
        let wanted = expected(i, k) + (i == k ? 0.01 * mean : 0)
        #expect(abs(product - wanted) < 2e-6 * mean, "\(i), \(k)")
      }
    }
    for j in 0..<columns {
      for k in 0..<j {
        #expect(found.coefficients[(j / 16 * columns + k) * 16 + j % 16] == 0)
      }
    }
    let scalar = try Configuration.reference.engine()
    let twin = try scalar.errorFeedback(moments: h, inputScales: scales, columns: columns)
    expectSameBits(found.weights.array, twin.weights.array.map(\.bitPattern), "weights")
    expectSameBits(
      found.coefficients.array, twin.coefficients.array.map(\.bitPattern), "coefficients")
  }

  /// Each code is the nearest to its weight and what the errors before it ask for, computed again in binary64.
  @Test(arguments: Configuration.all)
  func codes(_ configuration: Configuration) throws {
    let engine = try configuration.engine()
    let n = 35
    let w = try Numbers.block(n * columns, seed: 62).readOnly
    let feedback = try engine.errorFeedback(
      moments: try moments(engine), inputScales: nil, columns: columns)
    try engine.reserve(Engine.scratchForFeedback(columns: columns))
    let found = try Layer.codes(
      w, n: n, k: columns, scales: nil, feedback: feedback, engine)
    let plain = try Layer.codes(w, n: n, k: columns, scales: nil, engine)
    let table = [-127, -107, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 88, 113]
    for row in 0..<n {
      var errors: [Double] = []
      let scale = Double(found.scales[row])
      for column in 0..<columns {
        let byte = Double(value(found, row, column))
        let y = Double(w[row * columns + column]) / scale
        var target = y
        for (j, error) in errors.enumerated() {
          target += error * Double(feedback.coefficients[(j / 16 * columns + column) * 16 + j % 16])
        }
        let sub = Int(found.subScales[(row / 16 * columns + column / 16 * 16) + row % 16])
        let nearest = table.map { abs(target - Double(($0 * sub + 64) >> 7)) }.min() ?? 0
        // Middles between codes are compared before the byte is rounded, which moves it by up to a half.
        #expect(abs(target - byte) <= nearest + 1.001, "row \(row), column \(column)")
        errors.append(y - byte)
      }
    }
    let (with, without) = (try error(found, w, n), try error(plain, w, n))
    #expect(with < 0.6 * without)
    let scalar = try Configuration.reference.engine()
    try scalar.reserve(Engine.scratchForFeedback(columns: columns))
    let twin = try Layer.codes(w, n: n, k: columns, scales: nil, feedback: feedback, scalar)
    #expect(found.codes.array == twin.codes.array)
    #expect(found.subScales.array == twin.subScales.array)
    expectSameBits(found.scales.array, twin.scales.array.map(\.bitPattern), "scales")
  }

  /// The same of bytes: each is its target rounded.
  @Test(arguments: Configuration.all)
  func bytes(_ configuration: Configuration) throws {
    let engine = try configuration.engine()
    let n = 35
    let w = try Numbers.block(n * columns, seed: 63).readOnly
    let scales = try Numbers.positive(columns, seed: 64)
    let feedback = try engine.errorFeedback(
      moments: try moments(engine), inputScales: nil, columns: columns)
    let found = try Bytes(w, n, scales, feedback, engine)
    for row in 0..<n {
      var errors: [Double] = []
      for column in 0..<columns {
        let y =
          Double(w[row * columns + column]) * Double(scales[column])
          / Double(found.scales[row])
        var target = y
        for (j, error) in errors.enumerated() {
          target += error * Double(feedback.coefficients[(j / 16 * columns + column) * 16 + j % 16])
        }
        let byte = Double(found.value(row, column, columns))
        #expect(abs(min(max(target, -127), 127) - byte) < 0.501, "row \(row), column \(column)")
        errors.append(y - byte)
      }
      let sum = (0..<columns).reduce(0) { $0 + Int32(found.value(row, $1, columns)) }
      #expect(found.sums[row] == sum)
    }
    let twin = try Bytes(w, n, scales, feedback, try Configuration.reference.engine())
    #expect(found.panels.array == twin.panels.array && found.sums.array == twin.sums.array)
    // Padding rows are zeros.
    #expect((n..<48).allSatisfy { found.scales[$0] == 0 && found.sums[$0] == 0 })
  }

  private struct Bytes {
    let panels: MutableBlock<Int8>
    let scales: MutableBlock<Float>
    let sums: MutableBlock<Int32>

    init(
      _ w: Block<Float>, _ n: Int, _ columnScales: Block<Float>, _ feedback: ErrorFeedback,
      _ engine: Engine
    ) throws {
      let lanes = (n + 15) / 16 * 16
      panels = try MutableBlock(allocating: lanes * feedback.columns)
      scales = try MutableBlock(allocating: lanes)
      sums = try MutableBlock(allocating: lanes)
      try engine.reserve(Engine.scratchForFeedback(columns: feedback.columns))
      engine.quantizePanels(
        w, columnScales: columnScales, feedback: feedback, columns: feedback.columns,
        panels: panels, scales: scales, sums: sums)
    }

    func value(_ row: Int, _ column: Int, _ columns: Int) -> Int8 {
      panels[row / 16 * 16 * columns + column / 4 * 64 + row % 16 * 4 + column % 4]
    }
  }

  private func value(_ panels: Int4Panels, _ row: Int, _ column: Int) -> Int {
    let place = row % 16 * 4 + column % 4
    let byte = panels.codes[(row / 16 * (columns / 4) + column / 4) * 32 + place % 32]
    let code = place < 32 ? byte & 15 : byte >> 4
    let sub = Int(panels.subScales[row / 16 * columns + column / 16 * 16 + row % 16])
    let table = [-127, -107, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 88, 113]
    return (table[Int(code)] * sub + 64) >> 7
  }

  /// The squared error of the outputs over that of the inputs themselves.
  private func error(_ panels: Int4Panels, _ w: Block<Float>, _ n: Int) throws -> Double {
    let x = try inputs()
    var sum = 0.0
    for row in 0..<n {
      let errors = (0..<columns).map { column in
        Double(w[row * columns + column])
          - Double(panels.scales[row]) * Double(value(panels, row, column))
      }
      for token in 0..<rows {
        let miss = (0..<columns).reduce(0.0) { $0 + errors[$1] * Double(x[$1 * rows + token]) }
        sum += miss * miss
      }
    }
    return sum
  }
}
