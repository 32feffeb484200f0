/// The sizes and settings of a vision transformer.
public struct ImageHyperParameters: Equatable, Sendable {
  /// Transformer blocks.
  public var layers: Int
  /// Features of a patch.
  public var width: Int
  /// Attention heads; divides `width`.
  public var heads: Int
  /// Hidden features of the block's second half.
  public var mlpWidth: Int
  /// Side of a patch in pixels.
  public var patchSize: Int
  /// Patches along a side of the picture.
  public var grid: Int
  /// Side of the picture in pixels.
  public var imageSize: Int
  /// Features of the embedding.
  public var embeddingWidth: Int
  /// Added to the variance in every LayerNorm.
  public var normEpsilon: Double
  /// Between the two linears of a block.
  public var activation: Activation
  /// What happens to a picture first.
  public var preprocessing: ImagePreprocessing

  /// Puts the values together.
  package init(
    layers: Int, width: Int, heads: Int, mlpWidth: Int, patchSize: Int, grid: Int, imageSize: Int,
    embeddingWidth: Int, normEpsilon: Double, activation: Activation,
    preprocessing: ImagePreprocessing
  ) {
    self.layers = layers
    self.width = width
    self.heads = heads
    self.mlpWidth = mlpWidth
    self.patchSize = patchSize
    self.grid = grid
    self.imageSize = imageSize
    self.embeddingWidth = embeddingWidth
    self.normEpsilon = normEpsilon
    self.activation = activation
    self.preprocessing = preprocessing
  }
}
