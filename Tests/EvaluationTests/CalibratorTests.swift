import CLIPRuntime
import Foundation
import ModelFamilies
import Quantization
import TCMFormat
import TensorCore
import TestSupport
import Testing

@testable import Evaluation

/// What matrices are given, against PyTorch (Fixtures/example/heldout.py).
@Suite struct CalibratorTests {
  struct PyTorch: Decodable {
    struct Inputs: Decodable {
      var ranges, products: [Double]
      var rows: Int
    }
    var texts: [String]
    var pictures: Int
    var inputs: [String: Inputs]
  }

  /// The first pictures of a folder.
  private struct Few: PictureSource {
    let all: any PictureSource
    let count: Int
    func name(_ index: Int) -> String { all.name(index) }
    func byteCount(_ index: Int) -> Int { all.byteCount(index) }
    func bytes(_ index: Int) throws(DatasetError) -> Block<UInt8> { try all.bytes(index) }
  }

  private func expected() throws -> PyTorch {
    try JSONDecoder().decode(
      PyTorch.self,
      from: Data(
        contentsOf: URL(fileURLWithPath: Fixture.path("example/calibration/pytorch.json"))))
  }

  private func reference(_ cache: EvaluationCache) throws -> Model {
    try FloatReference(
      inputs: [Fixture.path("example/text"), Fixture.path("example/image")], vocabularyPath: nil,
      tool: "test", threads: 2
    ).open(FamilyOverrides(), cache: cache, began: { _ in }, progress: { _ in })
  }

  private func settings(_ expected: PyTorch) throws -> VerificationOptions {
    var settings = VerificationOptions(tool: "test")
    settings.texts = expected.texts
    settings.pictures = Few(
      all: try Dataset.pictures(in: Fixture.path("example/calibration/pictures")),
      count: expected.pictures)
    return settings
  }

  @Test func inputsAreThoseOfPyTorch() throws {
    let expected = try expected()
    try Fixture.withFolder { folder in
      let cache = try EvaluationCache(folder: folder)
      let model = try reference(cache)
      let found = try Calibrator(
        reference: model, options: try settings(expected), cache: cache, events: { _ in }
      ).run()
      #expect(found.texts == 3 && found.pictures == 2)
      #expect(Set(found.inputs.keys) == Set(expected.inputs.keys) && found.inputs.count == 32)
      for (name, inputs) in expected.inputs {
        let known = try #require(found.inputs[name])
        // All rows are kept when there are so few.
        #expect(known.samples.count == inputs.rows * known.columns, "\(name)")
        let middle = inputs.ranges.sorted()[12]
        for (column, range) in inputs.ranges.enumerated() {
          #expect(abs(Double(known.ranges[column]) - range) < 2e-4 * middle, "\(name)")
        }
        // Row 3 of the upper triangle begins behind K, K − 1 and K − 2 elements.
        let start = 3 * known.columns - 3
        let scale = inputs.products[0] + middle * middle * 0.1
        for (column, product) in inputs.products.enumerated() {
          let value = Double(known.moments[start + column])
          #expect(abs(value - product) < 2e-4 * scale, "\(name), 3 × \(3 + column)")
        }
        #expect(known.meanSquares[3] == known.moments[start])
        #expect(known.meanSquares.count == known.columns)
      }
    }
  }

  /// The cache's file is used again, made again when it is damaged, and the same for any number of threads.
  @Test func theCacheKeepsIt() throws {
    let expected = try expected()
    try Fixture.withFolder { folder in
      let cache = try EvaluationCache(folder: folder)
      let model = try reference(cache)
      var stages = 0
      func run(_ threads: Int) throws -> Calibration {
        var settings = try settings(expected)
        settings.threads = threads
        return try Calibrator(reference: model, options: settings, cache: cache) { event in
          if case .progress = event { stages += 1 }
        }.run()
      }
      let first = try run(1)
      #expect(stages > 0)
      let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      let name = try #require(names.first { $0.hasPrefix("calibration-") })
      let path = folder + "/" + name
      let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      stages = 0
      let again = try run(2)
      #expect(stages == 0 && again.identity == first.identity)
      for place in [0, 9, 30, 100, 64 + 98, 64 + 128 * 32 + 1, bytes.count / 2, bytes.count - 70] {
        var damaged = bytes
        damaged[place] ^= 0x40
        try damaged.write(to: URL(fileURLWithPath: path))
        stages = 0
        _ = try run(2)
        #expect(stages > 0, "damage at \(place)")
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
      }
      for count in [0, 63, 64, 4_000, bytes.count - 100] {
        try bytes.prefix(count).write(to: URL(fileURLWithPath: path))
        _ = try run(2)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
      }
    }
  }

  /// A tower that shows its inputs computes what it computes otherwise.
  @Test func watchingChangesNothing() throws {
    try Fixture.withFolder { folder in
      let model = try reference(EvaluationCache(folder: folder))
      let session = try Session(model: model)
      let ids = try MutableBlock<Int32>(copying: (0..<64).map { $0 % 32 == 0 ? 101 : 103 + $0 })
      let pixels = try MutableBlock(copying: BuiltInItems.picture(1, side: 60))
      for probe in [
        try TowerProbe(session, ids: ids.readOnly, tokens: 32),
        try TowerProbe(session, pixels: pixels.readOnly),
      ] {
        var hidden = try probe.embed()
        for layer in 0..<probe.layerCount {
          let plain = try probe.advance(layer, hidden)
          var steps: [TowerStep] = []
          let watched = try probe.advance(layer, hidden) { step, _ in steps.append(step) }
          #expect(watched.array == plain.array)
          #expect(steps == [.qkv(layer), .attentionOutput(layer), .up(layer), .down(layer)])
          hidden = plain
        }
      }
    }
  }
}
