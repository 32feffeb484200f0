internal import CKernels
public import TensorCore

/// What a converter and a checker do to weights and bytes.
public enum WeightKernels {
  /// Turns stored elements into f32.
  ///
  /// - Parameters:
  ///   - bytes: Little-endian elements of `type`, exactly `y.count` of them, at any address.
  ///   - type: One of the four float types.
  ///   - y: Receives the values. f16, bf16 and f32 are exact; f64 is rounded to nearest,
  ///     whatever the caller's rounding mode.
  public static func toFloat32(
    _ bytes: Block<UInt8>, _ type: ElementType, into y: MutableBlock<Float>
  ) {
    precondition(bytes.count == y.count * type.byteCount && type.isFloat, "sizes fit")
    let raw = unsafe UnsafeRawPointer(bytes.pointer)
    let count = Int64(y.count)
    switch type {
    case .float16: unsafe ck_f16_to_f32(raw, y.pointer, count)
    case .bfloat16: unsafe ck_bf16_to_f32(raw, y.pointer, count)
    case .float64: unsafe ck_f64_to_f32(raw, y.pointer, count)
    default:
      unsafe UnsafeMutableRawPointer(y.pointer).copyMemory(from: raw, byteCount: bytes.count)
    }
  }

  /// f16 bit patterns of f32 values, to nearest, ties to even; too large becomes infinite.
  public static func toFloat16(_ x: Block<Float>, into y: MutableBlock<UInt16>) {
    precondition(x.count == y.count, "sizes fit")
    unsafe ck_f32_to_f16(x.pointer, y.pointer, Int64(x.count))
  }

  /// The index of the first infinite or NaN element, or `nil`.
  public static func firstNonFinite(_ x: Block<Float>) -> Int? {
    let index = unsafe ck_first_nonfinite(x.pointer, Int64(x.count))
    return index < 0 ? nil : Int(index)
  }

  /// Whether every element is a binary16 value.
  public static func isExactInFloat16(_ x: Block<Float>) -> Bool {
    unsafe ck_all_f16_exact(x.pointer, Int64(x.count)) == 1
  }

  /// The sum of squared differences, in one chain of binary64 sums.
  public static func squaredDistance(_ x: Block<Float>, _ y: Block<Float>) -> Double {
    precondition(x.count == y.count, "sizes fit")
    return unsafe ck_squared_distance(x.pointer, y.pointer, Int64(x.count))
  }

  /// y[column, row] = x[row, column].
  public static func transpose(_ x: Block<Float>, rows: Int, into y: MutableBlock<Float>) {
    precondition(rows > 0 && x.count % rows == 0 && y.count == x.count, "sizes fit")
    unsafe ck_transpose(x.pointer, Int32(rows), Int32(x.count / rows), y.pointer)
  }

  /// columns[k] = max(columns[k], |x[r, k]|) over the rows of x.
  public static func columnMaxima(_ x: Block<Float>, into columns: MutableBlock<Float>) {
    precondition(columns.count > 0 && x.count % columns.count == 0, "sizes fit")
    unsafe ck_column_maxima(
      x.pointer, Int32(x.count / columns.count), Int32(columns.count), columns.pointer)
  }

  /// The sums of each row of panels, `rows` rounded up to 16 of them.
  public static func panelSums(_ panels: Block<Int8>, rows: Int, columns: Int) -> [Int32] {
    let lanes = (rows + 15) / 16 * 16
    precondition(panels.count == lanes * ((columns + 3) / 4 * 4), "sizes fit")
    var sums = [Int32](repeating: 0, count: lanes)
    unsafe sums.withUnsafeMutableBufferPointer { buffer in
      unsafe ck_panel_sums(panels.pointer, Int32(rows), Int32(columns), buffer.baseAddress)
    }
    return sums
  }

  /// The bytes that 4-bit codes and sub-scales stand for, as `N16K4` panels, and the sum of each row.
  ///
  /// - Parameters:
  ///   - panels: Codes and sub-scales; scales are not looked at.
  ///   - rows: N.
  ///   - columns: K, a multiple of 16.
  ///   - instructionSet: Whose kernel decodes; all of them give the same.
  ///   - values: Receives `[ceil(N/16)][K/4][16][4]`.
  /// - Returns: The sums, N rounded up to 16.
  public static func decode(
    _ panels: Int4Panels, rows: Int, columns: Int, instructionSet: InstructionSet = .best,
    into values: MutableBlock<Int8>
  ) -> [Int32] {
    let lanes = (rows + 15) / 16 * 16
    precondition(columns % 16 == 0 && values.count == lanes * columns, "sizes fit")
    precondition(panels.codes.count * 2 == values.count, "sizes fit")
    precondition(panels.subScales.count * 16 == values.count, "sizes fit")
    var sums = [Int32](repeating: 0, count: lanes)
    unsafe sums.withUnsafeMutableBufferPointer { buffer in
      unsafe ck_decode_i4(
        instructionSet.cValue, panels.codes.pointer, panels.subScales.pointer, Int32(rows),
        Int32(columns), values.pointer, buffer.baseAddress)
    }
    return sums
  }

  /// CRC-32C of a block, continuing from `crc` (0 to begin).
  public static func crc32c(_ bytes: Block<UInt8>, continuing crc: UInt32 = 0) -> UInt32 {
    unsafe ck_crc32c(crc, bytes.pointer, bytes.count)
  }

  /// CRC-32C of an array.
  public static func crc32c(_ bytes: [UInt8]) -> UInt32 {
    unsafe bytes.withUnsafeBytes { unsafe ck_crc32c(0, $0.baseAddress, $0.count) }
  }
}

