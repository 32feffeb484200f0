/// What the runtime does with a tensor.
public enum TensorRole: Equatable, Sendable {
  /// A matrix [outputs, inputs] that activations are multiplied with.
  case linear(smoothing: SmoothingSource?)
  /// A table whose rows are looked up.
  case embedding
  /// The matrix [width, channels × patch × patch] that pixels are multiplied with.
  case patchEmbedding
  /// The matrix [embedding, width] at a tower's end.
  case projection
  /// Gains, biases, class and position tables: kept as floats.
  case vector
}

/// The LayerNorm whose output a linear reads.
public struct SmoothingSource: Equatable, Sendable {
  /// The name of the norm's gain in the `.tcm`.
  public let gain: String
  /// The name of the norm's bias in the `.tcm`.
  public let bias: String
  /// Whether this linear is all that reads the norm, so that an input scale can be folded into gain
  /// and bias.
  ///
  /// True in a pre-LN block; false in a post-LN one, where the residual reads the norm too.
  public let isFoldable: Bool
  /// Whether gain and bias tell the ranges of the norm's output well enough to smooth by them alone.
  ///
  /// True before an MLP. Before attention the few channels far beyond four standard deviations
  /// decide, which the gain does not know; see docs/NUMERICS.md.
  public let tellsRanges: Bool

  /// Puts the values together.
  package init(gain: String, bias: String, isFoldable: Bool, tellsRanges: Bool) {
    self.gain = gain
    self.bias = bias
    self.isFoldable = isFoldable
    self.tellsRanges = tellsRanges
  }
}
