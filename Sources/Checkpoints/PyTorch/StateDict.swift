internal import Notation
internal import TensorCore

/// The named tensors of a pickle.
struct StateDict {
  /// In the order of the file.
  private(set) var tensors: [(name: String, tensor: Int)] = []
  /// The keys that led to the state dict, outermost first.
  private(set) var wrappers: [String] = []
  /// Names of what is no tensor.
  private(set) var ignored: [String] = []

  /// Where training code puts a state dict, best first.
  private static let wrapperKeys = ["state_dict", "model_state_dict", "model", "module"]
  private static let wrapperDepth = 4

  /// Finds the state dict.
  ///
  /// A dictionary that holds tensors is one; otherwise the first of `wrapperKeys` that leads to a dictionary is
  /// followed.
  ///
  /// - Throws: `PickleProblem`.
  init(_ arena: PickleArena, root: PickleValue, limits: CheckpointLimits) throws(PickleProblem) {
    guard case .dictionary(var dictionary) = root else {
      throw .unexpected(found: root.kind, expected: "a state dict")
    }
    while !arena.dictionaries[dictionary].contains(where: { Self.isTensor($0.value) }) {
      var inner: (String, Int)?
      for key in Self.wrapperKeys {
        if arena.count(of: key, in: dictionary) > 1 { throw .duplicateKey(key) }
        if case .dictionary(let next) = arena.member(key, of: dictionary) {
          inner = (key, next)
          break
        }
      }
      guard let inner, wrappers.count < Self.wrapperDepth else { break }
      wrappers.append(inner.0)
      dictionary = inner.1
    }
    var seen: Set<ExactName> = []
    for (key, value) in arena.dictionaries[dictionary] {
      guard let name = arena.text(key) else {
        if Self.isTensor(value) { throw .unexpected(found: key.kind, expected: "a tensor's name") }
        continue
      }
      if !seen.insert(ExactName(name)).inserted { throw .duplicateKey(name) }
      switch value {
      case .tensor(let index): tensors.append((name, index))
      case .unsupported(let kind):
        throw .unsupportedTensor(name, kind: arena.texts[kind])
      default: ignored.append(name)
      }
      if name.utf8.count > limits.nameByteCount {
        throw .tooMany("bytes in a tensor's name", limit: limits.nameByteCount)
      }
    }
    if tensors.count > limits.tensorCount {
      throw .tooMany("tensors", limit: limits.tensorCount)
    }
  }

  /// Finds the tensors of a TorchScript module: attributes of it and of the modules in it, by dotted names, in the order
  /// of the file.
  ///
  /// - Throws: `PickleProblem`.
  init(module root: PickleValue, _ arena: PickleArena, limits: CheckpointLimits)
    throws(PickleProblem)
  {
    guard case .object(let module) = root else {
      throw .unexpected(found: root.kind, expected: "a module")
    }
    var seen: Set<ExactName> = []
    // A module that several hold is met once for each name, so what is looked at is bounded and not only modules.
    var visits = 0
    var attributes = 0
    let attributeLimit = 20 * limits.tensorCount
    var open: [(prefix: String, attributes: Int, next: Int)] = []
    func enter(_ object: Int, _ prefix: String) throws(PickleProblem) {
      visits += 1
      if visits > limits.tensorCount { throw .tooMany("modules", limit: limits.tensorCount) }
      if open.count == Self.moduleDepth {
        throw .tooMany("nested modules", limit: Self.moduleDepth)
      }
      guard let place = arena.objects[object] else { return }
      attributes += arena.dictionaries[place].count
      if attributes > attributeLimit { throw .tooMany("attributes", limit: attributeLimit) }
      var names: Set<ExactName> = []
      for (key, _) in arena.dictionaries[place] {
        if let name = arena.text(key), !names.insert(ExactName(name)).inserted {
          throw .duplicateKey(prefix + name)
        }
      }
      open.append((prefix, place, 0))
    }
    try enter(module, "")
    while let (prefix, place, next) = open.last {
      let entries = arena.dictionaries[place]
      if next == entries.count {
        open.removeLast()
        continue
      }
      open[open.count - 1].next += 1
      guard let attribute = arena.text(entries[next].key) else {
        throw .unexpected(found: entries[next].key.kind, expected: "an attribute's name")
      }
      let name = prefix + attribute
      if name.utf8.count > limits.nameByteCount {
        throw .tooMany("bytes in a tensor's name", limit: limits.nameByteCount)
      }
      switch entries[next].value {
      case .object(let inner): try enter(inner, name + ".")
      case .tensor(let index):
        if !seen.insert(ExactName(name)).inserted { throw .duplicateKey(name) }
        if tensors.count == limits.tensorCount {
          throw .tooMany("tensors", limit: limits.tensorCount)
        }
        tensors.append((name, index))
      case .unsupported(let kind): throw .unsupportedTensor(name, kind: arena.texts[kind])
      default: break
      }
    }
  }

  private static let moduleDepth = 64

  private static func isTensor(_ value: PickleValue) -> Bool {
    switch value {
    case .tensor, .unsupported: true
    default: false
    }
  }
}
