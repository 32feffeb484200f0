public import ImageInput
public import Kernels

/// How a verification is made.
public struct VerificationOptions: Sendable {
  /// Name and version of the tool.
  public var tool: String
  /// The largest drop accepted of top-1 and R@1, in percentage points.
  public var maxDrop = 1.0
  /// The lowest cosine accepted between the two models' embeddings of an item, where there is no data set.
  public var minCosine: Double?
  /// Pictures to draw of each data set, or all.
  public var sample: Int?
  /// The seed of the draw.
  public var seed: UInt64 = 0
  /// Number of threads; at least 1.
  public var threads = 1
  /// The instruction set.
  public var instructionSet = InstructionSet.best
  /// Makes the float products of the reference, or `nil` for the own kernel.
  public var product: FloatProduct?
  /// Largest pictures decoded.
  public var limits = ImageLimits()
  /// Texts and pictures that layers are compared on; 0 leaves that out.
  public var layerSamples = 8
  /// Texts for a verification without a data set, or empty for the built-in ones.
  public var texts: [String] = []
  /// Pictures for a verification without a data set, or `nil` for the built-in ones.
  public var pictures: (any PictureSource)?

  /// Options with the defaults of the command line.
  ///
  /// - Parameter tool: Name and version of the tool.
  public init(tool: String) { self.tool = tool }
}

/// How far a verification is.
public enum VerificationEvent: Sendable {
  /// All that is left will take about so many seconds.
  case estimate(seconds: Double)
  /// A stage has so many of its items; the first call of a stage counts those found in the cache.
  case progress(stage: String, done: Int, total: Int)
  /// Something worth saying, a sentence.
  case note(String)
}
