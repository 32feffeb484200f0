internal import TensorCore

/// A value inside a `JSONDocument`; every accessor is `nil` when the value is of another kind.
public struct JSONValue: Sendable {
  let document: JSONDocument
  let index: Int

  private var node: JSONDocument.Node { document.nodes[index] }

  /// The place of the value in the text, in bytes.
  public var offset: Int { Int(node.start) - (node.kind == .string ? 1 : 0) }

  /// Whether it is `null`.
  public var isNull: Bool { node.kind == .null }

  /// Whether it is an object.
  public var isObject: Bool { node.kind == .object }

  /// The value of `true` or `false`.
  public var bool: Bool? {
    switch node.kind {
    case .yes: true
    case .no: false
    default: nil
    }
  }

  /// A number as it is written.
  public var number: String? {
    if node.kind != .number { return nil }
    return String(decoding: document.bytes[range], as: UTF8.self)
  }

  /// A number that is written as an integer (no fraction, no exponent) and fits.
  public var int: Int? {
    if node.kind != .number { return nil }
    var value = 0
    var text = document.bytes[range]
    let isNegative = text.first == UInt8(ascii: "-")
    if isNegative { text = text.dropFirst() }
    for byte in text {
      guard (0x30...0x39).contains(byte), let tens = value.multiplied(by: 10) else { return nil }
      let digit = Int(byte) - 0x30
      guard let next = tens.adding(isNegative ? -digit : digit) else { return nil }
      value = next
    }
    return value
  }

  /// A number as the nearest binary64; `nil` if that is not finite.
  public var double: Double? {
    guard let text = number, let value = Double(text), value.isFinite else { return nil }
    return value
  }

  /// A string, unescaped.
  public var string: String? {
    if node.kind != .string { return nil }
    return String(decoding: document.unescaped(index), as: UTF8.self)
  }

  /// The number of elements or members; 0 for everything else.
  public var count: Int {
    node.kind == .array || node.kind == .object ? Int(node.count) : 0
  }

  /// The elements of an array.
  ///
  /// - Complexity: O(count).
  public var elements: [JSONValue]? {
    if node.kind != .array { return nil }
    var result: [JSONValue] = []
    result.reserveCapacity(count)
    var next = index + 1
    for _ in 0..<count {
      result.append(JSONValue(document: document, index: next))
      next = Int(document.nodes[next].end)
    }
    return result
  }

  /// The members of an object, in the order of the text.
  ///
  /// - Complexity: O(count).
  public var members: [(key: String, value: JSONValue)]? {
    if node.kind != .object { return nil }
    var result: [(key: String, value: JSONValue)] = []
    result.reserveCapacity(count)
    var next = index + 1
    for _ in 0..<count {
      let key = String(decoding: document.unescaped(next), as: UTF8.self)
      result.append((key, JSONValue(document: document, index: next + 1)))
      next = Int(document.nodes[next + 1].end)
    }
    return result
  }

  /// The member of an object named `key`; `nil` without one, or if this is no object.
  ///
  /// - Parameter key: Compared byte by byte, not by canonical equivalence.
  /// - Complexity: O(count).
  public subscript(key: String) -> JSONValue? {
    if node.kind != .object { return nil }
    var next = index + 1
    for _ in 0..<count {
      if document.unescaped(next).elementsEqual(key.utf8) {
        return JSONValue(document: document, index: next + 1)
      }
      next = Int(document.nodes[next + 1].end)
    }
    return nil
  }

  private var range: Range<Int> { Int(node.start)..<Int(node.start) + Int(node.count) }
}
