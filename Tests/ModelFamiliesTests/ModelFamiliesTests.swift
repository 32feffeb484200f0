import Checkpoints
import ModelFamilies
import TensorCore
import TestSupport
import Testing

@Suite struct ModelFamiliesTests {
  @Test(arguments: [
    (
      ["text_model.encoder.layer.0.x", "text_model.pooler.dense.weight", "vision_model.y"],
      "a TaiyiCLIPModel",
      "this later Taiyi layout projects its pooled text, unlike the released model"
    ),
    (
      ["roberta.encoder.layer.0.x"], "a RoBERTa",
      "its position numbers start at 2, unlike BERT's"
    ),
    (
      ["text.transformer.embeddings.x", "visual.proj"],
      "an open_clip model with a Hugging Face text tower",
      "its text feature is pooled and projected in another way"
    ),
    (
      ["visual.conv1.weight", "visual.layer1.0.conv1.weight", "visual.attnpool.q_proj.weight"],
      "a CLIP ResNet image tower", "only vision transformers are supported"
    ),
    (
      ["visual.trunk.patch_embed.proj.weight"], "an open_clip model with a timm image tower",
      "only OpenAI's vision transformer is supported"
    ),
    (
      ["visual.blocks.0.x", "visual.patch_embed.proj.weight"], "an EVA image tower",
      "only OpenAI's vision transformer is supported"
    ),
    (
      ["blocks.0.x", "patch_embed.proj.weight"], "a timm vision transformer",
      "its names differ; use the open_clip file of the same weights"
    ),
    (
      ["token_embedding.weight", "transformer.resblocks.0.x"], "an English CLIP text tower",
      "only BERT text towers are supported"
    ),
    (
      ["text_model.encoder.layers.0.x"], "a Hugging Face CLIP text tower",
      "only BERT text towers are supported"
    ),
  ])
  func unsupportedFamilies(_ names: [String], _ family: String, _ reason: String) {
    let input = FamilyInput(path: "m", tensors: names.map { tensor($0, [1]) })
    #expect(sentence(input) == "m: this is \(family), which is not supported: \(reason)")
  }

  @Test func unrecognised() {
    let input = FamilyInput(
      path: "m", tensors: ["a\u{1B}", "b", "c", "d"].map { tensor($0, [1]) })
    #expect(
      sentence(input)
        == #"m: no tower is recognised; the tensors are called "a\u{1b}", "b", "c", …"#)
    var overrides = FamilyOverrides()
    overrides.towers = [.image]
    #expect(
      sentence(input, overrides)
        == #"m: no image tower is recognised; the tensors are called "a\u{1b}", "b", "c", …"#)
  }

  /// A training checkpoint of Taiyi-CLIP: both towers behind `module.`.
  @Test func bothTowersOfOneFile() throws {
    let tensors =
      try Layouts.tensors("bert-base-chinese", prefix: "module.transformer.")
      + Layouts.tensors("ViT-L-14", prefix: "module.").filter {
        $0.name.hasPrefix("module.visual.") || $0.name == "module.logit_scale"
      } + [tensor("module.text_projection", [768, 768])]
    let input = FamilyInput(path: "m", tensors: tensors, weights: evidence(isHalf: true))
    let match = try ModelFamilies.recognise(input)
    #expect(match.towers.map(\.kind) == [.text, .image])
    #expect(match.text?.layers == 12)
    #expect(match.image?.layers == 24)
    #expect(match.logitScale?.logarithm == 4.6052)
    #expect(match.unused == ["module.text_projection"])
    #expect(
      match.towers[0].findings.last?.description
        == "text projection none (assumed): there is a text_projection, "
        + "but the feature of a BERT tower is its pooler's output")
    try ModelFamilies.checkDistinct(match.towers)

    var overrides = FamilyOverrides()
    overrides.towers = [.image]
    let image = try ModelFamilies.recognise(input, overrides: overrides)
    #expect(image.towers.map(\.kind) == [.image])
    #expect(image.unused.contains("module.transformer.pooler.dense.bias"))
  }

  @Test func twoTowersOfOneKind() throws {
    let tensors = try Layouts.tensors("bert-base-chinese")
    let first = try ModelFamilies.recognise(FamilyInput(path: "a", tensors: tensors))
    let second = try ModelFamilies.recognise(FamilyInput(path: "b", tensors: tensors))
    let expected = FamilyError.twoTowers(.text, first: "a", second: "b")
    #expect(throws: expected) {
      try ModelFamilies.checkDistinct(first.towers + second.towers)
    }
    #expect(expected.description == "two text towers, in a and in b; one is expected")
    let both = try tensors + Layouts.tensors("bert-base-chinese", prefix: "bert.")
    #expect(
      sentence(FamilyInput(path: "m", tensors: both))
        == "two text towers, in m, * and in m, bert.*; one is expected")
  }

  /// What is said in the output does not depend on where the input lay.
  @Test func findingsNameFilesOnly() throws {
    let input = FamilyInput(
      path: "/some/where/m.safetensors", tensors: try Layouts.tensors("ViT-B-32"),
      openCLIPConfiguration: try configuration(
        "/some/where/open_clip_config.json", #"{"vision_cfg": {"head_width": 64}}"#),
      weights: evidence(isHalf: true))
    let match = try ModelFamilies.recognise(input)
    let findings = match.findings + [match.logitScale?.finding.description ?? ""]
    #expect(findings.first == "heads 12: open_clip_config.json: vision_cfg.head_width is 64")
    #expect(findings.last?.hasSuffix(": logit_scale of m.safetensors") == true)
    #expect(!findings.contains { $0.contains("/some") })
  }
}
