internal import Kernels
internal import TCMFormat
package import TensorCore

/// A tower taken apart, for measuring where error is made: a few items, layer by layer and step by step.
///
/// `embed`, `advance` over all layers and `finish` give what the session's `encode` gives. Blocks that are passed in are
/// only read; those that come back are new.
package struct TowerProbe {
  /// Which tower.
  package enum Kind: Sendable {
    case text, image
  }

  private enum Tower {
    case text(TextTower, ids: Block<Int32>)
    case image(ImageTower, pixels: Block<Float>)
  }

  private let tower: Tower
  private let scratch: Scratch
  private let run: Run
  /// Number of texts or pictures.
  package let items: Int
  /// Tokens of each.
  package let tokens: Int

  /// Most items a probe of a tower takes, texts as long as they get, or `nil` if the model lacks the tower.
  package static func capacity(_ session: Session, _ kind: Kind) -> Int? {
    switch kind {
    case .text:
      guard let scratch = session.textScratch, let record = session.model.textTower else {
        return nil
      }
      return scratch.rows / record.contextLength
    case .image:
      guard let scratch = session.imageScratch, let record = session.model.imageTower else {
        return nil
      }
      return scratch.rows / record.tokens
    }
  }

  /// Takes the text tower apart.
  ///
  /// - Parameters:
  ///   - session: Its scratch memory is used; the session must not encode meanwhile.
  ///   - ids: `[items, tokens]`, every one attended to; at most `capacity` items.
  ///   - tokens: Length of each, at most the context length.
  /// - Throws: `ModelError.noTextTower`.
  package init(_ session: Session, ids: Block<Int32>, tokens: Int) throws(ModelError) {
    guard let tower = session.model.text, let scratch = session.textScratch else {
      throw .noTextTower(path: session.model.file.path)
    }
    self.tower = .text(tower, ids: ids)
    self.scratch = scratch
    run = session.run
    self.tokens = tokens
    items = ids.count / tokens
    precondition(items * tokens == ids.count && ids.count <= scratch.rows, "the items fit")
  }

  /// Takes the image tower apart.
  ///
  /// - Parameters:
  ///   - session: Its scratch memory is used; the session must not encode meanwhile.
  ///   - pixels: `[items, 3, side, side]`; at most `capacity` items.
  /// - Throws: `ModelError.noImageTower`.
  package init(_ session: Session, pixels: Block<Float>) throws(ModelError) {
    guard let tower = session.model.image, let scratch = session.imageScratch else {
      throw .noImageTower(path: session.model.file.path)
    }
    self.tower = .image(tower, pixels: pixels)
    self.scratch = scratch
    run = session.run
    let elements = 3 * tower.record.imageSize * tower.record.imageSize
    tokens = tower.record.tokens
    items = pixels.count / elements
    precondition(items * elements == pixels.count && items * tokens <= scratch.rows, "they fit")
  }

  /// Which tower it is.
  package var kind: Kind {
    switch tower {
    case .text: .text
    case .image: .image
    }
  }

  private var layers: [Layer] {
    switch tower {
    case .text(let tower, _): tower.layers
    case .image(let tower, _): tower.layers
    }
  }

  /// The number of layers.
  package var layerCount: Int { layers.count }

  private var sizes: TowerSizes {
    switch tower {
    case .text(let tower, _): tower.sizes
    case .image(let tower, _): tower.sizes
    }
  }

  private var rows: Int { items * tokens }

  /// The hidden states before the first layer, `[rows, width]`.
  package func embed() throws(SystemError) -> Block<Float> {
    switch tower {
    case .text(let tower, let ids): tower.embed(ids, rows: rows, tokens: tokens, scratch, run)
    case .image(let tower, let pixels): tower.embed(pixels, items: items, scratch, run)
    }
    return try copy(scratch.hidden, rows * sizes.width)
  }

  /// The hidden states after a layer.
  package func advance(_ layer: Int, _ hidden: Block<Float>) throws(SystemError) -> Block<Float> {
    try advance(layers[layer], hidden)
  }

  /// The same with a part of the layer from another conversion of the model, quantized as this one is.
  package func advance(
    _ layer: Int, _ hidden: Block<Float>, taking part: LayerPart, from other: TowerProbe
  ) throws(SystemError) -> Block<Float> {
    precondition(
      sizes.isQuantized && other.sizes.isQuantized
        && sizes.quantizedColumns >= other.layers[layer].quantizedColumns
        && sizes.quantizedHidden >= other.layers[layer].down.quantizedColumns,
      "both are quantized")
    return try advance(layers[layer].taking(part, from: other.layers[layer]), hidden)
  }

  private func advance(
    _ layer: Layer, _ hidden: Block<Float>
  ) throws(SystemError) -> Block<Float> {
    fill(scratch.hidden, hidden)
    switch tower {
    case .text(let tower, _):
      tower.advance(layer, items: items, tokens: tokens, queries: tokens, scratch, run)
    case .image(let tower, _): tower.advance(layer, items: items, queries: tokens, scratch, run)
    }
    return try copy(scratch.hidden, rows * sizes.width)
  }

  /// The same, showing what each linear layer of it is given.
  ///
  /// - Parameters:
  ///   - layer: Which.
  ///   - hidden: `[rows, width]`.
  ///   - observe: Called with a step and its input `[rows, inputs]`, behind the norm if one stands before.
  package func advance(
    _ layer: Int, _ hidden: Block<Float>,
    observe: (_ step: TowerStep, _ input: Block<Float>) throws(SystemError) -> Void
  ) throws(SystemError) -> Block<Float> {
    let (weights, count) = (layers[layer], hidden.count)
    let residual = scratch.hidden[0..<count]
    let normed = scratch.other[0..<count]
    let isImage = kind == .image
    func norm(_ norm: LayerNorm, _ isUsed: Bool, _ x: MutableBlock<Float>) -> MutableBlock<Float> {
      if isUsed { norm.apply(x.readOnly, rows: rows, into: normed, run.engine) }
      return isUsed ? normed : x
    }
    fill(residual, hidden)
    let first = norm(weights.norm1, isImage, residual)
    try observe(.qkv(layer), first.readOnly)
    run.attention(
      weights, first, scratch, sizes, items: items, tokens: tokens, queries: tokens)
    try observe(.attentionOutput(layer), scratch.context[0..<count].readOnly)
    let middle = try MutableBlock<Float>(allocating: count)
    run.linear(
      scratch.context, weights.attentionOutput, residual: residual, rows: rows, scratch,
      into: middle)
    if !isImage {
      weights.norm1.apply(middle.readOnly, rows: rows, into: middle, run.engine)
    }
    let second = norm(weights.norm2, isImage, middle)
    try observe(.up(layer), second.readOnly)
    let inner = try MutableBlock<Float>(allocating: rows * weights.down.weight.columns)
    run.linear(second, weights.up, activation: activation, rows: rows, scratch, into: inner)
    try observe(.down(layer), inner.readOnly)
    run.linearInParts(
      inner, weights.down, residual: middle, rows: rows, scratch, into: residual)
    if !isImage {
      weights.norm2.apply(residual.readOnly, rows: rows, into: residual, run.engine)
    }
    return try copy(residual, count)
  }

  /// The embeddings `[items, embeddingWidth]`, of length 1, of the hidden states after the last layer.
  package func finish(_ hidden: Block<Float>) throws(SystemError) -> Block<Float> {
    fill(scratch.hidden, hidden)
    let width = outputWidth
    let y = try MutableBlock<Float>(allocating: items * width)
    switch tower {
    case .text(let tower, _): tower.finish(items: items, tokens: tokens, scratch, run, into: y)
    case .image(let tower, _): tower.finish(items: items, tokens: tokens, scratch, run, into: y)
    }
    run.engine.normalize(y, rows: items, width: width)
    return y.readOnly
  }

  private var outputWidth: Int {
    switch tower {
    case .text(let tower, _): tower.record.outputWidth
    case .image(let tower, _): tower.record.outputWidth
    }
  }
}

