extension FamilyTable {
  /// The same vision transformer under the names of Hugging Face transformers: `CLIPModel`,
  /// `CLIPVisionModelWithProjection`.
  ///
  /// Names: transformers `models/clip/modeling_clip.py`, which spells `pre_layrnorm` so. Query, key and value are apart, and the
  /// projection is stored [embedding, width], multiplied from the left.
  static let huggingFaceVision = FamilyTable(
    name: "CLIP vision transformer",
    kind: .image,
    prefixes: ["", "module.", "clip."],
    markers: ["vision_model.embeddings.class_embedding", "vision_model.pre_layrnorm.weight"],
    roots: ["vision_model.", "visual_projection."],
    dropped: ["vision_model.embeddings.position_ids"],
    synonyms: [],
    shapes: [
      TensorShape(
        "vision_model.embeddings.patch_embedding.weight", [.width, .channels, .patch, .patch]),
      TensorShape("vision_model.embeddings.position_embedding.weight", [.positions, .width]),
      TensorShape("visual_projection.weight", [.embedding, .width]),
    ],
    layerShape: TensorShape("vision_model.encoder.layers.0.mlp.fc1.weight", [.mlp, .width]),
    layerPrefix: "vision_model.encoder.layers.",
    embeddings: [
      TensorRule(
        "image.patch_embedding.weight", ["vision_model.embeddings.patch_embedding.weight"],
        [.width, .channels, .patch, .patch], .patchEmbedding, .flatten),
      TensorRule(
        "image.class_embedding", ["vision_model.embeddings.class_embedding"], [.width]),
      TensorRule(
        "image.position_embedding", ["vision_model.embeddings.position_embedding.weight"],
        [.positions, .width]),
    ] + TensorRule.norm("image.pre_norm", "vision_model.pre_layrnorm"),
    layer: TensorRule.norm("image.layers.#.norm1", "vision_model.encoder.layers.#.layer_norm1")
      + TensorRule.linear(
        "image.layers.#.attention.qkv",
        [
          "vision_model.encoder.layers.#.self_attn.q_proj",
          "vision_model.encoder.layers.#.self_attn.k_proj",
          "vision_model.encoder.layers.#.self_attn.v_proj",
        ],
        outputs: .width, inputs: .width,
        .here("image.layers.#.norm1", isFoldable: true, tellsRanges: false))
      + TensorRule.linear(
        "image.layers.#.attention.output", ["vision_model.encoder.layers.#.self_attn.out_proj"],
        outputs: .width, inputs: .width, nil)
      + TensorRule.norm("image.layers.#.norm2", "vision_model.encoder.layers.#.layer_norm2")
      + TensorRule.linear(
        "image.layers.#.mlp.up", ["vision_model.encoder.layers.#.mlp.fc1"],
        outputs: .mlp, inputs: .width,
        .here("image.layers.#.norm2", isFoldable: true, tellsRanges: true))
      + TensorRule.linear(
        "image.layers.#.mlp.down", ["vision_model.encoder.layers.#.mlp.fc2"],
        outputs: .width, inputs: .mlp, nil),
    head: TensorRule.norm("image.post_norm", "vision_model.post_layernorm") + [
      TensorRule(
        "image.projection.weight", ["visual_projection.weight"], [.embedding, .width], .projection)
    ])
}
