internal import TensorCore

/// A storage that a pickle refers to.
struct PickledStorage: Equatable, Sendable {
  /// The name of its entry below `data/`.
  let key: String
  let type: StorageType
  /// Elements; for `StorageType.bytes`, bytes.
  let count: Int
}

/// A tensor as a pickle describes it; nothing has been compared with its storage yet.
struct PickledTensor: Equatable, Sendable {
  /// A place in the arena's `storages`.
  let storage: Int
  /// Elements to pass over.
  let offset: Int
  let shape: [Int]
  /// In elements.
  let strides: [Int]
  /// Said by the tensor, for storages that are only bytes.
  let elementType: ElementType?
}

/// What a pickle's program leaves: flat arrays, so that nothing is nested however deep the file claims to be.
struct PickleArena: Sendable {
  var texts: [String] = []
  /// Contents of tuples.
  var items: [PickleValue] = []
  var lists: [[PickleValue]] = []
  var dictionaries: [[(key: PickleValue, value: PickleValue)]] = []
  /// The dictionaries of objects' attributes, once they are known.
  var objects: [Int?] = []
  var storages: [PickledStorage] = []
  var tensors: [PickledTensor] = []

  /// The contents of a tuple.
  func tuple(_ value: PickleValue) -> ArraySlice<PickleValue>? {
    guard case .tuple(let start, let count) = value else { return nil }
    return items[Int(start)..<Int(start) + Int(count)]
  }

  /// A text.
  func text(_ value: PickleValue) -> String? {
    guard case .text(let index) = value else { return nil }
    return texts[index]
  }

  /// How often a text is a key.
  func count(of name: String, in dictionary: Int) -> Int {
    dictionaries[dictionary].count { text($0.key) == name }
  }

  /// The value of a text key; the last one, as Python has it.
  func member(_ name: String, of dictionary: Int) -> PickleValue? {
    dictionaries[dictionary].last { text($0.key) == name }?.value
  }
}
