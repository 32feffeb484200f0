internal import TensorCore

/// Why bytes are not the JSON this module accepts; offsets count bytes from the start of the text.
public enum JSONError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What the grammar allows at a place.
  public enum Expectation: String, Equatable, Sendable {
    /// Any JSON value.
    case value = "a value"
    /// Any JSON value, or the end of an empty array.
    case valueOrEnd = "a value or \"]\""
    /// The string that names a member.
    case key = "a key in quotes"
    /// The string that names a member, or the end of an empty object.
    case keyOrEnd = "a key in quotes or \"}\""
    /// The colon between a key and its value.
    case colon = "\":\""
    /// What follows an element of an array.
    case commaOrBracket = "\",\" or \"]\""
    /// What follows a member of an object.
    case commaOrBrace = "\",\" or \"}\""
    /// The end of a string.
    case quote = "the closing quote of a string"
    /// `true`, `false` or `null`, spelt out.
    case literal = "true, false or null"
    /// The end of the text.
    case end = "the end of the text"
  }

  /// There is nothing but white space.
  case empty
  /// The text is longer than the caller allows.
  case tooLarge(byteCount: Int, limit: Int)
  /// Arrays and objects are nested deeper than the caller allows.
  case tooDeep(offset: Int, limit: Int)
  /// The text starts with a byte order mark.
  case byteOrderMark
  /// A byte that cannot stand where it stands.
  case unexpectedByte(offset: Int, found: UInt8, expected: Expectation)
  /// The text stops in the middle.
  case unexpectedEnd(offset: Int, expected: Expectation)
  /// An object names one member twice.
  case duplicateKey(offset: Int, key: String)
  /// A string holds bytes that are not UTF-8.
  case invalidUTF8(offset: Int)
  /// Half of a surrogate pair.
  case loneSurrogate(offset: Int)
  /// A backslash is followed by something JSON does not define.
  case invalidEscape(offset: Int)
  /// A control character inside a string.
  case controlCharacter(offset: Int, found: UInt8)
  /// Something that starts like a number and is none.
  case invalidNumber(offset: Int)
  /// A number of more characters than the caller allows.
  case numberTooLong(offset: Int, limit: Int)
  /// More of something than the limits allow.
  case tooMany(offset: Int, String, limit: Int)

  /// One phrase naming the place, what was found and what was expected.
  public var description: String {
    switch self {
    case .empty: "the text is empty"
    case .tooLarge(let byteCount, let limit):
      "the text is \(byteCount) bytes long, at most \(limit) are accepted"
    case .tooDeep(let offset, let limit): "byte \(offset): nested deeper than \(limit) levels"
    case .tooMany(let offset, let what, let limit):
      "byte \(offset): more than \(limit) \(what)"
    case .byteOrderMark: "byte 0: a byte order mark is not allowed"
    case .unexpectedByte(let offset, let found, let expected):
      "byte \(offset): found \(named(found)), expected \(expected.rawValue)"
    case .unexpectedEnd(let offset, let expected):
      "the text ends at byte \(offset), expected \(expected.rawValue)"
    case .duplicateKey(let offset, let key):
      "byte \(offset): the key \"\(printable(key))\" appears twice"
    case .invalidUTF8(let offset): "byte \(offset): not valid UTF-8"
    case .loneSurrogate(let offset): "byte \(offset): half of a surrogate pair"
    case .invalidEscape(let offset): "byte \(offset): not a JSON escape"
    case .controlCharacter(let offset, let found):
      "byte \(offset): control character \(named(found)) in a string"
    case .invalidNumber(let offset): "byte \(offset): not a JSON number"
    case .numberTooLong(let offset, let limit):
      "byte \(offset): a number of more than \(limit) characters"
    }
  }
}

/// A byte for a message: the ASCII character in quotes, or `0x` and two digits.
package func named(_ byte: UInt8) -> String {
  if byte > 0x20, byte < 0x7F { return "\"" + String(UnicodeScalar(byte)) + "\"" }
  let digits = String(byte, radix: 16, uppercase: true)
  return "0x" + (digits.utf8.count == 1 ? "0" : "") + digits
}
