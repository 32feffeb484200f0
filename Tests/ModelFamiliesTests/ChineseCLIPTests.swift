import Checkpoints
import ModelFamilies
import TensorCore
import TestSupport
import Testing

/// Chinese-CLIP as OFA's code and as transformers writes it; `Fixtures/checkpoints-chinese-clip`.
@Suite struct ChineseCLIPTests {
  private static func input(_ name: String) throws -> FamilyInput {
    FamilyInput(try Checkpoints.open(path: Fixture.path("checkpoints-chinese-clip/" + name)))
  }

  /// OFA's files have no configuration; the fixture's widths are none of the published ones.
  private static var overrides: FamilyOverrides {
    var overrides = FamilyOverrides()
    overrides.textHeads = 2
    overrides.imageHeads = 3
    return overrides
  }

  private static func text(quotes: Bool) -> TextHyperParameters {
    var text = TextHyperParameters(
      layers: 2, width: 64, heads: 2, mlpWidth: 128, vocabularySize: 206, positions: 64,
      tokenTypes: 2, contextLength: 52, normEpsilon: 1e-12, activation: .gelu, embeddingWidth: 32,
      feature: .projection)
    text.masksPadding = true
    text.straightensQuotes = quotes
    return text
  }

  @Test func asOFAWritesIt() throws {
    let match = try ModelFamilies.recognise(Self.input("ofa/epoch3.pt"), overrides: Self.overrides)
    #expect(match.towers.map(\.family) == ["Chinese-CLIP text tower", "CLIP vision transformer"])
    #expect(match.text == Self.text(quotes: true))
    #expect(match.image?.activation == .quickGELU)
    #expect(match.image?.preprocessing.resizeMode == .squash)
    #expect(match.logitScale?.logarithm == Double(Float(4.6052)))
    #expect(match.unused.isEmpty)
    #expect(
      match.findings == [
        "text feature the projected state of [CLS]: the names are Chinese-CLIP's",
        "padding masked (assumed): as Chinese-CLIP does",
        "quotes straightened (assumed): as Chinese-CLIP's code does", "heads 2: --text-heads",
        "activation gelu (assumed): BERT's default",
        "layer norm epsilon 1e-12 (assumed): BERT's default",
        "context length 52 (assumed): the length Chinese-CLIP is evaluated with",
        "heads 3: --image-heads",
        "activation quickgelu (assumed): the names are Chinese-CLIP's, which is trained with it",
        "layer norm epsilon 1e-05 (assumed): PyTorch's default",
        "preprocessing mean, deviation, bicubic, both sides to the size (assumed): as Chinese-CLIP does",
      ])
    let projection = try #require(
      match.towers[0].tensors.first { $0.name == "text.projection.weight" })
    #expect(projection.shape == [32, 64])
    #expect(projection.transform == .transpose)
    #expect(projection.role == .projection)
    #expect(!match.towers[0].tensors.contains { $0.name.hasPrefix("text.pooler") })
  }

  @Test func asTransformersWritesIt() throws {
    let match = try ModelFamilies.recognise(Self.input("huggingface"))
    #expect(match.text == Self.text(quotes: false))
    #expect(match.image?.heads == 3)
    #expect(match.image?.activation == .quickGELU)
    #expect(match.image?.preprocessing.resizeMode == .squash)
    #expect(match.unused.isEmpty)
    #expect(match.findings.contains("heads 2: config.json: text_config.num_attention_heads"))
    #expect(match.findings.contains("preprocessing given: preprocessor_config.json"))
  }

  /// A part of a Chinese-CLIP is no other model.
  @Test func partsAreNotTaken() throws {
    var input = try Self.input("ofa/epoch3.pt")
    input.tensors = input.tensors.map { tensor in
      guard tensor.name == "module.text_projection" else { return tensor }
      return TensorInfo(
        name: "module.text_projection", elementType: tensor.elementType, shape: [32, 64],
        byteCount: tensor.byteCount)
    }
    #expect(
      throws: FamilyError.wrongShape(
        path: input.path, tensor: "module.text_projection", found: [32, 64],
        expected: [.exactly(64), .any("embedding width")])
    ) { try ModelFamilies.recognise(input, overrides: Self.overrides) }

    input = try Self.input("huggingface")
    input.tensors.removeAll { $0.name == "text_projection.weight" }
    let match = try ModelFamilies.recognise(input)
    #expect(match.towers.map(\.kind) == [.image])
  }
}
