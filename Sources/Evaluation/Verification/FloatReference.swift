public import CLIPRuntime
public import Checkpoints
internal import Conversion
public import ModelFamilies
internal import Quantization
internal import TCMFormat
internal import TensorCore

/// The float model that a candidate is measured against: an f32 `.tcm`, converted into the cache if need be.
public struct FloatReference {
  /// What the user gave.
  public let inputs: [String]
  /// The vocabulary, if not the `vocab.txt` beside the text tower.
  public let vocabularyPath: String?
  /// Name and version of the tool, for provenance.
  public let tool: String
  /// Number of threads; at least 1.
  public let threads: Int
  private let limits: CheckpointLimits

  /// Describes a reference.
  ///
  /// - Parameters:
  ///   - inputs: Checkpoints as `convert` takes them, or one `.tcm` file.
  ///   - vocabularyPath: The vocabulary, if not the `vocab.txt` beside the text tower.
  ///   - tool: Name and version of the tool.
  ///   - threads: At least 1.
  ///   - limits: What of a checkpoint to refuse.
  public init(
    inputs: [String], vocabularyPath: String?, tool: String, threads: Int,
    limits: CheckpointLimits = CheckpointLimits()
  ) {
    self.inputs = inputs
    self.vocabularyPath = vocabularyPath
    self.tool = tool
    self.threads = threads
    self.limits = limits
  }

  /// Opens the reference of a candidate.
  ///
  /// Checkpoints are converted the way the candidate was: the same towers, activation, heads and context length. Of a
  /// candidate with labels instead of a text tower the reference has that tower, if the inputs hold it.
  ///
  /// - Parameters:
  ///   - candidate: The model to be measured.
  ///   - cache: Keeps the conversion, by the names, sizes and times of the input files.
  ///   - began: Called before a conversion, with its size in bytes.
  ///   - progress: Called during a conversion with the share done, 0 to 1.
  /// - Returns: A model that has the towers of the candidate.
  /// - Throws: `EvaluationError`, `.different` when the two are not the same model in two precisions.
  public func open(
    for candidate: Model, cache: EvaluationCache, began: (Int) -> Void,
    progress: (Double) -> Void
  ) throws(EvaluationError) -> Model {
    let reference = try open(
      overrides(candidate), cache: cache, began: began, progress: progress)
    try compare(candidate, reference)
    return reference
  }

  /// Opens the reference as a model of its own.
  ///
  /// - Parameters:
  ///   - overrides: What the user said about the model.
  ///   - written: Which of the towers that the inputs hold.
  ///   - cache: Keeps the conversion, by the names, sizes and times of the input files.
  ///   - began: Called before a conversion, with its size in bytes.
  ///   - progress: Called during a conversion with the share done, 0 to 1.
  /// - Throws: `EvaluationError`.
  public func open(
    _ overrides: FamilyOverrides, written: Set<TowerKind> = [.text, .image],
    cache: EvaluationCache, began: (Int) -> Void, progress: (Double) -> Void
  ) throws(EvaluationError) -> Model {
    let path =
      try isModelFile
      ? inputs[0] : convert(overrides, written, cache, began: began, progress: progress)
    do throws(ModelError) { return try Model(path: path) } catch { throw .model(error) }
  }

  /// Whether the one input is a `.tcm` file.
  private var isModelFile: Bool {
    get throws(EvaluationError) {
      if inputs.count != 1 { return false }
      guard let file = try? InputFile(path: inputs[0]), file.byteCount >= TCMLayout.magic.count
      else { return false }
      do throws(FileError) {
        return try file.bytes(at: 0, count: TCMLayout.magic.count) == TCMLayout.magic
      } catch { throw .file(error) }
    }
  }

