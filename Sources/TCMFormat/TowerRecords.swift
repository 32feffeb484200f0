/// The activation of a tower's MLPs.
public enum TowerActivation: Int32, Sendable {
  /// x/2 (1 + erf(x/√2)).
  case gelu = 1
  /// x·sigmoid(1.702x).
  case quickGELU = 2
}

/// What of a text tower is the embedding.
public enum TextPooling: Int32, Sendable {
  /// tanh(W h[CLS] + b).
  case pooler = 1
  /// A linear layer over that, without an activation.
  case classifier = 2
  /// W h[CLS].
  case projection = 3

  /// For people and JSON.
  public var name: String {
    switch self {
    case .pooler: "pooler"
    case .classifier: "classifier"
    case .projection: "projection"
    }
  }
}

/// The text tower: its sizes and the protocol its texts are encoded by.
public struct TextTowerRecord: Equatable, Sendable {
  /// The model family's name.
  public var family: String
  /// Width of the hidden states.
  public var width: Int
  /// Number of layers.
  public var layers: Int
  /// Number of attention heads; divides the width.
  public var heads: Int
  /// Width of the MLPs.
  public var mlpWidth: Int
  /// Rows of the word table.
  public var vocabularySize: Int
  /// Rows of the position table.
  public var positions: Int
  /// Epsilon of the layer norms.
  public var layerNormEpsilon: Float
  /// Activation of the MLPs.
  public var activation: TowerActivation
  /// What the embedding is.
  public var pooling: TextPooling
  /// Width of the embedding.
  public var outputWidth: Int
  /// Texts are cut to this many tokens, and unless `masksPadding`, padded to them.
  public var contextLength: Int
  /// Whether the tokenizer lower-cases and strips accents.
  public var lowercases: Bool
  /// Whether nothing attends to padding: each text is encoded at its own length.
  public var masksPadding: Bool
  /// Whether “ and ” are read as ".
  public var straightensQuotes: Bool

  /// Puts a record together.
  public init(
    family: String, width: Int, layers: Int, heads: Int, mlpWidth: Int, vocabularySize: Int,
    positions: Int, layerNormEpsilon: Float, activation: TowerActivation,
    pooling: TextPooling = .pooler, outputWidth: Int, contextLength: Int, lowercases: Bool,
    masksPadding: Bool = false, straightensQuotes: Bool = false
  ) {
    self.family = family
    self.width = width
    self.layers = layers
    self.heads = heads
    self.mlpWidth = mlpWidth
    self.vocabularySize = vocabularySize
    self.positions = positions
    self.layerNormEpsilon = layerNormEpsilon
    self.activation = activation
    self.pooling = pooling
    self.outputWidth = outputWidth
    self.contextLength = contextLength
    self.lowercases = lowercases
    self.masksPadding = masksPadding
    self.straightensQuotes = straightensQuotes
  }
}

/// The image tower: its sizes and its preprocessing.
public struct ImageTowerRecord: Equatable, Sendable {
  /// How a picture is brought to the tower's size.
  public enum Resize: Int32, Sendable {
    /// Short side to the size, then the centre is cut out.
    case shortest = 1
    /// Both sides to the size.
    case squash = 2
  }

  /// The model family's name.
  public var family: String
  /// Width of the hidden states.
  public var width: Int
  /// Number of layers.
  public var layers: Int
  /// Number of attention heads; divides the width.
  public var heads: Int
  /// Width of the MLPs.
  public var mlpWidth: Int
  /// Side of the input picture in pixels; a multiple of the patch size.
  public var imageSize: Int
  /// Side of a patch in pixels.
  public var patchSize: Int
  /// Epsilon of the layer norms.
  public var layerNormEpsilon: Float
  /// Activation of the MLPs.
  public var activation: TowerActivation
  /// Width of the embedding.
  public var outputWidth: Int
  /// How a picture is brought to size.
  public var resize: Resize
  /// Mean of red, green and blue in [0, 1].
  public var mean: [Float]
  /// Standard deviation of red, green and blue.
  public var standardDeviation: [Float]

  /// Patches and the class token.
  public var tokens: Int { (imageSize / patchSize) * (imageSize / patchSize) + 1 }

  /// Puts a record together.
  public init(
    family: String, width: Int, layers: Int, heads: Int, mlpWidth: Int, imageSize: Int,
    patchSize: Int, layerNormEpsilon: Float, activation: TowerActivation, outputWidth: Int,
    resize: Resize, mean: [Float], standardDeviation: [Float]
  ) {
    self.family = family
    self.width = width
    self.layers = layers
    self.heads = heads
    self.mlpWidth = mlpWidth
    self.imageSize = imageSize
    self.patchSize = patchSize
    self.layerNormEpsilon = layerNormEpsilon
    self.activation = activation
    self.outputWidth = outputWidth
    self.resize = resize
    self.mean = mean
    self.standardDeviation = standardDeviation
  }
}
