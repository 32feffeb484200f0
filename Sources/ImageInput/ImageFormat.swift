/// The file formats that are decoded.
public enum ImageFormat: Equatable, Sendable {
  /// JPEG, by libjpeg-turbo.
  case jpeg
  /// PNG, by libpng.
  case png

  /// The name in messages.
  public var name: String {
    switch self {
    case .jpeg: "JPEG"
    case .png: "PNG"
    }
  }

  /// The library that decodes it.
  var library: String {
    switch self {
    case .jpeg: "libjpeg"
    case .png: "libpng"
    }
  }
}
