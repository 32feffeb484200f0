/// What of a text tower is the embedding.
public enum TextFeature: String, Equatable, Sendable {
  /// The pooler's output, with its tanh.
  case pooler
  /// The output of a classifier after the pooler.
  case classifier
  /// The projected state of [CLS], without a pooler.
  case projection
}

/// The sizes and settings of a BERT text tower.
public struct TextHyperParameters: Equatable, Sendable {
  /// Transformer blocks.
  public var layers: Int
  /// Features of a token.
  public var width: Int
  /// Attention heads; divides `width`.
  public var heads: Int
  /// Hidden features of the block's second half.
  public var mlpWidth: Int
  /// Rows of the word table.
  public var vocabularySize: Int
  /// Rows of the position table.
  public var positions: Int
  /// Rows of the token type table.
  public var tokenTypes: Int
  /// Tokens a text is cut to and, unless `masksPadding`, padded to.
  public var contextLength: Int
  /// Added to the variance in every LayerNorm.
  public var normEpsilon: Double
  /// Between the two linears of a block.
  public var activation: Activation
  /// Features of the embedding.
  public var embeddingWidth: Int
  /// What the embedding is.
  public var feature: TextFeature
  /// Whether padding is masked, so that each text is encoded at its own length.
  public var masksPadding: Bool
  /// Whether “ and ” are read as ".
  public var straightensQuotes: Bool

  /// Puts the values together.
  package init(
    layers: Int, width: Int, heads: Int, mlpWidth: Int, vocabularySize: Int, positions: Int,
    tokenTypes: Int, contextLength: Int, normEpsilon: Double, activation: Activation,
    embeddingWidth: Int, feature: TextFeature, masksPadding: Bool = false,
    straightensQuotes: Bool = false
  ) {
    self.layers = layers
    self.width = width
    self.heads = heads
    self.mlpWidth = mlpWidth
    self.vocabularySize = vocabularySize
    self.positions = positions
    self.tokenTypes = tokenTypes
    self.contextLength = contextLength
    self.normEpsilon = normEpsilon
    self.activation = activation
    self.embeddingWidth = embeddingWidth
    self.feature = feature
    self.masksPadding = masksPadding
    self.straightensQuotes = straightensQuotes
  }
}
