internal import CImageCodecs
public import TensorCore

/// JPEG and PNG files to pixels, to the bit as Pillow decodes them.
///
/// Checked against Pillow 13 (libjpeg-turbo 3.2; integer inverse DCT, smooth upsampling of chroma).
/// It differs on purpose in two ways. Damage is refused, even where Pillow would show something:
/// wrong checksums, missing or surplus data, corrupt codes, indices outside the palette. And 16-bit
/// grey keeps the upper byte of each sample, as 16-bit colour does in Pillow, whose own conversion
/// of 16-bit grey cuts every value above 255 to white.
///
/// The orientation in EXIF is not applied, as neither Pillow nor open_clip do; profiles and gamma
/// are ignored.
public enum ImageDecoder {
  /// Bytes that tell what a file is, also for the sentence that refuses it.
  public static let signatureByteCount = 64

  /// Whether a file is a JPEG or PNG picture by its first bytes.
  ///
  /// - Parameter start: `signatureByteCount` bytes, or the whole file.
  public static func isPicture(_ start: [UInt8]) -> Bool {
    start.starts(with: [0xFF, 0xD8, 0xFF])
      || start.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
  }

  /// Decodes a file's bytes.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - name: The file's name, for messages.
  ///   - limits: What decoding may cost.
  /// - Returns: The picture, in memory of its own.
  /// - Throws: `ImageError`; every content of `bytes` gives a picture or an error.
  public static func decode(
    _ bytes: Block<UInt8>, name: String, limits: ImageLimits = ImageLimits()
  ) throws(ImageError) -> DecodedImage {
    if bytes.count == 0 { throw .empty(name: name) }
    var allowed = ic_limits(
      pixels: Int64(limits.pixels), scans: Int32(clamping: limits.scans),
      memory: Int64(limits.memory))
    var header = ic_picture()
    let found = unsafe ic_read_header(bytes.pointer, bytes.count, &allowed, &header)
    try check(found, header, bytes, name, limits)
    guard let mode = mode(of: header), let format = format(of: header) else {
      throw .notAPicture(name: name, found: FoundContent(of: bytes))
    }
    let width = Int(header.width)
    let height = Int(header.height)
    let pixels: MutableBlock<UInt8>
    // Both sides are at most 65,535 and there are at most four channels.
    do { pixels = try MutableBlock(allocating: width * height * mode.channels) } catch {
      throw .outOfMemory(name: name)
    }
    let read = unsafe ic_read_pixels(
      bytes.pointer, bytes.count, &allowed, &header, pixels.pointer)
    try check(read, header, bytes, name, limits)
    return DecodedImage(
      name: name, format: format, width: width, height: height, mode: mode,
      pixels: pixels.readOnly, palette: mode == .palette ? palette(of: header) : [])
  }

  private static func check(
    _ status: Int32, _ header: ic_picture, _ bytes: Block<UInt8>, _ name: String,
    _ limits: ImageLimits
  ) throws(ImageError) {
    if status == Int32(IC_OK.rawValue) { return }
    let width = Int(header.width)
    let height = Int(header.height)
    guard let format = format(of: header) else {
      throw .notAPicture(name: name, found: FoundContent(of: bytes))
    }
    switch UInt32(bitPattern: status) {
    case IC_UNSUPPORTED.rawValue:
      throw .unsupported(name: name, format: format, message: message(of: header))
    case IC_SIDE_TOO_LONG.rawValue:
      throw .sideTooLong(
        name: name, width: width, height: height,
        limit: format == .jpeg ? ImageLimits.maximumJPEGSide : ImageLimits.maximumSide)
    case IC_TOO_MANY_PIXELS.rawValue:
      throw .tooManyPixels(name: name, width: width, height: height, maximum: limits.pixels)
    case IC_TOO_MANY_SCANS.rawValue: throw .tooManyScans(name: name, maximum: limits.scans)
    case IC_MEMORY_LIMIT.rawValue: throw .tooMuchMemory(name: name, maximum: limits.memory)
    case IC_OUT_OF_MEMORY.rawValue: throw .outOfMemory(name: name)
    default: throw .damaged(name: name, format: format, message: message(of: header))
    }
  }

  private static func format(of header: ic_picture) -> ImageFormat? {
    switch UInt32(bitPattern: header.format) {
    case IC_JPEG.rawValue: .jpeg
    case IC_PNG.rawValue: .png
    default: nil
    }
  }

  private static func mode(of header: ic_picture) -> DecodedImage.Mode? {
    switch UInt32(bitPattern: header.mode) {
    case IC_BILEVEL.rawValue: .bilevel
    case IC_GREY.rawValue: .grey
    case IC_GREY_ALPHA.rawValue: .greyAlpha
    case IC_PALETTE.rawValue: .palette
    case IC_RGB.rawValue: .rgb
    case IC_RGBA.rawValue: .rgba
    case IC_CMYK.rawValue: .cmyk
    default: nil
    }
  }

  private static func message(of header: ic_picture) -> String {
    let bytes = unsafe withUnsafeBytes(of: header.message) { unsafe Array($0) }
    return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }

  private static func palette(of header: ic_picture) -> [UInt8] {
    unsafe withUnsafeBytes(of: header.palette) { unsafe Array($0) }
  }
}
