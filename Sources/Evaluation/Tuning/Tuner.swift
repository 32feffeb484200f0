public import CLIPRuntime
public import Conversion
internal import Notation
internal import Quantization
internal import TCMFormat
internal import TCMWriter
internal import TensorCore

/// Finds the smallest mixture of 4 and 8 bits whose drop on data sets is held.
///
/// Two conversions, all in 8 and all in 4 bits, are made once. Each unit (a layer's attention, either matrix of its MLP,
/// the matrices at a tower's ends) is given 4 bits alone and its effect on the cosines between the towers measured. In the
/// order of effect per byte saved, bisection finds how many units can have 4 bits; each mixture is spliced from the two
/// conversions and verified on the data sets. What is slow goes to the cache: killed, it continues where it was.
public struct Tuner {
  private let inputs: [String]
  private let reference: Model
  private let conversion: ConversionOptions
  private let options: VerificationOptions
  private let cache: EvaluationCache
  private let events: (VerificationEvent) -> Void

  /// Texts and pictures that units are ranked on.
  static let rankingItems = 16

  /// Prepares.
  ///
  /// - Parameters:
  ///   - inputs: The checkpoints.
  ///   - reference: Their float model, from `FloatReference`.
  ///   - conversion: How they are converted; its recipe is not used.
  ///   - options: How mixtures are measured.
  ///   - cache: Keeps conversions, ranks, mixtures and embeddings.
  ///   - events: Called as it goes.
  public init(
    inputs: [String], reference: Model, conversion: ConversionOptions,
    options: VerificationOptions, cache: EvaluationCache,
    events: @escaping (VerificationEvent) -> Void
  ) {
    self.inputs = inputs
    self.reference = reference
    self.conversion = conversion
    self.options = options
    self.cache = cache
    self.events = events
  }

  /// Finds the mixture.
  ///
  /// It is left in the cache, for the caller to put in place together with its report: an output is never without.
  ///
  /// - Parameter datasets: At least one.
  /// - Returns: What was found and the mixture's file, which the next run replaces; if none is held, of all in 8 bits and
  ///   `nil`.
  /// - Throws: `EvaluationError`.
  public func run(
    _ datasets: [Dataset]
  ) throws(EvaluationError) -> (report: VerificationReport, mixture: String?) {
    precondition(!datasets.isEmpty, "there is something to measure on")
    let (eight, four) = (try convert(.int8), try convert(.int4))
    var mixtures = Mixtures(
      eight: eight, four: four, units: try rank(eight, four, datasets),
      calibration: conversion.calibration)
    // All in 4 bits first: if that holds, nothing else matters. Then all in 8, without which there is no hope.
    let all = mixtures.units.count
    try measure(all, &mixtures, datasets)
    if !mixtures.isHeld(all) {
      try measure(0, &mixtures, datasets)
      if mixtures.isHeld(0) { try bisect(&mixtures, datasets) }
    }
    let chosen = mixtures.measured.keys.filter { mixtures.isHeld($0) }.max()
    guard var report = mixtures.report(chosen) else { preconditionFailure("one was measured") }
    guard let chosen else {
      report.candidate.path = "all in 8 bits"
      return (report, nil)
    }
    let path = path(mixtures)
    try mixtures.write(chosen, to: path)
    return (report, path)
  }

  /// Every mixture takes the place of the one before: what it is known by, its embeddings, stays in the cache.
  private func path(_ mixtures: Mixtures) -> String {
    var key = CacheKey("mixture 1")
    for model in [mixtures.eight, mixtures.four] { key.add(model.file.manifest.identity) }
    return cache.path("mixture", key.finish(), "tcm")
  }

