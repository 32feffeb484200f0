/// A JSON text (RFC 8259), read strictly into one flat array of nodes.
///
/// Headers of checkpoints are untrusted, so everything two parsers could read differently is
/// refused: duplicate keys (compared as bytes after unescaping), trailing commas, byte order marks,
/// invalid UTF-8, half surrogate pairs, leading zeros, anything after the value. Neither parsing
/// nor releasing recurses. Numbers stay text until asked for. Memory: the text and 16 bytes a node.
public struct JSONDocument: Sendable {
  /// Bounds on what a text may make this parser do.
  public struct Limits: Equatable, Sendable {
    /// Longest text, in bytes.
    public var byteCount: Int
    /// Deepest nesting of arrays and objects; a plain value has depth 0.
    public var depth: Int
    /// Longest number, in characters.
    public var numberLength: Int
    /// Most values and keys.
    public var valueCount = 2_000_000
    /// Most members of one object.
    public var memberCount = 250_000

    /// The given bounds.
    ///
    /// - Parameters:
    ///   - byteCount: Longest text in bytes.
    ///   - depth: Deepest nesting.
    ///   - numberLength: Longest number in characters.
    public init(byteCount: Int = 16 << 20, depth: Int = 64, numberLength: Int = 64) {
      self.byteCount = byteCount
      self.depth = depth
      self.numberLength = numberLength
    }
  }

  /// What a node is.
  enum Kind: UInt8 {
    case null, no, yes, number, string, array, object
  }

  /// One value or key.
  ///
  /// An object's children are key, value, key, value, ...
  struct Node {
    /// What it is.
    var kind: Kind
    /// Whether a string holds backslashes.
    var hasEscapes: Bool
    /// First byte; of a string, the one after the quote.
    var start: Int32
    /// Bytes of text; of an array or object, the number of elements or members.
    var count: Int32
    /// The node after this one and everything inside it.
    var end: Int32
  }

  /// The text.
  let bytes: [UInt8]
  /// Every value and key, in the order of the text.
  let nodes: [Node]

  /// Parses a text.
  ///
  /// - Parameters:
  ///   - bytes: The whole text; white space may surround the value.
  ///   - limits: What to refuse.
  /// - Throws: `JSONError` naming the byte.
  /// - Complexity: O(length).
  public init(_ bytes: [UInt8], limits: Limits = Limits()) throws(JSONError) {
    var parser = JSONParser(bytes: bytes, limits: limits)
    try parser.parse()
    self.bytes = bytes
    self.nodes = parser.nodes
  }

  /// The one value the text consists of.
  public var root: JSONValue { JSONValue(document: self, index: 0) }

  /// The bytes a string node stands for.
  func unescaped(_ index: Int) -> ArraySlice<UInt8> {
    let node = nodes[index]
    let range = Int(node.start)..<Int(node.start) + Int(node.count)
    return node.hasEscapes ? unescapedJSON(bytes[range])[...] : bytes[range]
  }
}

/// The bytes a JSON string stands for; `text` has passed the parser.
func unescapedJSON(_ text: ArraySlice<UInt8>) -> [UInt8] {
  var result: [UInt8] = []
  result.reserveCapacity(text.count)
  var rest = text
  while let byte = rest.popFirst() {
    guard byte == UInt8(ascii: "\\"), let escape = rest.popFirst() else {
      result.append(byte)
      continue
    }
    switch escape {
    case UInt8(ascii: "b"): result.append(0x08)
    case UInt8(ascii: "f"): result.append(0x0C)
    case UInt8(ascii: "n"): result.append(0x0A)
    case UInt8(ascii: "r"): result.append(0x0D)
    case UInt8(ascii: "t"): result.append(0x09)
    case UInt8(ascii: "u"):
      var value = hexadecimal(rest.prefix(4)) ?? 0xFFFD
      rest = rest.dropFirst(4)
      if (0xD800..<0xDC00).contains(value), let low = hexadecimal(rest.dropFirst(2).prefix(4)) {
        value = 0x10000 + ((value & 0x3FF) << 10) + (low & 0x3FF)
        rest = rest.dropFirst(6)
      }
      let scalar = UnicodeScalar(value) ?? "\u{FFFD}"
      result.append(contentsOf: String(scalar).utf8)
    default: result.append(escape)
    }
  }
  return result
}

/// The value of up to four hexadecimal digits, or `nil`.
func hexadecimal(_ digits: ArraySlice<UInt8>) -> UInt32? {
  var value: UInt32 = 0
  for digit in digits {
    switch digit {
    case 0x30...0x39: value = value << 4 | UInt32(digit - 0x30)
    case 0x41...0x46: value = value << 4 | UInt32(digit - 0x41 + 10)
    case 0x61...0x66: value = value << 4 | UInt32(digit - 0x61 + 10)
    default: return nil
    }
  }
  return value
}
