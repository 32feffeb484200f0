import CLIPRuntime
import Foundation
import Quantization
import TensorCore
import TestSupport
import Testing

/// Embeddings of a checkpoint that transformers wrote, against transformers' model and preprocessing.
@Suite struct HuggingFaceGoldenTests {
  struct Row: Decodable {
    var picture: String
    var embedding: [Float]
  }

  @Test func embeddings() throws {
    let goldens = Fixture.path("checkpoints-huggingface/goldens.json")
    let rows = try JSONDecoder().decode(
      [Row].self, from: Data(contentsOf: URL(fileURLWithPath: goldens)))
    #expect(rows.count == 4)
    try Fixture.withFolder { folder in
      let model = try GoldenTests.convert(
        ["../checkpoints-huggingface/vision"], .f32, to: folder)
      let session = try Session(model: model, threads: 2)
      for row in rows {
        let image = try ImageGoldenTests.picture(Fixture.path("demo/" + row.picture))
        let embedding = try session.embed(image: image, normalize: false).array
        #expect(embedding.count == row.embedding.count)
        let difference = zip(embedding, row.embedding).map { ($0 - $1).magnitude }.max() ?? 1
        #expect(difference <= 2e-5, "\(row.picture): \(difference)")
      }
    }
  }
}
