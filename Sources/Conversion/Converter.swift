internal import Checkpoints
internal import Kernels
public import ModelFamilies
internal import Quantization
internal import TCMFormat
internal import TCMWriter
package import TensorCore
internal import Tokenization

/// Turns checkpoints into a `.tcm` file, tensor by tensor, with bounded memory.
public struct Converter {
  private let options: ConversionOptions
  private let output: String
  private var summary = ConversionSummary()
  private var plans: [(plan: TowerPlan, opened: OpenedCheckpoint)] = []
  private var files: [InputFile] = []
  private var vocabulary: MutableBlock<UInt8>?

  /// Opens the inputs, recognises their towers and checks all that can be checked before a byte is written.
  ///
  /// - Parameters:
  ///   - inputs: Files or folders; together they hold one text tower, one image tower or both.
  ///   - output: The file to write.
  ///   - options: What else the user said.
  /// - Throws: `ConversionError`.
  public init(
    inputs: [String], output: String, options: ConversionOptions
  ) throws(ConversionError) {
    self.options = options
    self.output = output
    for input in inputs { try open(input) }
    try checkTowers()
    try readVocabulary()
    let identity = FileIdentity(path: output)
    for file in files where file.identity == identity {
      throw .outputIsInput(output: output, input: file.path)
    }
  }

  /// The towers of the inputs, written or not, and what was found out about them.
  public var towers: [TowerPlan] { plans.map(\.plan) }

  private var written: [(plan: TowerPlan, opened: OpenedCheckpoint)] {
    plans.filter { options.written.contains($0.plan.kind) }
  }

  /// The files that are read: checkpoints and vocabulary.
  package var inputFiles: [InputFile] { files }

  /// The number of weights that are written.
  package var weightCount: Int {
    written.reduce(0) { $0 + $1.plan.tensors.reduce(0) { $0 + elements($1) } }
  }

  /// Writes the file.
  ///
  /// - Parameters:
  ///   - labels: Stored behind an image tower; beside a text tower they are refused.
  ///   - progress: Called with the share done, 0 to 1, after each tensor.
  /// - Returns: What was done.
  /// - Throws: `ConversionError`; the output is then what it was before.
  public consuming func run(
    labels: LabelRows? = nil, progress: (Double) -> Void = { _ in }
  ) throws(ConversionError) -> ConversionSummary {
    let hasher = SourceHasher(files)
    let engine: Engine
    do throws(SystemError) { engine = try Engine(threads: options.threads) } catch {
      throw .system(error)
    }
    let writer: TCMWriter
    do throws(WriteError) { writer = try TCMWriter(path: output) } catch { throw .write(error) }
    let store = TensorStore(writer: writer, engine: engine)
    if let vocabulary, options.written.contains(.text) {
      do throws(WriteError) { try writer.writeVocabulary(vocabulary.readOnly) } catch {
        throw .write(error)
      }
    }
    let total = weightCount
    var done = 0
    for (plan, opened) in written {
      var section: TowerSection?
      var scales: SectionScales?
      for tensor in plan.tensors {
        if tensor.section != section {
          section = tensor.section
          writer.beginSection(.weights, name: tensor.section.description)
          scales = try SectionScales(
            tensor.section, plan, opened.checkpoint, alpha: options.recipe.smoothing,
            search: options.calibration.map { SmoothingSearch(calibration: $0, engine: engine) },
            scheme: quantization)
        }
        try write(tensor, opened.checkpoint, scales, store, engine)
        done += elements(tensor)
        progress(Double(done) / Double(max(total, 1)))
      }
    }
    if let labels { try store.labels(labels) }
    let sources = try hasher.sources()
    // Last, so that the weights and their checksums are known to be of one state of the files.
    for file in files {
      do throws(FileError) { try file.checkUnchanged() } catch { throw .file(error) }
    }
    return try finish(writer, sources, labels?.record)
  }

  private func finish(
    _ writer: TCMWriter, _ sources: [Provenance.Source], _ labels: LabelBankRecord?
  ) throws(ConversionError) -> ConversionSummary {
    var text: TextTowerRecord?
    var image: ImageTowerRecord?
    var assumptions: [String] = []
    for (plan, _) in written {
      switch plan.hyperParameters {
      case .text(let parameters): text = TextTowerRecord(plan.family, parameters)
      case .image(let parameters): image = ImageTowerRecord(plan.family, parameters)
      }
    }
    // Labels depend on the text tower as well, which is not written.
    for (plan, _) in labels == nil ? written : plans {
      assumptions += plan.findings.filter(\.isAssumed).map { "\(plan.kind.rawValue): \($0)" }
    }
    if summary.logitScale.finding.isAssumed {
      assumptions.append(summary.logitScale.finding.description)
    }
    let provenance = Provenance(
      tool: options.tool, recipe: options.recipe.name,
      recipeLines: options.recipe.lines(options.calibration),
      sources: sources, assumptions: assumptions)
    do throws(WriteError) {
      try writer.finish(
        provenance: provenance, text: text, image: image, labels: labels,
        logitScale: Float(summary.logitScale.scale))
    } catch { throw .write(error) }
    var summary = summary
    summary.inputByteCount = files.reduce(0) { $0 + $1.byteCount }
    summary.outputByteCount = writer.writtenByteCount
    return summary
  }
}

