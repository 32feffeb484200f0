/// A family as data: which tensors it has and what becomes of them.
///
/// In names `#` stands for the number of a block.
struct FamilyTable: Sendable {
  /// What an embedding is, and the protocol of texts.
  struct TextProtocol: Sendable {
    /// What the embedding is, if `tail` is there.
    let feature: TextFeature
    /// Whether padding is masked.
    var masksPadding = false
    /// Whether “ and ” are read as ".
    var straightensQuotes = false
    /// Tokens of a text in the family's published evaluation.
    var contextLength = 77
    /// Whose protocol it is.
    let owner: String
  }

  /// For messages and provenance.
  let name: String
  /// Text or image.
  let kind: TowerKind
  /// What may stand before every name; the first that fits is taken.
  let prefixes: [String]
  /// A prefix fits if one of these follows it.
  let markers: [String]
  /// Names beginning so, after the prefix, belong to the tower: all of them must be understood.
  let roots: [String]
  /// Tensors that are understood and not needed.
  let dropped: [String]
  /// Endings of names today, and in old files.
  let synonyms: [(current: String, old: String)]
  /// Tensors whose shapes tell sizes, in the order in which they are asked.
  let shapes: [TensorShape]
  /// The same, of the first block.
  let layerShape: TensorShape
  /// What stands before the number of a block.
  let layerPrefix: String
  /// What comes before the first block.
  let embeddings: [TensorRule]
  /// One block.
  let layer: [TensorRule]
  /// What comes after the last.
  let head: [TensorRule]
  /// What comes after that, under names beside the model's own (`bert.` and `text_model.` are left out); all of it or
  /// nothing.
  var tail: [TensorRule] = []
  /// Whether a file without `tail` is of another family.
  var needsTail = false
  /// Of text towers.
  var textProtocol: TextProtocol?

  /// The tensor that tells the number of positions.
  var positionTable: String { shapes.first { $0.sizes.first == .positions }?.name ?? "" }
}

/// A tensor that tells sizes.
struct TensorShape: Sendable {
  /// The name after the prefix.
  let name: String
  /// What its dimensions are.
  let sizes: [TowerSize]

  init(_ name: String, _ sizes: [TowerSize]) {
    self.name = name
    self.sizes = sizes
  }
}
