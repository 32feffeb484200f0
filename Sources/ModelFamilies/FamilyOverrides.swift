/// What the user said on the command line.
public struct FamilyOverrides: Sendable {
  /// The towers wanted; others in the input are left alone and listed as unused.
  public var towers: Set<TowerKind> = [.text, .image]
  /// The image tower's activation.
  public var activation: Activation?
  /// The text tower's heads.
  public var textHeads: Int?
  /// The image tower's heads.
  public var imageHeads: Int?
  /// Tokens a text is padded or cut to.
  public var contextLength: Int?

  /// Nothing overridden.
  public init() {}
}
