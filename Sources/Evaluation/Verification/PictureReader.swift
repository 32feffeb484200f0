internal import CLIPRuntime
internal import ImageInput
internal import TCMFormat
internal import TensorCore

/// Pictures as a tower sees them.
struct PictureReader {
  private let preprocessor: Preprocessor
  private let limits: ImageLimits

  init(_ tower: ImageTowerRecord, _ limits: ImageLimits) {
    preprocessor = Preprocessor(Preprocessing(tower))
    self.limits = limits
  }

  /// Reads a picture.
  ///
  /// - Parameters:
  ///   - source: The data set's pictures.
  ///   - index: Which.
  ///   - pixels: Receives `[3, side, side]`.
  /// - Returns: `nil`, or why it cannot be read, a sentence.
  func read(_ source: any PictureSource, _ index: Int, into pixels: MutableBlock<Float>) -> String?
  {
    do {
      try preprocessor.tensor(try decoded(source, index), into: pixels)
      return nil
    } catch { return "\(error)" }
  }

  /// The cropped picture as PNG, for a report; `nil` if that fails.
  func thumbnail(_ source: any PictureSource, _ index: Int) -> [UInt8]? {
    do {
      let crop = try MutableBlock<UInt8>(allocating: preprocessor.pictureByteCount)
      try preprocessor.crop(try decoded(source, index), into: crop)
      let side = preprocessor.preprocessing.imageSize
      return try PNGEncoder.encode(crop.readOnly, width: side, height: side, name: "").array
    } catch { return nil }
  }

  private func decoded(_ source: any PictureSource, _ index: Int) throws -> DecodedImage {
    try ImageDecoder.decode(try source.bytes(index), name: source.name(index), limits: limits)
  }
}
