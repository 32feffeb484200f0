import ImageInput
import TensorCore
import TestSupport
import Testing

@Suite struct ImageErrorTests {
  private static let notAPicture = "not a picture this tool reads (JPEG and PNG are; found "
  private static let jpeg = "the JPEG data is damaged or truncated (libjpeg: "
  private static let png = "the PNG data is damaged or truncated (libpng: "

  static let sentences: [(String, String)] = [
    ("empty.jpg", "the file is empty"),
    ("text.jpg", notAPicture + "text)"),
    ("picture.gif", notAPicture + "a GIF picture)"),
    ("pointer.png", notAPicture + "a Git LFS pointer, not the file itself)"),
    ("bytes.png", notAPicture + "the bytes 00 01 02 03 04 05 06 07)"),
    ("half.jpg", jpeg + "Premature end of JPEG file)"),
    ("no-end.jpg", jpeg + "Premature end of JPEG file)"),
    ("header-only.jpg", jpeg + "Premature end of JPEG file)"),
    ("start-only.jpg", jpeg + "Premature end of JPEG file)"),
    ("corrupt-codes.jpg", jpeg + "Corrupt JPEG data: bad Huffman code)"),
    ("12-bit.jpg", "a kind of JPEG this tool does not read (its samples are not 8 bits)"),
    (
      "huge.jpg",
      "50000 x 60000 = 3000000000 pixels, at most 50000000 are read"
        + " (--max-pixels raises the limit)"
    ),
    ("half.png", png + "unexpected end of the file)"),
    ("no-end.png", png + "unexpected end of the file)"),
    ("signature-only.png", png + "unexpected end of the file)"),
    ("wrong-crc.png", png + "IDAT: CRC error)"),
    ("wrong-crc-text.png", png + "tEXt: CRC error)"),
    ("wrong-crc-header.png", png + "IHDR: CRC error)"),
    ("wrong-adler.png", png + "IDAT: incorrect data check)"),
    ("rows-missing.png", png + "Not enough image data)"),
    ("rows-surplus.png", png + "IDAT: Too much image data)"),
    ("no-palette.png", png + "IDAT: Missing PLTE before IDAT)"),
    ("outside-palette.png", png + "a pixel's colour is not in the palette)"),
    ("outside-palette-2.png", png + "a pixel's colour is not in the palette)"),
    ("unknown-critical.png", png + "ABCD: unhandled critical chunk)"),
    (
      "many-pixels.png",
      "60000 x 50000 = 3000000000 pixels, at most 50000000 are read"
        + " (--max-pixels raises the limit)"
    ),
    ("long-side.png", "70000 x 10 pixels, a side has at most 65535"),
    ("no-width.png", png + "Image width is zero in IHDR)"),
  ]

  @Test("Each bad file is refused with its sentence", arguments: sentences)
  func sentence(_ file: String, _ expected: String) throws {
    #expect(try Self.refusal("images/bad/" + file) == "\(file): \(expected)")
  }

  /// libpng passes over a text before IHDR; the size behind it was once not seen before memory was asked for.
  @Test("A size behind another chunk is limited, and refused in any case")
  func sizeBehindAnotherChunk() throws {
    let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    let rest = try Fixture.bytes(Fixture.path("fuzz/png/text-before-header"))
    let bytes = try MutableBlock(copying: signature + rest).readOnly
    for (limit, expected) in [
      (50_000_000, "x.png: 60000 x 50000 = 3000000000 pixels, at most 50000000 are read"),
      (Int.max, "x.png: " + Self.png + "IHDR is not the first chunk)"),
    ] {
      #expect {
        try ImageDecoder.decode(bytes, name: "x.png", limits: ImageLimits(pixels: limit))
      } throws: {
        "\($0)".hasPrefix(expected)
      }
    }
  }

  @Test(
    "Pixels are limited, and the limit itself is allowed", arguments: ["small.jpg", "small.png"])
  func pixels(_ file: String) throws {
    let image = try decode(file: Fixture.path("images/good/" + file))
    let count = image.width * image.height
    #expect(try Self.refusal("images/good/" + file, ImageLimits(pixels: count)) == nil)
    #expect(
      try Self.refusal("images/good/" + file, ImageLimits(pixels: count - 1))
        == "\(file): \(image.width) x \(image.height) = \(count) pixels,"
        + " at most \(count - 1) are read (--max-pixels raises the limit)")
  }

  @Test("Scans are limited: Pillow's progressive files have ten")
  func scans() throws {
    let file = "images/good/many-scans.jpg"
    #expect(try Self.refusal(file, ImageLimits(scans: 10)) == nil)
    #expect(
      try Self.refusal(file, ImageLimits(scans: 9))
        == "many-scans.jpg: the JPEG has more than 9 scans")
  }

  @Test("libjpeg's memory is limited")
  func memory() throws {
    let file = "images/good/rgb-progressive-tall.jpg"
    #expect(try Self.refusal(file, ImageLimits(memory: 200_000)) == nil)
    #expect(
      try Self.refusal(file, ImageLimits(memory: 10_000))
        == "rgb-progressive-tall.jpg: decoding needs more than 10000 bytes of working memory")
  }

  @Test("Other formats are named by their first bytes")
  func contents() throws {
    let heads: [([UInt8], String)] = [
      (Array("RIFF\0\0\0\0WEBPVP8 ".utf8), "a WebP picture"),
      (Array("BM\0\0".utf8), "a BMP picture"),
      ([0x49, 0x49, 0x2A, 0, 8], "a TIFF picture"),
      ([0x4D, 0x4D, 0, 0x2A, 0], "a TIFF picture"),
      (Array("\0\0\0\u{1C}ftypavif".utf8), "an AVIF picture"),
      (Array("\0\0\0\u{18}ftypheic".utf8), "an HEIF picture"),
      (Array("<!DOCTYPE html>".utf8), "an HTML page"),
      (Array("%PDF-1.7".utf8), "a PDF document"),
      ([0x50, 0x4B, 3, 4, 20], "a ZIP archive"),
      ([0x1F, 0x8B, 8], "a gzip file"),
      ([0xFF], "the byte ff"),
      ([0xFF, 0xD8], "the bytes ff d8"),
      ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A], "the bytes 89 50 4e 47 0d 0a 1a"),
      ([0x7F], "the byte 7f"),
      ([0x80, 0x61], "the bytes 80 61"),
      (Array("照片\n".utf8), "text"),
    ]
    for (bytes, name) in heads {
      let content = try block(bytes)
      let error = #expect(throws: ImageError.self) {
        try ImageDecoder.decode(content, name: "a")
      }
      #expect(error?.description == "a: \(Self.notAPicture)\(name))")
    }
  }

  /// The sentence a file is refused with, or `nil` if it is decoded.
  private static func refusal(
    _ file: String, _ limits: ImageLimits = ImageLimits()
  ) throws -> String? {
    do {
      _ = try decode(file: Fixture.path(file), limits: limits)
      return nil
    } catch let error as ImageError {
      return error.description
    }
  }
}
