internal import CLIPRuntime
internal import TensorCore

/// From rows in the cache to figures.
struct DatasetEvaluation {
  let models: SideBySide
  let plan: DatasetPlan
  private var report: DatasetReport
  /// Places of chosen pictures that cannot be read.
  private var unreadable: Set<Int> = []

  /// Items told as the worst.
  static let worstCount = 12
  /// Answers told of each.
  static let topCount = 5

  /// Computes the report; all rows must be there.
  static func report(
    _ plan: DatasetPlan, _ models: SideBySide
  ) throws(EvaluationError) -> DatasetReport {
    var evaluation = try DatasetEvaluation(plan, models)
    switch plan.dataset.task {
    case .classification(let task): try evaluation.classify(task)
    case .retrieval: try evaluation.retrieve()
    }
    return evaluation.report
  }

  private init(_ plan: DatasetPlan, _ models: SideBySide) throws(EvaluationError) {
    self.plan = plan
    self.models = models
    var cosines: [Double] = []
    var unreadable: Set<Int> = []
    let width = models.width
    let total = plan.chosen.count
    for start in stride(from: 0, to: total, by: 256) {
      let run = start..<min(start + 256, total)
      let rows = try plan.pictures.rows(run)
      for place in run {
        let at = (place - start) * width..<(place - start + 1) * width
        if (at).allSatisfy({ rows.candidate[$0] == 0 }) {
          unreadable.insert(place)
        } else {
          cosines.append(Ranking.cosine(rows.reference[at], rows.candidate[at]))
        }
      }
    }
    self.unreadable = unreadable
    var notes = plan.dataset.notes
    if !unreadable.isEmpty {
      let pixels = try models.block(3 * models.side * models.side)
      let first = unreadable.min() ?? 0
      let reason = models.read(plan.dataset.pictures, plan.chosen[first], into: pixels)
      if unreadable.count == total {
        throw .nothingReadable(
          dataset: plan.dataset.name, pictures: total, first: reason ?? "it can be read now")
      }
      notes.append(
        "\(unreadable.count) of \(total) pictures cannot be read and are left out, the first: "
          + (reason ?? "\(plan.dataset.pictures.name(plan.chosen[first])): can be read now"))
    }
    var textCosines: [Double] = []
    for start in stride(from: 0, to: plan.texts.items.count, by: 256) {
      let run = start..<min(start + 256, plan.texts.items.count)
      let rows = try plan.texts.rows(run)
      for row in 0..<run.count {
        let at = row * width..<(row + 1) * width
        textCosines.append(Ranking.cosine(rows.reference[at], rows.candidate[at]))
      }
    }
    let whole = plan.dataset.pictures.count
    report = DatasetReport(
      name: plan.dataset.name, pictures: total - unreadable.count, texts: plan.texts.items.count,
      isClassification: plan.captions.isEmpty, sampledFrom: total < whole ? whole : nil,
      seed: models.options.seed, fingerprint: plan.fingerprint,
      pictureCosines: CosineSummary(cosines), textCosines: CosineSummary(textCosines))
    report.notes = notes
  }

  private var tolerance: Double { models.options.maxDrop / 100 }
}

