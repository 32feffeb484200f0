internal import Notation
internal import TensorCore

/// Runs a pickle's program without running anything else: an allow-list of instructions and names, an arena for
/// values, no recursion, nothing imported or called.
///
/// Source: CPython's Lib/pickletools.py for the instructions; which of them and which names checkpoints hold was read
/// off files of PyTorch 1.6 to 2.15.
struct PickleMachine {
  private(set) var arena = PickleArena()
  private var cursor: ByteCursor
  private var stack: [PickleValue] = []
  /// Heights of the stack at each MARK.
  private var marks: [Int] = []
  /// Values by their numbers, which writers count up from 0; others are in `sparseMemo`.
  private var memo: [PickleValue] = []
  private var sparseMemo: [Int: PickleValue] = [:]
  private var storagePlaces: [ExactName: Int] = [:]

  /// What is kept at most: entries of the stack, of the memo and of composites, and texts, 16 bytes each.
  private static let valueLimit = 1_000_000
  private static let sparseLimit = 10_000
  private static let globalLimit = 65_536
  private static let markLimit = 64
  private static let textLimit = 1 << 20
  private static let nameLimit = 256
  /// Values that composites, texts and the memo hold; those on the stack come and go.
  private var kept = 0
  private var globals = 0
  private let dialect: PickleDialect

  private init(_ bytes: [UInt8], at position: Int, _ dialect: PickleDialect) {
    cursor = ByteCursor(bytes, at: position)
    self.dialect = dialect
  }

  /// Runs a program that fills all of its bytes.
  ///
  /// - Parameters:
  ///   - bytes: A whole pickle.
  ///   - dialect: Who wrote it.
  /// - Returns: What it leaves, and the value on top.
  /// - Throws: The problem and the place of the instruction at fault.
  static func run(
    _ bytes: [UInt8], _ dialect: PickleDialect = .archive
  ) throws(PickleFailure) -> (arena: PickleArena, root: PickleValue) {
    let (arena, root, end) = try run(bytes, at: 0, dialect)
    if end < bytes.count {
      throw PickleFailure(place: end - 1, problem: .trailing(byteCount: bytes.count - end))
    }
    return (arena, root)
  }

  /// Runs a program that something may follow.
  ///
  /// - Parameters:
  ///   - bytes: Hold a pickle at `position`.
  ///   - position: Where it begins.
  ///   - dialect: Who wrote it.
  /// - Returns: What it leaves, the value on top, and where it ends.
  /// - Throws: The problem and the place of the instruction at fault.
  static func run(
    _ bytes: [UInt8], at position: Int, _ dialect: PickleDialect
  ) throws(PickleFailure) -> (arena: PickleArena, root: PickleValue, end: Int) {
    var machine = PickleMachine(bytes, at: position, dialect)
    var place = position
    do throws(PickleProblem) {
      while true {
        place = machine.cursor.position
        if let root = try machine.step() {
          return (machine.arena, root, machine.cursor.position)
        }
      }
    } catch { throw PickleFailure(place: place, problem: error) }
  }

