internal import CLIPRuntime
internal import TCMFormat
internal import TensorCore

/// Where the error is made: the two models layer by layer and step by step on a few items.
///
/// Accumulated and isolated error stand side by side as in RKNN-Toolkit2's accuracy analysis; what a layer does to the
/// cosines between texts and pictures is measured by putting the candidate's layer into the reference.
struct LayerComparison {
  let models: SideBySide
  /// Texts to look at.
  let texts: [String]
  /// Pictures to look at, decoded: `[items, 3, side, side]`.
  let pixels: Block<Float>

  private struct Part {
    var row: LayerRow
    var steps: [StepRow]
    /// Embeddings of the reference with this part taken from the candidate, `[items, width]`.
    var embeddings: [Float]
  }

  private struct TowerResult {
    var parts: [Part] = []
    var embeddings: [Float] = []
  }

  /// Compares; `nil` if there is nothing to look at.
  func report() throws(EvaluationError) -> LayerReport? {
    let side = models.side
    let pictures = side == 0 ? 0 : pixels.count / (3 * side * side)
    if texts.isEmpty && pictures == 0 { return nil }
    do throws(SystemError) {
      let text = try textTower()
      let image = try imageTower(pictures)
      var parts = finish(text, against: image.embeddings)
      parts += finish(image, against: text.embeddings)
      // The layer that matters most first, in it the step that errs most.
      let order = parts.indices.sorted {
        (-(parts[$0].row.effect ?? parts[$0].row.isolated), $0)
          < (-(parts[$1].row.effect ?? parts[$1].row.isolated), $1)
      }
      let steps = order.flatMap { index in
        parts[index].steps.sorted { ($1.isolated, $0.tensor) < ($0.isolated, $1.tensor) }
      }
      return LayerReport(
        texts: texts.count, pictures: pictures, rows: parts.map(\.row), steps: steps)
    } catch { throw .system(error) }
  }

  /// Fills in what each part does to the cosines with the other tower's embeddings.
  private func finish(_ tower: TowerResult, against others: [Float]) -> [Part] {
    let width = models.width
    if others.isEmpty { return tower.parts }
    return tower.parts.map { part in
      var part = part
      let square = CosineChange.squared(
        from: tower.embeddings, to: part.embeddings, against: others, width: width)
      let count = tower.embeddings.count / width * (others.count / width)
      part.row.effect = (square / Double(max(count, 1))).squareRoot()
      return part
    }
  }
}

/// Walking through the towers.
extension LayerComparison {
  private func textTower() throws(SystemError) -> TowerResult {
    var result = TowerResult()
    guard let capacity = TowerProbe.capacity(models.reference, .text) else { return result }
    var batches: [[TokenIDs]] = []
    for session in models.sessions {
      if session.model.tokenizer == nil { return result }
      batches.append(try TokenIDs.batches(texts, of: capacity, session.model))
    }
    for (first, second) in zip(batches[0], batches[1]) {
      var probes: [TowerProbe] = []
      for (session, batch) in zip(models.sessions, [first, second]) {
        do throws(ModelError) {
          probes.append(try TowerProbe(session, ids: batch.ids, tokens: batch.tokens))
        } catch { return result }
      }
      try walk(probes[0], probes[1], weight: first.lengths.count, into: &result)
    }
    return result
  }

  private func imageTower(_ pictures: Int) throws(SystemError) -> TowerResult {
    var result = TowerResult()
    guard let capacity = TowerProbe.capacity(models.reference, .image), pictures > 0
    else { return result }
    let count = pixels.count / pictures
    for start in stride(from: 0, to: pictures, by: capacity) {
      let end = min(start + capacity, pictures)
      var probes: [TowerProbe] = []
      for session in models.sessions {
        do throws(ModelError) {
          probes.append(try TowerProbe(session, pixels: pixels[start * count..<end * count]))
        } catch { return result }
      }
      try walk(probes[0], probes[1], weight: end - start, into: &result)
    }
    return result
  }

