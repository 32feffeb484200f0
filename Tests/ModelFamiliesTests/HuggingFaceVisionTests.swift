import Checkpoints
import ModelFamilies
import TensorCore
import Testing

/// Vision transformers under Hugging Face's names, and what the files beside them say.
@Suite struct HuggingFaceVisionTests {
  /// Names: `CLIPVisionModelWithProjection(...).state_dict()` of transformers 5.23.
  static func tensors(width: Int = 96, layers: Int = 2, grid: Int = 4) -> [TensorInfo] {
    let start = "vision_model.embeddings."
    var result = [
      tensor(start + "class_embedding", [width]),
      tensor(start + "patch_embedding.weight", [width, 3, 16, 16]),
      tensor(start + "position_embedding.weight", [grid * grid + 1, width]),
      tensor("visual_projection.weight", [64, width]),
    ]
    func pair(_ name: String, _ shape: [Int]) {
      result += [tensor(name + ".weight", shape), tensor(name + ".bias", [shape[0]])]
    }
    for norm in ["pre_layrnorm", "post_layernorm"] { pair("vision_model." + norm, [width]) }
    for layer in 0..<layers {
      let start = "vision_model.encoder.layers.\(layer)."
      for part in ["q", "k", "v", "out"] {
        pair(start + "self_attn.\(part)_proj", [width, width])
      }
      for norm in ["layer_norm1", "layer_norm2"] { pair(start + norm, [width]) }
      pair(start + "mlp.fc1", [2 * width, width])
      pair(start + "mlp.fc2", [width, 2 * width])
    }
    return result
  }

  private static let model = """
    {"model_type": "clip", "vision_config": {"hidden_size": 96, "num_hidden_layers": 2,
    "intermediate_size": 192, "patch_size": 16, "image_size": 64}}
    """

  private static func input(
    _ tensors: [TensorInfo], _ model: String? = model, preprocessor: String? = nil
  ) throws -> FamilyInput {
    var input = FamilyInput(
      path: "m", tensors: tensors,
      configuration: try model.map { try configuration("config.json", $0) })
    input.preprocessorConfiguration = try preprocessor.map {
      try configuration("preprocessor_config.json", $0)
    }
    return input
  }

  /// What transformers leaves out of a configuration is its default.
  @Test func defaults() throws {
    let match = try ModelFamilies.recognise(Self.input(Self.tensors()))
    let image = try #require(match.image)
    #expect(image.layers == 2)
    #expect(image.width == 96)
    #expect(image.heads == 12)
    #expect(image.embeddingWidth == 64)
    #expect(image.imageSize == 64)
    #expect(image.activation == .quickGELU)
    #expect(match.unused.isEmpty)
    #expect(
      match.findings.contains(
        "activation quickgelu: config.json: vision_config.hidden_act absent, so transformers' default"
      ))
  }

  @Test func preprocessing() throws {
    func found(_ text: String) throws -> ImagePreprocessing? {
      try ModelFamilies.recognise(Self.input(Self.tensors(), preprocessor: text)).image?
        .preprocessing
    }
    // CLIPImageProcessor before and after sizes became objects, and ChineseCLIPImageProcessor.
    let old = try found(
      #"{"size": 64, "crop_size": 64, "resample": 3, "do_center_crop": true, "image_mean": [0, 0.5, 1]}"#
    )
    #expect(old?.resizeMode == .shortest)
    #expect(old?.mean == [0, 0.5, 1])
    #expect(old?.standardDeviation == ImagePreprocessing.openAI.standardDeviation)
    let new = try found(
      #"{"size": {"shortest_edge": 64}, "crop_size": {"height": 64, "width": 64}, "resample": 2}"#)
    #expect(new?.resizeMode == .shortest)
    #expect(new?.interpolation == .bilinear)
    let squashed = try found(#"{"size": {"height": 64, "width": 64}, "do_center_crop": false}"#)
    #expect(squashed?.resizeMode == .squash)
    #expect(squashed?.interpolation == .bicubic)
  }

  @Test(arguments: [
    (#"{"size": {"shortest_edge": 32}}"#, "size.shortest_edge is 32, but the tensors say 64"),
    (#"{"crop_size": {"height": 64, "width": 32}}"#, "crop_size.width is 32, but"),
    (#"{"do_center_crop": false}"#, "do_center_crop"),
    (#"{"do_normalize": false}"#, "do_normalize"),
    (#"{"rescale_factor": 1}"#, "rescale_factor"),
    (#"{"resample": 1}"#, "resample"),
    (#"{"image_std": [1, 0, 1]}"#, "image_std is not three positive numbers"),
  ])
  func refusedPreprocessing(_ text: String, _ part: String) throws {
    let found = sentence(try Self.input(Self.tensors(), preprocessor: text))
    #expect(found.hasPrefix("preprocessor_config.json: "), "\(found)")
    #expect(found.contains(part), "\(found)")
  }

  @Test func refusedTensors() throws {
    var tensors = Self.tensors()
    let unknown = "vision_model.encoder.layers.0.self_attn.rope.weight"
    tensors.append(tensor(unknown, [4]))
    #expect(sentence(try Self.input(tensors)).contains(unknown))
    // Both layouts in one file.
    let both = Self.tensors() + (try Layouts.tensors("ViT-B-32"))
    #expect(sentence(try Self.input(both, nil)) != "recognised")
    // A vision tower without its projection.
    let bare = Self.tensors().filter { $0.name != "visual_projection.weight" }
    #expect(sentence(try Self.input(bare)).contains("visual_projection.weight"))
  }
}
