/// How a picture becomes the tower's input.
public struct ImagePreprocessing: Equatable, Sendable {
  /// How pixels are interpolated.
  public enum Interpolation: String, Equatable, Sendable, CaseIterable {
    /// Pillow's BICUBIC.
    case bicubic
    /// Pillow's BILINEAR.
    case bilinear
  }

  /// How the picture is brought to the tower's size.
  public enum ResizeMode: String, Equatable, Sendable, CaseIterable {
    /// The shorter side to the size, then the centre is cut out.
    case shortest
    /// The longer side to the size, then padded.
    case longest
    /// Both sides to the size.
    case squash
  }

  /// Subtracted from red, green and blue in 0...1.
  public var mean: [Double]
  /// Divides what is left.
  public var standardDeviation: [Double]
  /// How pixels are interpolated.
  public var interpolation: Interpolation
  /// How the picture is brought to size.
  public var resizeMode: ResizeMode

  /// Puts the values together.
  package init(
    mean: [Double], standardDeviation: [Double], interpolation: Interpolation,
    resizeMode: ResizeMode
  ) {
    self.mean = mean
    self.standardDeviation = standardDeviation
    self.interpolation = interpolation
    self.resizeMode = resizeMode
  }

  /// OpenAI's, which is open_clip's default.
  public static let openAI = ImagePreprocessing(
    mean: [0.48145466, 0.4578275, 0.40821073],
    standardDeviation: [0.26862954, 0.26130258, 0.27577711],
    interpolation: .bicubic, resizeMode: .shortest)
}
