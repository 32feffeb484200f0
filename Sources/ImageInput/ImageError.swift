internal import TensorCore

/// Why a file did not become a picture.
///
/// `name` is the file's, as the caller gave it.
public enum ImageError: Error, Equatable, Sendable, CustomStringConvertible {
  /// There are no bytes.
  case empty(name: String)
  /// The first bytes are neither those of JPEG nor of PNG.
  case notAPicture(name: String, found: FoundContent)
  /// The decoder met damage; `message` is the library's.
  case damaged(name: String, format: ImageFormat, message: String)
  /// A valid file of a kind that is not decoded; `message` says which.
  case unsupported(name: String, format: ImageFormat, message: String)
  /// A side is longer than `ImageLimits.maximumSide`, or of a JPEG, `ImageLimits.maximumJPEGSide`.
  case sideTooLong(name: String, width: Int, height: Int, limit: Int)
  /// More pixels than `ImageLimits.pixels`.
  case tooManyPixels(name: String, width: Int, height: Int, maximum: Int)
  /// More scans than `ImageLimits.scans`.
  case tooManyScans(name: String, maximum: Int)
  /// More working memory than `ImageLimits.memory`.
  case tooMuchMemory(name: String, maximum: Int)
  /// The system has no memory left.
  case outOfMemory(name: String)

  /// One sentence naming the file, what was found and what was expected.
  public var description: String {
    switch self {
    case .empty(let name): return "\(name): the file is empty"
    case .notAPicture(let name, let found):
      return "\(name): not a picture this tool reads (JPEG and PNG are; found \(found.name))"
    case .damaged(let name, let format, let message):
      return "\(name): the \(format.name) data is damaged or truncated"
        + " (\(format.library): \(printable(message)))"
    case .unsupported(let name, let format, let message):
      return "\(name): a kind of \(format.name) this tool does not read (\(printable(message)))"
    case .sideTooLong(let name, let width, let height, let limit):
      return "\(name): \(width) x \(height) pixels, a side has at most \(limit)"
    case .tooManyPixels(let name, let width, let height, let maximum):
      // Sides of a picture are below 65,536, so the product fits.
      return "\(name): \(width) x \(height) = \(width * height) pixels, at most \(maximum) are read"
        + " (--max-pixels raises the limit)"
    case .tooManyScans(let name, let maximum):
      return "\(name): the JPEG has more than \(maximum) scans"
    case .tooMuchMemory(let name, let maximum):
      return "\(name): decoding needs more than \(maximum) bytes of working memory"
    case .outOfMemory(let name): return "\(name): out of memory"
    }
  }
}