/// Top-1 and top-5.
extension DatasetEvaluation {
  private mutating func classify(_ task: Dataset.Classification) throws(EvaluationError) {
    if Set(task.labels).count < task.labels.count {
      report.notes.append(
        "\(task.labels.count - Set(task.labels).count) classes have the name of another; the first "
          + "of equal ones is always answered")
    }
    let width = models.width
    let labels = task.labels.count
    let banks = try plan.texts.rows(0..<labels)
    var hits: (first: [[Bool]], five: [[Bool]]) = ([[], []], [[], []])
    var same = 0
    var lost: [(place: Int, fall: Float)] = []
    for start in stride(from: 0, to: plan.chosen.count, by: 256) {
      let run = start..<min(start + 256, plan.chosen.count)
      let rows = try plan.pictures.rows(run)
      let before = try scores(rows.reference, banks.reference)
      let after = try scores(rows.candidate, banks.candidate)
      for place in run where !unreadable.contains(place) {
        let at = (place - start) * labels..<(place - start + 1) * labels
        let label = Int(plan.labelOf[place])
        let was = Ranking.rank(of: label, in: before[at])
        let remains = Ranking.rank(of: label, in: after[at])
        hits.first[0].append(was.rank == 0)
        hits.first[1].append(remains.rank == 0)
        hits.five[0].append(was.rank < 5)
        hits.five[1].append(remains.rank < 5)
        let answer = Ranking.top(1, of: after[at])
        if Ranking.top(1, of: before[at]) == answer { same += 1 }
        let best = after[at][answer[0]]
        if at.reduce(0, { $0 + (after[$1] == best ? 1 : 0) }) > 1 { report.ties += 1 }
        if was.rank == 0 && remains.rank > 0 {
          lost.append((place, best - after[at][label]))
        }
      }
    }
    report.agreement = Double(same) / Double(max(report.pictures, 1))
    for (name, outcome, decides) in [("top-1", hits.first, true), ("top-5", hits.five, false)] {
      let counts = PairedCounts(reference: outcome[0], candidate: outcome[1])
      report.figures.append(
        Figure(
          name: name, reference: counts.reference, candidate: counts.candidate,
          drop: counts.drop, bounds: Bounds(tango: counts),
          verdict: Verdict(counts, tolerance: tolerance), decides: decides))
    }
    let worst = lost.sorted { (-$0.fall, $0.place) < (-$1.fall, $1.place) }
    for (place, _) in worst.prefix(DatasetEvaluation.worstCount) {
      let rows = try plan.pictures.rows(place..<place + 1)
      let before = try scores(rows.reference, banks.reference)
      let after = try scores(rows.candidate, banks.candidate)
      let label = Int(plan.labelOf[place])
      report.worst.append(
        WorstItem(
          name: plan.dataset.pictures.name(plan.chosen[place]), truth: task.labels[label],
          referenceRank: Ranking.rank(of: label, in: before).rank + 1,
          candidateRank: Ranking.rank(of: label, in: after).rank + 1,
          cosine: Ranking.cosine(rows.reference[0..<width], rows.candidate[0..<width]),
          referenceTop: top(before) { task.labels[$0] },
          candidateTop: top(after) { task.labels[$0] },
          picture: models.thumbnail(plan.dataset.pictures, plan.chosen[place])))
    }
  }

  private func top(
    _ scores: Block<Float>, _ name: (Int) -> String
  ) -> [(name: String, cosine: Double)] {
    Ranking.top(DatasetEvaluation.topCount, of: scores).map { (name($0), Double(scores[$0])) }
  }

  private func scores(
    _ rows: Block<Float>, _ others: Block<Float>
  ) throws(EvaluationError) -> Block<Float> {
    try models.model { () throws(ModelError) in
      try models.candidate.scores(of: rows, against: others, width: models.width).readOnly
    }
  }
}

