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
  /// Tokens a text is padded or cut to.
  public var contextLength: Int
  /// Added to the variance in every LayerNorm.
  public var normEpsilon: Double
  /// Between the two linears of a block.
  public var activation: Activation
  /// Features of the embedding.
  public var embeddingWidth: Int
  /// Whether a classifier follows the pooler, whose output is the embedding.
  public var hasClassifier: Bool

  /// Puts the values together.
  package init(
    layers: Int, width: Int, heads: Int, mlpWidth: Int, vocabularySize: Int, positions: Int,
    tokenTypes: Int, contextLength: Int, normEpsilon: Double, activation: Activation,
    embeddingWidth: Int, hasClassifier: Bool
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
    self.hasClassifier = hasClassifier
  }
}
