public import CLIPRuntime
internal import TCMFormat
internal import TCMWriter
internal import TensorCore

/// Measures a model against its float reference.
public struct Verification {
  private let models: SideBySide

  /// Prepares a verification.
  ///
  /// - Parameters:
  ///   - candidate: The model to be measured.
  ///   - reference: From `FloatReference.open`.
  ///   - options: How.
  ///   - cache: Keeps embeddings; what is there is not computed again.
  ///   - events: Called as it goes.
  /// - Throws: `EvaluationError.identity` for a file that is not what it says, `.system` when there is no memory.
  /// - Complexity: Reads both files whole: embeddings in the cache belong to an identity, so it must be right.
  public init(
    candidate: Model, reference: Model, options: VerificationOptions, cache: EvaluationCache,
    events: @escaping (VerificationEvent) -> Void
  ) throws(EvaluationError) {
    for model in [candidate, reference]
    where ModelIdentity.of(model.file) != model.file.manifest.identity {
      throw .identity(path: model.file.path)
    }
    models = try SideBySide(
      reference: reference, candidate: candidate, options: options, cache: cache, events: events)
  }

  /// Measures.
  ///
  /// Embeddings of data sets go to the cache as they are made: an interrupted verification continues where it was.
  ///
  /// - Parameter datasets: If there is none, the texts and pictures of the options are compared.
  /// - Returns: What was found.
  /// - Throws: `EvaluationError`.
  public func run(_ datasets: [Dataset]) throws(EvaluationError) -> VerificationReport {
    let options = models.options
    var report = VerificationReport(
      candidate: ModelSummary(models.models[1]), reference: ModelSummary(models.models[0]),
      tool: options.tool, numericsVersion: Int(TCMLayout.numericsVersion),
      maxDrop: options.maxDrop, minCosine: options.minCosine)
    report.notes = notes
    var plans: [DatasetPlan] = []
    for dataset in datasets {
      try checkTowers(dataset)
      plans.append(try DatasetPlan(dataset, models))
      if case .classification(let task) = dataset.task,
        let own = models.models[1].labels?.record, own.templates != task.templates
      {
        report.notes.append(
          "the candidate's labels were embedded in \(own.templates.count) templates, the "
            + "reference's in the \(task.templates.count) of \(printable(dataset.name)), others")
      }
    }
    let encodings = plans.flatMap { [$0.texts, $0.pictures] }
    if encodings.contains(where: { $0.done < $0.items.count }) {
      models.events(.estimate(seconds: try models.estimate(encodings)))
    }
    for plan in plans {
      try models.run(plan.texts)
      try models.run(plan.pictures)
      report.datasets.append(try DatasetEvaluation.report(plan, models))
    }
    if datasets.isEmpty { report.embeddings = try EmbeddingComparison(models: models).report() }
    if options.layerSamples > 0 {
      report.layers = try layers(plans)
      report.notes += report.layers?.warnings ?? []
    }
    return report
  }

  private var notes: [String] {
    var notes: [String] = []
    let reference = models.models[0]
    let candidate = models.models[1]
    if reference.isQuantized {
      notes.append(
        "the reference is quantized itself (\(reference.file.manifest.provenance.recipe)): the "
          + "figures compare two quantized models")
    }
    if reference.file.manifest.identity == candidate.file.manifest.identity {
      notes.append("the candidate and the reference are the same model")
    }
    let sources = Set(reference.file.manifest.provenance.sources.map(\.sha256))
    let others = candidate.file.manifest.provenance.sources.filter { !sources.contains($0.sha256) }
    if let other = others.first, !sources.isEmpty {
      notes.append(
        "the candidate was made from a file \(printable(other.name)) that is not among the "
          + "reference's sources (by SHA-256)")
    }
    return notes
  }

  private func checkTowers(_ dataset: Dataset) throws(EvaluationError) {
    for (index, model) in models.models.enumerated() {
      var hasTexts = model.textTower != nil
      // The candidate's labels do for its text tower, where they are the data set's.
      if !hasTexts && index == 1 { hasTexts = try hasLabels(model, of: dataset) }
      for (tower, isThere) in [("image", model.imageTower != nil), ("text", hasTexts)]
      where !isThere {
        throw .towerMissing(model: model.file.path, tower: tower, dataset: dataset.name)
      }
    }
  }

  /// Whether a model without a text tower holds embeddings of a data set's labels.
  private func hasLabels(_ model: Model, of dataset: Dataset) throws(EvaluationError) -> Bool {
    guard let own = model.labels?.record.labels, case .classification(let task) = dataset.task
    else { return false }
    if own == task.labels { return true }
    let place = zip(own, task.labels).enumerated().first { $1.0 != $1.1 }?.offset
    throw .otherLabels(
      model: model.file.path, dataset: dataset.name, found: own.count,
      expected: task.labels.count, firstDifference: place)
  }

  /// Where the two models part: layer by layer on the texts and pictures of the options, or on built-in ones.
  ///
  /// - Returns: `nil` if there is nothing to compare on.
  /// - Throws: `EvaluationError`.
  public func compareLayers() throws(EvaluationError) -> LayerReport? { try layers([]) }

  /// Compares layers on texts and pictures of the data sets, or on those given or built in.
  private func layers(_ plans: [DatasetPlan]) throws(EvaluationError) -> LayerReport? {
    let count = models.options.layerSamples
    models.events(.note("comparing layers on \(count) texts and \(count) pictures"))
    let items = try models.someItems(plans, count)
    return try LayerComparison(models: models, texts: items.texts, pixels: items.pixels).report()
  }
}

extension ModelSummary {
  init(_ model: Model) {
    let manifest = model.file.manifest
    self.init(
      path: model.file.path, byteCount: model.file.byteCount, recipe: manifest.provenance.recipe,
      identity: manifest.identity,
      sources: manifest.provenance.sources.map { ($0.name, $0.sha256) })
  }
}
