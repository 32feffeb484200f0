/// Which of the two encoders a tower is.
public enum TowerKind: String, Equatable, Hashable, Sendable, CaseIterable {
  /// Turns a caption into an embedding.
  case text
  /// Turns a picture into an embedding.
  case image
}

/// How a tower of a checkpoint becomes a tower of a `.tcm`: what it is, and where each tensor comes
/// from.
public struct TowerPlan: Sendable {
  /// What a tower is built of.
  public enum HyperParameters: Equatable, Sendable {
    /// A BERT text encoder.
    case text(TextHyperParameters)
    /// A vision transformer.
    case image(ImageHyperParameters)
  }

  /// The checkpoint, for messages.
  public let path: String
  /// Text or image.
  public let kind: TowerKind
  /// The family's name, for example `BERT`.
  public let family: String
  /// The sizes and settings.
  public let hyperParameters: HyperParameters
  /// Every setting that the shapes do not give, and why it is what it is.
  public let findings: [Finding]
  /// The tensors in the order of the tower, section by section.
  public let tensors: [PlannedTensor]
}
