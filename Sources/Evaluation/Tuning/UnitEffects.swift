internal import CLIPRuntime
internal import TCMFormat
internal import TensorCore

/// What each unit does to the cosines between texts and pictures when it alone is taken from the smaller conversion.
///
/// The hidden states before a unit are kept, so that a unit costs the layers from it to the end.
struct UnitEffects {
  /// The larger conversion and the smaller one.
  let models: SideBySide
  let texts: [String]
  /// `[items, 3, side, side]`.
  let pixels: Block<Float>

  /// Some items in both conversions.
  private typealias Batch = (larger: TowerProbe, smaller: TowerProbe)

  /// The mean squared change of cosines, by unit.
  func run(_ units: [TuningUnit]) throws(EvaluationError) -> [Double] {
    var sums = [Double](repeating: 0, count: units.count)
    let batches = [TowerProbe.Kind.text: try textProbes(), .image: try imageProbes()]
    var embeddings: [TowerProbe.Kind: [Float]] = [:]
    do throws(SystemError) {
      for (kind, probes) in batches {
        embeddings[kind] = []
        for probe in probes { embeddings[kind]? += try probe.larger.embeddings().array }
      }
      let total = units.reduce(0) { $0 + (batches[$1.tower]?.count ?? 0) }
      var done = 0
      for kind in [TowerProbe.Kind.text, .image] {
        let others = embeddings[kind == .text ? .image : .text] ?? []
        let items = (embeddings[kind]?.count ?? 0) / models.width
        let pairs = Double(items * (others.count / models.width))
        for batch in batches[kind] ?? [] {
          // Kept for one batch at a time: 80 MB for three pictures of ViT-L/14.
          var hidden = [try batch.larger.embed()]
          for layer in 0..<batch.larger.layerCount {
            hidden.append(try batch.larger.advance(layer, hidden[layer]))
          }
          let before = try batch.larger.finish(hidden[batch.larger.layerCount]).array
          for (index, unit) in units.enumerated() where unit.tower == kind {
            let after = try self.embeddings(batch, hidden, unit).array
            sums[index] +=
              CosineChange.squared(
                from: before, to: after, against: others, width: models.width) / max(pairs, 1)
            done += 1
            models.events(.progress(stage: "ranking layers", done: done, total: total))
          }
        }
      }
    } catch { throw .system(error) }
    return sums
  }

  /// The embeddings of the larger conversion with one unit of the smaller one.
  private func embeddings(
    _ batch: Batch, _ before: [Block<Float>], _ unit: TuningUnit
  ) throws(SystemError) -> Block<Float> {
    let (larger, smaller) = batch
    var hidden: Block<Float>
    var next: Int
    switch unit.place {
    case .start: (hidden, next) = (try smaller.embed(), 0)
    case .layer(let layer, let part):
      hidden = try larger.advance(layer, before[layer], taking: part, from: smaller)
      next = layer + 1
    case .end: return try smaller.finish(before[larger.layerCount])
    }
    while next < larger.layerCount {
      hidden = try larger.advance(next, hidden)
      next += 1
    }
    return try larger.finish(hidden)
  }

  private func textProbes() throws(EvaluationError) -> [Batch] {
    guard let capacity = TowerProbe.capacity(models.reference, .text) else { return [] }
    let inputs: [TokenIDs]
    do throws(SystemError) {
      inputs = try TokenIDs.batches(texts, of: capacity, models.models[0])
    } catch { throw .system(error) }
    var result: [Batch] = []
    for input in inputs {
      result.append(
        try models.model { () throws(ModelError) in
          (
            try TowerProbe(models.sessions[0], ids: input.ids, tokens: input.tokens),
            try TowerProbe(models.sessions[1], ids: input.ids, tokens: input.tokens)
          )
        })
    }
    return result
  }

  private func imageProbes() throws(EvaluationError) -> [Batch] {
    guard let capacity = TowerProbe.capacity(models.reference, .image), pixels.count > 0 else {
      return []
    }
    let size = 3 * models.side * models.side
    var result: [Batch] = []
    for start in stride(from: 0, to: pixels.count, by: capacity * size) {
      let part = pixels[start..<min(start + capacity * size, pixels.count)]
      result.append(
        try models.model { () throws(ModelError) in
          (
            try TowerProbe(models.sessions[0], pixels: part),
            try TowerProbe(models.sessions[1], pixels: part)
          )
        })
    }
    return result
  }
}

extension TowerProbe {
  /// What the whole tower makes of its items.
  fileprivate func embeddings() throws(SystemError) -> Block<Float> {
    var hidden = try embed()
    for layer in 0..<layerCount { hidden = try advance(layer, hidden) }
    return try finish(hidden)
  }
}