  /// Runs one instruction; returns the result at STOP.
  private mutating func step() throws(PickleProblem) -> PickleValue? {
    guard let opcode = cursor.byte() else { throw .truncated }
    switch opcode {
    case 0x80:  // PROTO
      let version = UInt8(truncatingIfNeeded: try number(1))
      if !(2...5).contains(version) { throw .protocolVersion(version) }
    case 0x95:  // FRAME: how much to read ahead
      if try number(8) > UInt64(cursor.remaining) { throw .truncated }
    case 0x2E: return try pop()  // STOP
    case 0x28:  // MARK
      if marks.count == Self.markLimit { throw .tooMany("nested values", limit: Self.markLimit) }
      marks.append(stack.count)
    case 0x4E: try push(.none)
    case 0x88: try push(.bool(true))
    case 0x89: try push(.bool(false))
    case 0x4A: try push(.integer(Int(Int32(truncatingIfNeeded: try number(4)))))  // BININT
    case 0x4B: try push(.integer(Int(try number(1))))
    case 0x4D: try push(.integer(Int(try number(2))))
    case 0x8A: try long()
    case 0x47:  // BINFLOAT
      _ = try number(8)
      try push(.number)
    case 0x58: try text(try number(4))  // BINUNICODE
    case 0x8C: try text(try number(1))  // SHORT_BINUNICODE
    case 0x8D: try text(try number(8))  // BINUNICODE8
    case 0x55: try text(try number(1))  // SHORT_BINSTRING, of Python 2
    case 0x43: try bytes(try number(1))  // SHORT_BINBYTES
    case 0x42: try bytes(try number(4))  // BINBYTES
    case 0x63: try global()
    case 0x93: try stackGlobal()
    case 0x71: try put(Int(try number(1)))  // BINPUT
    case 0x72: try put(Int(try number(4)))  // LONG_BINPUT
    case 0x94: try put(memo.count + sparseMemo.count)  // MEMOIZE
    case 0x68: try get(Int(try number(1)))  // BINGET
    case 0x6A: try get(Int(try number(4)))  // LONG_BINGET
    default: try composite(opcode)
    }
    if kept + stack.count > Self.valueLimit { throw .tooMany("values", limit: Self.valueLimit) }
    return nil
  }

  /// Instructions that put values together.
  private mutating func composite(_ opcode: UInt8) throws(PickleProblem) {
    switch opcode {
    case 0x29: try push(tuple([]))
    case 0x85: try push(tuple([try pop()]))
    case 0x86:
      let second = try pop()
      try push(tuple([try pop(), second]))
    case 0x87:
      let (third, second) = (try pop(), try pop())
      try push(tuple([try pop(), second, third]))
    case 0x74: try push(tuple(popMark()))  // TUPLE
    case 0x7D: try push(newDictionary())
    case 0x5D, 0x8F: try push(newList())  // EMPTY_LIST, EMPTY_SET
    case 0x61: try append([try pop()])
    case 0x65, 0x90: try append(popMark())  // APPENDS, ADDITEMS
    case 0x73:
      let value = try pop()
      try set([try pop(), value])
    case 0x75: try set(popMark())  // SETITEMS
    case 0x52: try reduce()
    case 0x81: try newObject()
    case 0x62: try build()
    case 0x51: try persistentID()
    default: throw .opcode(opcode)
    }
  }
}

/// The problem, and where in the pickle.
struct PickleFailure: Error, Equatable {
  let place: Int
  let problem: PickleProblem
}

/// The stack and plain values.
extension PickleMachine {
  private mutating func push(_ value: PickleValue) throws(PickleProblem) { stack.append(value) }

  private mutating func pop() throws(PickleProblem) -> PickleValue {
    if stack.count <= marks.last ?? 0 { throw .stackUnderflow }
    return stack.removeLast()
  }

  private func top() throws(PickleProblem) -> PickleValue {
    guard stack.count > marks.last ?? 0, let value = stack.last else { throw .stackUnderflow }
    return value
  }

  /// Everything above the last MARK.
  ///
  /// Copied: while a slice of it lives, taking values off copies the whole stack.
  private mutating func popMark() throws(PickleProblem) -> [PickleValue] {
    guard let mark = marks.popLast() else { throw .stackUnderflow }
    let result = Array(stack[mark...])
    stack.removeLast(stack.count - mark)
    return result
  }

  private mutating func get(_ index: Int) throws(PickleProblem) {
    guard let value = index < memo.count ? memo[index] : sparseMemo[index] else {
      throw .unknownMemo(index)
    }
    try push(value)
  }

  private mutating func put(_ index: Int) throws(PickleProblem) {
    let value = try top()
    if index < memo.count {
      memo[index] = value
    } else if index == memo.count {
      memo.append(value)
      kept += 1
      if !sparseMemo.isEmpty { sparseMemo[index] = nil }
    } else {
      sparseMemo[index] = value
      if sparseMemo.count > Self.sparseLimit {
        throw .tooMany("values stored out of order", limit: Self.sparseLimit)
      }
    }
  }

  private mutating func number(_ byteCount: Int) throws(PickleProblem) -> UInt64 {
    guard let value = cursor.unsigned(byteCount) else { throw .truncated }
    return value
  }

