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
      var linear = unsafe byteProduct(x, matrix, panels, bias, rows, quantized)
      unsafe linear.residual = residual?.pointer
      unsafe linear.y = y.pointer
      unsafe linear.activation = activation.rawValue
      unsafe ck_linear_i8_run(pointer, &linear)
    case .int4(let panels):
      precondition(
        reserved >= Engine.scratchForInt4Products(columns: matrix.columns),
        "scratch memory is reserved")
      var linear = unsafe codeProduct(x, matrix, panels, bias, rows, quantized)
      unsafe linear.product.residual = residual?.pointer
      unsafe linear.product.y = y.pointer
      unsafe linear.product.activation = activation.rawValue
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

  /// Queries, keys and values of x, quantized where they are made; what `linear` and then attention would make of them.
  ///
  /// Sizes that do not fit and weights that are not quantized are misuse and trap.
  ///
  /// - Parameters:
  ///   - x: `[rows, W.columns]`.
  ///   - matrix: int8 or int4 weights of 3 · heads · headSize rows.
  ///   - bias: One an output, or none.
  ///   - rows: Number of rows of x.
  ///   - quantized: Memory for quantized rows.
  ///   - heads: Receives the result.
  /// - Complexity: O(rows · W.rows · W.columns).
  public func project(
    _ x: Block<Float>, _ matrix: Matrix, bias: Block<Float>?, rows: Int, quantized: QuantizedRows?,
    into heads: QuantizedHeads
  ) {
    precondition(x.count >= rows * matrix.columns, "sizes fit")
    precondition(matrix.rows == 3 * heads.heads * heads.headSize, "one output an element")
    precondition(bias.map { $0.count == matrix.rows } ?? true, "one bias an output")
    precondition(
      reserved >= Engine.scratchForProjection(columns: matrix.columns),
      "scratch memory is reserved")
    if rows == 0 { return }
    unsafe heads.withHeads(rows: rows) { heads in
      switch matrix.storage {
      case .int8(let panels):
        var linear = unsafe byteProduct(x, matrix, panels, bias, rows, quantized)
        unsafe ck_project_i8_run(pointer, &linear, heads)
      case .int4(let panels):
        var linear = unsafe codeProduct(x, matrix, panels, bias, rows, quantized)
        unsafe ck_project_i4_run(pointer, &linear, heads)
      case .float32, .float16: preconditionFailure("only quantized weights make bytes")
      }
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

  /// A product of bytes without its destination: quantizes x.
  private func byteProduct(
    _ x: Block<Float>, _ matrix: Matrix, _ panels: Int8Panels, _ bias: Block<Float>?, _ rows: Int,
    _ quantized: QuantizedRows?
  ) -> ck_linear_i8 {
    var linear = unsafe rowProduct(x, matrix, panels.inputScales, bias, rows, quantized)
    unsafe linear.w = panels.values.pointer
    unsafe linear.w_scale = panels.scales.pointer
    unsafe linear.w_sum = panels.sums.pointer
    return unsafe linear
  }

  /// A product of bytes and 4-bit codes without its destination: quantizes x.
  private func codeProduct(
    _ x: Block<Float>, _ matrix: Matrix, _ panels: Int4Panels, _ bias: Block<Float>?, _ rows: Int,
    _ quantized: QuantizedRows?
  ) -> ck_linear_i4 {
    var linear = unsafe ck_linear_i4()
    unsafe linear.product = rowProduct(x, matrix, panels.inputScales, bias, rows, quantized)
    unsafe linear.product.w_scale = panels.scales.pointer
    unsafe linear.codes = panels.codes.pointer
    unsafe linear.sub_scales = panels.subScales.pointer
    return unsafe linear
  }

  /// What both have in common.
  private func rowProduct(
    _ x: Block<Float>, _ matrix: Matrix, _ inputScales: Block<Float>?, _ bias: Block<Float>?,
    _ rows: Int, _ quantized: QuantizedRows?
  ) -> ck_linear_i8 {
    guard let quantized else { preconditionFailure("quantized weights need quantized rows") }
    quantize(x, inputScales: inputScales, rows: rows, width: matrix.columns, into: quantized)
    var linear = unsafe ck_linear_i8()
    unsafe linear.a = UnsafePointer(quantized.values.pointer)
    unsafe linear.a_scale = UnsafePointer(quantized.scales.pointer)
    unsafe linear.a_zero = UnsafePointer(quantized.zeros.pointer)
    unsafe linear.bias = bias?.pointer
    unsafe linear.lda = Int64(QuantizedRows.stride(of: matrix.columns))
    unsafe linear.ld_residual = Int64(matrix.rows)
    unsafe linear.ldy = Int64(matrix.rows)
    unsafe linear.rows = Int32(rows)
    unsafe linear.n = Int32(matrix.rows)
    unsafe linear.k = Int32((matrix.columns + 3) / 4 * 4)
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
