import Kernels
import TensorCore

/// A linear layer of a given shape in every storage, cut from shared random numbers.
struct Layer {
  static let pool = Result { try Numbers.block(150_000, seed: 1).readOnly }

  let matrix: Matrix
  let bias: Block<Float>?
  let residual: Block<Float>?
  let activation: Activation
  let rows: Int
  let x: Block<Float>

  enum Storage: CaseIterable { case float32, float16, int8, int4 }

  /// Every choice that is not given follows from the sizes, so that a sweep over sizes meets all.
  ///
  /// With int4, k is rounded up to 16.
  init(rows: Int, n: Int, k: Int, _ storage: Storage, on engine: Engine) throws {
    let pool = try Layer.pool.get()
    let k = storage == .int4 ? (k + 15) / 16 * 16 : k
    let start = (n * 31 + k * 17) % 1000
    let w = pool[start..<start + n * k]
    let mix = n + k / 2 + rows
    self.rows = rows
    x = pool[60_000 + start..<60_000 + start + rows * k]
    bias = mix & 1 == 0 ? pool[start + 7..<start + 7 + n] : nil
    residual = mix & 2 == 0 ? pool[90_000 + start..<90_000 + start + rows * n] : nil
    activation = Activation.allCases[mix / 4 % 4]
    switch storage {
    case .float32: matrix = Matrix(rows: n, columns: k, storage: .float32(w))
    case .float16:
      let half = try MutableBlock<UInt16>(allocating: n * k)
      WeightKernels.toFloat16(w, into: half)
      matrix = Matrix(rows: n, columns: k, storage: .float16(half.readOnly))
    case .int8:
      let scales = mix % 3 == 0 ? try Numbers.positive(k, seed: UInt64(mix)) : nil
      matrix = try Layer.quantized(w, n: n, k: k, inputScales: scales, columnScales: scales, engine)
    case .int4:
      let scales = mix % 3 == 0 ? try Numbers.positive(k, seed: UInt64(mix)) : nil
      matrix = Matrix(
        rows: n, columns: k,
        storage: .int4(try Layer.codes(w, n: n, k: k, scales: scales, engine)))
    }
  }

  /// 4-bit codes, with `scales` for inputs and columns.
  static func codes(
    _ w: Block<Float>, n: Int, k: Int, scales: Block<Float>?, importance: Block<Float>? = nil,
    feedback: ErrorFeedback? = nil, _ engine: Engine
  ) throws -> Int4Panels {
    let lanes = (n + 15) / 16 * 16
    let codes = try MutableBlock<UInt8>(allocating: lanes * k / 2)
    let rowScales = try MutableBlock<Float>(allocating: lanes)
    let subScales = try MutableBlock<Int8>(allocating: lanes * k / 16)
    engine.quantizeInt4(
      w, columnScales: scales, importance: importance, feedback: feedback, columns: k, codes: codes,
      scales: rowScales, subScales: subScales)
    return Int4Panels(
      codes: codes.readOnly, scales: rowScales.readOnly, subScales: subScales.readOnly,
      inputScales: scales)
  }

  static func quantized(
    _ w: Block<Float>, n: Int, k: Int, inputScales: Block<Float>?, columnScales: Block<Float>?,
    _ engine: Engine
  ) throws -> Matrix {
    let lanes = (n + 15) / 16 * 16
    let panels = try MutableBlock<Int8>(allocating: lanes * ((k + 3) / 4 * 4))
    let scales = try MutableBlock<Float>(allocating: lanes)
    let sums = try MutableBlock<Int32>(allocating: lanes)
    engine.quantizePanels(
      w, columnScales: columnScales, columns: k, panels: panels, scales: scales, sums: sums)
    let parts = Int8Panels(
      values: panels.readOnly, scales: scales.readOnly, sums: sums.readOnly,
      inputScales: inputScales)
    return Matrix(rows: n, columns: k, storage: .int8(parts))
  }

  /// Runs rows `range` and returns their outputs with a guard behind.
  func run(_ range: Range<Int>, on engine: Engine) throws -> MutableBlock<Float> {
    let n = matrix.rows
    let k = matrix.columns
    let y = try MutableBlock<Float>.output(range.count * n)
    engine.linear(
      x[range.lowerBound * k..<range.upperBound * k], matrix, bias: bias, activation: activation,
      residual: residual.map { $0[range.lowerBound * n..<range.upperBound * n] },
      rows: range.count, quantized: try QuantizedRows(capacity: range.count, width: k), into: y)
    return y
  }

  func run(on engine: Engine) throws -> MutableBlock<Float> { try run(0..<rows, on: engine) }
}
