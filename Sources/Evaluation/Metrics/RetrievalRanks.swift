internal import TensorCore

/// Where the right answers stand in searches both ways.
///
/// As the author of Taiyi-CLIP counts (`get_metrics` of zeroshot_retrieval_evaluation.ipynb in Weifeng-Chen/dl_scripts): a
/// caption looks for its picture among the pictures, each standing once; a picture looks for any of its captions among
/// all, and counts once a caption. CLIP_benchmark and Chinese-CLIP count a picture once, whatever its captions; the ranks
/// are the same.
struct RetrievalRanks {
  /// Of each caption: how many pictures stand before its own.
  var textToImage: [Int]
  /// Of each picture: how many captions stand before the best of its own.
  var imageToText: [Int]
  /// Captions for which another picture scores exactly as its own.
  var ties: Int

  /// Searches.
  ///
  /// - Parameters:
  ///   - pictureOf: The picture of each caption.
  ///   - pictures: Number of pictures, each with a caption.
  ///   - scores: The scores of a run of captions against all pictures, `[run, pictures]`, or the other way round:
  ///     called with the run and whether it is of captions.
  init<Failure: Error>(
    pictureOf: [Int32], pictures: Int,
    scores: (Range<Int>, _ ofCaptions: Bool) throws(Failure) -> Block<Float>
  ) throws(Failure) {
    textToImage = []
    imageToText = []
    ties = 0
    let step = 128
    for start in stride(from: 0, to: pictureOf.count, by: step) {
      let run = start..<min(start + step, pictureOf.count)
      let block = try scores(run, true)
      for caption in run {
        let row = block[(caption - start) * pictures..<(caption - start + 1) * pictures]
        let (rank, equal) = Ranking.rank(of: Int(pictureOf[caption]), in: row)
        textToImage.append(rank)
        if equal > 0 { ties += 1 }
      }
    }
    var captions = [[Int]](repeating: [], count: pictures)
    for (caption, picture) in pictureOf.enumerated() { captions[Int(picture)].append(caption) }
    for start in stride(from: 0, to: pictures, by: step) {
      let run = start..<min(start + step, pictures)
      let block = try scores(run, false)
      for picture in run {
        let place = (picture - start) * pictureOf.count
        let row = block[place..<place + pictureOf.count]
        var best = captions[picture][0]
        for caption in captions[picture].dropFirst()
        where Ranking.precedes(row[caption], caption, row[best], best) {
          best = caption
        }
        imageToText.append(Ranking.rank(of: best, in: row).rank)
      }
    }
  }
}

/// Two models' recall at k on the same searches, and how it fell.
struct PairedRecall {
  /// Hits of the reference and of the candidate over the number of queries.
  let reference: Double
  let candidate: Double
  /// The drop with its units.
  let clusters: ClusteredDrop

  /// Captions looking for their pictures.
  static func textToImage(
    _ k: Int, _ reference: RetrievalRanks, _ candidate: RetrievalRanks, _ pictureOf: [Int32]
  ) -> PairedRecall {
    var units = [ClusteredDrop.Unit](
      repeating: .init(lost: 0, queries: 0), count: reference.imageToText.count)
    var differs = [Bool](repeating: false, count: units.count)
    for (caption, picture) in pictureOf.enumerated() {
      let was = reference.textToImage[caption] < k
      let remains = candidate.textToImage[caption] < k
      units[Int(picture)].queries += 1
      units[Int(picture)].lost += (was ? 1 : 0) - (remains ? 1 : 0)
      if was != remains { differs[Int(picture)] = true }
    }
    let hits = { (ranks: RetrievalRanks) in ranks.textToImage.reduce(0) { $0 + ($1 < k ? 1 : 0) } }
    return PairedRecall(
      hits: (hits(reference), hits(candidate)), queries: pictureOf.count, units, differs)
  }

  /// Pictures looking for any of their captions; counted once a caption, or once.
  static func imageToText(
    _ k: Int, _ reference: RetrievalRanks, _ candidate: RetrievalRanks, _ pictureOf: [Int32],
    perImage: Bool
  ) -> PairedRecall {
    var weights = [Int](repeating: perImage ? 1 : 0, count: reference.imageToText.count)
    if !perImage { for picture in pictureOf { weights[Int(picture)] += 1 } }
    var hits = (reference: 0, candidate: 0)
    var units: [ClusteredDrop.Unit] = []
    var differs: [Bool] = []
    for picture in weights.indices {
      let was = reference.imageToText[picture] < k
      let remains = candidate.imageToText[picture] < k
      let weight = weights[picture]
      hits.reference += was ? weight : 0
      hits.candidate += remains ? weight : 0
      units.append(.init(lost: ((was ? 1 : 0) - (remains ? 1 : 0)) * weight, queries: weight))
      differs.append(was != remains)
    }
    return PairedRecall(hits: hits, queries: weights.reduce(0, +), units, differs)
  }

  private init(
    hits: (reference: Int, candidate: Int), queries: Int, _ units: [ClusteredDrop.Unit],
    _ differs: [Bool]
  ) {
    reference = Double(hits.reference) / Double(queries)
    candidate = Double(hits.candidate) / Double(queries)
    clusters = ClusteredDrop(
      units: units, discordant: differs.reduce(0) { $0 + ($1 ? 1 : 0) })
  }
}
