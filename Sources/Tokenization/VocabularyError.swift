internal import TensorCore

/// Why a `vocab.txt` cannot be stored, or a stored vocabulary cannot be used.
///
/// The id of a token is its line in `vocab.txt`, counted from 0.
public enum VocabularyError: Error, Equatable, Sendable, CustomStringConvertible {
  /// There are no tokens.
  case empty
  /// There are more tokens than a section may hold.
  case tooManyTokens(count: Int, limit: Int)
  /// The tokens take more bytes than a section may hold.
  case tooManyBytes(count: Int, limit: Int)
  /// A token is not UTF-8.
  case invalidUTF8(id: Int)
  /// A token holds a line feed or a carriage return, or only some lines end in a carriage return.
  case lineBreak(id: Int)
  /// A token is there twice.
  case duplicate(token: String, firstID: Int, secondID: Int)
  /// One of the special tokens is not there.
  case missingSpecial(token: String)
  /// Too many tokens share a place in the hash table.
  case tooManyCollisions(token: String, limit: Int)

  /// The section is shorter or longer than its header says, or shorter than a header.
  case wrongSize(found: Int, expected: Int)
  /// The section has a version this reader does not know.
  case unsupportedVersion(found: Int)
  /// A number in the header does not follow from the rest of the section.
  case wrongField(name: String, found: Int, expected: Int)
  /// A reserved byte is not zero.
  case reservedNotZero(offset: Int)
  /// A special token's id is not below the number of tokens.
  case specialOutOfRange(token: String, id: Int, count: Int)
  /// The token at a special token's id is another one.
  case specialMismatch(token: String, id: Int, found: String)
  /// A token ends before it begins or behind the last byte, or the first one does not begin at 0.
  case wrongOffset(id: Int, start: Int, end: Int, byteCount: Int)
  /// A slot of the hash table is not what the tokens give.
  case wrongSlot(slot: Int, found: Int, expected: Int)

  /// One sentence naming the place, what was found and what was expected.
  public var description: String {
    switch self {
    case .empty: "vocabulary: there are no tokens"
    case .tooManyTokens(let count, let limit):
      "vocabulary: \(count) tokens, at most \(limit) are allowed"
    case .tooManyBytes(let count, let limit):
      "vocabulary: \(count) bytes of tokens, at most \(limit) are allowed"
    case .invalidUTF8(let id): "vocabulary: token \(id) (line \(id + 1)) is not valid UTF-8"
    case .lineBreak(let id):
      "vocabulary: token \(id) (line \(id + 1)) holds a line break (mixed line endings?)"
    case .duplicate(let token, let first, let second):
      "vocabulary: \"\(printable(token))\" is both token \(first) (line \(first + 1)) "
        + "and token \(second) (line \(second + 1))"
    case .missingSpecial(let token): "vocabulary: the special token \(token) is missing"
    case .tooManyCollisions(let token, let limit):
      "vocabulary: \"\(printable(token))\" finds no slot within \(limit) of its place "
        + "in the hash table"
    case .wrongSize(let found, let expected):
      "vocabulary section: \(expected) bytes expected, found \(found) (truncated?)"
    case .unsupportedVersion(let found):
      "vocabulary section: version \(found) is not supported, only version 1 is"
    case .wrongField(let name, let found, let expected):
      "vocabulary section: the \(name) is \(found), expected \(expected)"
    case .reservedNotZero(let offset):
      "vocabulary section: the reserved byte at offset \(offset) is not zero"
    case .specialOutOfRange(let token, let id, let count):
      "vocabulary section: the id of \(token) is \(id), but there are \(count) tokens"
    case .specialMismatch(let token, let id, let found):
      "vocabulary section: token \(id) should be \(token), found \"\(printable(found))\""
    case .wrongOffset(let id, let start, let end, let byteCount):
      "vocabulary section: token \(id) spans bytes \(start) to \(end) of \(byteCount)"
    case .wrongSlot(let slot, let found, let expected):
      "vocabulary section: slot \(slot) of the hash table holds \(found), expected \(expected)"
    }
  }
}
