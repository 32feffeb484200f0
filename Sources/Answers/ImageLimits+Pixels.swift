public import ImageInput

extension ImageLimits {
  /// The limits with another one on pixels, and the memory that decoding so many may take.
  ///
  /// - Parameter pixels: At least 1.
  public init(raisedTo pixels: Int) {
    self.init(pixels: pixels)
    let usual = ImageLimits()
    if pixels <= usual.pixels { return }
    // A progressive JPEG takes two bytes for each pixel and colour while it is decoded.
    let (bytes, overflow) = pixels.multipliedReportingOverflow(by: 6)
    memory = overflow ? .max : max(memory, bytes)
  }
}
