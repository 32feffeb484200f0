import CLIPRuntime
import Foundation
import ImageInput
import Kernels
import Quantization
import TCMFormat
import TensorCore
import TestSupport
import Testing

/// Embeddings of the demo pictures against PyTorch and torchvision's transform.
@Suite struct ImageGoldenTests {
  struct Goldens: Decodable {
    struct Tower: Decodable {
      struct Picture: Decodable {
        var file: String
        var embedding: [Float]
      }
      var checkpoint: String
      var pictures: [Picture]
    }
    var towers: [Tower]
  }

  static func picture(_ path: String) throws -> DecodedImage {
    let bytes = try MutableBlock(copying: Fixture.bytes(path))
    return try ImageDecoder.decode(bytes.readOnly, name: path)
  }

  @Test(arguments: [(Recipe.f32, Float(2e-5)), (Recipe.f16, Float(2e-3))])
  func imageEmbeddingsAreThoseOfPyTorch(recipe: Recipe, tolerance: Float) throws {
    let checkpoints = ["image", "image-mixed"]
    let goldens: Goldens = try GoldenTests.goldens("image.json")
    for tower in goldens.towers {
      if !checkpoints.contains(where: { tower.checkpoint.hasSuffix("/" + $0) }) { continue }
      let name = String(tower.checkpoint.split(separator: "/").last ?? "")
      try Fixture.withFolder { folder in
        let model = try GoldenTests.convert([name], recipe, to: folder)
        let session = try Session(model: model, threads: 2)
        for picture in tower.pictures {
          let image = try Self.picture(Fixture.path(picture.file))
          let embedding = try session.embed(image: image, normalize: false).array
          let difference = zip(embedding, picture.embedding).map { ($0 - $1).magnitude }.max() ?? 1
          #expect(difference <= tolerance, "\(tower.checkpoint), \(picture.file)")
        }
      }
    }
  }

  /// The same bits for every instruction set, number of threads and batch.
  @Test(arguments: [Recipe.int8, .int4, .mixed])
  func quantizedImageEmbeddingsAreTheSameBits(recipe: Recipe) throws {
    let names = ["cat.jpg", "circle.png", "street.jpg", "sunset.png"]
    try Fixture.withFolder { folder in
      let model = try GoldenTests.convert(["image"], recipe, to: folder)
      let side = try #require(model.imageTower).imageSize
      let width = model.embeddingWidth
      let count = 3 * side * side
      let pixels = try MutableBlock<Float>(allocating: names.count * count)
      let preprocessor = Preprocessor(Preprocessing(try #require(model.imageTower)))
      for (index, name) in names.enumerated() {
        let image = try Self.picture(Fixture.path("demo/" + name))
        try preprocessor.tensor(image, into: pixels[index * count..<(index + 1) * count])
      }
      var expected: [UInt32]?
      for set in InstructionSet.allCases where set.isAvailable {
        for threads in 1...2 {
          let session = try Session(model: model, threads: threads, instructionSet: set)
          let batch = try MutableBlock<Float>(allocating: names.count * width)
          try session.encode(pixels: pixels.readOnly, items: names.count, into: batch)
          let bits = batch.array.map(\.bitPattern)
          #expect(bits == expected ?? bits)
          expected = bits
          for index in names.indices {
            let alone = try MutableBlock<Float>(allocating: width)
            try session.encode(
              pixels: pixels[index * count..<(index + 1) * count].readOnly, items: 1, into: alone)
            let expected = Array(bits[index * width..<(index + 1) * width])
            #expect(alone.array.map(\.bitPattern) == expected)
          }
        }
      }
    }
  }
}
