internal import CLIPRuntime
internal import TCMFormat
internal import TensorCore

/// A data set, what of it is used, and where the rows of its items are kept.
struct DatasetPlan {
  let dataset: Dataset
  /// Pictures used, by index in the data set, rising.
  let chosen: [Int]
  /// The class of each chosen picture; empty for retrieval.
  let labelOf: [Int32]
  /// Captions of the chosen pictures; empty for classification.
  let captions: [String]
  /// The place among the chosen pictures of each caption's.
  let pictureOf: [Int32]
  let fingerprint: [UInt8]
  let pictures: EncodingPlan
  let texts: EncodingPlan

  /// Chooses pictures and opens the stores.
  init(_ dataset: Dataset, _ models: SideBySide) throws(EvaluationError) {
    self.dataset = dataset
    let size = models.options.sample ?? dataset.pictures.count
    let strata: [Int32]
    switch dataset.task {
    case .classification(let task): strata = task.labelOf
    case .retrieval: strata = [Int32](repeating: 0, count: dataset.pictures.count)
    }
    chosen = StratifiedSample.draw(size, strata: strata, seed: models.options.seed)
    let items: EncodingPlan.Items
    switch dataset.task {
    case .classification(let task):
      do throws(LabelTextError) { try LabelTemplate.check(task.labels, task.templates) } catch {
        throw .model(.labelText(error))
      }
      labelOf = chosen.map { task.labelOf[$0] }
      captions = []
      pictureOf = []
      items = .labels(task.labels, templates: task.templates)
    case .retrieval(let task):
      labelOf = []
      var places = [Int32](repeating: -1, count: dataset.pictures.count)
      for (place, picture) in chosen.enumerated() { places[picture] = Int32(place) }
      let kept = task.captions.indices.filter { places[Int(task.pictureOf[$0])] >= 0 }
      captions = kept.map { task.captions[$0] }
      pictureOf = kept.map { places[Int(task.pictureOf[$0])] }
      items = .texts(captions)
    }
    var pictureKey = CacheKey("pictures 1")
    for index in chosen {
      pictureKey.add(dataset.pictures.name(index))
      pictureKey.add(dataset.pictures.byteCount(index))
    }
    var textKey = CacheKey("texts 1")
    switch items {
    case .labels(let labels, let templates):
      textKey.add(templates.count)
      for text in templates + labels { textKey.add(text) }
    default: for caption in captions { textKey.add(caption) }
    }
    let (pictureDigest, textDigest) = (pictureKey.finish(), textKey.finish())
    var whole = CacheKey("data set 1")
    whole.add(pictureDigest)
    whole.add(textDigest)
    for number in labelOf + pictureOf { whole.add(Int(number)) }
    fingerprint = whole.finish()

    let name = dataset.name
    pictures = try models.plan(
      "\(name): pictures", .pictures(dataset.pictures, chosen)
    ) { key in
      key.add(pictureDigest)
    }
    texts = try models.plan(
      items.perRow > 1 || captions.isEmpty ? "\(name): labels" : "\(name): captions", items
    ) { key in
      key.add(textDigest)
    }
  }
}