/// Recall at k both ways.
extension DatasetEvaluation {
  private mutating func retrieve() throws(EvaluationError) {
    // Pictures that cannot be read, and their captions, are left out.
    let readable = plan.chosen.indices.filter { !unreadable.contains($0) }
    var places = [Int32](repeating: -1, count: plan.chosen.count)
    for (place, old) in readable.enumerated() { places[old] = Int32(place) }
    let kept = plan.captions.indices.filter { places[Int(plan.pictureOf[$0])] >= 0 }
    let pictureOf = kept.map { places[Int(plan.pictureOf[$0])] }
    report.texts = kept.count
    if report.sampledFrom != nil {
      report.notes.append(
        "recalls of a sample are higher than those of the whole set, since there are fewer wrong answers"
      )
    }
    let pictures = try plan.pictures.rows(0..<plan.chosen.count)
    let texts = try plan.texts.rows(0..<plan.captions.count)
    let pictureRows = [
      try select(pictures.reference, readable), try select(pictures.candidate, readable),
    ]
    let textRows = [try select(texts.reference, kept), try select(texts.candidate, kept)]
    var ranks: [RetrievalRanks] = []
    let width = models.width
    for index in 0..<2 {
      ranks.append(
        try RetrievalRanks(pictureOf: pictureOf, pictures: readable.count) {
          (run, ofCaptions) throws(EvaluationError) in
          let rows = ofCaptions ? textRows[index] : pictureRows[index]
          let others = ofCaptions ? pictureRows[index] : textRows[index]
          return try scores(rows[run.lowerBound * width..<run.upperBound * width], others)
        })
    }
    report.ties = ranks[1].ties
    let same = zip(ranks[0].textToImage, ranks[1].textToImage).filter { ($0 == 0) == ($1 == 0) }
    report.agreement = Double(same.count) / Double(max(kept.count, 1))
    var captionCounts = [Int](repeating: 0, count: readable.count)
    for picture in pictureOf { captionCounts[Int(picture)] += 1 }
    let isUneven = Set(captionCounts).count > 1
    var figures: [(String, PairedRecall, Bool)] = []
    for k in [1, 5, 10] {
      figures.append(
        ("R@\(k) text to image", .textToImage(k, ranks[0], ranks[1], pictureOf), k == 1))
    }
    for k in [1, 5, 10] {
      figures.append(
        (
          "R@\(k) image to text",
          .imageToText(k, ranks[0], ranks[1], pictureOf, perImage: false), k == 1
        ))
    }
    if isUneven {
      for k in [1, 5, 10] {
        figures.append(
          (
            "R@\(k) image to text, each picture once",
            .imageToText(k, ranks[0], ranks[1], pictureOf, perImage: true), false
          ))
      }
    }
    for (name, recall, decides) in figures {
      let bounds = recall.clusters.bounds
      report.figures.append(
        Figure(
          name: name, reference: recall.reference, candidate: recall.candidate,
          drop: recall.clusters.drop, bounds: bounds,
          verdict: recall.clusters.verdict(bounds, tolerance: tolerance), decides: decides))
    }
    let lost = kept.indices.filter { ranks[0].textToImage[$0] == 0 && ranks[1].textToImage[$0] > 0 }
      .sorted { (-ranks[1].textToImage[$0], $0) < (-ranks[1].textToImage[$1], $1) }
    for caption in lost.prefix(DatasetEvaluation.worstCount) {
      let own = readable[Int(pictureOf[caption])]
      let at = caption * width..<(caption + 1) * width
      let before = try scores(textRows[0][at], pictureRows[0])
      let after = try scores(textRows[1][at], pictureRows[1])
      let name = { (place: Int) in
        plan.dataset.pictures.name(plan.chosen[readable[place]])
      }
      report.worst.append(
        WorstItem(
          name: plan.captions[kept[caption]],
          truth: plan.dataset.pictures.name(plan.chosen[own]),
          referenceRank: ranks[0].textToImage[caption] + 1,
          candidateRank: ranks[1].textToImage[caption] + 1,
          cosine: Ranking.cosine(textRows[0][at], textRows[1][at]),
          referenceTop: top(before, name), candidateTop: top(after, name),
          picture: models.thumbnail(plan.dataset.pictures, plan.chosen[own])))
    }
  }

  private func select(
    _ rows: Block<Float>, _ places: [Int]
  ) throws(EvaluationError) -> Block<Float> {
    let width = models.width
    if places.count * width == rows.count { return rows }
    let result = try models.block(places.count * width)
    for (row, place) in places.enumerated() {
      for column in 0..<width { result[row * width + column] = rows[place * width + column] }
    }
    return result.readOnly
  }
}
