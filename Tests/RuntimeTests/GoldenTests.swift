import CLIPRuntime
import Conversion
import Foundation
import Kernels
import Quantization
import TensorCore
import TestSupport
import Testing

/// Embeddings of the small fixtures against PyTorch, computed in binary64 by `Fixtures/checkpoints/make_fixtures.py`.
@Suite struct GoldenTests {
  struct TextGoldens: Decodable {
    struct Protocol: Decodable {
      var name: String
      var length: Int?
      var texts: [Int]
      var ids: [[Int32]]
      var embeddings: [[Float]]
    }
    var texts: [String]
    var protocols: [Protocol]
  }

  static func convert(_ inputs: [String], _ recipe: Recipe, to folder: String) throws -> Model {
    let options = ConversionOptions(recipe: recipe, tool: "test")
    let output = folder + "/model.tcm"
    _ = try Converter(
      inputs: inputs.map { Fixture.path("checkpoints/" + $0) }, output: output, options: options
    ).run()
    return try Model(path: output)
  }

  @Test(arguments: [(Recipe.f32, Float(2e-5)), (Recipe.f16, Float(2e-3))])
  func textEmbeddingsAreThoseOfPyTorch(recipe: Recipe, tolerance: Float) throws {
    let goldens = try JSONDecoder().decode(
      TextGoldens.self,
      from: Data(contentsOf: URL(fileURLWithPath: Fixture.path("goldens/text.json")))
    )
    try Fixture.withFolder { folder in
      let session = try Session(model: Self.convert(["text"], recipe, to: folder), threads: 2)
      for set in goldens.protocols {
        for (row, ids) in set.ids.enumerated() {
          let block = try MutableBlock(copying: ids)
          let width = set.embeddings[row].count
          let embedding = try MutableBlock<Float>(allocating: width)
          try session.encode(
            ids: block.readOnly, items: 1, tokens: ids.count, normalize: false, into: embedding)
          for column in 0..<width {
            #expect((embedding[column] - set.embeddings[row][column]).magnitude <= tolerance)
          }
        }
      }
    }
  }

  /// int8: the same bits for every instruction set, number of threads and batch.
  @Test func quantizedTextEmbeddingsAreTheSameBits() throws {
    let texts = ["一只猫", "两只狗在草地上", "红色的汽车", "", "a cat", "山", "水", "蓝天白云"]
    try Fixture.withFolder { folder in
      let model = try Self.convert(["text", "image"], .int8, to: folder)
      let expected = try Session(model: model, instructionSet: .scalar).embed(texts: texts)
        .array.map(\.bitPattern)
      let width = model.embeddingWidth
      for set in InstructionSet.allCases where set.isAvailable {
        for threads in 1...2 {
          let session = try Session(model: model, threads: threads, instructionSet: set)
          #expect(try session.embed(texts: texts).array.map(\.bitPattern) == expected)
          for (index, text) in texts.enumerated() {
            let alone = try session.embed(texts: [text]).array.map(\.bitPattern)
            #expect(alone == Array(expected[index * width..<(index + 1) * width]))
          }
        }
      }
    }
  }
}