/// Step by step.
extension TowerProbe {
  /// The steps before the layers, which need no input.
  package var embeddingSteps: [TowerStep] {
    kind == .text ? [.words, .positions, .types] : [.patches]
  }

  /// The steps of a layer with the input each has when the layer is given `hidden`.
  package func trace(
    _ layer: Int, _ hidden: Block<Float>
  ) throws(SystemError) -> [(step: TowerStep, input: Block<Float>)] {
    let qkv = try output(.qkv(layer), hidden)
    let context = try output(.attention(layer), qkv)
    let product = try output(.attentionOutput(layer), context)
    let middle = try MutableBlock<Float>(allocating: hidden.count)
    for index in 0..<hidden.count { middle[index] = hidden[index] + product[index] }
    if kind == .text {
      layers[layer].norm1.apply(middle.readOnly, rows: rows, into: middle, run.engine)
    }
    let inner = try output(.up(layer), middle.readOnly)
    return [
      (.qkv(layer), hidden), (.attention(layer), qkv), (.attentionOutput(layer), context),
      (.up(layer), middle.readOnly), (.down(layer), inner),
    ]
  }

  /// The steps after the layers with their inputs.
  package func traceEnd(
    _ hidden: Block<Float>
  ) throws(SystemError) -> [(step: TowerStep, input: Block<Float>)] {
    let width = sizes.width
    fill(scratch.hidden, hidden)
    run.firstRows(
      of: scratch.hidden, items: items, tokens: tokens, width: width, scratch, into: scratch.other)
    let first = try copy(scratch.other, items * width)
    switch tower {
    case .image: return [(.projection, first)]
    case .text(let tower, _):
      switch tower.head {
      case .pooler: return [(.pooler, first)]
      case .classifier: return [(.pooler, first), (.classifier, try output(.pooler, first))]
      case .projection: return [(.projection, first)]
      }
    }
  }

