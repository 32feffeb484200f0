internal import CKernels
public import TensorCore

extension Engine {
  /// Bytes of scratch memory a thread needs for float products with `columns` inputs.
  public static func scratchForFloatProducts(columns: Int) -> Int {
    ck_linear_f32_scratch(Int32(columns))
  }

  /// Bytes of scratch memory a thread needs for products with 4-bit weights of `columns` inputs.
  public static func scratchForInt4Products(columns: Int) -> Int {
    ck_linear_i4_scratch(Int32(columns))
  }

  /// y = activation(x·Wᵀ + bias) (+ residual), with W in any storage.
  ///
  /// With int8 and int4 weights, x is first quantized row by row into `quantized`. Sizes that do not fit are misuse and trap.
  ///
  /// - Parameters:
  ///   - x: `[rows, W.columns]`.
  ///   - matrix: The weights.
  ///   - bias: One an output, or none.
  ///   - activation: Applied after the bias.
  ///   - residual: `[rows, W.rows]`, added last, or none; may be `y` unless `product` is given.
  ///   - rows: Number of rows of x and y.
  ///   - quantized: Memory for quantized weights; may be `nil` for float ones.
  ///   - product: Makes float products instead of the own kernel, or `nil`.
  ///   - y: `[rows, W.rows]`.
  /// - Complexity: O(rows · W.rows · W.columns).
  public func linear(
    _ x: Block<Float>, _ matrix: Matrix, bias: Block<Float>?, activation: Activation = .none,
    residual: Block<Float>? = nil, rows: Int, quantized: QuantizedRows?,
    product: FloatProduct? = nil, into y: MutableBlock<Float>
  ) {
    precondition(x.count >= rows * matrix.columns && y.count >= rows * matrix.rows, "sizes fit")
    precondition(bias.map { $0.count == matrix.rows } ?? true, "one bias an output")
    precondition(residual.map { $0.count >= rows * matrix.rows } ?? true, "sizes fit")
    if rows == 0 { return }
    switch matrix.storage {
    case .int8(let panels):
      guard let quantized else { preconditionFailure("int8 weights need quantized rows") }
      quantize(
        x, inputScales: panels.inputScales, rows: rows, width: matrix.columns, into: quantized)
      var linear = unsafe byteProduct(quantized, matrix, bias, activation, residual, rows, y)
      unsafe linear.w = panels.values.pointer
      unsafe linear.w_scale = panels.scales.pointer
      unsafe linear.w_sum = panels.sums.pointer
      unsafe ck_linear_i8_run(pointer, &linear)
    case .int4(let panels):
      guard let quantized else { preconditionFailure("int4 weights need quantized rows") }
      precondition(
        reserved >= Engine.scratchForInt4Products(columns: matrix.columns),
        "scratch memory is reserved")
      quantize(
        x, inputScales: panels.inputScales, rows: rows, width: matrix.columns, into: quantized)
      var linear = unsafe ck_linear_i4()
      unsafe linear.product = byteProduct(quantized, matrix, bias, activation, residual, rows, y)
      unsafe linear.product.w_scale = panels.scales.pointer
      unsafe linear.codes = panels.codes.pointer
      unsafe linear.sub_scales = panels.subScales.pointer
      unsafe ck_linear_i4_run(pointer, &linear)
    case .float32(let block):
      unsafe float(
        x, UnsafeRawPointer(block.pointer), CK_F32, matrix, bias, activation, residual, rows,
        product, y)
    case .float16(let block):
      unsafe float(
        x, UnsafeRawPointer(block.pointer), CK_F16, matrix, bias, activation, residual, rows,
        nil, y)
    }
  }

  /// Quantizes rows to unsigned bytes, each with its own scale and zero point.
  ///
  /// - Parameters:
  ///   - x: `[rows, width]`.
  ///   - inputScales: What x is multiplied by first, one a column, or none.
  ///   - rows: Number of rows, at most the capacity of `quantized`.
  ///   - width: Elements a row.
  ///   - quantized: Receives the rows, `QuantizedRows.stride(of: width)` bytes apart.
  public func quantize(
    _ x: Block<Float>, inputScales: Block<Float>?, rows: Int, width: Int,
    into quantized: QuantizedRows
  ) {
    let stride = QuantizedRows.stride(of: width)
    precondition(rows <= quantized.capacity && x.count >= rows * width, "sizes fit")
    precondition(rows * stride <= quantized.values.count, "sizes fit")
    precondition(inputScales.map { $0.count == width } ?? true, "one scale an input")
    unsafe ck_quantize_rows(
      pointer, x.pointer, Int64(width), inputScales?.pointer, Int32(rows), Int32(width),
      quantized.values.pointer, Int64(stride), quantized.scales.pointer, quantized.zeros.pointer)
  }

  /// A product of bytes, but for the weights.
  private func byteProduct(
    _ x: QuantizedRows, _ matrix: Matrix, _ bias: Block<Float>?, _ activation: Activation,
    _ residual: Block<Float>?, _ rows: Int, _ y: MutableBlock<Float>
  ) -> ck_linear_i8 {
    var linear = unsafe ck_linear_i8()
    unsafe linear.a = UnsafePointer(x.values.pointer)
    unsafe linear.a_scale = UnsafePointer(x.scales.pointer)
    unsafe linear.a_zero = UnsafePointer(x.zeros.pointer)
    unsafe linear.bias = bias?.pointer
    unsafe linear.residual = residual?.pointer
    unsafe linear.y = y.pointer
    unsafe linear.lda = Int64(QuantizedRows.stride(of: matrix.columns))
    unsafe linear.ld_residual = Int64(matrix.rows)
    unsafe linear.ldy = Int64(matrix.rows)
    unsafe linear.rows = Int32(rows)
    unsafe linear.n = Int32(matrix.rows)
    unsafe linear.k = Int32((matrix.columns + 3) / 4 * 4)
    unsafe linear.activation = activation.rawValue
    return unsafe linear
  }

  private func float(
    _ x: Block<Float>, _ weights: UnsafeRawPointer, _ storage: ck_storage, _ matrix: Matrix,
    _ bias: Block<Float>?, _ activation: Activation, _ residual: Block<Float>?, _ rows: Int,
    _ product: FloatProduct?, _ y: MutableBlock<Float>
  ) {
    var linear = unsafe ck_linear_f32()
    unsafe linear.x = x.pointer
    unsafe linear.w = weights
    unsafe linear.bias = bias?.pointer
    unsafe linear.residual = residual?.pointer
    unsafe linear.y = y.pointer
    unsafe linear.ldx = Int64(matrix.columns)
    unsafe linear.ld_residual = Int64(matrix.rows)
    unsafe linear.ldy = Int64(matrix.rows)
    unsafe linear.rows = Int32(rows)
    unsafe linear.n = Int32(matrix.rows)
    unsafe linear.k = Int32(matrix.columns)
    unsafe linear.storage = Int32(storage.rawValue)
    unsafe linear.activation = activation.rawValue
    if let product {
      unsafe product.function(
        rows, matrix.rows, matrix.columns, x.pointer,
        weights.assumingMemoryBound(to: Float.self), y.pointer)
      unsafe ck_epilogue_run(pointer, &linear)
    } else {
      let scratch = Engine.scratchForFloatProducts(columns: matrix.columns)
      precondition(reserved >= scratch, "scratch memory is reserved")
      unsafe ck_linear_f32_run(pointer, &linear)
    }
  }
}