/// What is done before a byte is written.
extension Converter {
  private mutating func open(_ input: String) throws(ConversionError) {
    let opened: OpenedCheckpoint
    let match: FamilyMatch
    do throws(CheckpointError) {
      opened = try Checkpoints.open(path: input, limits: options.limits)
    } catch {
      throw .checkpoint(error)
    }
    do throws(FamilyError) {
      match = try ModelFamilies.recognise(FamilyInput(opened), overrides: options.overrides)
    } catch { throw .family(error) }
    for plan in match.towers { plans.append((plan, opened)) }
    files += opened.checkpoint.files
    summary.notes += opened.notes.map(\.description)
    if !match.unused.isEmpty { summary.unused.append((input, match.unused)) }
    if let scale = match.logitScale { summary.logitScale = scale }
  }

  private mutating func checkTowers() throws(ConversionError) {
    do throws(FamilyError) { try ModelFamilies.checkDistinct(towers) } catch {
      throw .family(error)
    }
    for wanted in [options.overrides.towers, options.written] where wanted.count == 1 {
      for kind in wanted where !towers.contains(where: { $0.kind == kind }) {
        throw .towerMissing(kind)
      }
    }
    plans.sort { $0.plan.kind == .text && $1.plan.kind == .image }
    summary.towers = towers
    var widths: (text: Int?, image: Int?)
    for plan in towers {
      switch plan.hyperParameters {
      case .text(let parameters):
        widths.text = parameters.embeddingWidth
        try checkLimits(
          plan, [("a width of", parameters.width), ("an MLP of", parameters.mlpWidth)])
      case .image(let parameters):
        widths.image = parameters.embeddingWidth
        try checkLimits(
          plan, [("a width of", parameters.width), ("an MLP of", parameters.mlpWidth)])
        let preprocessing = parameters.preprocessing
        if preprocessing.interpolation != .bicubic {
          throw .unsupported(
            path: plan.path, setting: "interpolation",
            found: preprocessing.interpolation.rawValue, supported: "bicubic")
        }
        if preprocessing.resizeMode == .longest {
          throw .unsupported(
            path: plan.path, setting: "resize mode", found: "longest",
            supported: "shortest, squash")
        }
      }
    }
    if let text = widths.text, let image = widths.image, text != image {
      throw .differentWidths(text: text, image: image)
    }
  }

  private func checkLimits(
    _ plan: TowerPlan, _ sizes: [(String, Int)]
  ) throws(ConversionError) {
    for (what, size) in sizes where size > TCMLayout.widthLimit {
      throw .limit(path: plan.path, what: what, found: size, limit: TCMLayout.widthLimit)
    }
  }

  private mutating func readVocabulary() throws(ConversionError) {
    for (plan, opened) in plans {
      guard case .text(let parameters) = plan.hyperParameters else { continue }
      guard let path = options.vocabularyPath ?? opened.sideFiles.vocabularyPath else {
        throw .noVocabulary(path: plan.path)
      }
      let file: InputFile
      do throws(FileError) { file = try InputFile(path: path) } catch { throw .file(error) }
      if file.byteCount > VocabularyBuilder.fileByteLimit {
        let limit = VocabularyBuilder.fileByteLimit
        throw .vocabulary(path: path, .tooManyBytes(count: file.byteCount, limit: limit))
      }
      let text: [UInt8]
      do throws(FileError) { text = try file.bytes(at: 0, count: file.byteCount) } catch {
        throw .file(error)
      }
      files.append(file)
      // Before anything slow: there may be a million.
      let count = VocabularyBuilder.tokenCount(of: text)
      if count > parameters.vocabularySize {
        throw .vocabularySize(path: path, tokens: count, embeddings: parameters.vocabularySize)
      }
      let section: [UInt8]
      do throws(VocabularyError) { section = try VocabularyBuilder.build(text: text) } catch {
        throw .vocabulary(path: path, error)
      }
      let block: MutableBlock<UInt8>
      do throws(SystemError) { block = try MutableBlock(copying: section) } catch {
        throw .system(error)
      }
      do throws(VocabularyError) { _ = try Vocabulary(section: block.readOnly) } catch {
        throw .vocabulary(path: path, error)
      }
      vocabulary = block
    }
  }
}

/// How tensors are written.
extension Converter {
  private func elements(_ tensor: PlannedTensor) -> Int { tensor.shape.reduce(1, *) }