  /// What a step makes of an input, without the residual.
  ///
  /// - Parameters:
  ///   - step: One of this tower's.
  ///   - input: As `trace` gives it; ignored by the steps before the layers.
  /// - Returns: `[rows, outputs]`.
  package func output(
    _ step: TowerStep, _ input: Block<Float>
  ) throws(SystemError) -> Block<Float> {
    let width = sizes.width
    switch step {
    case .words, .positions, .types, .patches: return try embedding(step)
    case .qkv(let layer):
      let weights = layers[layer].qkv
      return try product(input, norm(layers[layer].norm1), weights, rows: rows)
    case .attention:
      let y = try MutableBlock<Float>(allocating: rows * width)
      run.engine.attention(
        input, sizes.arithmetic, items: items, tokens: tokens, queries: tokens, heads: sizes.heads,
        headSize: sizes.headSize, into: y)
      return y.readOnly
    case .attentionOutput(let layer):
      return try product(input, nil, layers[layer].attentionOutput, rows: rows)
    case .up(let layer):
      return try product(
        input, norm(layers[layer].norm2), layers[layer].up, activation, rows: rows)
    case .down(let layer): return try product(input, nil, layers[layer].down, rows: rows)
    case .pooler, .classifier, .projection: return try end(step, input)
    }
  }

  /// The norm before a linear layer: a ViT has one, in BERT it comes after.
  private func norm(_ norm: LayerNorm) -> LayerNorm? { kind == .image ? norm : nil }

  private var activation: Activation {
    let record: TowerActivation
    switch tower {
    case .text(let tower, _): record = tower.record.activation
    case .image(let tower, _): record = tower.record.activation
    }
    return record == .gelu ? .gelu : .quickGELU
  }

  private func embedding(_ step: TowerStep) throws(SystemError) -> Block<Float> {
    switch tower {
    case .text(let tower, let ids):
      let y = try MutableBlock<Float>(allocating: rows * sizes.width)
      for row in 0..<rows { scratch.indices[row] = step == .types ? 0 : Int32(row % tokens) }
      let ramp = scratch.indices[0..<rows].readOnly
      switch step {
      case .words: run.engine.gather(tower.words, ids: ids, into: y)
      case .positions: run.engine.gather(tower.positions, ids: ramp, into: y)
      default: run.engine.gather(tower.types, ids: ramp, into: y)
      }
      return y.readOnly
    case .image(let tower, let pixels):
      let record = tower.record
      let patches = tokens - 1
      let y = try MutableBlock<Float>(allocating: items * patches * sizes.width)
      let count = 3 * record.imageSize * record.imageSize
      for item in 0..<items {
        run.engine.patches(
          of: pixels[item * count..<(item + 1) * count], items: 1, side: record.imageSize,
          patch: record.patchSize, into: scratch.mlp)
        let start = item * patches * sizes.width
        run.linear(
          scratch.mlp[0..<count], tower.patches, rows: patches, scratch,
          into: y[start..<start + patches * sizes.width])
      }
      return y.readOnly
    }
  }

  private func end(_ step: TowerStep, _ input: Block<Float>) throws(SystemError) -> Block<Float> {
    switch tower {
    case .text(let tower, _):
      switch tower.head {
      case .projection(let projection): return try product(input, nil, projection, rows: items)
      case .classifier(let classifier, _) where step == .classifier:
        return try product(input, nil, classifier, rows: items)
      case .classifier(_, after: let pooler), .pooler(let pooler):
        return try product(input, nil, pooler, .tanh, rows: items)
      }
    case .image(let tower, _):
      return try product(input, tower.postNorm, tower.projection, rows: items)
    }
  }

  private func product(
    _ input: Block<Float>, _ norm: LayerNorm?, _ linear: Linear, _ activation: Activation = .none,
    rows: Int
  ) throws(SystemError) -> Block<Float> {
    let x = try MutableBlock<Float>(allocating: input.count)
    fill(x, input)
    norm?.apply(x.readOnly, rows: rows, into: x, run.engine)
    let y = try MutableBlock<Float>(allocating: rows * linear.weight.rows)
    run.linearInParts(x, linear, activation: activation, rows: rows, scratch, into: y)
    return y.readOnly
  }

  private func copy(_ block: MutableBlock<Float>, _ count: Int) throws(SystemError) -> Block<Float>
  {
    let result = try MutableBlock<Float>(allocating: count)
    fill(result, block[0..<count].readOnly)
    return result.readOnly
  }

  private func fill(_ to: MutableBlock<Float>, _ from: Block<Float>) {
    for index in 0..<from.count { to[index] = from[index] }
  }
}
