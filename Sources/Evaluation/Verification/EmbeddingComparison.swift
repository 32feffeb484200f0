internal import CLIPRuntime
internal import TCMFormat
internal import TensorCore

/// The two models' embeddings of texts and pictures, where there is no data set.
struct EmbeddingComparison {
  let models: SideBySide

  /// Items named as the worst.
  static let worstCount = 10

  /// The texts given, or the built-in ones.
  var texts: [String] {
    models.options.texts.isEmpty ? BuiltInItems.texts : models.options.texts
  }

  private var pictureCount: Int { models.options.pictures?.count ?? BuiltInItems.pictureCount }

  private func pictureName(_ index: Int) -> String {
    models.options.pictures?.name(index) ?? "built-in picture \(index + 1)"
  }

  /// Fills pixels with the first pictures that can be read.
  ///
  /// - Returns: How many there are.
  func fill(_ pixels: MutableBlock<Float>, _ count: Int) throws(EvaluationError) -> Int {
    let size = 3 * models.side * models.side
    var filled = 0
    for index in 0..<pictureCount where filled < count {
      if try read(index, into: pixels[filled * size..<(filled + 1) * size]) == nil { filled += 1 }
    }
    return filled
  }

  private func read(
    _ index: Int, into pixels: MutableBlock<Float>
  ) throws(EvaluationError) -> String? {
    if let source = models.options.pictures { return models.read(source, index, into: pixels) }
    guard let tower = models.models[1].imageTower else { return "there is no image tower" }
    BuiltInItems.fill(pixels, index, for: tower)
    return nil
  }

  /// Compares.
  func report() throws(EvaluationError) -> EmbeddingReport {
    var worst: [(name: String, kind: String, cosine: Double)] = []
    let texts = try textRows()
    let pictures = try pictureRows()
    var result = EmbeddingReport(
      pictures: nil, texts: nil, overlap: nil, worst: [], verdict: nil,
      isBuiltIn: models.options.texts.isEmpty && models.options.pictures == nil)
    if let texts {
      let cosines = self.cosines(texts.rows)
      result.texts = CosineSummary(cosines)
      worst += zip(texts.names, cosines).map { ($0, "text", $1) }
    }
    if let pictures {
      let cosines = self.cosines(pictures.rows)
      result.pictures = CosineSummary(cosines)
      worst += zip(pictures.names, cosines).map { ($0, "picture", $1) }
    }
    if let texts, let pictures {
      var overlap = 0.0
      let count = texts.names.count
      let scores = try (0..<2).map { (index) throws(EvaluationError) in
        try models.model { () throws(ModelError) in
          try models.candidate.scores(
            of: pictures.rows[index], against: texts.rows[index], width: models.width)
        }
      }
      for picture in pictures.names.indices {
        let at = picture * count..<(picture + 1) * count
        overlap += Ranking.overlap(10, scores[0][at].readOnly, scores[1][at].readOnly)
      }
      result.overlap = overlap / Double(pictures.names.count)
    }
    worst.sort { ($0.cosine, $0.name) < ($1.cosine, $1.name) }
    result.worst = Array(worst.prefix(EmbeddingComparison.worstCount))
    if let limit = models.options.minCosine, let lowest = worst.first?.cosine {
      result.verdict = lowest >= limit ? .held : .violated
    }
    return result
  }

  private typealias Rows = (names: [String], rows: [Block<Float>])

  private func textRows() throws(EvaluationError) -> Rows? {
    if models.models[1].textTower == nil { return nil }
    var rows: [Block<Float>] = []
    for session in models.sessions {
      rows.append(
        try models.model { () throws(ModelError) in
          try session.embed(texts: texts).readOnly
        })
    }
    return (texts, rows)
  }

  private func pictureRows() throws(EvaluationError) -> Rows? {
    if models.models[1].imageTower == nil { return nil }
    let size = 3 * models.side * models.side
    let pixels = try models.block(size)
    var names: [String] = []
    var values: [[Float]] = [[], []]
    let row = try models.block(models.width)
    var reason: String?
    for index in 0..<pictureCount {
      if let problem = try read(index, into: pixels) {
        reason = reason ?? problem
        models.events(.note("left out: \(problem)"))
        continue
      }
      names.append(pictureName(index))
      for (place, session) in models.sessions.enumerated() {
        try models.model { () throws(ModelError) in
          try session.encode(pixels: pixels.readOnly, items: 1, into: row)
        }
        values[place] += row.readOnly.array
      }
      models.events(.progress(stage: "pictures", done: index + 1, total: pictureCount))
    }
    if names.isEmpty {
      throw .nothingReadable(
        dataset: "--images", pictures: pictureCount, first: reason ?? "there is none")
    }
    var rows: [Block<Float>] = []
    do throws(SystemError) {
      for part in values { rows.append(try MutableBlock(copying: part).readOnly) }
    } catch { throw .system(error) }
    return (names, rows)
  }

  private func cosines(_ rows: [Block<Float>]) -> [Double] {
    let width = models.width
    return (0..<rows[0].count / width).map { row in
      let at = row * width..<(row + 1) * width
      return Ranking.cosine(rows[0][at], rows[1][at])
    }
  }
}
