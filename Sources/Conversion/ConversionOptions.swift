public import Checkpoints
public import ModelFamilies
public import Quantization

/// What a conversion is told beyond its inputs and output.
public struct ConversionOptions: Sendable {
  /// How tensors are stored.
  public var recipe: Recipe
  /// What the user said about the model.
  public var overrides: FamilyOverrides
  /// The towers that are written, of those that are looked for in the inputs.
  public var written: Set<TowerKind> = [.text, .image]
  /// What the model's matrices are given, if that was found out.
  public var calibration: Calibration?
  /// The vocabulary, if not the `vocab.txt` beside the text tower.
  public var vocabularyPath: String?
  /// What to refuse.
  public var limits = CheckpointLimits()
  /// Number of threads; at least 1.
  public var threads: Int
  /// Name and version of the tool, for provenance.
  public var tool: String

  /// Options with the defaults of the command line.
  ///
  /// - Parameters:
  ///   - recipe: How tensors are stored.
  ///   - tool: Name and version of the tool.
  public init(recipe: Recipe = .int8, tool: String) {
    self.recipe = recipe
    self.overrides = FamilyOverrides()
    self.threads = 1
    self.tool = tool
  }
}

/// What a conversion did, for a report to the user.
public struct ConversionSummary: Sendable {
  /// Towers of the inputs, written or not, with what was found and assumed about them.
  public var towers: [TowerPlan] = []
  /// The factor of cosines, and where it comes from.
  public var logitScale = LogitScale.assumed
  /// Notes about the inputs, a sentence each.
  public var notes: [String] = []
  /// Tensors nobody uses, by input path.
  public var unused: [(path: String, names: [String])] = []
  /// Bytes read and written.
  public var inputByteCount = 0
  /// Bytes of the output.
  public var outputByteCount = 0
}
