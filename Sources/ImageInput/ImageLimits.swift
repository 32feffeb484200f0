/// What decoding one picture may cost.
///
/// A file of a few kilobytes can ask for gigabytes; these are checked before anything is allocated.
public struct ImageLimits: Equatable, Sendable {
  /// Longest side in pixels; no option raises it.
  public static let maximumSide = 65_535
  /// The same of a JPEG: libjpeg's own limit.
  public static let maximumJPEGSide = 65_500

  /// Most pixels, width times height.
  public var pixels: Int
  /// Most scans of a JPEG; each costs time in proportion to the pixels.
  public var scans: Int
  /// Most bytes libjpeg may allocate; progressive files need two for each pixel and colour.
  public var memory: Int

  /// Limits for files from anywhere: 50 million pixels, 100 scans, 64 MiB.
  ///
  /// - Parameters:
  ///   - pixels: Most pixels.
  ///   - scans: Most scans of a JPEG.
  ///   - memory: Most bytes libjpeg may allocate, besides the picture itself.
  public init(pixels: Int = 50_000_000, scans: Int = 100, memory: Int = 64 << 20) {
    self.pixels = pixels
    self.scans = scans
    self.memory = memory
  }
}