  private mutating func slice(_ count: UInt64) throws(PickleProblem) -> ArraySlice<UInt8> {
    guard let count = Int(exactly: count), let slice = cursor.take(count) else {
      throw .truncated
    }
    return slice
  }

  /// LONG1: two's complement of up to 255 bytes.
  private mutating func long() throws(PickleProblem) {
    let bytes = try slice(number(1))
    if bytes.count > 8 {
      try push(.number)
      return
    }
    var value = (bytes.last ?? 0) & 0x80 != 0 ? UInt64.max : 0
    for byte in bytes.reversed() { value = value << 8 | UInt64(byte) }
    try push(.integer(Int(truncatingIfNeeded: value)))
  }

  private mutating func text(_ count: UInt64) throws(PickleProblem) {
    let bytes = try slice(count)
    if bytes.count > Self.textLimit { throw .tooMany("bytes of text", limit: Self.textLimit) }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw .invalidText }
    arena.texts.append(text)
    kept += 1
    try push(.text(arena.texts.count - 1))
  }

  private mutating func bytes(_ count: UInt64) throws(PickleProblem) {
    _ = try slice(count)
    try push(.opaque)
  }

  private mutating func tuple(_ values: [PickleValue]) throws(PickleProblem) -> PickleValue {
    kept += values.count
    arena.items += values
    // After each instruction what is kept and the stack, where these came from, are at most `valueLimit`: 32 bits hold
    // any place.
    return .tuple(start: Int32(arena.items.count - values.count), count: Int32(values.count))
  }

  private mutating func newDictionary() -> PickleValue {
    arena.dictionaries.append([])
    kept += 1
    return .dictionary(arena.dictionaries.count - 1)
  }

  private mutating func newList() -> PickleValue {
    arena.lists.append([])
    kept += 1
    return .list(arena.lists.count - 1)
  }

  private mutating func append(_ values: [PickleValue]) throws(PickleProblem) {
    switch try top() {
    case .list(let index):
      kept += values.count
      arena.lists[index] += values
    case .opaque: break
    case let other: throw .unexpected(found: other.kind, expected: "a list to add to")
    }
  }

  private mutating func set(_ pairs: [PickleValue]) throws(PickleProblem) {
    if !pairs.count.isMultiple(of: 2) { throw .stackUnderflow }
    switch try top() {
    case .dictionary(let index):
      kept += pairs.count
      for place in stride(from: 0, to: pairs.count, by: 2) {
        arena.dictionaries[index].append((pairs[place], pairs[place + 1]))
      }
    case .opaque: break
    case let other: throw .unexpected(found: other.kind, expected: "a dictionary to add to")
    }
  }
}

