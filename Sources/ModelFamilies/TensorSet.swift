internal import Checkpoints
internal import Notation
internal import TensorCore

/// The tensors of one input, looked up by name, and which of them have been used.
struct TensorSet {
  /// For messages.
  let path: String
  /// In the order of the file.
  let tensors: [TensorInfo]
  private let places: [ExactName: Int]
  /// Places of tensors that some tower uses or drops knowingly.
  private(set) var used: Set<Int> = []

  /// No tensor is used yet.
  init(path: String, tensors: [TensorInfo]) {
    self.path = path
    self.tensors = tensors
    var places: [ExactName: Int] = [:]
    for (index, tensor) in tensors.enumerated() { places[ExactName(tensor.name)] = index }
    self.places = places
  }

  /// The place of a tensor.
  func index(of name: String) -> Int? { places[ExactName(name)] }

  /// The place of a tensor that may bear the ending of an old file instead.
  func index(
    of name: String, synonyms: [(current: String, old: String)]
  ) throws(FamilyError) -> Int? {
    let index = index(of: name)
    for synonym in synonyms where name.hasSuffix(synonym.current) {
      let old = String(name.dropLast(synonym.current.count)) + synonym.old
      guard let oldIndex = self.index(of: old) else { continue }
      if index != nil { throw .twoNames(path: path, first: name, second: old) }
      return oldIndex
    }
    return index
  }

  /// Whether any name starts with `prefix`, after an optional `module.`.
  func contains(prefix: String) -> Bool {
    let wrapped = "module." + prefix
    return tensors.contains { $0.name.hasPrefix(prefix) || $0.name.hasPrefix(wrapped) }
  }

  /// Marks a tensor.
  mutating func use(_ index: Int) { used.insert(index) }
}
