/// One pass over a JSON text with an explicit stack; see `JSONDocument` for what it refuses.
struct JSONParser {
  private let bytes: [UInt8]
  private let limits: JSONDocument.Limits
  /// The result.
  private(set) var nodes: [JSONDocument.Node] = []
  private var position = 0
  /// The open arrays and objects, by node.
  private var open: [Int] = []

  /// A parser at the start of `bytes`.
  init(bytes: [UInt8], limits: JSONDocument.Limits) {
    self.bytes = bytes
    self.limits = limits
  }

  /// Reads the whole text into `nodes`.
  mutating func parse() throws(JSONError) {
    // Nodes hold 32-bit places; no header or index comes near that.
    let longest = min(limits.byteCount, Int(Int32.max) - 1)
    if bytes.count > longest { throw .tooLarge(byteCount: bytes.count, limit: longest) }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw .byteOrderMark }
    nodes.reserveCapacity(min(bytes.count / 8, limits.valueCount))
    skipWhiteSpace()
    if position == bytes.count { throw .empty }
    try readValue(expected: .value)
    while let container = open.last {
      if nodes.count > limits.valueCount {
        throw .tooMany(offset: position, "values", limit: limits.valueCount)
      }
      skipWhiteSpace()
      if nodes[container].kind == .object {
        try continueObject(container)
      } else {
        try continueArray(container)
      }
    }
    skipWhiteSpace()
    if let byte = peek {
      throw .unexpectedByte(offset: position, found: byte, expected: .end)
    }
  }

  private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipWhiteSpace() {
    while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  private func unexpected(_ expected: JSONError.Expectation) -> JSONError {
    guard let byte = peek else { return .unexpectedEnd(offset: position, expected: expected) }
    return .unexpectedByte(offset: position, found: byte, expected: expected)
  }

  private mutating func append(
    _ kind: JSONDocument.Kind, from start: Int, count: Int, hasEscapes: Bool = false
  ) {
    nodes.append(
      JSONDocument.Node(
        kind: kind, hasEscapes: hasEscapes, start: Int32(start), count: Int32(count),
        end: Int32(nodes.count + 1)))
  }

  // MARK: Arrays and objects

  private mutating func push(_ kind: JSONDocument.Kind) throws(JSONError) {
    if open.count == limits.depth { throw .tooDeep(offset: position, limit: limits.depth) }
    open.append(nodes.count)
    append(kind, from: position, count: 0)
    position += 1
  }

  private mutating func pop(_ container: Int) {
    nodes[container].end = Int32(nodes.count)
    open.removeLast()
    position += 1
  }

  private mutating func continueArray(_ container: Int) throws(JSONError) {
    let isFirst = nodes[container].count == 0
    if peek == UInt8(ascii: "]") { return pop(container) }
    if !isFirst {
      if peek != UInt8(ascii: ",") { throw unexpected(.commaOrBracket) }
      position += 1
      skipWhiteSpace()
    }
    nodes[container].count += 1
    try readValue(expected: isFirst ? .valueOrEnd : .value)
  }

  private mutating func continueObject(_ container: Int) throws(JSONError) {
    let isFirst = nodes[container].count == 0
    if peek == UInt8(ascii: "}") {
      try checkKeys(of: container)
      return pop(container)
    }
    if !isFirst {
      if peek != UInt8(ascii: ",") { throw unexpected(.commaOrBrace) }
      position += 1
      skipWhiteSpace()
    }
    if peek != UInt8(ascii: "\"") { throw unexpected(isFirst ? .keyOrEnd : .key) }
    nodes[container].count += 1
    if nodes[container].count > limits.memberCount {
      throw .tooMany(offset: position, "members of an object", limit: limits.memberCount)
    }
    try readString()
    skipWhiteSpace()
    if peek != UInt8(ascii: ":") { throw unexpected(.colon) }
    position += 1
    skipWhiteSpace()
    try readValue(expected: .value)
  }

  /// Refuses an object, all of whose members have been read, with a key that appears twice.
  private func checkKeys(of container: Int) throws(JSONError) {
    let count = Int(nodes[container].count)
    if count < 2 { return }
    // Most objects are tensors of three members; a set would cost more than it saves.
    var few: [ArraySlice<UInt8>] = []
    var many: Set<ExactName> = []
    if count > 8 { many.reserveCapacity(count) }
    var next = container + 1
    for _ in 0..<count {
      let key = self.key(next)
      let isNew: Bool
      if count > 8 {
        isNew = many.insert(ExactName(bytes: key)).inserted
      } else {
        isNew = !few.contains(key)
        few.append(key)
      }
      if !isNew {
        let offset = Int(nodes[next].start) - 1
        throw .duplicateKey(offset: offset, key: String(decoding: key, as: UTF8.self))
      }
      next = Int(nodes[next + 1].end)
    }
  }

  private func key(_ index: Int) -> ArraySlice<UInt8> {
    let node = nodes[index]
    let text = bytes[Int(node.start)..<Int(node.start) + Int(node.count)]
    return node.hasEscapes ? unescapedJSON(text)[...] : text
  }

  // MARK: Plain values

  private mutating func readValue(expected: JSONError.Expectation) throws(JSONError) {
    switch peek {
    case UInt8(ascii: "{"): try push(.object)
    case UInt8(ascii: "["): try push(.array)
    case UInt8(ascii: "\""): try readString()
    case UInt8(ascii: "t"): try readLiteral("true", .yes)
    case UInt8(ascii: "f"): try readLiteral("false", .no)
    case UInt8(ascii: "n"): try readLiteral("null", .null)
    case UInt8(ascii: "-"), .some(0x30...0x39): try readNumber()
    default: throw unexpected(expected)
    }
  }

  private mutating func readLiteral(
    _ text: StaticString, _ kind: JSONDocument.Kind
  ) throws(JSONError) {
    let start = position
    for byte in text.description.utf8 {
      if peek != byte { throw unexpected(.literal) }
      position += 1
    }
    append(kind, from: start, count: position - start)
  }

  private mutating func readNumber() throws(JSONError) {
    let start = position
    if peek == UInt8(ascii: "-") { position += 1 }
    if peek == UInt8(ascii: "0") {
      position += 1
    } else if !skipDigits() {
      throw .invalidNumber(offset: start)
    }
    if peek == UInt8(ascii: ".") {
      position += 1
      if !skipDigits() { throw .invalidNumber(offset: start) }
    }
    if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
      position += 1
      if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { position += 1 }
      if !skipDigits() { throw .invalidNumber(offset: start) }
    }
    if let byte = peek, (0x30...0x39).contains(byte) { throw .invalidNumber(offset: start) }
    if position - start > limits.numberLength {
      throw .numberTooLong(offset: start, limit: limits.numberLength)
    }
    append(.number, from: start, count: position - start)
  }

  private mutating func skipDigits() -> Bool {
    let start = position
    while let byte = peek, (0x30...0x39).contains(byte) { position += 1 }
    return position > start
  }

  // MARK: Strings

  private mutating func readString() throws(JSONError) {
    position += 1
    let start = position
    var hasEscapes = false
    while let byte = peek {
      switch byte {
      case UInt8(ascii: "\""):
        append(.string, from: start, count: position - start, hasEscapes: hasEscapes)
        position += 1
        return
      case UInt8(ascii: "\\"):
        hasEscapes = true
        try skipEscape()
      case 0..<0x20: throw .controlCharacter(offset: position, found: byte)
      case 0..<0x80: position += 1
      default: try skipMultibyte(byte)
      }
    }
    throw .unexpectedEnd(offset: position, expected: .quote)
  }

  private mutating func skipEscape() throws(JSONError) {
    let start = position
    position += 1
    guard let escape = peek else { throw .unexpectedEnd(offset: position, expected: .quote) }
    position += 1
    switch escape {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
      UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      return
    case UInt8(ascii: "u"): break
    default: throw .invalidEscape(offset: start)
    }
    let high = try readDigits(escapeAt: start)
    if (0xDC00..<0xE000).contains(high) { throw .loneSurrogate(offset: start) }
    if !(0xD800..<0xDC00).contains(high) { return }
    if peek != UInt8(ascii: "\\") { throw .loneSurrogate(offset: start) }
    position += 1
    if peek != UInt8(ascii: "u") { throw .loneSurrogate(offset: start) }
    position += 1
    let low = try readDigits(escapeAt: start)
    if !(0xDC00..<0xE000).contains(low) { throw .loneSurrogate(offset: start) }
  }

  private mutating func readDigits(escapeAt start: Int) throws(JSONError) -> UInt32 {
    guard bytes.count - position >= 4, let value = hexadecimal(bytes[position..<position + 4])
    else { throw .invalidEscape(offset: start) }
    position += 4
    return value
  }

  /// Skips one scalar of two to four bytes, by table 3-7 of the Unicode standard.
  private mutating func skipMultibyte(_ lead: UInt8) throws(JSONError) {
    let start = position
    let second: ClosedRange<UInt8>
    let length: Int
    switch lead {
    case 0xC2...0xDF: (second, length) = (0x80...0xBF, 2)
    case 0xE0: (second, length) = (0xA0...0xBF, 3)
    case 0xED: (second, length) = (0x80...0x9F, 3)
    case 0xE1...0xEF: (second, length) = (0x80...0xBF, 3)
    case 0xF0: (second, length) = (0x90...0xBF, 4)
    case 0xF1...0xF3: (second, length) = (0x80...0xBF, 4)
    case 0xF4: (second, length) = (0x80...0x8F, 4)
    default: throw .invalidUTF8(offset: start)
    }
    position += 1
    guard let byte = peek, second.contains(byte) else { throw .invalidUTF8(offset: start) }
    position += 1
    for _ in 2..<max(length, 2) {
      guard let next = peek, (0x80...0xBF).contains(next) else {
        throw .invalidUTF8(offset: start)
      }
      position += 1
    }
  }
}
