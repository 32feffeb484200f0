import Foundation
import ImageInput
import TensorCore
import TestSupport
import Testing

/// `Fixtures/images/goldens.json`: what Pillow 13 and torchvision 0.29 make of the pictures.
struct Goldens: Decodable {
  /// One picture; the hashes are SHA-256 of 8-bit RGB rows.
  struct Picture: Decodable, CustomTestStringConvertible {
    let file: String
    let mode: String
    let size: [Int]
    let rgb: String
    let shortest32: String
    let shortest224: String
    let squash32: String
    let rgbShortest32: String
    let rgbSquash32: String
    let rowsFirstShortest32: String
    let rowsFirstSquash32: String

    enum CodingKeys: String, CodingKey {
      case file, mode, size, rgb
      case shortest32 = "shortest_32"
      case shortest224 = "shortest_224"
      case squash32 = "squash_32"
      case rgbShortest32 = "rgb_shortest_32"
      case rgbSquash32 = "rgb_squash_32"
      case rowsFirstShortest32 = "rows_first_shortest_32"
      case rowsFirstSquash32 = "rows_first_squash_32"
    }

    var testDescription: String { file }

    func decoded() throws -> DecodedImage {
      try decode(file: Fixture.path("images/good/" + file))
    }
  }

  let pictures: [Picture]
  /// Width, height, size; torchvision's width, height, left, top.
  let geometry: [[Int]]
  /// Bits of the normalised values, three planes of 256.
  let normalised: [UInt32]

  static let all: Goldens = {
    do {
      let bytes = try Fixture.bytes(Fixture.path("images/goldens.json"))
      return try JSONDecoder().decode(Goldens.self, from: Data(bytes))
    } catch {
      fatalError("Fixtures/images/goldens.json: \(error)")
    }
  }()
}

/// `preprocess_golden.json` beside the checkout, made by other people from real photographs.
struct SharedGoldens: Decodable {
  struct Row: Decodable, CustomTestStringConvertible {
    let file: String
    let mode: String
    let size: [Int]
    let resized: [Int]
    let crop: [Int]
    let decoded: String
    let square: String
    let normMean: [Float]
    let normFirstPixel: [Float]

    enum CodingKeys: String, CodingKey {
      case file, mode, size, resized, crop
      case decoded = "sha256_decoded_rgb"
      case square = "sha256_224_rgb_u8"
      case normMean = "norm_mean"
      case normFirstPixel = "norm_first_pixel"
    }

    var testDescription: String { file }
  }

  let rows: [Row]

  /// The rows, none in a clone without the folder.
  static let rows: [Row] = {
    guard let path = Fixture.shared("data/golden/preprocess_golden.json") else { return [] }
    do {
      return try JSONDecoder().decode(SharedGoldens.self, from: Data(try Fixture.bytes(path))).rows
    } catch {
      fatalError("\(path): \(error)")
    }
  }()
}

/// Bytes as the decoder takes them.
func block(_ bytes: [UInt8]) throws -> Block<UInt8> {
  try MutableBlock(copying: bytes).readOnly
}

/// Decodes a file under its last path component's name.
func decode(file path: String, limits: ImageLimits = ImageLimits()) throws -> DecodedImage {
  let name = URL(fileURLWithPath: path).lastPathComponent
  return try ImageDecoder.decode(try block(Fixture.bytes(path)), name: name, limits: limits)
}

/// The square that a preprocessing cuts out, as RGB rows.
func square(_ image: DecodedImage, _ preprocessing: Preprocessing) throws -> [UInt8] {
  let preprocessor = Preprocessor(preprocessing)
  let output = try MutableBlock<UInt8>(allocating: preprocessor.pictureByteCount)
  try preprocessor.crop(image, into: output)
  return output.array
}
