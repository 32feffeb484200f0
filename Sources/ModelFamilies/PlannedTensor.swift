public import TensorCore

/// A tensor of a `.tcm` and the tensors of the checkpoint it is made of.
///
/// To make it: read the sources in order, stack them along the first dimension, then apply
/// `transform`.
public struct PlannedTensor: Equatable, Sendable {
  /// The name in the `.tcm`.
  public let name: String
  /// What the runtime does with it, which decides how it may be stored.
  public let role: TensorRole
  /// The group it is stored in.
  public let section: TowerSection
  /// The dimensions after stacking and transforming.
  public let shape: [Int]
  /// Where the values come from.
  public let sources: [SourceTensor]
  /// What happens to the stacked values.
  public let transform: TensorTransform
}

/// A tensor of the checkpoint.
public struct SourceTensor: Equatable, Sendable {
  /// The name in the checkpoint.
  public let name: String
  /// The place in `Checkpoint.tensors`.
  public let index: Int
  /// How its elements are stored; a float type.
  public let elementType: ElementType
  /// The dimensions, checked.
  public let shape: [Int]
}

/// What happens to values between checkpoint and `.tcm`.
public enum TensorTransform: Equatable, Sendable {
  /// Nothing.
  case none
  /// Rows become columns: [a, b] to [b, a].
  case transpose
  /// All dimensions but the first become one; the values stay in order.
  case flatten
}