/// Names and what is made of them.
extension PickleMachine {
  private mutating func line() throws(PickleProblem) -> String {
    guard let bytes = cursor.line(endingWith: 0x0A, limit: Self.nameLimit) else {
      throw cursor.remaining > Self.nameLimit
        ? .tooMany("bytes in a Python name", limit: Self.nameLimit) : .truncated
    }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw .invalidText }
    return text
  }

  private mutating func global() throws(PickleProblem) {
    try countGlobal()
    let module = try line()
    try push(.global(try named(module, line())))
  }

  /// Writers name a class once and take it from the memo from then on.
  private mutating func countGlobal() throws(PickleProblem) {
    globals += 1
    if globals > Self.globalLimit { throw .tooMany("Python names", limit: Self.globalLimit) }
  }

  private mutating func stackGlobal() throws(PickleProblem) {
    try countGlobal()
    let (name, module) = (try pop(), try pop())
    guard let name = arena.text(name), let module = arena.text(module) else {
      throw .unexpected(found: "something else", expected: "a Python name")
    }
    try push(.global(try named(module, name)))
  }

  /// A dot in the second part would reach into what the first part names.
  private func named(_ module: String, _ last: String) throws(PickleProblem) -> PickleGlobal {
    let name = module + "." + last
    if last.utf8.contains(UInt8(ascii: ".")) { throw .forbidden(global: name) }
    if let global = PickleGlobal.named[name] { return global }
    if dialect == .script {
      if let global = PickleGlobal.script[name] { return global }
      if name.hasPrefix("__torch__.") { return .scriptClass }
    }
    let isModule = ["torch.nn.modules.", "open_clip.", "transformers.", "ultralytics."]
      .contains { name.hasPrefix($0) }
    throw isModule ? .wholeModule(global: name) : .forbidden(global: name)
  }

  private mutating func reduce() throws(PickleProblem) {
    let arguments = try pop()
    let callee = try pop()
    guard let arguments = arena.tuple(arguments) else {
      throw .unexpected(found: arguments.kind, expected: "a tuple of arguments")
    }
    guard case .global(let global) = callee else {
      throw .unexpected(found: callee.kind, expected: "a function")
    }
    try push(try result(of: global, Array(arguments)))
  }

  private mutating func result(
    of global: PickleGlobal, _ arguments: [PickleValue]
  ) throws(PickleProblem) -> PickleValue {
    switch global {
    case .dictionary: return try dictionary(of: arguments)
    case .container: return newList()
    case .rebuildTensor: return try tensor(arguments, metadata: 4, elementType: nil)
    case .rebuildTensorV2: return try tensor(arguments, metadata: 6, elementType: nil)
    case .rebuildTensorV3:
      // storage, offset, size, stride, requires_grad, hooks, dtype
      guard arguments.count >= 7, case .global(let type) = arguments[6] else {
        throw .unexpected(found: "something else", expected: "a tensor's element type")
      }
      guard case .elementType(let type) = type else {
        return unsupported("_rebuild_tensor_v3 of another element type")
      }
      return try tensor(arguments, metadata: 7, elementType: type)
    case .rebuildParameter:
      // data, requires_grad, hooks, state
      guard let value = arguments.first else { throw .stackUnderflow }
      if arguments.count > 3, !isHarmless(state: arguments[3]) {
        return unsupported("_rebuild_parameter_with_state with data of its own")
      }
      return value
    case .first:
      guard let value = arguments.first else { throw .stackUnderflow }
      return value
    case .rebuildFromType:
      // func, type, args, state
      guard arguments.count == 4, case .global(let function) = arguments[0],
        let inner = arena.tuple(arguments[2])
      else { throw .unexpected(found: "something else", expected: "a tensor's parts") }
      if case .rebuildFromType = function {
        throw .unexpected(found: "a tensor in a tensor", expected: "a tensor's parts")
      }
      if !isHarmless(state: arguments[3]) {
        return unsupported("_rebuild_from_type_v2 with data of its own")
      }
      return try result(of: function, Array(inner))
    case .rebuildUnsupported(let index):
      return unsupported(PickleGlobal.unsupportedBuilders[index])
    case .inert: return .opaque
    case .storage, .elementType, .scriptClass:
      throw .unexpected(found: "a type", expected: "a function")
    }
  }

  private mutating func unsupported(_ what: String) -> PickleValue {
    arena.texts.append(what)
    return .unsupported(arena.texts.count - 1)
  }

  /// `OrderedDict()`, or of a list of pairs, as Python 2 wrote it.
  private mutating func dictionary(
    of arguments: [PickleValue]
  ) throws(PickleProblem) -> PickleValue {
    guard let argument = arguments.first else { return newDictionary() }
    func wrong() -> PickleProblem {
      .unexpected(found: "something else", expected: "a dictionary's pairs")
    }
    guard arguments.count == 1, let pairs = sequence(argument) else { throw wrong() }
    let result = newDictionary()
    let index = arena.dictionaries.count - 1
    for pair in pairs {
      guard let pair = sequence(pair), pair.count == 2 else { throw wrong() }
      kept += 2
      arena.dictionaries[index].append((pair[0], pair[1]))
    }
    return result
  }

  private func sequence(_ value: PickleValue) -> [PickleValue]? {
    if case .list(let index) = value { return arena.lists[index] }
    return arena.tuple(value).map(Array.init)
  }

  /// Whether attributes that Python sets on a tensor leave its elements alone.
  private func isHarmless(state: PickleValue) -> Bool {
    if let parts = arena.tuple(state) {
      return parts.allSatisfy { part in
        if case .tuple = part { return false }
        return isHarmless(state: part)
      }
    }
    switch state {
    case .none: return true
    case .dictionary(let index):
      return arena.dictionaries[index].allSatisfy { key, _ in
        arena.text(key).map { !["data", "real", "imag"].contains($0) } ?? false
      }
    default: return false
    }
  }

  /// A tensor of storage, offset, size, stride and what else there is; last may come metadata, which say that elements
  /// are to be negated or conjugated.
  private mutating func tensor(
    _ arguments: [PickleValue], metadata: Int, elementType: ElementType?
  ) throws(PickleProblem) -> PickleValue {
    if arguments.count > metadata + 1 {
      throw .unexpected(found: "\(arguments.count) arguments", expected: "a tensor's parts")
    }
    if arguments.count > metadata {
      switch arguments[metadata] {
      case .none: break
      case .dictionary(let index) where arena.dictionaries[index].isEmpty: break
      default: return unsupported("a negated or conjugate view")
      }
    }
    guard arguments.count >= 4, case .storage(let storage) = arguments[0],
      case .integer(let offset) = arguments[1], let shape = integers(arguments[2]),
      let strides = integers(arguments[3])
    else { throw .unexpected(found: "something else", expected: "a tensor's parts") }
    arena.tensors.append(
      PickledTensor(
        storage: storage, offset: offset, shape: shape, strides: strides,
        elementType: elementType))
    return .tensor(arena.tensors.count - 1)
  }

  private func integers(_ value: PickleValue) -> [Int]? {
    guard let items = arena.tuple(value) else { return nil }
    var result: [Int] = []
    for item in items {
      guard case .integer(let number) = item else { return nil }
      result.append(number)
    }
    return result
  }

  private mutating func newObject() throws(PickleProblem) {
    _ = try pop()
    switch try pop() {
    case .global(.inert): try push(.opaque)
    case .global(.scriptClass):
      arena.objects.append(nil)
      try push(.object(arena.objects.count - 1))
    default: throw .unexpected(found: "something else", expected: "a harmless class")
    }
  }

  /// An object's state: the attributes of a TorchScript module, `_metadata` of a state dict, attributes of what nobody
  /// reads.
  private mutating func build() throws(PickleProblem) {
    let state = try pop()
    switch try top() {
    case .object(let index):
      guard case .dictionary(let attributes) = state, arena.objects[index] == nil else {
        throw .unexpected(found: state.kind, expected: "an object's attributes, once")
      }
      arena.objects[index] = attributes
    case .dictionary, .list, .opaque: break
    case let other: throw .unexpected(found: other.kind, expected: "an object")
    }
  }

  /// `('storage', type, key, location, count)`, and in the old format what the storage is a view of.
  private mutating func persistentID() throws(PickleProblem) {
    let value = try pop()
    let count = dialect == .legacy ? 6 : 5
    guard let parts = arena.tuple(value).map(Array.init), parts.count == count,
      arena.text(parts[0]) == "storage", case .global(.storage(let type)) = parts[1],
      let key = arena.text(parts[2]), case .integer(let count) = parts[4]
    else { throw .unexpected(found: value.kind, expected: "a reference to a storage") }
    if dialect == .legacy, parts[5] != .none {
      throw .storage("the storage \(printable(key)) is a view of another, as before PyTorch 0.4")
    }
    if key.isEmpty || key.utf8.count > 20 || !key.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
      throw .storage("the storage key \"\(printable(key))\" is not a number")
    }
    if count < 0 { throw .storage("the storage \(key) has \(count) elements") }
    let storage = PickledStorage(key: key, type: type, count: count)
    if let index = storagePlaces[ExactName(key)] {
      if arena.storages[index] != storage {
        throw .storage("the storage \(key) is described twice, differently")
      }
      try push(.storage(index))
      return
    }
    storagePlaces[ExactName(key)] = arena.storages.count
    try push(.storage(arena.storages.count))
    arena.storages.append(storage)
  }
}