  /// Adds a run of items to a tower's result; errors are averaged over items.
  private func walk(
    _ reference: TowerProbe, _ candidate: TowerProbe, weight: Int, into result: inout TowerResult
  ) throws(SystemError) {
    let kind = reference.kind
    let tower = kind == .text ? "text" : "image"
    let layers = reference.layerCount
    var parts: [Part] = []

    func step(
      _ step: TowerStep, _ input: Block<Float>, _ folds: ValueFolds? = nil
    ) throws(SystemError) -> StepRow {
      let expected = try reference.output(step, input)
      let given = try folds.map { (folds) throws(SystemError) in try folds.input(of: step, input) }
      var found = try candidate.output(step, given ?? input)
      if let folds { found = try folds.output(of: step, found) }
      return StepRow(tensor: step.tensor(of: kind), isolated: relativeError(expected, found))
    }
    /// The reference's embeddings when these hidden states stand before a layer.
    func end(_ hidden: Block<Float>, from layer: Int) throws(SystemError) -> [Float] {
      var hidden = hidden
      for layer in layer..<layers { hidden = try reference.advance(layer, hidden) }
      return try reference.finish(hidden).array
    }

    let empty = try MutableBlock<Float>(allocating: 0).readOnly
    var exact = try reference.embed()
    var carried = try candidate.embed()
    var steps: [StepRow] = []
    for embedding in reference.embeddingSteps { steps.append(try step(embedding, empty)) }
    let first = relativeError(exact, carried)
    parts.append(
      Part(
        row: LayerRow(
          tower: tower, name: "embeddings", accumulated: first, isolated: first, effect: nil,
          peak: peak(exact)), steps: steps, embeddings: try end(carried, from: 0)))
    for layer in 0..<layers {
      let next = try reference.advance(layer, exact)
      let alone = try candidate.advance(layer, exact)
      carried = try candidate.advance(layer, carried)
      var steps: [StepRow] = []
      let pieces = try reference.trace(layer, exact)
      let folds = try folds(layer, pieces, reference, candidate)
      for (piece, input) in pieces {
        steps.append(try step(piece, input, folds))
      }
      parts.append(
        Part(
          row: LayerRow(
            tower: tower, name: "layers.\(layer)", accumulated: relativeError(next, carried),
            isolated: relativeError(next, alone), effect: nil, peak: peak(next)),
          steps: steps, embeddings: try end(alone, from: layer + 1)))
      exact = next
    }
    let embeddings = try reference.finish(exact)
    let alone = try candidate.finish(exact)
    steps = []
    for (piece, input) in try reference.traceEnd(exact) { steps.append(try step(piece, input)) }
    parts.append(
      Part(
        row: LayerRow(
          tower: tower, name: "head",
          accumulated: relativeError(embeddings, try candidate.finish(carried)),
          isolated: relativeError(embeddings, alone), effect: nil, peak: peak(embeddings)),
        steps: steps, embeddings: alone.array))
    merge(parts, embeddings.array, weight: weight, into: &result)
  }

  /// Factors moved from V into the output matrix: those that the candidate's output matrix takes back.
  private func folds(
    _ layer: Int, _ pieces: [(step: TowerStep, input: Block<Float>)], _ reference: TowerProbe,
    _ candidate: TowerProbe
  ) throws(SystemError) -> ValueFolds? {
    guard let hidden = pieces.first(where: { $0.step == .qkv(layer) })?.input,
      let qkv = pieces.first(where: { $0.step == .attention(layer) })?.input,
      let context = pieces.first(where: { $0.step == .attentionOutput(layer) })?.input
    else { return nil }
    let width = models.hiddenWidth(reference.kind)
    let found = ValueFolds(
      reference: qkv, candidate: try candidate.output(.qkv(layer), hidden),
      rows: hidden.count / width, width: width)
    guard let found else { return nil }
    let step = TowerStep.attentionOutput(layer)
    let expected = try reference.output(step, context)
    let moved = relativeError(
      expected, try candidate.output(step, try found.input(of: step, context)))
    let plain = relativeError(expected, try candidate.output(step, context))
    return moved < 0.5 * plain ? found : nil
  }

  private func merge(
    _ parts: [Part], _ embeddings: [Float], weight: Int, into result: inout TowerResult
  ) {
    if result.parts.isEmpty {
      result = TowerResult(parts: parts, embeddings: embeddings)
      return
    }
    let before = Double(result.embeddings.count / models.width)
    let share = Double(weight) / (before + Double(weight))
    func mix(_ a: inout Double, _ b: Double) { a += (b - a) * share }
    for index in parts.indices {
      mix(&result.parts[index].row.accumulated, parts[index].row.accumulated)
      mix(&result.parts[index].row.isolated, parts[index].row.isolated)
      result.parts[index].row.peak = max(result.parts[index].row.peak, parts[index].row.peak)
      for place in parts[index].steps.indices {
        mix(&result.parts[index].steps[place].isolated, parts[index].steps[place].isolated)
      }
      result.parts[index].embeddings += parts[index].embeddings
    }
    result.embeddings += embeddings
  }

  /// The L2 norm of the difference over that of the first; 0 for two of zeros.
  private func relativeError(_ a: Block<Float>, _ b: Block<Float>) -> Double {
    var (difference, square) = (0.0, 0.0)
    for index in 0..<a.count {
      let d = Double(b[index]) - Double(a[index])
      difference += d * d
      square += Double(a[index]) * Double(a[index])
    }
    return square == 0 ? (difference == 0 ? 0 : .infinity) : (difference / square).squareRoot()
  }

  /// The largest magnitude over the root of the mean square.
  private func peak(_ values: Block<Float>) -> Double {
    var (largest, square) = (0.0, 0.0)
    for index in 0..<values.count {
      largest = max(largest, Double(values[index].magnitude))
      square += Double(values[index]) * Double(values[index])
    }
    return square == 0 ? 0 : largest / (square / Double(values.count)).squareRoot()
  }
}
