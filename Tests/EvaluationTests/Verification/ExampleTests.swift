import CLIPRuntime
import Conversion
import Foundation
import ModelFamilies
import Quantization
import TCMFormat
import TensorCore
import TestSupport
import Testing

@testable import Evaluation

/// The float path against PyTorch's answers on every held-out picture and caption (Fixtures/example/heldout.py).
@Suite struct ExampleTests {
  struct PyTorch: Decodable {
    struct Classes: Decodable {
      var top1, top5: Double
      var predicted: [Int]
    }
    struct Pairs: Decodable {
      var text_to_image, image_to_text: [String: Double]
    }
    var classes: Classes
    var pairs: Pairs
  }

  @Test func floatsAnswerAsPyTorch() throws {
    let data = try Data(
      contentsOf: URL(fileURLWithPath: Fixture.path("example/heldout/pytorch.json")))
    let expected = try JSONDecoder().decode(PyTorch.self, from: data)
    try Fixture.withFolder { folder in
      let path = folder + "/f32.tcm"
      var options = ConversionOptions(recipe: .f32, tool: "test")
      options.threads = 2
      _ = try Converter(
        inputs: [Fixture.path("example/text"), Fixture.path("example/image")], output: path,
        options: options
      ).run()
      let model = try Model(path: path)
      var settings = VerificationOptions(tool: "test")
      settings.threads = 2
      settings.layerSamples = 0
      let models = try SideBySide(
        reference: model, candidate: model, options: settings,
        cache: EvaluationCache(folder: folder + "/a/b/cache"), events: { _ in })
      let classes = try DatasetPlan(
        try Dataset.open("webdataset:" + Fixture.path("example/heldout/classes")), models)
      let pairs = try DatasetPlan(
        try Dataset.open("webdataset:" + Fixture.path("example/heldout/pairs")), models)
      for plan in [classes.texts, classes.pictures, pairs.texts, pairs.pictures] {
        try models.run(plan)
      }

      let bank = try classes.texts.rows(0..<288).reference
      let rows = try classes.pictures.rows(0..<classes.chosen.count).reference
      let scores = try models.reference.scores(of: rows, against: bank, width: models.width)
      let predicted = classes.chosen.indices.map { picture in
        Ranking.top(1, of: scores[picture * 288..<(picture + 1) * 288].readOnly)[0]
      }
      #expect(predicted.count == 5_184 && expected.classes.predicted.count == 5_184)
      let different = zip(predicted, expected.classes.predicted).count { $0 != $1 }
      #expect(different <= 5, "\(different) of 5184 answers are not PyTorch's")

      let report = try DatasetEvaluation.report(classes, models)
      // A picture more or less is 0.02 points.
      #expect(abs(report.figures[0].reference - expected.classes.top1) < 0.001)
      #expect(abs(report.figures[1].reference - expected.classes.top5) < 0.001)
      #expect(report.figures[0].drop == 0 && report.agreement == 1)
      let recalls = try DatasetEvaluation.report(pairs, models)
      for (index, k) in ["R@1", "R@5", "R@10"].enumerated() {
        let text = try #require(expected.pairs.text_to_image[k])
        let image = try #require(expected.pairs.image_to_text[k])
        #expect(abs(recalls.figures[index].reference - text) < 0.001)
        #expect(abs(recalls.figures[index + 3].reference - image) < 0.001)
      }
    }
  }

  /// Layer by layer gives what encoding gives.
  @Test(arguments: [Recipe.f32, .int8]) func aProbeIsTheTower(recipe: Recipe) throws {
    try Fixture.withFolder { folder in
      let path = folder + "/m.tcm"
      _ = try Converter(
        inputs: [Fixture.path("example/text"), Fixture.path("example/image")], output: path,
        options: ConversionOptions(recipe: recipe, tool: "test")
      ).run()
      let session = try Session(model: try Model(path: path))
      let pixels = try MutableBlock(
        copying: BuiltInItems.picture(1, side: 60) + BuiltInItems.picture(2, side: 60))
      let whole = try MutableBlock<Float>(allocating: 512)
      try session.encode(pixels: pixels.readOnly, items: 2, into: whole)
      let image = try TowerProbe(session, pixels: pixels.readOnly)
      #expect(try walk(image) == whole.readOnly.array)

      let ids = try MutableBlock<Int32>(copying: (0..<64).map { $0 % 32 == 0 ? 101 : 103 + $0 })
      try session.encode(ids: ids.readOnly, items: 2, tokens: 32, into: whole)
      let text = try TowerProbe(session, ids: ids.readOnly, tokens: 32)
      #expect(try walk(text) == whole.readOnly.array)
    }
  }

  private func walk(_ probe: TowerProbe) throws -> [Float] {
    var hidden = try probe.embed()
    for layer in 0..<probe.layerCount {
      // The steps of a layer begin with its input and end before the last residual.
      let steps = try probe.trace(layer, hidden)
      #expect(steps.count == 5 && steps[0].input.array == hidden.array)
      hidden = try probe.advance(layer, hidden)
    }
    return try probe.finish(hidden).array
  }
}
