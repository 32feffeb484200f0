/// A family that is recognised only to say why it is refused.
struct UnsupportedFamily: Sendable {
  /// How the sentence names it, with its article.
  let name: String
  /// Why it is refused.
  let reason: String
  /// The towers it concerns; it is no obstacle to converting the other one.
  let kinds: Set<TowerKind>
  /// For each of these there is a tensor whose name begins so.
  let all: [String]

  /// Every such family, the first that fits is named; names are compared without a leading
  /// `module.`.
  static let table: [UnsupportedFamily] = [
    UnsupportedFamily(
      name: "a TaiyiCLIPModel",
      reason: "this later Taiyi layout projects its pooled text, unlike the released model",
      kinds: [.text, .image],
      all: ["text_model.encoder.layer.", "text_model.pooler.", "vision_model."]),
    UnsupportedFamily(
      name: "a RoBERTa", reason: "its position numbers start at 2, unlike BERT's",
      kinds: [.text], all: ["roberta.encoder."]),
    UnsupportedFamily(
      name: "an open_clip model with a Hugging Face text tower",
      reason: "its text feature is pooled and projected in another way",
      kinds: [.text], all: ["text.transformer.embeddings."]),
    UnsupportedFamily(
      name: "a CLIP ResNet image tower", reason: "only vision transformers are supported",
      kinds: [.image], all: ["visual.layer1.", "visual.conv1."]),
    UnsupportedFamily(
      name: "a CLIP ResNet image tower", reason: "only vision transformers are supported",
      kinds: [.image], all: ["layer1.", "attnpool."]),
    UnsupportedFamily(
      name: "an open_clip model with a timm image tower",
      reason: "only OpenAI's vision transformer is supported",
      kinds: [.image], all: ["visual.trunk."]),
    UnsupportedFamily(
      name: "an EVA image tower", reason: "only OpenAI's vision transformer is supported",
      kinds: [.image], all: ["visual.blocks.", "visual.patch_embed."]),
    UnsupportedFamily(
      name: "a timm vision transformer",
      reason: "its names differ; use the open_clip file of the same weights",
      kinds: [.image], all: ["blocks.0.", "patch_embed."]),
  ]

  /// What is said when nothing else was recognised.
  static let fallbacks: [UnsupportedFamily] = [
    UnsupportedFamily(
      name: "an English CLIP text tower", reason: "only BERT text towers are supported",
      kinds: [.text, .image], all: ["token_embedding.", "transformer.resblocks."]),
    UnsupportedFamily(
      name: "a Hugging Face CLIP text tower", reason: "only BERT text towers are supported",
      kinds: [.text, .image], all: ["text_model.encoder.layers."]),
  ]
}

extension UnsupportedFamily {
  /// Throws if the tensors are of this family.
  func check(_ set: TensorSet) throws(FamilyError) {
    if all.allSatisfy({ set.contains(prefix: $0) }) {
      throw .unsupported(path: set.path, family: name, reason: reason)
    }
  }
}
