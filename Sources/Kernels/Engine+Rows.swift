internal import CKernels
public import TensorCore

/// Operations on `[rows, width]`, row-major; each row is computed on its own.
extension Engine {
  /// y = (x − mean) / √(variance + epsilon) · gain + bias, row by row; y may be x.
  public func layerNorm(
    _ x: Block<Float>, gain: Block<Float>, bias: Block<Float>, epsilon: Float, rows: Int,
    into y: MutableBlock<Float>
  ) {
    let width = gain.count
    precondition(bias.count == width && x.count >= rows * width && y.count >= rows * width)
    unsafe ck_layer_norm(
      pointer, x.pointer, gain.pointer, bias.pointer, epsilon, Int32(rows), Int32(width), y.pointer)
  }

  /// Divides each row by its Euclidean length; rows of zeros stay.
  public func normalize(_ x: MutableBlock<Float>, rows: Int, width: Int) {
    precondition(x.count >= rows * width, "sizes fit")
    unsafe ck_l2_normalize(pointer, x.pointer, Int32(rows), Int32(width))
  }

  /// y[r] = table[ids[r]], or is increased by it; every id must lie inside the table, else it is misuse and traps.
  public func gather(
    _ table: Table, ids: Block<Int32>, accumulate: Bool = false, into y: MutableBlock<Float>
  ) {
    precondition(y.count >= ids.count * table.columns, "sizes fit")
    for index in 0..<ids.count {
      precondition(ids[index] >= 0 && Int(ids[index]) < table.rows, "an id lies in its table")
    }
    let rows = Int32(ids.count)
    let width = Int32(table.columns)
    let adds: Int32 = accumulate ? 1 : 0
    switch table.storage {
    case .float32(let block):
      unsafe ck_gather_rows(
        pointer, block.pointer, CK_F32, nil, ids.pointer, rows, width, adds, y.pointer)
    case .float16(let block):
      unsafe ck_gather_rows(
        pointer, block.pointer, CK_F16, nil, ids.pointer, rows, width, adds, y.pointer)
    case .int8(let values, let scales):
      unsafe ck_gather_rows(
        pointer, values.pointer, CK_I8_ROWS, scales.pointer, ids.pointer, rows, width, adds,
        y.pointer)
    }
  }

  /// y[r] += addend[r mod period], rows of `width`; `addend` is `[period, width]`.
  public func addRows(
    _ addend: Block<Float>, to y: MutableBlock<Float>, rows: Int, period: Int, width: Int
  ) {
    precondition(addend.count >= period * width && y.count >= rows * width, "sizes fit")
    precondition(period > 0, "a period is positive")
    unsafe ck_add_rows(
      pointer, y.pointer, addend.pointer, Int32(rows), Int32(period), Int32(width))
  }

  /// Applies an activation to the first `count` elements.
  public func activate(_ x: MutableBlock<Float>, count: Int, _ activation: Activation) {
    precondition(count <= x.count, "sizes fit")
    unsafe ck_activate(pointer, x.pointer, Int64(count), activation.cValue)
  }

  /// Cuts pictures `[items, 3, side, side]` into rows `[items·(side/patch)², 3·patch²]`.
  public func patches(
    of pixels: Block<Float>, items: Int, side: Int, patch: Int, into rows: MutableBlock<Float>
  ) {
    let grid = side / patch
    precondition(pixels.count >= items * 3 * side * side, "sizes fit")
    precondition(rows.count >= items * grid * grid * 3 * patch * patch, "sizes fit")
    unsafe ck_patches(
      pointer, pixels.pointer, Int32(items), Int32(side), Int32(patch), rows.pointer)
  }
}
