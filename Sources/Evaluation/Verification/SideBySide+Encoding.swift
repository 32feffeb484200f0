internal import CLIPRuntime
internal import CPlatform
internal import TCMFormat
internal import TensorCore

/// Encoding what the cache does not have.
extension SideBySide {
  /// Encodes the rows of a plan that are missing.
  func run(_ plan: EncodingPlan) throws(EvaluationError) {
    let total = plan.items.count
    events(.progress(stage: plan.stage, done: plan.done, total: total))
    let step = batch(plan.items)
    while plan.done < total {
      let start = plan.done
      let rows = start..<min(start + step, total)
      switch plan.items {
      case .pictures(let source, let indices):
        try encode(source, Array(indices[rows]), first: start, plan)
      case .texts(let texts):
        try encode(rows, plan) { (session, rows) throws(ModelError) in
          try session.embed(texts: Array(texts[rows]))
        }
      case .labels(let labels, let templates):
        try encode(rows, plan) { (session, rows) throws(ModelError) in
          if let own = try ownRows(session.model, rows) { return own }
          return try session.embed(labels: Array(labels[rows]), templates: templates)
        }
      }
      events(.progress(stage: plan.stage, done: plan.done, total: total))
    }
  }

  /// Seconds that the missing rows of plans will take, by trying one of each kind.
  func estimate(_ plans: [EncodingPlan]) throws(EvaluationError) -> Double {
    var seconds = 0.0
    for (index, session) in sessions.enumerated() {
      for areTexts in [true, false] {
        let missing = plans.filter { $0.items.areTexts == areTexts }.reduce(0) {
          $0 + ($1.items.count - $1.stores[index].count) * $1.items.perRow
        }
        if areTexts && session.model.textTower == nil { continue }
        if missing == 0 || (index == 1 && plans.allSatisfy { $0.stores[0] === $0.stores[1] }) {
          continue
        }
        seconds += Double(missing) * (try secondsPerItem(session, areTexts: areTexts, of: missing))
      }
    }
    return seconds
  }

  private func secondsPerItem(
    _ session: Session, areTexts: Bool, of missing: Int
  ) throws(EvaluationError) -> Double {
    var fastest = Double.infinity
    // The first run also pays for reading the weights.
    let count = min(missing, areTexts ? 8 : TowerProbe.capacity(session, .image) ?? 1)
    for _ in 0..<3 where fastest * Double(count) > 0.05 {
      let start = cp_seconds()
      if areTexts {
        _ = try model { () throws(ModelError) in
          try session.embed(texts: [String](repeating: "", count: count))
        }
      } else {
        let pixels = try block(count * pixelCount)
        pixels.fill(with: 0)
        let rows = try block(count * width)
        try model { () throws(ModelError) in
          try session.encode(pixels: pixels.readOnly, items: count, into: rows)
        }
      }
      fastest = min(fastest, (cp_seconds() - start) / Double(count))
    }
    return fastest
  }

  private func batch(_ items: EncodingPlan.Items) -> Int {
    switch items {
    case .pictures: min(TowerProbe.capacity(candidate, .image) ?? 1, 32)
    case .texts: 32
    case .labels(_, let templates): max(128 / max(templates.count, 1), 1)
    }
  }

  private func encode(
    _ rows: Range<Int>, _ plan: EncodingPlan,
    _ body: (Session, Range<Int>) throws(ModelError) -> MutableBlock<Float>
  ) throws(EvaluationError) {
    for (session, store) in zip(sessions, plan.stores) where store.count < rows.upperBound {
      let missing = max(store.count, rows.lowerBound)..<rows.upperBound
      let embeddings = try model { () throws(ModelError) in try body(session, missing) }
      try store.append(embeddings.readOnly)
    }
  }

  /// Pictures are decoded once for both models; one that cannot be read becomes a row of zeros.
  private func encode(
    _ source: any PictureSource, _ indices: [Int], first: Int, _ plan: EncodingPlan
  ) throws(EvaluationError) {
    let pixels = try block(indices.count * pixelCount)
    var isReadable: [Bool] = []
    for (place, index) in indices.enumerated() {
      let part = pixels[place * pixelCount..<(place + 1) * pixelCount]
      isReadable.append(read(source, index, into: part) == nil)
      if isReadable[place] == false { part.fill(with: 0) }
    }
    for (session, store) in zip(sessions, plan.stores) where store.count < first + indices.count {
      let skipped = max(store.count - first, 0)
      let count = indices.count - skipped
      let rows = try block(count * width)
      try model { () throws(ModelError) in
        try session.encode(
          pixels: pixels[skipped * pixelCount..<pixels.count].readOnly, items: count, into: rows)
      }
      for place in 0..<count where !isReadable[skipped + place] {
        rows[place * width..<(place + 1) * width].fill(with: 0)
      }
      try store.append(rows.readOnly)
    }
  }

  /// Rows of a model that holds its labels' embeddings instead of a text tower, else `nil`.
  private func ownRows(
    _ model: Model, _ rows: Range<Int>
  ) throws(ModelError) -> MutableBlock<Float>? {
    guard let own = model.labels else { return nil }
    do throws(SystemError) {
      return try MutableBlock(
        copying: own.embeddings[rows.lowerBound * width..<rows.upperBound * width].array)
    } catch { throw .system(error) }
  }

  private var pixelCount: Int {
    let side = models[1].imageTower?.imageSize ?? 0
    return 3 * side * side
  }

  /// Memory for floats.
  func block(_ count: Int) throws(EvaluationError) -> MutableBlock<Float> {
    do throws(SystemError) { return try MutableBlock(allocating: count) } catch {
      throw .system(error)
    }
  }

  /// Runs what a model does.
  func model<Result>(
    _ body: () throws(ModelError) -> Result
  ) throws(EvaluationError) -> Result {
    do throws(ModelError) { return try body() } catch { throw .model(error) }
  }
}
