import ImageInput
import TensorCore
import TestSupport
import Testing

@Suite struct ImageDecoderTests {
  @Test("Every kind of file decodes to Pillow's bytes", arguments: Goldens.all.pictures)
  func pillow(_ golden: Goldens.Picture) throws {
    let image = try golden.decoded()
    #expect([image.width, image.height] == golden.size)
    #expect(Self.pillowName(image.mode) == golden.mode || golden.file.contains("alpha-16"))
    #expect(image.pixels.count == image.width * image.height * image.mode.channels)
    #expect(sha256(try image.rgb().array) == golden.rgb)
    #expect(image.format == (golden.file.hasSuffix(".jpg") ? .jpeg : .png))
  }

  @Test(
    "Photographs decode to Pillow's bytes", .enabled(if: !SharedGoldens.rows.isEmpty),
    arguments: SharedGoldens.rows)
  func photographs(_ golden: SharedGoldens.Row) throws {
    let path = try #require(Fixture.shared("data/images/" + golden.file))
    let image = try decode(file: path)
    #expect([image.width, image.height] == golden.size)
    #expect(Self.pillowName(image.mode) == golden.mode)
    #expect(sha256(try image.rgb().array) == golden.decoded)
  }

  @Test("The fixtures cover every mode")
  func modes() throws {
    var found: [DecodedImage.Mode] = []
    for golden in Goldens.all.pictures {
      let mode = try golden.decoded().mode
      if !found.contains(mode) { found.append(mode) }
    }
    for mode in DecodedImage.Mode.allCases { #expect(found.contains(mode)) }
  }

  @Test("EXIF's orientation is not applied")
  func orientation() throws {
    let image = try decode(file: Fixture.path("images/good/rgb-turned.jpg"))
    #expect(image.width == 60 && image.height == 40)
  }

  @Test("Every shorter piece of a file is refused", arguments: ["small.jpg", "small.png"])
  func truncated(_ file: String) throws {
    let bytes = try block(Fixture.bytes(Fixture.path("images/good/" + file)))
    _ = try ImageDecoder.decode(bytes, name: file)
    for count in 0..<bytes.count {
      #expect(throws: ImageError.self, "\(count) of \(bytes.count) bytes") {
        try ImageDecoder.decode(bytes[0..<count], name: file)
      }
    }
  }

  @Test("A changed byte gives a picture or an error", arguments: ["small.jpg", "small.png"])
  func changed(_ file: String) throws {
    let bytes = try Fixture.bytes(Fixture.path("images/good/" + file))
    let limits = ImageLimits(pixels: 10_000)
    var refused = 0
    for index in bytes.indices {
      for mask: UInt8 in [0x01, 0x80, 0xFF] {
        var copy = bytes
        copy[index] ^= mask
        let changed = try block(copy)
        do throws(ImageError) {
          let image = try ImageDecoder.decode(
            changed, name: file, limits: limits)
          #expect(image.width * image.height <= limits.pixels)
        } catch {
          refused += 1
        }
      }
    }
    // PNG has a checksum over every byte behind the signature, and the signature is fixed.
    if file == "small.png" { #expect(refused == 3 * bytes.count) } else { #expect(refused > 0) }
  }

  private static func pillowName(_ mode: DecodedImage.Mode) -> String {
    switch mode {
    case .bilevel: "1"
    case .grey: "L"
    case .greyAlpha: "LA"
    case .palette: "P"
    case .rgb: "RGB"
    case .rgba: "RGBA"
    case .cmyk: "CMYK"
    }
  }
}
