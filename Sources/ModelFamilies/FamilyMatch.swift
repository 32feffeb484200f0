/// What was recognised in one input.
public struct FamilyMatch: Sendable {
  /// The towers, text first; at least one.
  public let towers: [TowerPlan]
  /// The input's logit scale; `nil` without one.
  public let logitScale: LogitScale?
  /// Names of tensors that nothing uses, in the order of the file.
  public let unused: [String]
}