  private func encoding(of tensor: PlannedTensor) -> Encoding {
    if case .vector = tensor.role { return .float32 }
    switch options.recipe.scheme(of: tensor.name) {
    case .f32: return .float32
    case .f16: return .float16
    case .int8: return tensor.role == .embedding ? .int8Table : .int8Row
    case .int4:
      if tensor.role == .embedding { return .int8Table }
      // Groups of 4-bit codes have 16 columns.
      return (tensor.shape.last ?? 0) % 16 == 0 ? .int4Group : .int8Row
    }
  }

  /// Whether biases and gains, which `role` calls linear too, are kept as floats.
  private func isVector(_ tensor: PlannedTensor) -> Bool { tensor.shape.count < 2 }

  /// How the weights of a tensor are quantized that quantized activations meet, or `nil` for any other tensor.
  private func quantization(_ tensor: PlannedTensor) -> Recipe.Scheme? {
    if isVector(tensor) { return nil }
    switch encoding(of: tensor) {
    case .int8Row: return .int8
    case .int4Group: return .int4
    case .float32, .float16, .int8Table: return nil
    }
  }

  private func write(
    _ tensor: PlannedTensor, _ checkpoint: any Checkpoint, _ scales: SectionScales?,
    _ store: TensorStore, _ engine: Engine
  ) throws(ConversionError) {
    let reader = RowReader(checkpoint, tensor, rowFactors: scales?.rows[tensor.name])
    let inputs = scales?.inputs[tensor.name]
    let isFolded = inputs?.isFolded ?? false
    switch isVector(tensor) ? .float32 : encoding(of: tensor) {
    case .float32: try store.float32(reader)
    case .float16: try store.float16(reader)
    case .int8Table: try store.int8Table(reader)
    case .int8Row:
      try store.int8Panels(
        reader, inputScales: inputs?.values, isFolded: isFolded,
        feedback: try feedback(for: tensor, inputs?.values, engine))
    case .int4Group:
      try store.int4Panels(
        reader, inputScales: inputs?.values, isFolded: isFolded,
        feedback: try feedback(for: tensor, inputs?.values, engine))
    }
  }

  /// What a matrix's inputs say about how its errors should be spread, if they are known.
  private func feedback(
    for tensor: PlannedTensor, _ inputScales: [Float]?, _ engine: Engine
  ) throws(ConversionError) -> ErrorFeedback? {
    guard let known = options.calibration?.inputs[tensor.name],
      known.columns == tensor.shape.last, known.columns % 16 == 0
    else { return nil }
    do throws(SystemError) {
      try engine.reserve(Engine.scratchForFeedback(columns: known.columns))
      let scales = try inputScales.map { (scales) throws(SystemError) in
        try MutableBlock(copying: scales).readOnly
      }
      let feedback = try engine.errorFeedback(
        moments: known.moments, inputScales: scales, columns: known.columns)
      // Inputs beyond all measure; their matrix is rounded by itself.
      let parts = [feedback.weights, feedback.coefficients]
      return parts.contains { WeightKernels.firstNonFinite($0) != nil } ? nil : feedback
    } catch { throw .system(error) }
  }
}

extension TextTowerRecord {
  fileprivate init(_ family: String, _ parameters: TextHyperParameters) {
    self.init(
      family: family, width: parameters.width, layers: parameters.layers,
      heads: parameters.heads, mlpWidth: parameters.mlpWidth,
      vocabularySize: parameters.vocabularySize, positions: parameters.positions,
      layerNormEpsilon: Float(parameters.normEpsilon),
      activation: parameters.activation == .gelu ? .gelu : .quickGELU,
      pooling: TextPooling(parameters.feature), outputWidth: parameters.embeddingWidth,
      contextLength: parameters.contextLength, lowercases: true,
      masksPadding: parameters.masksPadding, straightensQuotes: parameters.straightensQuotes)
  }
}

extension TextPooling {
  fileprivate init(_ feature: TextFeature) {
    switch feature {
    case .pooler: self = .pooler
    case .classifier: self = .classifier
    case .projection: self = .projection
    }
  }
}

extension ImageTowerRecord {
  fileprivate init(_ family: String, _ parameters: ImageHyperParameters) {
    self.init(
      family: family, width: parameters.width, layers: parameters.layers,
      heads: parameters.heads, mlpWidth: parameters.mlpWidth, imageSize: parameters.imageSize,
      patchSize: parameters.patchSize, layerNormEpsilon: Float(parameters.normEpsilon),
      activation: parameters.activation == .gelu ? .gelu : .quickGELU,
      outputWidth: parameters.embeddingWidth,
      resize: parameters.preprocessing.resizeMode == .squash ? .squash : .shortest,
      mean: parameters.preprocessing.mean.map { Float($0) },
      standardDeviation: parameters.preprocessing.standardDeviation.map { Float($0) })
  }
}
