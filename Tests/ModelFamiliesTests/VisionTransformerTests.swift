import Checkpoints
import ModelFamilies
import TensorCore
import TestSupport
import Testing

@Suite struct VisionTransformerTests {
  private static func input(
    _ tensors: [TensorInfo], openCLIP: String? = nil, configuration text: String? = nil,
    weights: WeightEvidence? = evidence(isHalf: true)
  ) throws -> FamilyInput {
    FamilyInput(
      path: "m", tensors: tensors,
      configuration: try text.map { try configuration("config.json", $0) },
      openCLIPConfiguration: try openCLIP.map { try configuration("open_clip_config.json", $0) },
      weights: weights)
  }

  private static func quick() -> FamilyOverrides {
    var overrides = FamilyOverrides()
    overrides.activation = .quickGELU
    return overrides
  }

  struct Size: Sendable {
    let name: String
    let layers, width, heads, patch, grid, image, embedding: Int
    let parameters: Int
  }

  /// Sizes: open_clip's model_configs; parameters of the tower: open_clip's docs/model_profile.csv.
  @Test(arguments: [
    Size(
      name: "ViT-B-32", layers: 12, width: 768, heads: 12, patch: 32, grid: 7, image: 224,
      embedding: 512, parameters: 87_849_216),
    Size(
      name: "ViT-B-16", layers: 12, width: 768, heads: 12, patch: 16, grid: 14, image: 224,
      embedding: 512, parameters: 86_192_640),
    Size(
      name: "ViT-L-14", layers: 24, width: 1024, heads: 16, patch: 14, grid: 16, image: 224,
      embedding: 768, parameters: 303_966_208),
    Size(
      name: "ViT-L-14-336", layers: 24, width: 1024, heads: 16, patch: 14, grid: 24, image: 336,
      embedding: 768, parameters: 304_293_888),
    Size(
      name: "ViT-H-14", layers: 32, width: 1280, heads: 16, patch: 14, grid: 16, image: 224,
      embedding: 1024, parameters: 632_076_800),
  ]) func publishedSizes(_ size: Size) throws {
    let tensors = try Layouts.tensors(size.name)
    let match = try ModelFamilies.recognise(Self.input(tensors), overrides: Self.quick())
    #expect(match.towers.map(\.kind) == [.image])
    #expect(
      match.image
        == ImageHyperParameters(
          layers: size.layers, width: size.width, heads: size.heads, mlpWidth: 4 * size.width,
          patchSize: size.patch, grid: size.grid, imageSize: size.image,
          embeddingWidth: size.embedding, normEpsilon: 1e-5, activation: .quickGELU,
          preprocessing: .openAI))
    let planned = match.towers[0].tensors
    #expect(planned.map { $0.shape.reduce(1, *) }.reduce(0, +) == size.parameters)

