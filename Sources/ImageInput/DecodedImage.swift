public import TensorCore

/// A decoded picture in the mode Pillow gives the file.
///
/// The mode matters because open_clip resizes before it converts to RGB: palette pictures without
/// interpolation, pictures with alpha with their colours multiplied by it.
public struct DecodedImage: Sendable {
  /// What the bytes of a pixel mean; Pillow's modes.
  public enum Mode: Equatable, Sendable, CaseIterable {
    /// "1": one byte, 0 or 255.
    case bilevel
    /// "L": one byte. 16-bit files keep the upper byte of each sample.
    case grey
    /// "LA": grey and alpha.
    case greyAlpha
    /// "P": an index into the palette.
    case palette
    /// "RGB".
    case rgb
    /// "RGBA", alpha not premultiplied.
    case rgba
    /// "CMYK", 255 is full ink.
    case cmyk

    /// Bytes a pixel.
    public var channels: Int {
      switch self {
      case .bilevel, .grey, .palette: 1
      case .greyAlpha: 2
      case .rgb: 3
      case .rgba, .cmyk: 4
      }
    }
  }

  /// The file, for messages.
  public let name: String
  /// The file's format; `nil` if it was decoded elsewhere.
  public let format: ImageFormat?
  /// Pixels a row, 1 to 65,535.
  public let width: Int
  /// Rows, 1 to 65,535.
  public let height: Int
  /// What the bytes of a pixel mean.
  public let mode: Mode
  /// `height` rows from the top of `width` pixels of `mode.channels` bytes, nothing between them.
  public let pixels: Block<UInt8>
  /// 256 colours of three bytes for `.palette`, else empty.
  let palette: [UInt8]

  /// The picture as 8-bit RGB at its own size: Pillow's `convert("RGB")`.
  ///
  /// - Returns: `width * height * 3` bytes, rows from the top.
  /// - Throws: `ImageError.outOfMemory`.
  public func rgb() throws(ImageError) -> Block<UInt8> {
    if mode == .rgb { return pixels }
    let output: MutableBlock<UInt8>
    do { output = try MutableBlock(allocating: width * height * 3) } catch {
      throw .outOfMemory(name: name)
    }
    PixelKernels.convertToRGB(pixels, mode: mode, palette: palette, into: output)
    return output.readOnly
  }
}

extension DecodedImage {
  /// A picture that was decoded elsewhere.
  ///
  /// - Parameters:
  ///   - pixels: `height * width * 3` bytes, rows from the top.
  ///   - width: 1 to 65,535.
  ///   - height: 1 to 65,535. Other sizes are misuse and trap.
  ///   - name: For messages.
  public init(rgb pixels: Block<UInt8>, width: Int, height: Int, name: String) {
    let sides = 1...ImageLimits.maximumSide
    precondition(sides.contains(width) && sides.contains(height), "a picture has a size")
    precondition(pixels.count == width * height * 3, "there are three bytes a pixel")
    self.init(
      name: name, format: nil, width: width, height: height, mode: .rgb, pixels: pixels,
      palette: [])
  }
}
