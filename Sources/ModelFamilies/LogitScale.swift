/// The factor on cosines before the softmax.
public struct LogitScale: Equatable, Sendable {
  /// The natural logarithm, as checkpoints store it.
  public let logarithm: Double
  /// The factor.
  public let scale: Double
  /// Where it comes from.
  public let finding: Finding

  /// 100, the value CLIP's training ends at, for when no input holds one.
  public static let assumed = LogitScale(
    logarithm: 4.605170185988092, scale: 100,
    finding: Finding("logit scale", "100", "CLIP's usual value", isAssumed: true))
}

extension LogitScale {
  /// What checkpoints call it.
  static let tensorName = "logit_scale"
}
