/// Collects a word and splits it into the longest pieces the vocabulary has, from left to right.
struct WordPiece {
  /// Words of more scalars are unknown.
  private static let maximumScalarCount = 100

  /// The first scalars of the word as UTF-8.
  private var bytes: [UInt8] = []
  /// Where each of them ends in `bytes`.
  private var ends: [Int] = []
  private var isTooLong = false
  /// Hashes of the pieces that begin at one place, shortest first.
  private var hashes: [TokenHash] = []

  /// Takes the next scalar of the word.
  mutating func append(_ scalar: UInt32) {
    if ends.count == Self.maximumScalarCount {
      isTooLong = true
      return
    }
    UTF8Scalar.append(scalar, to: &bytes)
    ends.append(bytes.count)
  }

  /// Ends the word, if there is one.
  ///
  /// - Parameters:
  ///   - vocabulary: The vocabulary.
  ///   - ids: Gets the ids of the pieces, or the one of `[UNK]` if they do not cover the whole
  ///     word.
  /// - Complexity: O(scalars of the word × length of the longest token).
  mutating func flush(_ vocabulary: Vocabulary, to ids: inout [Int32]) {
    if ends.isEmpty { return }
    let start = ids.count
    if isTooLong || !split(vocabulary, to: &ids) {
      ids.removeLast(ids.count - start)
      ids.append(vocabulary.unknown)
    }
    bytes.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
    isTooLong = false
  }

  /// Appends pieces until the word is used up (`true`) or no piece fits (`false`).
  private mutating func split(_ vocabulary: Vocabulary, to ids: inout [Int32]) -> Bool {
    var first = 0
    while first < ends.count {
      let isContinuation = first > 0
      let start = isContinuation ? ends[first - 1] : 0
      hashPieces(from: first, start, longest: vocabulary.longestToken)
      var length = hashes.count
      var found: Int32?
      while found == nil, length > 0 {
        found = vocabulary.find(
          bytes, in: start..<ends[first + length - 1], isContinuation: isContinuation,
          hash: hashes[length - 1])
        length -= 1
      }
      guard let found else { return false }
      ids.append(found)
      first += length + 1
    }
    return true
  }

  /// Hashes the pieces that begin with scalar `first`, at byte `start`, up to the longest token's
  /// length.
  private mutating func hashPieces(from first: Int, _ start: Int, longest: Int) {
    hashes.removeAll(keepingCapacity: true)
    var hash = first > 0 ? TokenHash.continuation : TokenHash()
    let room = first > 0 ? longest - 2 : longest
    var place = start
    for scalar in first..<ends.count where ends[scalar] - start <= room {
      while place < ends[scalar] {
        hash.combine(bytes[place])
        place += 1
      }
      hashes.append(hash)
    }
  }
}
