import CLIPRuntime
import Conversion
import Foundation
import ModelFamilies
import Quantization
import TensorCore
import TestSupport
import Testing

/// Embeddings of Chinese-CLIP against transformers' model, with which OFA's code agrees.
@Suite struct ChineseCLIPGoldenTests {
  struct Tower: Decodable {
    var ids: [[Int32]]
    var embeddings: [[Float]]
  }

  struct Goldens: Decodable {
    var texts: [String]
    var pictures: [String]
    var towers: [String: Tower]
    var images: [[Float]]
  }

  static let folder = Fixture.path("checkpoints-chinese-clip")
  static let goldens = Result {
    try JSONDecoder().decode(
      Goldens.self, from: Data(contentsOf: URL(fileURLWithPath: folder + "/goldens.json")))
  }

  static func convert(_ name: String, _ recipe: Recipe, to folder: String) throws -> Model {
    var options = ConversionOptions(recipe: recipe, tool: "test")
    options.overrides.textHeads = 2
    options.overrides.imageHeads = 3
    let output = folder + "/\(name)-\(recipe.name).tcm"
    let input = Self.folder + (name == "ofa" ? "/ofa/epoch3.pt" : "/" + name)
    _ = try Converter(inputs: [input], output: output, options: options).run()
    return try Model(path: output)
  }

  @Test(arguments: ["ofa", "huggingface"])
  func embeddings(_ name: String) throws {
    let goldens = try Self.goldens.get()
    let tower = try #require(goldens.towers[name])
    try Fixture.withFolder { folder in
      let session = try Session(model: try Self.convert(name, .f32, to: folder), threads: 2)
      for (text, ids) in zip(goldens.texts, tower.ids) {
        #expect(try session.tokenize(text) == ids, "\(text)")
      }
      // Masked padding is no padding, whatever is asked for.
      for padding in [TextPadding.fixed, .longest, .none, .length(52)] {
        let found = try session.embed(texts: goldens.texts, padding: padding, normalize: false)
        #expect(difference(found.array, tower.embeddings) <= 2e-5)
      }
      for (picture, expected) in zip(goldens.pictures, goldens.images) {
        let image = try ImageGoldenTests.picture(Fixture.path("demo/" + picture))
        let found = try session.embed(image: image, normalize: false)
        #expect(difference(found.array, [expected]) <= 2e-5, "\(picture)")
      }
    }
  }

  /// The same bits in any company, as for other models.
  @Test func sameBitsInAnyBatch() throws {
    let texts = try Self.goldens.get().texts
    try Fixture.withFolder { folder in
      for recipe in [Recipe.int8, .int4] {
        let session = try Session(model: try Self.convert("ofa", recipe, to: folder), threads: 2)
        let together = try session.embed(texts: texts).array
        let width = together.count / texts.count
        for (index, text) in texts.enumerated() {
          let alone = try session.embed(texts: [text]).array
          #expect(alone == Array(together[index * width..<(index + 1) * width]), "\(text)")
        }
      }
    }
  }

  private func difference(_ found: [Float], _ expected: [[Float]]) -> Float {
    let expected = expected.flatMap(\.self)
    if found.count != expected.count { return .infinity }
    return zip(found, expected).map { ($0 - $1).magnitude }.max() ?? .infinity
  }
}
