internal import Kernels
internal import TCMFormat
internal import TensorCore

/// The steps both towers are made of, on one engine.
struct Run {
  let engine: Engine
  /// Float products made elsewhere, or `nil` for the own kernel.
  let product: FloatProduct?
  /// The file whose layers are given back when they have been used, or `nil` if they may stay in memory.
  let frugal: TCMFile?

  /// Rows that take a layer's steps after attention together: so few that the MLP's hidden layer, the largest of what is
  /// made, stays in the caches between the product that makes it and the one that reads it.
  var rowsTogether: Int { Run.rowsTogether(threads: engine.threads) }

  /// The same for a number of threads, each of which has rows of its own.
  static func rowsTogether(threads: Int) -> Int { 132 * max(threads, 2) }

  /// Calls `body` for parts of `rows` rows one after the other, none longer than `rowsTogether`.
  func inParts(of rows: Int, _ body: (_ part: Range<Int>) -> Void) {
    let parts = (rows + rowsTogether - 1) / rowsTogether
    let tiles = 12 * engine.threads
    var start = 0
    while start < rows {
      // Of nearly the same length, each thread's share a whole number of tiles.
      let end = min(start + ((rows + parts - 1) / parts + tiles - 1) / tiles * tiles, rows)
      body(start..<end)
      start = end
    }
  }

  /// What follows the use of a layer.
  func leave(_ layer: Layer) { frugal?.giveBack(layer.extent) }

  /// What follows an encode.
  func leaveAll() {
    if let frugal { frugal.giveBack(0..<frugal.byteCount) }
  }

  /// y = activation(x·Wᵀ + bias) (+ residual).
  func linear(
    _ x: MutableBlock<Float>, _ linear: Linear, activation: Activation = .none,
    residual: MutableBlock<Float>? = nil, rows: Int, _ scratch: Scratch,
    into y: MutableBlock<Float>
  ) {
    engine.linear(
      x.readOnly, linear.weight, bias: linear.bias, activation: activation,
      residual: residual?.readOnly, rows: rows, quantized: scratch.quantized, product: product,
      into: y)
  }

  /// The same for any number of rows, also of the MLP's second matrix.
  func linearInParts(
    _ x: MutableBlock<Float>, _ linear: Linear, activation: Activation = .none,
    residual: MutableBlock<Float>? = nil, rows: Int, _ scratch: Scratch,
    into y: MutableBlock<Float>
  ) {
    let weight = linear.weight
    inParts(of: rows) { part in
      let inputs = part.lowerBound * weight.columns..<part.upperBound * weight.columns
      let outputs = part.lowerBound * weight.rows..<part.upperBound * weight.rows
      self.linear(
        x[inputs], linear, activation: activation, residual: residual?[outputs], rows: part.count,
        scratch, into: y[outputs])
    }
  }

  /// scratch.context = attention over the projections of x, `[items·queries, width]`: what each item's first `queries`
  /// tokens read.
  func attention(
    _ layer: Layer, _ x: MutableBlock<Float>, _ scratch: Scratch, _ sizes: TowerSizes, items: Int,
    tokens: Int, queries: Int
  ) {
    if layer.isQuantized, let heads = scratch.heads {
      engine.project(
        x.readOnly, layer.qkv.weight, bias: layer.qkv.bias, rows: items * tokens,
        quantized: scratch.quantized, into: heads)
      engine.attention(heads, items: items, tokens: tokens, queries: queries, into: scratch.context)
      return
    }
    linear(x, layer.qkv, rows: items * tokens, scratch, into: scratch.qkv)
    engine.attention(
      scratch.qkv.readOnly, sizes.arithmetic, items: items, tokens: tokens, queries: queries,
      heads: sizes.heads, headSize: sizes.headSize, into: scratch.context)
  }

  /// What attention's output is added to.
  ///
  /// Of scratch.hidden, `[items, tokens, width]`, the first `queries` tokens, all or one, of each item. Uses scratch.qkv,
  /// which attention is done with.
  func residual(
    _ scratch: Scratch, items: Int, tokens: Int, queries: Int, _ width: Int
  ) -> MutableBlock<Float> {
    precondition(queries == tokens || queries == 1, "all tokens or the first")
    if queries == tokens { return scratch.hidden }
    firstRows(
      of: scratch.hidden, items: items, tokens: tokens, width: width, scratch, into: scratch.qkv)
    return scratch.qkv
  }

  /// What follows attention, in parts of the rows: scratch.other = attention's output + residual, then `body` for what the
  /// tower makes of it.
  ///
  /// - Parameters:
  ///   - width: Of the tower.
  ///   - body: Called with the number of rows of a part and the elements of `[items·queries, width]` they are.
  func afterAttention(
    _ layer: Layer, _ scratch: Scratch, items: Int, tokens: Int, queries: Int, width: Int,
    _ body: (_ rows: Int, _ elements: Range<Int>) -> Void
  ) {
    let residual = residual(scratch, items: items, tokens: tokens, queries: queries, width)
    inParts(of: items * queries) { part in
      let elements = part.lowerBound * width..<part.upperBound * width
      linear(
        scratch.context[elements], layer.attentionOutput, residual: residual[elements],
        rows: part.count, scratch, into: scratch.other[elements])
      body(part.count, elements)
    }
  }

  /// y = down(activation(up(x))) + residual, for at most `rowsTogether` rows.
  func mlp(
    _ layer: Layer, _ x: MutableBlock<Float>, residual: MutableBlock<Float>,
    activation: TowerActivation, rows: Int, _ scratch: Scratch, into y: MutableBlock<Float>
  ) {
    let function: Activation = activation == .gelu ? .gelu : .quickGELU
    linear(x, layer.up, activation: function, rows: rows, scratch, into: scratch.mlp)
    linear(scratch.mlp, layer.down, residual: residual, rows: rows, scratch, into: y)
  }

  /// y = the first token's row of each item.
  func firstRows(
    of x: MutableBlock<Float>, items: Int, tokens: Int, width: Int, _ scratch: Scratch,
    into y: MutableBlock<Float>
  ) {
    let table = Table(
      rows: items * tokens, columns: width,
      storage: .float32(x[0..<items * tokens * width].readOnly))
    for item in 0..<items { scratch.indices[item] = Int32(item * tokens) }
    engine.gather(table, ids: scratch.indices[0..<items].readOnly, into: y)
  }
}
