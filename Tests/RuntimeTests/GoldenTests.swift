import CLIPRuntime
import Conversion
import Foundation
import Kernels
import Quantization
import TCMFormat
import TensorCore
import TestSupport
import Testing

/// Embeddings of the small fixtures against PyTorch, computed in binary64 by `Fixtures/checkpoints/make_fixtures.py`.
@Suite struct GoldenTests {
  struct TextGoldens: Decodable {
    struct Padding: Decodable {
      var name: String
      var length: Int?
      var texts: [Int]
      var ids: [[Int32]]
      var embeddings: [[Float]]
    }
    var texts: [String]
    var protocols: [Padding]
  }

  static func convert(_ inputs: [String], _ recipe: Recipe, to folder: String) throws -> Model {
    let options = ConversionOptions(recipe: recipe, tool: "test")
    let output = folder + "/model.tcm"
    _ = try Converter(
      inputs: inputs.map { Fixture.path("checkpoints/" + $0) }, output: output, options: options
    ).run()
    return try Model(path: output)
  }

  struct SmallGoldens: Decodable {
    struct Tower: Decodable {
      var checkpoints: [String]
      var ids: [[Int32]]
      var embeddings: [[Float]]
      var classifier_logits: [[Float]]?
    }
    var towers: [Tower]
  }

  static func goldens<Goldens: Decodable>(_ name: String) throws -> Goldens {
    let url = URL(fileURLWithPath: Fixture.path("goldens/" + name))
    return try JSONDecoder().decode(Goldens.self, from: Data(contentsOf: url))
  }

  static func expect(
    _ session: Session, _ ids: [Int32], _ expected: [Float], within tolerance: Float
  ) throws {
    let block = try MutableBlock(copying: ids)
    let embedding = try MutableBlock<Float>(allocating: expected.count)
    try session.encode(
      ids: block.readOnly, items: 1, tokens: ids.count, normalize: false, into: embedding)
    let difference = zip(embedding.array, expected).map { ($0 - $1).magnitude }.max() ?? 1
    #expect(difference <= tolerance)
  }

  @Test(arguments: [(Recipe.f32, Float(2e-5)), (Recipe.f16, Float(2e-3))])
  func textEmbeddingsAreThoseOfPyTorch(recipe: Recipe, tolerance: Float) throws {
    let goldens: TextGoldens = try Self.goldens("text.json")
    try Fixture.withFolder { folder in
      let session = try Session(model: Self.convert(["text"], recipe, to: folder), threads: 2)
      for set in goldens.protocols {
        for (ids, expected) in zip(set.ids, set.embeddings) {
          try Self.expect(session, ids, expected, within: tolerance)
        }
      }
    }
  }

  /// Prefixed, sharded and f16 files of the same weights, stored as f16.
  @Test func halfPrecisionTextEmbeddingsAreThoseOfPyTorch() throws {
    let goldens: SmallGoldens = try Self.goldens("text-small.json")
    for tower in goldens.towers {
      for checkpoint in tower.checkpoints where checkpoint != "text-classifier" {
        try Fixture.withFolder { folder in
          let session = try Session(model: Self.convert([checkpoint], .f16, to: folder))
          for (ids, expected) in zip(tower.ids, tower.embeddings) {
            try Self.expect(session, ids, expected, within: 2e-3)
          }
        }
      }
    }
  }

  /// Older Taiyi-CLIP models: the classifier's logits are the feature.
  @Test(arguments: [(Recipe.f32, Float(2e-5)), (Recipe.f16, Float(2e-3))])
  func classifierLogitsAreThoseOfPyTorch(recipe: Recipe, tolerance: Float) throws {
    let goldens: SmallGoldens = try Self.goldens("text-small.json")
    let tower = try #require(goldens.towers.first { $0.classifier_logits != nil })
    let expected = try #require(tower.classifier_logits)
    #expect(tower.embeddings != expected)
    try Fixture.withFolder { folder in
      let model = try Self.convert(["text-classifier"], recipe, to: folder)
      let session = try Session(model: model)
      #expect(model.textTower?.pooling == .classifier)
      for (ids, logits) in zip(tower.ids, expected) {
        try Self.expect(session, ids, logits, within: tolerance)
      }
    }
  }

  /// The same bits for every instruction set, number of threads and batch.
  @Test(arguments: [Recipe.int8, .int4, .mixed])
  func quantizedTextEmbeddingsAreTheSameBits(recipe: Recipe) throws {
    let texts = ["一只猫", "两只狗在草地上", "红色的汽车", "", "a cat", "山", "水", "蓝天白云"]
    try Fixture.withFolder { folder in
      let model = try Self.convert(["text", "image"], recipe, to: folder)
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

  /// A batch whose rows do not go through a layer together, so that its parts end within items.
  @Test(arguments: [Recipe.int8, .int4, .mixed])
  func embeddingsOfLongBatchesAreTheSameBits(recipe: Recipe) throws {
    try Fixture.withFolder { folder in
      let model = try Self.convert(["text", "image"], recipe, to: folder)
      let record = try #require(model.textTower)
      let (items, tokens, width) = (37, min(23, record.positions), model.embeddingWidth)
      #expect(items * tokens > 2 * 264)
      let ids = try MutableBlock<Int32>(allocating: items * tokens)
      for index in 0..<ids.count { ids[index] = Int32(index * 7919 % record.vocabularySize) }
      let single = try Session(model: model, threads: 1, instructionSet: .scalar)
      let expected = try MutableBlock<Float>(allocating: items * width)
      for item in 0..<items {
        try single.encode(
          ids: ids[item * tokens..<(item + 1) * tokens].readOnly, items: 1, tokens: tokens,
          into: expected[item * width..<(item + 1) * width])
      }
      let found = try MutableBlock<Float>(allocating: items * width)
      for threads in 1...3 {
        let session = try Session(model: model, threads: threads)
        try session.encode(ids: ids.readOnly, items: items, tokens: tokens, into: found)
        #expect(
          found.readOnly.array.map(\.bitPattern) == expected.readOnly.array.map(\.bitPattern),
          "\(threads) threads")
      }
    }
  }
}
