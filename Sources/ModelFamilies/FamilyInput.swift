public import Checkpoints
internal import Notation

/// What families are recognised by: names and shapes, configurations, and where those do not
/// decide, values.
public struct FamilyInput: Sendable {
  /// The checkpoint, for messages.
  public var path: String
  /// Every tensor.
  public var tensors: [TensorInfo]
  /// `config.json`.
  public var configuration: ConfigurationFile?
  /// `open_clip_config.json`.
  public var openCLIPConfiguration: ConfigurationFile?
  /// `preprocessor_config.json`.
  public var preprocessorConfiguration: ConfigurationFile?
  /// Whether the checkpoint is a compiled model.
  public var isTorchScript = false
  /// Looks at values; without it, what only values can tell stays unknown.
  public var weights: WeightEvidence?

  /// The given facts.
  ///
  /// - Parameters:
  ///   - path: For messages.
  ///   - tensors: Every tensor.
  ///   - configuration: `config.json`.
  ///   - openCLIPConfiguration: `open_clip_config.json`.
  ///   - weights: Looks at values.
  public init(
    path: String, tensors: [TensorInfo], configuration: ConfigurationFile? = nil,
    openCLIPConfiguration: ConfigurationFile? = nil, weights: WeightEvidence? = nil
  ) {
    self.path = path
    self.tensors = tensors
    self.configuration = configuration
    self.openCLIPConfiguration = openCLIPConfiguration
    self.weights = weights
  }

  /// Everything an open checkpoint tells.
  ///
  /// - Parameter opened: Values are read from it only where names and configurations do not decide.
  public init(_ opened: OpenedCheckpoint) {
    self.init(
      path: opened.checkpoint.path, tensors: opened.checkpoint.tensors,
      configuration: opened.sideFiles.configuration,
      openCLIPConfiguration: opened.sideFiles.openCLIPConfiguration,
      weights: WeightEvidence(reading: opened.checkpoint))
    preprocessorConfiguration = opened.sideFiles.preprocessorConfiguration
    isTorchScript = opened.isTorchScript
  }
}