    let width = size.width
    var expected: [(String, [Int])] = [
      ("image.patch_embedding.weight", [width, 3 * size.patch * size.patch]),
      ("image.class_embedding", [width]),
      ("image.position_embedding", [size.grid * size.grid + 1, width]),
      ("image.pre_norm.gain", [width]), ("image.pre_norm.bias", [width]),
    ]
    for layer in 0..<size.layers {
      let block: [(String, [Int])] = [
        ("norm1.gain", [width]), ("norm1.bias", [width]),
        ("attention.qkv.weight", [3 * width, width]), ("attention.qkv.bias", [3 * width]),
        ("attention.output.weight", [width, width]), ("attention.output.bias", [width]),
        ("norm2.gain", [width]), ("norm2.bias", [width]), ("mlp.up.weight", [4 * width, width]),
        ("mlp.up.bias", [4 * width]), ("mlp.down.weight", [width, 4 * width]),
        ("mlp.down.bias", [width]),
      ]
      expected += block.map { ("image.layers.\(layer).\($0.0)", $0.1) }
    }
    expected += [
      ("image.post_norm.gain", [width]), ("image.post_norm.bias", [width]),
      ("image.projection.weight", [size.embedding, width]),
    ]
    #expect(planned.map(\.name) == expected.map(\.0))
    #expect(planned.map(\.shape) == expected.map(\.1))
    // What is left over is the English text transformer, whole.
    let visual = tensors.filter { $0.name.hasPrefix("visual.") }.map(\.name)
    #expect(Set(planned.flatMap(\.sources).map(\.name)) == Set(visual))
    #expect(
      match.unused
        == tensors.map(\.name).filter { !$0.hasPrefix("visual.") && $0 != "logit_scale" })
    #expect(match.unused.contains("text_projection"))
    #expect(match.unused.contains("transformer.resblocks.0.attn.in_proj_weight"))
  }

  @Test func rolesTransformsAndSections() throws {
    let match = try ModelFamilies.recognise(
      Self.input(try Layouts.tensors("ViT-B-32")), overrides: Self.quick())
    let planned = Dictionary(
      uniqueKeysWithValues: match.towers[0].tensors.map { ($0.name, $0) })
    func smoothing(_ norm: String, tellsRanges: Bool = false) -> TensorRole {
      .linear(
        smoothing: SmoothingSource(
          gain: norm + ".gain", bias: norm + ".bias", isFoldable: true, tellsRanges: tellsRanges))
    }
    let expected: [(String, TensorRole, TensorTransform, String)] = [
      ("image.patch_embedding.weight", .patchEmbedding, .flatten, "image.embeddings"),
      ("image.class_embedding", .vector, .none, "image.embeddings"),
      ("image.position_embedding", .vector, .none, "image.embeddings"),
      ("image.pre_norm.gain", .vector, .none, "image.embeddings"),
      (
        "image.layers.5.attention.qkv.weight", smoothing("image.layers.5.norm1"), .none,
        "image.layers.5"
      ),
      ("image.layers.5.attention.output.weight", .linear(smoothing: nil), .none, "image.layers.5"),
      (
        "image.layers.5.mlp.up.weight", smoothing("image.layers.5.norm2", tellsRanges: true), .none,
        "image.layers.5"
      ),
      ("image.layers.5.mlp.down.weight", .linear(smoothing: nil), .none, "image.layers.5"),
      ("image.post_norm.bias", .vector, .none, "image.head"),
      ("image.projection.weight", .projection, .transpose, "image.head"),
    ]
    for (name, role, transform, section) in expected {
      #expect(planned[name]?.role == role, "\(name)")
      #expect(planned[name]?.transform == transform, "\(name)")
      #expect(planned[name]?.section.description == section, "\(name)")
    }
    let conv = try #require(planned["image.patch_embedding.weight"]?.sources.first)
    #expect(conv.name == "visual.conv1.weight")
    #expect(conv.shape == [768, 3, 32, 32])
    #expect(planned["image.projection.weight"]?.sources.first?.shape == [768, 512])
  }

  @Test(arguments: ["module.visual.", "", "module."]) func prefixes(_ prefix: String) throws {
    let tensors = try Layouts.tensors("ViT-B-32").filter { $0.name.hasPrefix("visual.") }
      .map { tensor(prefix + $0.name.dropFirst("visual.".count), $0.shape) }
    let module = prefix.hasPrefix("module.") ? "module." : ""
    let match = try ModelFamilies.recognise(
      Self.input(tensors + [tensor(module + "logit_scale", [1])]), overrides: Self.quick())
    #expect(match.image?.layers == 12)
    #expect(match.unused.isEmpty)
    #expect(match.logitScale?.logarithm == 4.6052)
  }

  // MARK: Activation

  private static let model = """
    "embed_dim": 768, "vision_cfg": {"image_size": 224, "layers": 24, "width": 1024,
    "patch_size": 14}, "text_cfg": {}
    """

  @Test(
    arguments: [
      (
        #"{"model_cfg": {"quick_gelu": true, \#(model)}}"#, nil, false, Activation.quickGELU,
        ["activation quickgelu: open_clip_config.json: quick_gelu is true"]
      ),
      (
        #"{"model_cfg": {"quick_gelu": false, \#(model)}}"#, nil, true, .gelu,
        ["activation gelu: open_clip_config.json: quick_gelu is false"]
      ),
      (
        #"{"model_cfg": {\#(model)}}"#, nil, false, .gelu,
        ["activation gelu: open_clip_config.json: quick_gelu absent, so GELU"]
      ),
      (
        #"{"model_cfg": {\#(model)}}"#, nil, true, .gelu,
        [
          "activation gelu: open_clip_config.json: quick_gelu absent, so GELU",
          "activation warning quickgelu? (assumed): every linear of m is exactly representable "
            + "as F16, as in OpenAI's weights, which need --activation quickgelu",
        ]
      ),
      (
        #"{\#(model)}"#, nil, false, .gelu,
        ["activation gelu: open_clip_config.json: quick_gelu absent, so GELU"]
      ),
      (
        #"{"model_cfg": {\#(model)}}"#, #"{"vision_config": {"hidden_act": "quick_gelu"}}"#, false,
        .quickGELU, ["activation quickgelu: config.json: hidden_act is quick_gelu"]
      ),
      (
        nil, #"{"vision_config": {"hidden_act": "gelu"}}"#, true, .gelu,
        ["activation gelu: config.json: hidden_act is gelu"]
      ),
      (
        nil, #"{"model_type": "clip_vision_model", "hidden_act": "quick_gelu"}"#, false, .quickGELU,
        ["activation quickgelu: config.json: hidden_act is quick_gelu"]
      ),
      (
        nil, #"{"model_type": "bert", "hidden_act": "gelu"}"#, true, .quickGELU,
        [
          "activation quickgelu (assumed): every F32 linear of m is exactly representable as F16, "
            + "as in OpenAI's weights"
        ]
      ),
      (
        nil, nil, true, .quickGELU,
        [
          "activation quickgelu (assumed): every F32 linear of m is exactly representable as F16, "
            + "as in OpenAI's weights"
        ]
      ),
    ] as [(String?, String?, Bool, Activation, [String])])
  func activationByEvidence(
    _ openCLIP: String?, _ configuration: String?, _ isHalf: Bool, _ expected: Activation,
    _ findings: [String]
  ) throws {
    let match = try ModelFamilies.recognise(
      Self.input(
        try Layouts.tensors("ViT-L-14"), openCLIP: openCLIP, configuration: configuration,
        weights: evidence(isHalf: isHalf)))
    #expect(match.image?.activation == expected)
    #expect(match.findings.filter { $0.hasPrefix("activation") } == findings)
  }

  private static let unknownActivation =
    "m: nothing tells whether the image tower was trained with QuickGELU (OpenAI's weights) "
    + "or GELU (most others); say --activation quickgelu or --activation gelu"

  @Test func unknownActivation() throws {
    let tensors = try Layouts.tensors("ViT-L-14")
    #expect(
      try sentence(Self.input(tensors, weights: evidence(isHalf: false)))
        == Self.unknownActivation)
    #expect(try sentence(Self.input(tensors, weights: nil)) == Self.unknownActivation)
    // Anything stored as F16 is representable as F16; that says nothing about who trained it.
    let half = tensors.map { tensor($0.name, $0.shape, .float16) }
    #expect(
      try sentence(Self.input(half, weights: evidence(isHalf: true))) == Self.unknownActivation)
    var overrides = FamilyOverrides()
    overrides.activation = .gelu
    let match = try ModelFamilies.recognise(
      Self.input(
        tensors, openCLIP: #"{"model_cfg": {"quick_gelu": true, \#(Self.model)}}"#),
      overrides: overrides)
    #expect(match.image?.activation == .gelu)
    #expect(match.findings.contains("activation gelu: --activation"))
    // With the image tower not wanted, nobody asks.
    overrides.towers = [.text]
    overrides.activation = nil
    #expect(
      try sentence(Self.input(tensors, weights: nil), overrides)
        == "m: this is an English CLIP text tower, which is not supported: "
        + "only BERT text towers are supported")
  }

  // MARK: Heads, sizes, settings

  @Test func heads() throws {
    func findings(_ name: String, _ openCLIP: String?) throws -> (Int?, String?) {
      let match = try ModelFamilies.recognise(
        Self.input(try Layouts.tensors(name), openCLIP: openCLIP), overrides: Self.quick())
      return (match.image?.heads, match.findings.first)
    }
    #expect(
      try findings("ViT-H-14", nil)
        == (16, "heads 16 (assumed): open_clip's number at width 1280"))
    #expect(
      try findings("ViT-B-16", nil)
        == (12, "heads 12 (assumed): 64 features a head, as usual at width 768"))
    #expect(
      try findings("ViT-H-14", #"{"model_cfg": {"vision_cfg": {"head_width": 80}}}"#)
        == (16, "heads 16: open_clip_config.json: model_cfg.vision_cfg.head_width is 80"))
    #expect(
      try findings("ViT-B-16", #"{"model_cfg": {"vision_cfg": {"width": 768}}}"#)
        == (12, "heads 12: open_clip_config.json: vision_cfg without head_width means 64"))
    let small = try Layouts.tensors("ViT-B-16").map { info in
      tensor(info.name, info.shape.map { [768: 96, 2304: 288, 3072: 384][$0] ?? $0 })
    }
    #expect(
      try sentence(Self.input(small), Self.quick())
        == "m: the number of attention heads of the image tower (96 wide) is not known; "
        + "give it with --image-heads")
    var overrides = Self.quick()
    overrides.imageHeads = 3
    let match = try ModelFamilies.recognise(Self.input(small), overrides: overrides)
    #expect(match.image?.heads == 3)
    overrides.imageHeads = 5
    #expect(
      try sentence(Self.input(small), overrides)
        == "m: 5 attention heads do not divide the width 96")
    let configured = try ModelFamilies.recognise(
      Self.input(small, configuration: #"{"vision_config": {"num_attention_heads": 2}}"#),
      overrides: Self.quick())
    #expect(configured.image?.heads == 2)
  }

  @Test(arguments: [
    (#""width": 768"#, "width is 768, but the tensors say 1024"),
    (#""layers": 12"#, "layers is 12, but the tensors say 24"),
    (#""layers": [3, 4, 6, 3]"#, "layers is not a positive integer"),
    (#""patch_size": 16"#, "patch_size is 16, but the tensors say 14"),
    (#""image_size": 336"#, "image_size is 336, but the tensors say 224"),
    (#""head_width": 100"#, "head_width is not a divisor of the width 1024"),
    (#""pool_type": "avg""#, "pool_type is avg, supported: tok"),
    (#""no_ln_pre": true"#, "no_ln_pre is true, supported: null, false"),
    (#""attentional_pool": true"#, "attentional_pool is true, supported: null, false"),
    (#""ls_init_value": 0.1"#, "ls_init_value is 0.1, supported: null, false"),
    (#""norm_kwargs": {"eps": 1e-6}"#, "norm_kwargs is set, supported: null, false"),
    (#""pos_embed_type": "sin_cos_2d""#, "pos_embed_type is sin_cos_2d, supported: learnable"),
  ])
  func settingsThatDoNotFit(_ setting: String, _ expected: String) throws {
    let input = try Self.input(
      try Layouts.tensors("ViT-L-14"), openCLIP: #"{"model_cfg": {"vision_cfg": {\#(setting)}}}"#)
    #expect(
      sentence(input, Self.quick()) == "open_clip_config.json: model_cfg.vision_cfg." + expected)
  }

  @Test func picturesThatPatchesDoNotFill() throws {
    let input = try Self.input(
      try Layouts.tensors("ViT-L-14"), openCLIP: #"{"vision_cfg": {"image_size": 230}}"#)
    let match = try ModelFamilies.recognise(input, overrides: Self.quick())
    #expect(match.image?.imageSize == 230)
    #expect(match.image?.grid == 16)
  }

  @Test func preprocessing() throws {
    let tensors = try Layouts.tensors("ViT-B-32")
    let text = """
      {"preprocess_cfg": {"mean": [0.5, 0.5, 0.25], "std": [0.5, 0.25, 0.5],
       "interpolation": "bilinear", "resize_mode": "squash"}}
      """
    let match = try ModelFamilies.recognise(
      Self.input(tensors, openCLIP: text), overrides: Self.quick())
    #expect(
      match.image?.preprocessing
        == ImagePreprocessing(
          mean: [0.5, 0.5, 0.25], standardDeviation: [0.5, 0.25, 0.5], interpolation: .bilinear,
          resizeMode: .squash))
    #expect(
      match.findings.last == "preprocessing given: open_clip_config.json: preprocess_cfg")
    let partial = try ModelFamilies.recognise(
      Self.input(tensors, openCLIP: #"{"preprocess_cfg": {"mean": [0, 0, 0]}}"#),
      overrides: Self.quick())
    #expect(partial.image?.preprocessing.mean == [0, 0, 0])
    #expect(
      partial.findings.last
        == "preprocessing default std, interpolation, resize_mode (assumed): "
        + "absent in open_clip_config.json: open_clip's defaults are OpenAI's")
    let none = try ModelFamilies.recognise(Self.input(tensors), overrides: Self.quick())
    #expect(
      none.findings.last
        == "preprocessing mean, deviation, bicubic, shortest side (assumed): "
        + "OpenAI's, which is open_clip's default")
  }

  @Test(arguments: [
    (#""mean": [1, 2]"#, "mean is not three numbers"),
    (#""std": [0, 1, 1]"#, "std is not three positive numbers"),
    (#""std": [1, 1, "1"]"#, "std is not three positive numbers"),
    (#""interpolation": "random""#, "interpolation is random, supported: bicubic, bilinear"),
    (#""resize_mode": "crop""#, "resize_mode is crop, supported: shortest, longest, squash"),
    (#""mode": "L""#, "mode is L, supported: RGB"),
  ])
  func wrongPreprocessing(_ setting: String, _ expected: String) throws {
    let input = try Self.input(
      try Layouts.tensors("ViT-B-32"), openCLIP: #"{"preprocess_cfg": {\#(setting)}}"#)
    #expect(sentence(input, Self.quick()) == "open_clip_config.json: preprocess_cfg." + expected)
  }

  // MARK: Logit scale

  @Test func logitScale() throws {
    let tensors = try Layouts.tensors("ViT-B-32")
    let match = try ModelFamilies.recognise(
      Self.input(tensors, weights: evidence(isHalf: true, scalar: 4.605170185988092)))
    let scale = try #require(match.logitScale)
    #expect(abs(scale.scale - 100) < 1e-12)
    #expect(scale.logarithm == 4.605170185988092)
    #expect(!scale.finding.isAssumed)
    #expect(
      LogitScale.assumed.finding.description == "logit scale 100 (assumed): CLIP's usual value")
    for value in [Double.nan, .infinity, 1000, -1000] {
      #expect(
        try sentence(Self.input(tensors, weights: evidence(isHalf: true, scalar: value)))
          == #"m: tensor "logit_scale" is not one finite number"#)
    }
    let wrong = tensors.changing("logit_scale", to: tensor("logit_scale", [2]))
    #expect(
      try sentence(Self.input(wrong)) == #"m: tensor "logit_scale" is not one finite number"#)
    let without = try ModelFamilies.recognise(
      Self.input(tensors.changing("logit_scale", to: nil)))
    #expect(without.logitScale == nil)
  }

  // MARK: Damage

  @Test(
    arguments: [
      (
        "visual.ln_pre.weight", nil,
        #"tensor "visual.ln_pre.weight" of the CLIP vision transformer is missing"#
      ),
      ("visual.proj", nil, #"tensor "visual.proj" of the CLIP vision transformer is missing"#),
      (
        "visual.conv1.weight", tensor("visual.conv1.weight", [1024, 1, 14, 14]),
        #"tensor "visual.conv1.weight": shape [1024, 1, 14, 14], "#
          + "expected [width, 3, patch size, patch size]"
      ),
      (
        "visual.conv1.weight", tensor("visual.conv1.weight", [1024, 3, 14, 16]),
        #"tensor "visual.conv1.weight": shape [1024, 3, 14, 16], "#
          + "expected [width, 3, patch size, patch size]"
      ),
      (
        "visual.positional_embedding", tensor("visual.positional_embedding", [256, 1024]),
        #"tensor "visual.positional_embedding": 256 positions are not 1 and a square"#
      ),
      (
        "visual.positional_embedding", tensor("visual.positional_embedding", [1, 1024]),
        #"tensor "visual.positional_embedding": 1 positions are not 1 and a square"#
      ),
      (
        "visual.transformer.resblocks.3.attn.in_proj_weight",
        tensor("visual.transformer.resblocks.3.attn.in_proj_weight", [1024, 1024]),
        #"tensor "visual.transformer.resblocks.3.attn.in_proj_weight": shape [1024, 1024], "#
          + "expected [3072, 1024]"
      ),
      (
        "visual.transformer.resblocks.23.mlp.c_proj.weight",
        tensor("visual.transformer.resblocks.23.mlp.c_proj.weight", [4096, 1024]),
        #"tensor "visual.transformer.resblocks.23.mlp.c_proj.weight": shape [4096, 1024], "#
          + "expected [1024, 4096]"
      ),
    ] as [(String, TensorInfo?, String)])
  func damage(_ name: String, _ change: TensorInfo?, _ expected: String) throws {
    let tensors = try Layouts.tensors("ViT-L-14").changing(name, to: change)
    #expect(try sentence(Self.input(tensors), Self.quick()) == "m: " + expected)
  }

  @Test(arguments: [
    "visual.attn_pool.query", "visual.transformer.resblocks.0.ls_1.gamma",
    "visual.transformer.resblocks.0.attn.q_norm.weight",
  ])
  func tensorsThatWouldChangeTheResult(_ name: String) throws {
    let tensors = try Layouts.tensors("ViT-L-14") + [tensor(name, [1024])]
    #expect(
      try sentence(Self.input(tensors), Self.quick())
        == "m: tensor \"\(name)\" is not part of a CLIP vision transformer as it is supported")
  }
}