  /// Between the most units known to hold and the fewest known not to.
  private func bisect(
    _ mixtures: inout Mixtures, _ datasets: [Dataset]
  ) throws(EvaluationError) {
    var (low, high) = (0, mixtures.units.count)
    // A hundredth of the size is not worth another run over the data sets.
    while high - low > 1
      && (mixtures.byteCount(low) - mixtures.byteCount(high)) * 100 > mixtures.byteCount(0)
    {
      let middle = mixtures.middle(low, high)
      try measure(middle, &mixtures, datasets)
      if mixtures.isHeld(middle) { low = middle } else { high = middle }
    }
  }

  private func measure(
    _ count: Int, _ mixtures: inout Mixtures, _ datasets: [Dataset]
  ) throws(EvaluationError) {
    let path = path(mixtures)
    try cache.require(mixtures.byteCount(count))
    try mixtures.write(count, to: path)
    let candidate: Model
    do throws(ModelError) { candidate = try Model(path: path) } catch { throw .model(error) }
    events(
      .note(
        "measuring \(count) of \(mixtures.units.count) units in 4 bits, "
          + Amount.bytes(candidate.file.byteCount)))
    var options = options
    options.layerSamples = 0
    mixtures.measured[count] = try Verification(
      candidate: candidate, reference: reference, options: options, cache: cache, events: events
    ).run(datasets)
    if let last = mixtures.measured[count] { events(.note(last.conclusion)) }
  }

  /// A conversion, from the cache if it is there.
  private func convert(_ recipe: Recipe) throws(EvaluationError) -> Model {
    var options = conversion
    options.recipe = recipe
    var key = CacheKey("conversion 1")
    for line in recipe.lines { key.add(line) }
    key.add(conversion.tool)
    key.add(Int(TCMLayout.numericsVersion))
    key.add(reference.file.manifest.identity)
    key.add(conversion.calibration?.identity ?? [])
    let path = cache.path("conversion", key.finish(), "tcm")
    if FileIdentity(path: path) == nil {
      let stage = "converting to \(recipe.name)"
      do throws(ConversionError) {
        _ = try Converter(inputs: inputs, output: path, options: options).run {
          events(.progress(stage: stage, done: Int($0 * 100), total: 100))
        }
      } catch { throw .conversion(error) }
    }
    let model: Model
    do throws(ModelError) { model = try Model(path: path) } catch { throw .model(error) }
    // A mixture of damaged weights would pass for a model of its own.
    if ModelIdentity.of(model.file) != model.file.manifest.identity {
      throw .identity(path: path)
    }
    return model
  }

  /// Units by effect per byte saved, the least first.
  private func rank(
    _ eight: Model, _ four: Model, _ datasets: [Dataset]
  ) throws(EvaluationError) -> [RankedUnit] {
    let units = TuningUnit.all(of: eight)
    let models = try SideBySide(
      reference: eight, candidate: four, options: options, cache: cache, events: events)
    var key = CacheKey("ranks 1")
    for model in [eight, four] { key.add(model.file.manifest.identity) }
    key.add(Int(TCMLayout.numericsVersion))
    let items = try models.someItems(
      try datasets.prefix(1).map { (set) throws(EvaluationError) in try DatasetPlan(set, models) },
      Tuner.rankingItems)
    for text in items.texts { key.add(text) }
    key.add(items.pixels.bytes.array)
    let bytes = key.finish()
    let store = try EmbeddingStore(
      path: cache.path("ranks", bytes, "bin"), key: bytes, width: 1, total: units.count)
    if store.count < units.count {
      let effects = try UnitEffects(models: models, texts: items.texts, pixels: items.pixels)
        .run(units)
      let rows: MutableBlock<Float>
      do throws(SystemError) {
        rows = try MutableBlock(copying: effects[store.count...].map { Float($0) })
      } catch { throw .system(error) }
      try store.append(rows.readOnly)
    }
    let effects = try store.rows(0..<units.count)
    return units.enumerated().map { index, unit in
      RankedUnit(
        unit: unit, effect: Double(effects[index]),
        saving: Splice.byteCount(eight.file, unit.owns) - Splice.byteCount(four.file, unit.owns))
    }.sorted { $0.cost < $1.cost }
  }
}
