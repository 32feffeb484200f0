internal import Notation

extension FamilyTable {
  /// `BertModel` of Hugging Face transformers: post-LN blocks, a pooler with tanh; and what
  /// `BertForSequenceClassification` puts after it, whose logits are the feature of the older Taiyi-CLIP models.
  ///
  /// Names: transformers `models/bert/modeling_bert.py`; `module.transformer.` is what Taiyi-CLIP's
  /// training left, gamma and beta what files converted from TensorFlow hold.
  static let bert = FamilyTable.bertEncoder(
    name: "BERT text tower",
    prefixes: [
      "", "bert.", "transformer.", "module.", "module.bert.", "module.transformer.",
    ],
    dropped: [],
    head: TensorRule.linear(
      "text.pooler", ["pooler.dense"], outputs: .width, inputs: .width,
      .last("text.layers.#.mlp.norm")),
    tail: TensorRule.linear(
      "text.classifier", ["classifier"], outputs: .embedding, inputs: .width, nil),
    needsTail: false,
    TextProtocol(feature: .classifier, owner: "Taiyi-CLIP"))

  /// The blocks of BERT with one head or another.
  ///
  /// - Parameters:
  ///   - name: For messages and provenance.
  ///   - prefixes: What may stand before every name.
  ///   - dropped: Tensors of the head that are understood and not needed.
  ///   - head: What comes after the last block.
  ///   - tail: What comes after that, beside the model.
  ///   - needsTail: Whether a file without `tail` is of another family.
  ///   - textProtocol: What an embedding is.
  static func bertEncoder(
    name: String, prefixes: [String], dropped: [String], head: [TensorRule], tail: [TensorRule],
    needsTail: Bool, _ textProtocol: TextProtocol
  ) -> FamilyTable {
    FamilyTable(
      name: name,
      kind: .text,
      prefixes: prefixes,
      markers: [
        "embeddings.word_embeddings.weight", "encoder.layer.0.attention.self.query.weight",
      ],
      roots: ["embeddings.", "encoder.", "pooler."],
      dropped: ["embeddings.position_ids", "embeddings.token_type_ids"] + dropped,
      synonyms: [
        (".LayerNorm.weight", ".LayerNorm.gamma"), (".LayerNorm.bias", ".LayerNorm.beta"),
      ],
      shapes: [
        TensorShape("embeddings.word_embeddings.weight", [.vocabulary, .width]),
        TensorShape("embeddings.position_embeddings.weight", [.positions, .width]),
        TensorShape("embeddings.token_type_embeddings.weight", [.tokenTypes, .width]),
      ],
      layerShape: TensorShape("encoder.layer.0.intermediate.dense.weight", [.mlp, .width]),
      layerPrefix: "encoder.layer.",
      embeddings: bertEmbeddings, layer: bertLayer, head: head, tail: tail, needsTail: needsTail,
      textProtocol: textProtocol)
  }

  private static let bertEmbeddings =
    [
      TensorRule(
        "text.embeddings.word", ["embeddings.word_embeddings.weight"], [.vocabulary, .width],
        .embedding),
      TensorRule(
        "text.embeddings.position", ["embeddings.position_embeddings.weight"],
        [.positions, .width]),
      TensorRule(
        "text.embeddings.token_type", ["embeddings.token_type_embeddings.weight"],
        [.tokenTypes, .width]),
    ] + TensorRule.norm("text.embeddings.norm", "embeddings.LayerNorm")

  private static let bertLayer =
    TensorRule.linear(
      "text.layers.#.attention.qkv",
      [
        "encoder.layer.#.attention.self.query", "encoder.layer.#.attention.self.key",
        "encoder.layer.#.attention.self.value",
      ],
      outputs: .width, inputs: .width,
      .previous("text.layers.#.mlp.norm", first: "text.embeddings.norm"))
    + TensorRule.linear(
      "text.layers.#.attention.output", ["encoder.layer.#.attention.output.dense"],
      outputs: .width, inputs: .width, nil)
    + TensorRule.norm(
      "text.layers.#.attention.norm", "encoder.layer.#.attention.output.LayerNorm")
    + TensorRule.linear(
      "text.layers.#.mlp.up", ["encoder.layer.#.intermediate.dense"],
      outputs: .mlp, inputs: .width,
      .here("text.layers.#.attention.norm", isFoldable: false, tellsRanges: true))
    + TensorRule.linear(
      "text.layers.#.mlp.down", ["encoder.layer.#.output.dense"],
      outputs: .width, inputs: .mlp, nil)
    + TensorRule.norm("text.layers.#.mlp.norm", "encoder.layer.#.output.LayerNorm")

  /// Heads of BERTs whose configuration is not at hand, by width: 64 features a head, as in every
  /// published size.
  static let bertHeads = [128: 2, 256: 4, 512: 8, 768: 12, 1024: 16]
}
