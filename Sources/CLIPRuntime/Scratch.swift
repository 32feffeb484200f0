internal import Kernels
internal import TensorCore

/// What a tower's scratch memory depends on.
struct TowerSizes: Sendable {
  let width: Int
  let mlpWidth: Int
  let heads: Int
  /// Whether attention works in integers.
  let isQuantized: Bool
  /// Most columns of a quantized matrix that is multiplied with all rows at once; 0 if there is none.
  let quantizedColumns: Int
  /// Columns of the MLP's second matrix if it is quantized, else 0.
  let quantizedHidden: Int

  var headSize: Int { width / heads }
  /// Whether queries, keys and values are quantized where they are made.
  var quantizesHeads: Bool { isQuantized && QuantizedHeads.supports(headSize: headSize) }
  var arithmetic: Engine.AttentionArithmetic { isQuantized ? .int8 : .float }

  /// Elements of the MLP's hidden layer and of patches that are at hand at a time.
  func hiddenElements(rows: Int, together: Int, patchElements: Int) -> Int {
    max(min(rows, together) * mlpWidth, patchElements)
  }

  /// Bytes of activations that are quantized at a time.
  func quantizedBytes(rows: Int, together: Int) -> Int {
    max(
      rows * QuantizedRows.stride(of: quantizedColumns),
      min(rows, together) * QuantizedRows.stride(of: quantizedHidden))
  }
}

/// The memory one caller's encodes work in, for up to `rows` tokens at a time.
struct Scratch: Sendable {
  /// Most tokens at a time.
  let rows: Int
  /// `[rows, width]`: the hidden states.
  let hidden: MutableBlock<Float>
  /// `[rows, width]`: a second copy, for what norms and residuals need.
  let other: MutableBlock<Float>
  /// `[rows, width]`: what attention read.
  let context: MutableBlock<Float>
  /// `[rows, 3·width]`: queries, keys and values.
  let qkv: MutableBlock<Float>
  /// The same quantized, where heads have a size for which that is done at once.
  let heads: QuantizedHeads?
  /// `[rows together, mlp width]`: the MLP's hidden layer; also the patches of one picture.
  let mlp: MutableBlock<Float>
  /// `[rows]`.
  let indices: MutableBlock<Int32>
  /// Activations as bytes, if any matrix is in 8 bits.
  let quantized: QuantizedRows?

  /// Allocates.
  ///
  /// - Parameters:
  ///   - sizes: Of the tower.
  ///   - rows: Number of tokens.
  ///   - together: Most of them that are in the MLP at a time.
  ///   - patchElements: Size of one picture's patches.
  init(
    _ sizes: TowerSizes, rows: Int, together: Int, patchElements: Int = 0
  ) throws(SystemError) {
    self.rows = rows
    hidden = try MutableBlock(allocating: rows * sizes.width)
    other = try MutableBlock(allocating: rows * sizes.width)
    context = try MutableBlock(allocating: rows * sizes.width)
    qkv = try MutableBlock(allocating: rows * 3 * sizes.width)
    heads =
      sizes.quantizesHeads
      ? try QuantizedHeads(capacity: rows, heads: sizes.heads, headSize: sizes.headSize) : nil
    mlp = try MutableBlock(
      allocating: sizes.hiddenElements(
        rows: rows, together: together, patchElements: patchElements))
    indices = try MutableBlock(allocating: rows)
    quantized =
      max(sizes.quantizedColumns, sizes.quantizedHidden) > 0
      ? try QuantizedRows(
        capacity: rows, bytes: sizes.quantizedBytes(rows: rows, together: together)) : nil
  }
}
