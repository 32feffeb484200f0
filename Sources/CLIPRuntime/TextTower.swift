internal import Kernels
internal import TCMFormat
internal import TensorCore

/// BERT with what turns its first token into the embedding: token ids in, one row an item out.
struct TextTower: Sendable {
  let record: TextTowerRecord
  let words: Table
  let positions: Table
  let types: Table
  let norm: LayerNorm
  let layers: [Layer]
  let head: TextHead
  /// The sizes a session allocates for.
  let sizes: TowerSizes

  /// Finds the tower's tensors in a file.
  init(_ file: TCMFile, _ record: TextTowerRecord) throws(TCMError) {
    let width = record.width
    let epsilon = record.layerNormEpsilon
    self.record = record
    words = try file.table(
      "text.embeddings.word", rows: record.vocabularySize, columns: width)
    positions = try file.table(
      "text.embeddings.position", rows: record.positions, columns: width)
    let typeRows = try file.tensor("text.embeddings.token_type").shape.first ?? 0
    types = try file.table("text.embeddings.token_type", rows: typeRows, columns: width)
    norm = try LayerNorm(file, "text.embeddings.norm", width: width, epsilon: epsilon)
    var layers: [Layer] = []
    for index in 0..<record.layers {
      layers.append(
        try Layer(
          file, "text.layers.\(index).", width: width, mlpWidth: record.mlpWidth,
          epsilon: epsilon, norms: ("attention.norm", "mlp.norm")))
    }
    self.layers = layers
    head = try TextHead(file, record)
    sizes = TowerSizes(
      width: width, mlpWidth: record.mlpWidth, heads: record.heads,
      isQuantized: layers.contains { $0.isQuantized },
      quantizedColumns: layers.reduce(head.quantizedColumns) { max($0, $1.quantizedColumns) },
      quantizedHidden: layers.reduce(0) { max($0, $1.down.quantizedColumns) })
  }

  /// Encodes `items` sequences of `tokens` ids each.
  ///
  /// - Parameters:
  ///   - ids: `[items, tokens]`, each inside the vocabulary.
  ///   - y: `[items, outputWidth]`, raw.
  func encode(
    _ ids: Block<Int32>, items: Int, tokens: Int, _ scratch: Scratch, _ run: Run,
    into y: MutableBlock<Float>
  ) {
    embed(ids, rows: items * tokens, tokens: tokens, scratch, run)
    // By index: an iterator of layers takes from the heap where it is not specialized.
    for index in 0..<layers.count {
      // Of the last layer only the first token, [CLS], is read.
      let queries = index == layers.count - 1 ? 1 : tokens
      advance(layers[index], items: items, tokens: tokens, queries: queries, scratch, run)
      run.leave(layers[index])
    }
    finish(items: items, tokens: layers.isEmpty ? tokens : 1, scratch, run, into: y)
  }

  /// scratch.hidden = the embedded and normed ids.
  func embed(_ ids: Block<Int32>, rows: Int, tokens: Int, _ scratch: Scratch, _ run: Run) {
    let engine = run.engine
    // In PyTorch's order: word + token type, then + position.
    engine.gather(words, ids: ids, into: scratch.hidden)
    let ramp = scratch.indices
    for row in 0..<rows { ramp[row] = 0 }
    engine.gather(types, ids: ramp[0..<rows].readOnly, accumulate: true, into: scratch.hidden)
    for row in 0..<rows { ramp[row] = Int32(row % tokens) }
    engine.gather(positions, ids: ramp[0..<rows].readOnly, accumulate: true, into: scratch.hidden)
    norm.apply(scratch.hidden.readOnly, rows: rows, into: scratch.hidden, engine)
  }

  /// scratch.hidden = one layer further, `[items·queries, width]`: the first `queries` tokens, all or one, of each item.
  func advance(
    _ layer: Layer, items: Int, tokens: Int, queries: Int, _ scratch: Scratch, _ run: Run
  ) {
    run.attention(
      layer, scratch.hidden, scratch, sizes, items: items, tokens: tokens, queries: queries)
    run.afterAttention(
      layer, scratch, items: items, tokens: tokens, queries: queries, width: record.width
    ) { rows, elements in
      let middle = scratch.other[elements]
      let y = scratch.hidden[elements]
      layer.norm1.apply(middle.readOnly, rows: rows, into: middle, run.engine)
      run.mlp(
        layer, middle, residual: middle, activation: record.activation, rows: rows, scratch,
        into: y)
      layer.norm2.apply(y.readOnly, rows: rows, into: y, run.engine)
    }
  }

  /// y = the pooled first tokens of scratch.hidden, `[items, tokens, width]`, which is used up.
  func finish(
    items: Int, tokens: Int, _ scratch: Scratch, _ run: Run, into y: MutableBlock<Float>
  ) {
    run.firstRows(
      of: scratch.hidden, items: items, tokens: tokens, width: record.width, scratch,
      into: scratch.other)
    switch head {
    case .pooler(let pooler):
      run.linear(scratch.other, pooler, activation: .tanh, rows: items, scratch, into: y)
    case .classifier(let classifier, let pooler):
      run.linear(
        scratch.other, pooler, activation: .tanh, rows: items, scratch, into: scratch.hidden)
      run.linear(scratch.hidden, classifier, rows: items, scratch, into: y)
    case .projection(let projection):
      run.linear(scratch.other, projection, rows: items, scratch, into: y)
    }
  }
}