  private func convert(
    _ overrides: FamilyOverrides, _ written: Set<TowerKind>, _ cache: EvaluationCache,
    began: (Int) -> Void, progress: (Double) -> Void
  ) throws(EvaluationError) -> String {
    var options = ConversionOptions(recipe: .f32, tool: tool)
    options.threads = threads
    options.vocabularyPath = vocabularyPath
    options.overrides = overrides
    options.written = written
    options.limits = limits
    func converter(_ path: String) throws(EvaluationError) -> Converter {
      do throws(ConversionError) {
        return try Converter(inputs: inputs, output: path, options: options)
      } catch { throw .conversion(error) }
    }
    let checked = try converter(cache.folder + "/reference.tcm")
    var key = CacheKey("reference 1")
    key.add(tool)
    key.add(Int(TCMLayout.numericsVersion))
    key.add(options.overrides.activation.map { $0 == .gelu ? "gelu" : "quickgelu" } ?? "")
    for number in [
      options.overrides.textHeads, options.overrides.imageHeads, options.overrides.contextLength,
    ] { key.add(number ?? -1) }
    for towers in [options.overrides.towers, options.written] {
      key.add(towers.map(\.rawValue).sorted().joined(separator: " "))
    }
    for file in checked.inputFiles {
      key.add(file.path)
      for number in [
        file.byteCount, Int(file.modified), Int(truncatingIfNeeded: file.identity.inode),
        Int(truncatingIfNeeded: file.identity.device),
      ] { key.add(number) }
    }
    let path = cache.path("reference", key.finish(), "tcm")
    if FileIdentity(path: path) != nil { return path }
    let byteCount = checked.weightCount * 4
    try cache.require(byteCount + (16 << 20))
    began(byteCount)
    let final = try converter(path)
    do throws(ConversionError) { _ = try final.run(progress: progress) } catch {
      throw .conversion(error)
    }
    return path
  }

  /// What the candidate was converted with, so that the reference is the same model.
  private func overrides(_ candidate: Model) -> FamilyOverrides {
    var overrides = FamilyOverrides()
    overrides.towers = []
    if let text = candidate.textTower {
      overrides.towers.insert(.text)
      overrides.textHeads = text.heads
      overrides.contextLength = text.contextLength
    }
    if let labels = candidate.labels {
      // The tower that made them: a data set compares them with what it makes.
      overrides.towers.insert(.text)
      overrides.contextLength = labels.record.contextLength
    }
    if let image = candidate.imageTower {
      overrides.towers.insert(.image)
      overrides.imageHeads = image.heads
      overrides.activation = image.activation == .gelu ? .gelu : .quickGELU
    }
    return overrides
  }

  private func compare(_ candidate: Model, _ reference: Model) throws(EvaluationError) {
    var facts: [(String, String, String)] = []
    if let text = candidate.textTower {
      guard let other = reference.textTower else {
        throw .towerMissing(
          model: reference.file.path, tower: "text", dataset: candidate.file.path)
      }
      facts += pairs("text", text.facts, other.facts)
    }
    if let image = candidate.imageTower {
      guard let other = reference.imageTower else {
        throw .towerMissing(
          model: reference.file.path, tower: "image", dataset: candidate.file.path)
      }
      facts += pairs("image", image.facts, other.facts)
    }
    for (what, found, expected) in facts where found != expected {
      throw .different(
        candidate: candidate.file.path, reference: reference.file.path, what: what, found: found,
        expected: expected)
    }
  }

  private func pairs(
    _ tower: String, _ found: [(String, String)], _ expected: [(String, String)]
  ) -> [(String, String, String)] {
    zip(found, expected).map { ("the \(tower) tower's \($0.0)", $0.1, $1.1) }
  }
}

extension TextTowerRecord {
  /// What two precisions of one model have in common.
  fileprivate var facts: [(String, String)] {
    [
      ("width", "\(width)"), ("number of layers", "\(layers)"), ("number of heads", "\(heads)"),
      ("MLP width", "\(mlpWidth)"), ("vocabulary size", "\(vocabularySize)"),
      ("activation", activation == .gelu ? "gelu" : "quickgelu"),
      ("pooling", pooling.name),
      ("output width", "\(outputWidth)"), ("context length", "\(contextLength)"),
      ("lower-casing", "\(lowercases)"), ("mask of padding", "\(masksPadding)"),
      ("reading of quotes", straightensQuotes ? "straight" : "as they are"),
    ]
  }
}

extension ImageTowerRecord {
  /// What two precisions of one model have in common.
  fileprivate var facts: [(String, String)] {
    [
      ("width", "\(width)"), ("number of layers", "\(layers)"), ("number of heads", "\(heads)"),
      ("MLP width", "\(mlpWidth)"), ("image size", "\(imageSize)"),
      ("patch size", "\(patchSize)"), ("activation", activation == .gelu ? "gelu" : "quickgelu"),
      ("output width", "\(outputWidth)"),
      ("resize mode", resize == .squash ? "squash" : "shortest"), ("mean", "\(mean)"),
      ("standard deviation", "\(standardDeviation)"),
    ]
  }
}
