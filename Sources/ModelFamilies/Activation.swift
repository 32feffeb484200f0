/// The activation between the two linears of a block.
public enum Activation: String, Equatable, Sendable, CaseIterable {
  /// x·Φ(x), with the error function.
  case gelu
  /// x·sigmoid(1.702·x), which OpenAI's weights were trained with.
  case quickGELU = "quickgelu"
}
