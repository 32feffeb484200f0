extension FamilyTable {
  /// The text tower of Chinese-CLIP as OFA gives it out: BERT without its pooler, [CLS] projected.
  ///
  /// Names and arithmetic: OFA-Sys/Chinese-CLIP `cn_clip/clip/model.py` (`encode_text`: padding is masked;
  /// `text_projection` is stored [width, embedding] and multiplied from the right), `cn_clip/clip/utils.py` (52 tokens),
  /// `cn_clip/training/data.py` (quotes). `bert.pooler` is there in some files and never used.
  static let chineseCLIP = FamilyTable.bertEncoder(
    name: "Chinese-CLIP text tower",
    prefixes: ["bert.", "module.bert."],
    dropped: ["pooler.dense.weight", "pooler.dense.bias"],
    head: [],
    tail: [
      TensorRule(
        "text.projection.weight", ["text_projection"], [.width, .embedding], .projection, .transpose
      )
    ],
    needsTail: true,
    TextProtocol(
      feature: .projection, masksPadding: true, straightensQuotes: true, contextLength: 52,
      owner: "Chinese-CLIP"))

  /// The same under the names of Hugging Face transformers: `ChineseCLIPModel`.
  ///
  /// Names: transformers `models/chinese_clip/modeling_chinese_clip.py`. The projection is stored [embedding, width]. Its
  /// processor leaves quotes as they are.
  static let huggingFaceChineseCLIP = FamilyTable.bertEncoder(
    name: "Chinese-CLIP text tower",
    prefixes: ["text_model.", "module.text_model."],
    dropped: [],
    head: [],
    tail: [
      TensorRule(
        "text.projection.weight", ["text_projection.weight"], [.embedding, .width], .projection)
    ],
    needsTail: true,
    TextProtocol(
      feature: .projection, masksPadding: true, contextLength: 52, owner: "Chinese-CLIP"))

  /// Whether tensors are those of a Chinese-CLIP, of whose image tower nothing else tells.
  static func isChineseCLIP(_ set: TensorSet) -> Bool {
    set.contains(prefix: "text_projection")
      && (set.contains(prefix: "bert.encoder.layer.")
        || set.contains(prefix: "text_model.encoder.layer."))
  }

  /// Every text tower; the first that fits is taken.
  static let textTowers = [chineseCLIP, huggingFaceChineseCLIP, bert]
}
