public import TensorCore

/// Resizes, crops and normalises pictures, to the bit as torchvision does on Pillow images.
///
/// Checked against torchvision 0.29 and Pillow 13 on x86-64. Only the part of the resized picture
/// that is kept is ever computed. It owns scratch memory that grows with the pictures, so one is
/// used by one caller at a time.
public final class Preprocessor {
  /// What is done.
  public let preprocessing: Preprocessing

  private let table: [Float]
  private var picture = GrowingBlock<UInt8>()
  private var cropped = GrowingBlock<UInt8>()
  private var resampler = Resampler()
  private var nearestColumns = NearestAxis()
  private var nearestRows = NearestAxis()

  /// Prepares the table of normalised values; scratch memory comes with the first picture.
  ///
  /// - Parameter preprocessing: What to do. A size outside 1...65,535, or means or deviations other
  ///   than three, are misuse and trap.
  public init(_ preprocessing: Preprocessing) {
    precondition((1...65_535).contains(preprocessing.imageSize), "a size of 1 to 65,535")
    precondition(preprocessing.mean.count == 3, "three means")
    precondition(preprocessing.standardDeviation.count == 3, "three standard deviations")
    self.preprocessing = preprocessing
    self.table = preprocessing.table
  }

  /// Bytes of a cropped picture: `imageSize * imageSize * 3`.
  public var pictureByteCount: Int { preprocessing.imageSize * preprocessing.imageSize * 3 }

  /// Resizes and crops.
  ///
  /// - Parameters:
  ///   - image: A decoded picture.
  ///   - output: Gets 8-bit RGB rows from the top; exactly `pictureByteCount` bytes, else it traps.
  /// - Throws: `ImageError.outOfMemory`.
  public func crop(_ image: DecodedImage, into output: MutableBlock<UInt8>) throws(ImageError) {
    precondition(output.count == pictureByteCount, "three bytes a pixel of the square")
    do { try write(image, into: output) } catch { throw .outOfMemory(name: image.name) }
  }

  /// Resizes, crops and normalises.
  ///
  /// - Parameters:
  ///   - image: A decoded picture.
  ///   - output: Gets the tensor [3, imageSize, imageSize]; exactly `pictureByteCount` values, else
  ///     it traps.
  /// - Throws: `ImageError.outOfMemory`.
  public func tensor(_ image: DecodedImage, into output: MutableBlock<Float>) throws(ImageError) {
    precondition(output.count == pictureByteCount, "three values a pixel of the square")
    do {
      let rgb = try picture.take(pictureByteCount)
      try write(image, into: rgb)
      PixelKernels.planes(rgb.readOnly, table: table, into: output)
    } catch { throw .outOfMemory(name: image.name) }
  }

  private func write(
    _ image: DecodedImage, into output: MutableBlock<UInt8>
  ) throws(SystemError) {
    let geometry = ResizeGeometry(
      width: image.width, height: image.height, size: preprocessing.imageSize,
      mode: preprocessing.resizeMode)
    let source = Raster(
      pixels: image.pixels, width: image.width, height: image.height, mode: image.mode,
      palette: image.palette)
    let square: Raster
    if geometry.width == source.width && geometry.height == source.height {
      square = try cut(source, geometry)
    } else if preprocessing.order == .convertThenResize {
      switch source.mode {
      // Grey is the same value three times in RGB, and each resizes as one.
      case .bilevel, .grey, .rgb:
        square = try resampler.square(source, geometry, preprocessing, .none)
      case .greyAlpha, .palette, .rgba, .cmyk:
        square = try resampler.square(source, geometry, preprocessing, .convertToRGB)
      }
    } else {
      switch source.mode {
      case .palette, .bilevel: square = try pick(source, geometry)
      case .grey, .rgb, .cmyk:
        square = try resampler.square(source, geometry, preprocessing, .none)
      case .greyAlpha, .rgba:
        square = try resampler.square(source, geometry, preprocessing, .premultiply)
      }
    }
    PixelKernels.convertToRGB(
      square.pixels, mode: square.mode, palette: square.palette, into: output)
  }

  /// The square out of a picture that already has its size.
  private func cut(_ source: Raster, _ geometry: ResizeGeometry) throws(SystemError) -> Raster {
    let size = preprocessing.imageSize
    let rowBytes = size * source.mode.channels
    let output = try cropped.take(size * rowBytes)
    for y in 0..<size {
      let first = geometry.left * source.mode.channels
      PixelKernels.copy(
        source.row(geometry.top + y)[first..<(first + rowBytes)],
        into: output[(y * rowBytes)..<((y + 1) * rowBytes)])
    }
    return Raster(square: output.readOnly, size, source.mode, source.palette)
  }

  /// The square of a resized picture, without interpolation.
  private func pick(_ source: Raster, _ geometry: ResizeGeometry) throws(SystemError) -> Raster {
    let size = preprocessing.imageSize
    let columns = try nearestColumns.prepare(
      inputSize: source.width, outputSize: geometry.width,
      window: geometry.left..<(geometry.left + size))
    let rows = try nearestRows.prepare(
      inputSize: source.height, outputSize: geometry.height,
      window: geometry.top..<(geometry.top + size))
    let rowBytes = size * source.mode.channels
    let output = try cropped.take(size * rowBytes)
    for y in 0..<size {
      let target = output[(y * rowBytes)..<((y + 1) * rowBytes)]
      if rows[y] < 0 {
        target.fill(with: 0)
      } else {
        PixelKernels.pick(
          source.row(Int(rows[y])), channels: source.mode.channels, columns, into: target)
      }
    }
    return Raster(square: output.readOnly, size, source.mode, source.palette)
  }
}