extension Engine {
  /// Quantizes W[rows, columns] to `N16K4` panels with one symmetric scale a row.
  ///
  /// - Parameters:
  ///   - w: Row-major; may be a run of rows of a larger matrix that starts at a multiple of 16.
  ///   - columnScales: What each column is multiplied by first, or none.
  ///   - feedback: Lets columns make good what those before them miss, or none; K is then a multiple of 16 and the
  ///     engine's scratch memory at least `scratchForFeedback`.
  ///   - columns: K.
  ///   - panels: `[ceil(rows/16)][ceil(K/4)][16][4]`, overwritten whole.
  ///   - scales: One a row, rounded up to 16.
  ///   - sums: One a row, rounded up to 16.
  public func quantizePanels(
    _ w: Block<Float>, columnScales: Block<Float>?, feedback: ErrorFeedback? = nil, columns: Int,
    panels: MutableBlock<Int8>, scales: MutableBlock<Float>, sums: MutableBlock<Int32>
  ) {
    let rows = w.count / columns
    let lanes = (rows + 15) / 16 * 16
    precondition(rows * columns == w.count && panels.count == lanes * ((columns + 3) / 4 * 4))
    precondition(scales.count == lanes && sums.count == lanes, "one scale a row")
    precondition(columnScales.map { $0.count == columns } ?? true, "one scale a column")
    unsafe withFactors(feedback, columns) { factors in
      unsafe ck_quantize_panels(
        pointer, w.pointer, columnScales?.pointer, factors, Int32(rows), Int32(columns),
        panels.pointer, scales.pointer, sums.pointer)
    }
  }

  /// Quantizes W[rows, columns] to 4-bit codes with a sub-scale for each 16 columns and a scale a row.
  ///
  /// Searches sub-scales for the least squared error, then fits the row's scale.
  ///
  /// - Parameters:
  ///   - w: Row-major; may be a run of rows of a larger matrix that starts at a multiple of 16.
  ///   - columnScales: What each column is multiplied by first, or none.
  ///   - importance: What the squared error of each column counts, or none for 1.
  ///   - feedback: Lets columns make good what those before them miss, instead of `importance`, or none; the engine's
  ///     scratch memory is then at least `scratchForFeedback`.
  ///   - columns: K, a multiple of 16.
  ///   - codes: `[ceil(rows/16)][K/4][32]`, overwritten whole.
  ///   - scales: One a row, rounded up to 16.
  ///   - subScales: `[ceil(rows/16)][K/16][16]`, overwritten whole.
  public func quantizeInt4(
    _ w: Block<Float>, columnScales: Block<Float>?, importance: Block<Float>? = nil,
    feedback: ErrorFeedback? = nil, columns: Int, codes: MutableBlock<UInt8>,
    scales: MutableBlock<Float>, subScales: MutableBlock<Int8>
  ) {
    let rows = w.count / columns
    let lanes = (rows + 15) / 16 * 16
    precondition(rows * columns == w.count && columns % 16 == 0, "sizes fit")
    precondition(codes.count * 2 == lanes * columns && scales.count == lanes, "sizes fit")
    precondition(subScales.count * 16 == lanes * columns, "one sub-scale a group")
    precondition(columnScales.map { $0.count == columns } ?? true, "one scale a column")
    precondition(importance.map { $0.count == columns } ?? true, "one number a column")
    unsafe withFactors(feedback, columns) { factors in
      unsafe ck_quantize_i4(
        pointer, w.pointer, columnScales?.pointer, importance?.pointer, factors, Int32(rows),
        Int32(columns), codes.pointer, scales.pointer, subScales.pointer)
    }
  }

  private func withFactors(
    _ feedback: ErrorFeedback?, _ columns: Int, _ body: (UnsafePointer<ck_feedback>?) -> Void
  ) {
    guard let feedback else { return body(nil) }
    precondition(feedback.columns == columns, "feedback is for these columns")
    precondition(
      reserved >= Engine.scratchForFeedback(columns: columns), "scratch memory is reserved")
    var factors = unsafe ck_feedback()
    unsafe factors.weights = feedback.weights.pointer
    unsafe factors.coefficients = feedback.coefficients.pointer
    unsafe withUnsafePointer(to: &factors) { unsafe body($0) }
  }

  /// Quantizes the rows of a table to signed bytes with one symmetric scale a row.
  public func quantizeTable(
    _ w: Block<Float>, columns: Int, values: MutableBlock<Int8>, scales: MutableBlock<Float>
  ) {
    precondition(values.count == w.count && scales.count * columns == w.count, "sizes fit")
    unsafe ck_quantize_table(
      pointer, w.pointer, Int32(scales.count), Int32(columns), values.pointer, scales.pointer)
  }
}

/// Probes that tests ask what the compiler made of the kernels.
package enum KernelProbe {
  /// The elementary functions.
  package enum Function: Int32, CaseIterable {
    case exp = 0
    case erf, tanh, sigmoid
  }

  /// a·b + c with two roundings, unless the compiler contracted it into one.
  package static func multiplyAdd(
    _ a: Float, _ b: Float, _ c: Float, _ instructionSet: InstructionSet
  ) -> Float {
    ck_probe_contraction(instructionSet.cValue, a, b, c)
  }

  /// An elementary function as the kernels compute it.
  package static func apply(
    _ function: Function, _ x: [Float], _ instructionSet: InstructionSet
  ) -> [Float] {
    var y = [Float](repeating: 0, count: x.count)
    unsafe ck_probe_function(
      instructionSet.cValue, function.rawValue, x, &y, Int64(x.count))
    return y
  }

  /// CRC-32C without special instructions.
  package static func crc32cScalar(_ bytes: [UInt8]) -> UInt32 {
    unsafe bytes.withUnsafeBytes { unsafe ck_crc32c_scalar(0, $0.baseAddress, $0.count) }
  }
}
