/// How a picture becomes the input of an image tower.
public struct Preprocessing: Equatable, Sendable {
  /// How a picture is brought to the tower's size.
  public enum ResizeMode: Equatable, Sendable, CaseIterable {
    /// The short side to the size, then the centre is cut out: torchvision's `Resize(s)`,
    /// `CenterCrop(s)`.
    case shortest
    /// Both sides to the size, whatever the ratio: torchvision's `Resize((s, s))`; Chinese-CLIP's.
    case squash
  }

  /// What comes first, resizing or the conversion to RGB.
  ///
  /// It matters for palette and 1-bit pictures (no interpolation in their own mode), for pictures
  /// with alpha and for CMYK.
  public enum Order: Equatable, Sendable, CaseIterable {
    /// Resize in the file's own mode: open_clip's transform on a freshly opened file.
    case resizeThenConvert
    /// RGB first: loops that open files as torchvision's `ImageFolder` does.
    case convertThenResize
  }

  /// Which direction is resampled first; the other works on the rounded bytes of the first.
  ///
  /// They differ by a level here and there, and only for pictures that lose much more height than
  /// width: portraits with a ratio above two, and with `.squash` many others.
  public enum PassOrder: Equatable, Sendable, CaseIterable {
    /// Pillow 13: columns first where more than twice as many rows as columns go, else rows first.
    case pillow13
    /// Pillow 12 and before: rows first, always.
    case rowsFirst
  }

  /// Side of the square picture in pixels.
  public var imageSize: Int
  /// Subtracted from red, green and blue in 0...1.
  public var mean: [Float]
  /// Divides what is left.
  public var standardDeviation: [Float]
  /// How a picture is brought to size.
  public var resizeMode: ResizeMode
  /// What comes first.
  public var order: Order
  /// Which direction is resampled first.
  public var passOrder: PassOrder

  /// Makes a description; OpenAI's numbers and open_clip's ways are the defaults.
  ///
  /// - Parameters:
  ///   - imageSize: Side of the square picture in pixels.
  ///   - mean: Three numbers, for red, green and blue in 0...1.
  ///   - standardDeviation: Three numbers, none of them zero.
  ///   - resizeMode: How a picture is brought to size.
  ///   - order: What comes first.
  ///   - passOrder: Which direction is resampled first.
  public init(
    imageSize: Int,
    mean: [Float] = [0.481_454_66, 0.457_827_5, 0.408_210_73],
    standardDeviation: [Float] = [0.268_629_54, 0.261_302_58, 0.275_777_11],
    resizeMode: ResizeMode = .shortest,
    order: Order = .resizeThenConvert,
    passOrder: PassOrder = .pillow13
  ) {
    self.imageSize = imageSize
    self.mean = mean
    self.standardDeviation = standardDeviation
    self.resizeMode = resizeMode
    self.order = order
    self.passOrder = passOrder
  }

  /// The value of every byte in every plane: `table[256 * plane + byte]`.
  ///
  /// Three operations in 32-bit floats, rounded one by one as torchvision's `ToTensor` and
  /// `Normalize` do: `(byte / 255 - mean) / standardDeviation`.
  var table: [Float] {
    var result: [Float] = []
    result.reserveCapacity(768)
    for plane in 0..<3 {
      for byte in 0..<256 {
        let scaled = Float(byte) / 255
        let centred = scaled - mean[plane]
        result.append(centred / standardDeviation[plane])
      }
    }
    return result
  }
}
