internal import Kernels
internal import TCMFormat
internal import TensorCore

/// A CLIP vision transformer: normalised pixels in, one row a picture out.
struct ImageTower: Sendable {
  let record: ImageTowerRecord
  let patches: Linear
  let classEmbedding: Table
  let positions: Block<Float>
  let preNorm: LayerNorm
  let layers: [Layer]
  let postNorm: LayerNorm
  let projection: Linear
  /// The sizes a session allocates for.
  let sizes: TowerSizes

  /// Finds the tower's tensors in a file.
  init(_ file: TCMFile, _ record: ImageTowerRecord) throws(TCMError) {
    let width = record.width
    let epsilon = record.layerNormEpsilon
    self.record = record
    patches = try Linear(
      file, "image.patch_embedding", outputs: width,
      inputs: 3 * record.patchSize * record.patchSize, hasBias: false)
    classEmbedding = Table(
      rows: 1, columns: width,
      storage: .float32(try file.floats("image.class_embedding", shape: [width])))
    positions = try file.floats("image.position_embedding", shape: [record.tokens, width])
    preNorm = try LayerNorm(file, "image.pre_norm", width: width, epsilon: epsilon)
    var layers: [Layer] = []
    for index in 0..<record.layers {
      layers.append(
        try Layer(
          file, "image.layers.\(index).", width: width, mlpWidth: record.mlpWidth,
          epsilon: epsilon, norms: ("norm1", "norm2")))
    }
    self.layers = layers
    postNorm = try LayerNorm(file, "image.post_norm", width: width, epsilon: epsilon)
    projection = try Linear(
      file, "image.projection", outputs: record.outputWidth, inputs: width, hasBias: false)
    let ends = max(patches.quantizedColumns, projection.quantizedColumns)
    sizes = TowerSizes(
      width: width, mlpWidth: record.mlpWidth, heads: record.heads,
      isQuantized: layers.contains { $0.isQuantized },
      quantizedColumns: layers.reduce(ends) { max($0, $1.quantizedColumns) },
      quantizedHidden: layers.reduce(0) { max($0, $1.down.quantizedColumns) })
  }

  /// Encodes `items` pictures.
  ///
  /// - Parameters:
  ///   - pixels: `[items, 3, side, side]`, normalised.
  ///   - y: `[items, outputWidth]`, raw.
  func encode(
    _ pixels: Block<Float>, items: Int, _ scratch: Scratch, _ run: Run,
    into y: MutableBlock<Float>
  ) {
    embed(pixels, items: items, scratch, run)
    // By index: an iterator of layers takes from the heap where it is not specialized.
    for index in 0..<layers.count {
      // Of the last layer only the class token is read.
      let queries = index == layers.count - 1 ? 1 : record.tokens
      advance(layers[index], items: items, queries: queries, scratch, run)
      run.leave(layers[index])
    }
    finish(items: items, tokens: layers.isEmpty ? record.tokens : 1, scratch, run, into: y)
  }

  /// scratch.hidden = class token and embedded patches, with positions, normed.
  func embed(_ pixels: Block<Float>, items: Int, _ scratch: Scratch, _ run: Run) {
    let engine = run.engine
    let width = record.width
    let tokens = record.tokens
    let rows = items * tokens
    let columns = 3 * record.patchSize * record.patchSize
    scratch.indices[0] = 0
    let first = scratch.indices[0..<1].readOnly
    for item in 0..<items {
      let count = 3 * record.imageSize * record.imageSize
      let picture = pixels[item * count..<(item + 1) * count]
      engine.patches(
        of: picture, items: 1, side: record.imageSize, patch: record.patchSize,
        into: scratch.mlp)
      let start = item * tokens * width
      engine.gather(classEmbedding, ids: first, into: scratch.hidden[start..<start + width])
      run.linear(
        scratch.mlp[0..<(tokens - 1) * columns], patches, rows: tokens - 1, scratch,
        into: scratch.hidden[start + width..<start + tokens * width])
    }
    engine.addRows(positions, to: scratch.hidden, rows: rows, period: tokens, width: width)
    preNorm.apply(scratch.hidden.readOnly, rows: rows, into: scratch.hidden, engine)
  }

  /// scratch.hidden = one layer further, `[items·queries, width]`: the first `queries` tokens, all or one, of each item.
  func advance(_ layer: Layer, items: Int, queries: Int, _ scratch: Scratch, _ run: Run) {
    let tokens = record.tokens
    layer.norm1.apply(
      scratch.hidden.readOnly, rows: items * tokens, into: scratch.other, run.engine)
    run.attention(
      layer, scratch.other, scratch, sizes, items: items, tokens: tokens, queries: queries)
    run.afterAttention(
      layer, scratch, items: items, tokens: tokens, queries: queries, width: record.width
    ) { rows, elements in
      let middle = scratch.other[elements]
      let x = scratch.context[elements]
      layer.norm2.apply(middle.readOnly, rows: rows, into: x, run.engine)
      run.mlp(
        layer, x, residual: middle, activation: record.activation, rows: rows, scratch,
        into: scratch.hidden[elements])
    }
  }

  /// y = the projected class tokens of scratch.hidden, `[items, tokens, width]`, which is used up.
  func finish(
    items: Int, tokens: Int, _ scratch: Scratch, _ run: Run, into y: MutableBlock<Float>
  ) {
    run.firstRows(
      of: scratch.hidden, items: items, tokens: tokens, width: record.width, scratch,
      into: scratch.other)
    postNorm.apply(scratch.other.readOnly, rows: items, into: scratch.other, run.engine)
    run.linear(scratch.other, projection, rows: items, scratch, into: y)
  }
}
