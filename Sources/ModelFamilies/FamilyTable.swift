/// A family as data: which tensors it has and what becomes of them.
///
/// In names `#` stands for the number of a block.
struct FamilyTable: Sendable {
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
  /// What may come after that, under names beside the model's own (`bert.` is left out); all of it or nothing.
  var tail: [TensorRule] = []

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
