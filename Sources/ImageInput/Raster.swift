internal import TensorCore

/// Pixels on their way through the preprocessing.
struct Raster {
  /// Rows from the top, nothing between them.
  let pixels: Block<UInt8>
  let width: Int
  let height: Int
  /// What the bytes of a pixel mean.
  let mode: DecodedImage.Mode
  /// 256 colours of three bytes for `.palette`, else empty.
  let palette: [UInt8]

  init(
    pixels: Block<UInt8>, width: Int, height: Int, mode: DecodedImage.Mode, palette: [UInt8]
  ) {
    self.pixels = pixels
    self.width = width
    self.height = height
    self.mode = mode
    self.palette = palette
  }

  /// A square of `size` rows.
  init(
    square pixels: Block<UInt8>, _ size: Int, _ mode: DecodedImage.Mode, _ palette: [UInt8] = []
  ) {
    self.init(pixels: pixels, width: size, height: size, mode: mode, palette: palette)
  }

  /// Row `y`.
  func row(_ y: Int) -> Block<UInt8> {
    let byteCount = width * mode.channels
    return pixels[(y * byteCount)..<((y + 1) * byteCount)]
  }
}
