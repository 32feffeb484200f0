import Checkpoints
import Foundation
import ModelFamilies
import TensorCore
import TestSupport
import Testing

@Suite struct BERTTests {
  private static let configurationText = """
    {"model_type": "bert", "hidden_act": "gelu", "hidden_size": 768, "intermediate_size": 3072,
     "layer_norm_eps": 1e-12, "max_position_embeddings": 512, "num_attention_heads": 12,
     "num_hidden_layers": 12, "type_vocab_size": 2, "vocab_size": 21128,
     "position_embedding_type": "absolute", "classifier_dropout": null}
    """

  private static let reconstructed = "data/taiyi-102m-vitl.config.reconstructed.json"

  private static func input(_ tensors: [TensorInfo], _ text: String? = nil) throws -> FamilyInput {
    FamilyInput(
      path: "m", tensors: tensors,
      configuration: try text.map { try configuration("config.json", $0) })
  }

  @Test func everyTensorOfTaiyi() throws {
    let tensors = try Layouts.tensors("bert-base-chinese")
    // The figure of the published file: 409,070,592 bytes of F32.
    #expect(tensors.map(\.byteCount).reduce(0, +) == 409_070_592)
    let match = try ModelFamilies.recognise(Self.input(tensors, Self.configurationText))
    #expect(match.towers.map(\.kind) == [.text])
    #expect(match.towers[0].family == "BERT text tower")
    #expect(match.unused.isEmpty)
    #expect(match.logitScale == nil)
    #expect(
      match.text
        == TextHyperParameters(
          layers: 12, width: 768, heads: 12, mlpWidth: 3072, vocabularySize: 21128,
          positions: 512, tokenTypes: 2, contextLength: 77, normEpsilon: 1e-12,
          activation: .gelu, embeddingWidth: 768, feature: .pooler))
    #expect(
      match.findings == [
        "heads 12: config.json: num_attention_heads",
        "activation gelu: config.json: hidden_act",
        "layer norm epsilon 1e-12: config.json: layer_norm_eps",
        "context length 77 (assumed): the length Taiyi-CLIP is evaluated with",
      ])

    let planned = match.towers[0].tensors
    var expected: [(String, [Int])] = [
      ("text.embeddings.word", [21128, 768]), ("text.embeddings.position", [512, 768]),
      ("text.embeddings.token_type", [2, 768]), ("text.embeddings.norm.gain", [768]),
      ("text.embeddings.norm.bias", [768]),
    ]
    for layer in 0..<12 {
      let block: [(String, [Int])] = [
        ("attention.qkv.weight", [2304, 768]), ("attention.qkv.bias", [2304]),
        ("attention.output.weight", [768, 768]), ("attention.output.bias", [768]),
        ("attention.norm.gain", [768]), ("attention.norm.bias", [768]),
        ("mlp.up.weight", [3072, 768]), ("mlp.up.bias", [3072]),
        ("mlp.down.weight", [768, 3072]), ("mlp.down.bias", [768]), ("mlp.norm.gain", [768]),
        ("mlp.norm.bias", [768]),
      ]
      expected += block.map { ("text.layers.\(layer).\($0.0)", $0.1) }
    }
    expected += [("text.pooler.weight", [768, 768]), ("text.pooler.bias", [768])]
    #expect(planned.map(\.name) == expected.map(\.0))
    #expect(planned.map(\.shape) == expected.map(\.1))
    // Every source is used once, and together they are the whole file.
    let sources = planned.flatMap(\.sources)
    #expect(sources.map(\.index).sorted() == Array(tensors.indices))
    for source in sources { #expect(tensors[source.index].name == source.name) }
  }

  /// A classifier lies beside the model: its names take no `bert.`.
  @Test(arguments: ["", "bert.", "module.bert."])
  func classifier(_ prefix: String) throws {
    let outer = prefix.replacingOccurrences(of: "bert.", with: "")
    var tensors = try Layouts.tensors("bert-base-chinese").map { tensor in
      TensorInfo(
        name: prefix + tensor.name, elementType: tensor.elementType, shape: tensor.shape,
        byteCount: tensor.byteCount)
    }
    for (name, shape) in [("classifier.weight", [512, 768]), ("classifier.bias", [512])] {
      let count = shape.reduce(4, *)
      tensors.append(
        TensorInfo(name: outer + name, elementType: .float32, shape: shape, byteCount: count))
    }
    let match = try ModelFamilies.recognise(Self.input(tensors))
    #expect(match.text?.embeddingWidth == 512)
    #expect(match.text?.feature == .classifier)
    #expect(
      match.findings.first
        == "text feature the classifier's output: there is a classifier after the pooler")
    let last = try #require(match.towers.first).tensors.suffix(4)
    #expect(
      last.map(\.name) == [
        "text.pooler.weight", "text.pooler.bias", "text.classifier.weight", "text.classifier.bias",
      ])
    #expect(last.map(\.shape) == [[768, 768], [768], [512, 768], [512]])
    #expect(match.unused.isEmpty)
  }

  @Test func sourcesRolesAndSections() throws {
    let tensors = try Layouts.tensors("bert-base-chinese")
    let match = try ModelFamilies.recognise(Self.input(tensors))
    let planned = Dictionary(
      uniqueKeysWithValues: match.towers[0].tensors.map { ($0.name, $0) })
    let qkv = try #require(planned["text.layers.3.attention.qkv.weight"])
    #expect(
      qkv.sources.map(\.name) == [
        "encoder.layer.3.attention.self.query.weight",
        "encoder.layer.3.attention.self.key.weight",
        "encoder.layer.3.attention.self.value.weight",
      ])
    #expect(qkv.transform == .none)
    #expect(qkv.section == .layer(.text, 3))
    #expect(qkv.section.description == "text.layers.3")
    func smoothing(_ norm: String, tellsRanges: Bool = false) -> TensorRole {
      .linear(
        smoothing: SmoothingSource(
          gain: norm + ".gain", bias: norm + ".bias", isFoldable: false, tellsRanges: tellsRanges))
    }
    let roles: [(String, TensorRole)] = [
      ("text.embeddings.word", .embedding), ("text.embeddings.position", .vector),
      ("text.embeddings.norm.gain", .vector),
      ("text.layers.0.attention.qkv.weight", smoothing("text.embeddings.norm")),
      ("text.layers.1.attention.qkv.weight", smoothing("text.layers.0.mlp.norm")),
      ("text.layers.1.attention.qkv.bias", .vector),
      ("text.layers.1.attention.output.weight", .linear(smoothing: nil)),
      ("text.layers.1.mlp.up.weight", smoothing("text.layers.1.attention.norm", tellsRanges: true)),
      ("text.layers.1.mlp.down.weight", .linear(smoothing: nil)),
      ("text.pooler.weight", smoothing("text.layers.11.mlp.norm")),
    ]
    for (name, role) in roles { #expect(planned[name]?.role == role, "\(name)") }
    #expect(planned["text.pooler.bias"]?.section.description == "text.head")
    #expect(planned["text.embeddings.word"]?.section.description == "text.embeddings")
    #expect(
      match.findings.first == "heads 12 (assumed): the usual number at width 768")
  }

  @Test func largeSize() throws {
    let match = try ModelFamilies.recognise(
      Self.input(try Layouts.tensors("bert-large-chinese")))
    #expect(match.text?.heads == 16)
    #expect(match.text?.layers == 24)
    #expect(match.text?.width == 1024)
    #expect(match.text?.mlpWidth == 4096)
  }

  @Test(arguments: ["bert.", "transformer.", "module.", "module.bert.", "module.transformer."])
  func prefixes(_ prefix: String) throws {
    let tensors =
      try Layouts.tensors("bert-base-chinese", prefix: prefix) + [
        tensor(prefix + "embeddings.position_ids", [1, 512], .int64),
        tensor("cls.predictions.bias", [21128]),
      ]
    let match = try ModelFamilies.recognise(Self.input(tensors))
    #expect(match.text?.layers == 12)
    #expect(match.unused == ["cls.predictions.bias"])
    #expect(
      match.towers[0].tensors.first?.sources.first?.name
        == prefix + "embeddings.word_embeddings.weight")
  }

  @Test func namesOfOldFiles() throws {
    let today = try Layouts.tensors("bert-base-chinese")
    let old = today.map {
      tensor(
        $0.name.replacing("LayerNorm.weight", with: "LayerNorm.gamma")
          .replacing("LayerNorm.bias", with: "LayerNorm.beta"), $0.shape)
    }
    let match = try ModelFamilies.recognise(Self.input(old))
    #expect(match.unused.isEmpty)
    let gain = match.towers[0].tensors.first { $0.name == "text.layers.2.mlp.norm.gain" }
    #expect(gain?.sources.map(\.name) == ["encoder.layer.2.output.LayerNorm.gamma"])
    let both = today + [tensor("embeddings.LayerNorm.gamma", [768])]
    #expect(
      try sentence(Self.input(both))
        == #"m: tensors "embeddings.LayerNorm.weight" and "embeddings.LayerNorm.gamma" "#
        + "are two names of one tensor")
  }

  @Test(
    arguments: [
      (
        "pooler.dense.weight", nil,
        #"m: tensor "pooler.dense.weight" of the BERT text tower is missing"#
      ),
      (
        "embeddings.word_embeddings.weight", nil,
        #"m: tensor "embeddings.word_embeddings.weight" of the BERT text tower is missing"#
      ),
      (
        "encoder.layer.7.output.dense.bias", nil,
        #"m: tensor "encoder.layer.7.output.dense.bias" of the BERT text tower is missing"#
      ),
      (
        "pooler.dense.weight", tensor("pooler.dense.weight", [768, 700]),
        #"m: tensor "pooler.dense.weight": shape [768, 700], expected [768, 768]"#
      ),
      (
        "pooler.dense.bias", tensor("pooler.dense.bias", [768, 1]),
        #"m: tensor "pooler.dense.bias": shape [768, 1], expected [768]"#
      ),
      (
        "embeddings.word_embeddings.weight", tensor("embeddings.word_embeddings.weight", [768]),
        #"m: tensor "embeddings.word_embeddings.weight": shape [768], "#
          + "expected [vocabulary, width]"
      ),
      (
        "embeddings.word_embeddings.weight",
        tensor("embeddings.word_embeddings.weight", [1 << 40, 0]),
        #"m: tensor "embeddings.word_embeddings.weight": shape [1099511627776, 0], "#
          + "expected [vocabulary, width]"
      ),
      (
        "embeddings.position_embeddings.weight",
        tensor("embeddings.position_embeddings.weight", [512, 700]),
        #"m: tensor "embeddings.position_embeddings.weight": shape [512, 700], "#
          + "expected [positions, 768]"
      ),
      (
        "pooler.dense.weight", tensor("pooler.dense.weight", [768, 768], .int8),
        #"m: tensor "pooler.dense.weight": element type I8, expected a float type"#
      ),
      (
        "pooler.dense.bias", tensor("pooler.extra", [768]),
        #"m: tensor "pooler.dense.bias" of the BERT text tower is missing"#
      ),
    ] as [(String, TensorInfo?, String)])
  func damage(_ name: String, _ change: TensorInfo?, _ expected: String) throws {
    let tensors = try Layouts.tensors("bert-base-chinese").changing(name, to: change)
    #expect(try sentence(Self.input(tensors)) == expected)
  }

  @Test func layersMustBeConsecutive() throws {
    let tensors = try Layouts.tensors("bert-base-chinese")
    let gap = tensors.filter { !$0.name.hasPrefix("encoder.layer.4.") }
    #expect(
      try sentence(Self.input(gap))
        == #"m: "encoder.layer.4" is missing, but there is a "encoder.layer.11""#)
    let first = tensors.filter { !$0.name.hasPrefix("encoder.layer.0.") }
    #expect(
      try sentence(Self.input(first))
        == #"m: "encoder.layer.0" is missing, but there is a "encoder.layer.11""#)
    let none = tensors.filter { !$0.name.hasPrefix("encoder.") }
    #expect(
      try sentence(Self.input(none))
        == #"m: tensor "encoder.layer.0" of the BERT text tower is missing"#)
    let huge = tensors + [tensor("encoder.layer.9223372036854775807.output.dense.bias", [768])]
    #expect(
      try sentence(Self.input(huge)) == #"m: "encoder.layer.12" is missing, "#
        + #"but there is a "encoder.layer.9223372036854775807""#)
    for number in ["01", "-1", "x", "99999999999999999999"] {
      let name = "encoder.layer.\(number).output.dense.bias"
      #expect(
        try sentence(Self.input(tensors + [tensor(name, [768])]))
          == "m: tensor \"\(name)\" is not part of a BERT text tower as it is supported")
    }
  }

  @Test func tensorsThatWouldChangeTheResult() throws {
    let name = "encoder.layer.0.attention.self.distance_embedding.weight"
    let tensors = try Layouts.tensors("bert-base-chinese") + [tensor(name, [1023, 64])]
    #expect(
      try sentence(Self.input(tensors))
        == "m: tensor \"\(name)\" is not part of a BERT text tower as it is supported")
  }

  @Test(arguments: [
    (#"{"hidden_act": "relu"}"#, "config.json: hidden_act is relu, supported: gelu"),
    (#"{"hidden_act": "gelu_new"}"#, "config.json: hidden_act is gelu_new, supported: gelu"),
    (#"{"hidden_size": 1024}"#, "config.json: hidden_size is 1024, but the tensors say 768"),
    (
      #"{"num_hidden_layers": 24}"#,
      "config.json: num_hidden_layers is 24, but the tensors say 12"
    ),
    (#"{"vocab_size": 30522}"#, "config.json: vocab_size is 30522, but the tensors say 21128"),
    (#"{"vocab_size": "x"}"#, "config.json: vocab_size is not a positive integer"),
    (#"{"num_attention_heads": 0}"#, "config.json: num_attention_heads is not a positive integer"),
    (#"{"num_attention_heads": 7}"#, "m: 7 attention heads do not divide the width 768"),
    (#"{"layer_norm_eps": -1}"#, "config.json: layer_norm_eps is not a positive number"),
    (
      #"{"position_embedding_type": "relative_key"}"#,
      "config.json: position_embedding_type is relative_key, supported: absolute"
    ),
    (#"{"model_type": "roberta"}"#, "config.json: model_type is roberta, supported: bert"),
    (#"{"model_type": "clip", "hidden_size": 1}"#, "recognised"),
    (#"{"hidden_size": 768, "is_decoder": false}"#, "recognised"),
  ])
  func configurations(_ text: String, _ expected: String) throws {
    let input = try Self.input(try Layouts.tensors("bert-base-chinese"), text)
    #expect(sentence(input) == expected)
  }

  @Test func overrides() throws {
    let tensors = try Layouts.tensors("bert-base-chinese")
    var overrides = FamilyOverrides()
    overrides.textHeads = 6
    overrides.contextLength = 512
    let match = try ModelFamilies.recognise(
      Self.input(tensors, Self.configurationText), overrides: overrides)
    #expect(match.text?.heads == 6)
    #expect(match.text?.contextLength == 512)
    #expect(match.findings.contains("heads 6: --text-heads"))
    #expect(match.findings.contains("context length 512: --context-length"))
    for length in [1, 513] {
      overrides.contextLength = length
      #expect(
        try sentence(Self.input(tensors), overrides)
          == "m: a context of \(length) tokens is not possible, "
          + "the position table allows 2 to 512")
    }
  }

  @Test func unusualWidthNeedsHeads() throws {
    // A BERT of width 48 with 40 positions.
    let tensors = try Layouts.tensors("bert-base-chinese").map { info in
      tensor(info.name, info.shape.map { [768: 48, 3072: 192, 512: 40][$0] ?? $0 })
    }
    #expect(
      try sentence(Self.input(tensors))
        == "m: the number of attention heads of the text tower (48 wide) is not known; "
        + "give it with --text-heads")
    let match = try ModelFamilies.recognise(
      Self.input(tensors, #"{"num_attention_heads": 4, "layer_norm_eps": 1e-6}"#))
    #expect(match.text?.heads == 4)
    #expect(match.text?.normEpsilon == 1e-6)
    #expect(match.text?.contextLength == 40)
    #expect(
      match.findings.contains("context length 40 (assumed): the length of the position table"))
  }

  @Test(.enabled(if: Fixture.shared(reconstructed) != nil))
  func theReconstructedConfiguration() throws {
    let path = try #require(Fixture.shared(Self.reconstructed))
    let text = String(decoding: try Fixture.bytes(path), as: UTF8.self)
    let match = try ModelFamilies.recognise(
      Self.input(try Layouts.tensors("bert-base-chinese"), text))
    #expect(match.findings.filter { $0.contains("(assumed)") }.count == 1)
  }
}
