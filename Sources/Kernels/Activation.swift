internal import CKernels

/// What a linear layer applies to its output.
public enum Activation: Int32, Sendable, CaseIterable {
  /// The identity.
  case none = 0
  /// x/2 (1 + erf(x/√2)), as BERT and LAION's models use it.
  case gelu = 1
  /// x·sigmoid(1.702x), as OpenAI's CLIP uses it.
  case quickGELU = 2
  /// The hyperbolic tangent, of BERT's pooler.
  case tanh = 3

  var cValue: ck_activation { ck_activation(rawValue: UInt32(rawValue)) }
}
