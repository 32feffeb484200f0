extension FamilyTable {
  /// The vision transformer of OpenAI's CLIP and of open_clip: pre-LN blocks, the class token
  /// projected.
  ///
  /// Names: open_clip `src/open_clip/transformer.py`, OpenAI `clip/model.py`. `attn.in_proj_weight`
  /// is query, key and value stacked already; `proj` is stored [width, embedding] and multiplied
  /// from the right.
  static let visionTransformer = FamilyTable(
    name: "CLIP vision transformer",
    kind: .image,
    prefixes: ["visual.", "module.visual.", "", "module."],
    markers: ["class_embedding", "conv1.weight", "ln_pre.weight"],
    roots: [""],
    dropped: [],
    synonyms: [],
    shapes: [
      TensorShape("conv1.weight", [.width, .channels, .patch, .patch]),
      TensorShape("positional_embedding", [.positions, .width]),
      TensorShape("proj", [.width, .embedding]),
    ],
    layerShape: TensorShape("transformer.resblocks.0.mlp.c_fc.weight", [.mlp, .width]),
    layerPrefix: "transformer.resblocks.",
    embeddings: [
      TensorRule(
        "image.patch_embedding.weight", ["conv1.weight"], [.width, .channels, .patch, .patch],
        .patchEmbedding, .flatten),
      TensorRule("image.class_embedding", ["class_embedding"], [.width]),
      TensorRule("image.position_embedding", ["positional_embedding"], [.positions, .width]),
    ] + TensorRule.norm("image.pre_norm", "ln_pre"),
    layer: TensorRule.norm("image.layers.#.norm1", "transformer.resblocks.#.ln_1")
      + [
        TensorRule(
          "image.layers.#.attention.qkv.weight", ["transformer.resblocks.#.attn.in_proj_weight"],
          [.threeWidths, .width],
          .linear(.here("image.layers.#.norm1", isFoldable: true, tellsRanges: false))),
        TensorRule(
          "image.layers.#.attention.qkv.bias", ["transformer.resblocks.#.attn.in_proj_bias"],
          [.threeWidths]),
      ]
      + TensorRule.linear(
        "image.layers.#.attention.output", ["transformer.resblocks.#.attn.out_proj"],
        outputs: .width, inputs: .width, nil)
      + TensorRule.norm("image.layers.#.norm2", "transformer.resblocks.#.ln_2")
      + TensorRule.linear(
        "image.layers.#.mlp.up", ["transformer.resblocks.#.mlp.c_fc"],
        outputs: .mlp, inputs: .width,
        .here("image.layers.#.norm2", isFoldable: true, tellsRanges: true))
      + TensorRule.linear(
        "image.layers.#.mlp.down", ["transformer.resblocks.#.mlp.c_proj"],
        outputs: .width, inputs: .mlp, nil),
    head: TensorRule.norm("image.post_norm", "ln_post") + [
      TensorRule(
        "image.projection.weight", ["proj"], [.width, .embedding], .projection, .transpose)
    ])

  /// Heads that are not width/64, by width: open_clip's ViT-H, -g, -bigG and -e
  /// (`model_configs/*.json`).
  static let visionHeads = [1280: 16, 1408: 16, 1664: 16, 1792: 16]

  /// Widths of open_clip's vision transformers with 64 features a head (`model_configs/*.json`).
  static let visionWidths64: Set<Int> = [384, 512, 640, 768, 896, 1024]

  /// Settings of open_clip's `vision_cfg` that change the arithmetic, and the only values that are
  /// supported.
  ///
  /// `null` and `false` are always fine: they mean the setting is off.
  static let visionSettings: [(key: String, supported: [String])] = [
    ("pool_type", ["tok"]), ("attentional_pool", []), ("no_ln_pre", []),
    ("final_ln_after_pool", []), ("pos_embed_type", ["learnable"]), ("ls_init_value", []),
    ("act_kwargs", []), ("norm_kwargs", []), ("block_type", ["default"]), ("qk_norm", []),
    ("scaled_cosine_attn", []), ("scale_heads", []), ("scale_attn_inner", []),
    ("scale_attn", []), ("scale_fc", []), ("timm_model_name", []),
  ]
}
