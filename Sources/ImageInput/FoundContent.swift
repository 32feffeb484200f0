internal import TensorCore

/// What a file that is neither JPEG nor PNG seems to be, by its first bytes.
public enum FoundContent: Equatable, Sendable {
  /// A format with a name, such as "a GIF picture".
  case known(String)
  /// Printable text.
  case text
  /// Anything else: its first bytes, at most eight.
  case bytes([UInt8])

  /// Looks at the first bytes.
  ///
  /// - Parameter content: At least one byte.
  init(of content: Block<UInt8>) {
    let start = content[0..<min(content.count, 64)].array
    for row in Self.signatures where row.matches(start) {
      self = .known(row.name)
      return
    }
    self = Self.isText(start) ? .text : .bytes(Array(start.prefix(8)))
  }

  /// The end of the sentence "found ...".
  var name: String {
    switch self {
    case .known(let name): return name
    case .text: return "text"
    case .bytes(let bytes):
      var result = bytes.count == 1 ? "the byte" : "the bytes"
      for byte in bytes { result += (byte < 16 ? " 0" : " ") + String(byte, radix: 16) }
      return result
    }
  }

  /// Whether there are no control characters but tabs and line ends, and no bytes foreign to UTF-8.
  private static func isText(_ start: [UInt8]) -> Bool {
    if 0x80..<0xC0 ~= start[0] { return false }
    return start.allSatisfy { byte in
      switch byte {
      case 9, 10, 13: true
      case 0..<0x20, 0x7F, 0xC0, 0xC1, 0xF5...0xFF: false
      default: true
      }
    }
  }

  private struct Signature {
    let offset: Int
    let bytes: [UInt8]
    let name: String

    init(_ text: String, at offset: Int = 0, _ name: String) {
      self.offset = offset
      self.bytes = Array(text.utf8)
      self.name = name
    }

    init(bytes: [UInt8], _ name: String) {
      self.offset = 0
      self.bytes = bytes
      self.name = name
    }

    func matches(_ start: [UInt8]) -> Bool {
      start.count >= offset + bytes.count
        && start[offset..<(offset + bytes.count)].elementsEqual(bytes)
    }
  }

  private static let signatures: [Signature] = [
    Signature("GIF8", "a GIF picture"),
    Signature("WEBP", at: 8, "a WebP picture"),
    Signature("BM", "a BMP picture"),
    Signature(bytes: [0x49, 0x49, 0x2A, 0], "a TIFF picture"),
    Signature(bytes: [0x4D, 0x4D, 0, 0x2A], "a TIFF picture"),
    Signature("ftypavif", at: 4, "an AVIF picture"),
    Signature("ftyphei", at: 4, "an HEIF picture"),
    Signature("ftypmif1", at: 4, "an HEIF picture"),
    Signature(bytes: [0, 0, 0, 0x0C, 0x6A, 0x58, 0x4C, 0x20], "a JPEG XL picture"),
    Signature(bytes: [0xFF, 0x0A], "a JPEG XL picture"),
    Signature(bytes: [0, 0, 0, 0x0C, 0x6A, 0x50, 0x20, 0x20], "a JPEG 2000 picture"),
    Signature("%PDF", "a PDF document"),
    Signature("<!DOCTYPE html", "an HTML page"),
    Signature("<html", "an HTML page"),
    Signature("<svg", "an SVG picture"),
    Signature("<?xml", "an XML document"),
    Signature("version https://git-lfs", "a Git LFS pointer, not the file itself"),
    Signature(bytes: [0x50, 0x4B, 3, 4], "a ZIP archive"),
    Signature(bytes: [0x1F, 0x8B], "a gzip file"),
  ]
}
