/// The beginning of a word between whitespace, before it is split at punctuation.
///
/// Without lower-casing, a word that reads `[CLS]` only once a character was dropped out of it, as
/// in `[C` U+200B `LS]`, is not split at its brackets but looked up whole.
struct WhitespaceWord {
  /// The number of ids before the word.
  let start: Int
  private var bytes: [UInt8] = []
  private var isTooLong = false

  /// A word without scalars so far.
  init(start: Int) {
    self.start = start
  }

  /// Whether the word may still turn out to be a special token.
  var mayBeSpecial: Bool { !isTooLong && !bytes.isEmpty }

  /// The number of the special token that the word is.
  var special: Int? {
    if isTooLong || bytes.isEmpty { return nil }
    guard let found = SpecialTokens.match(bytes, at: 0) else { return nil }
    return found.length == bytes.count ? found.number : nil
  }

  /// Takes the next scalar of the word.
  mutating func append(_ scalar: UInt32) {
    if isTooLong { return }
    if scalar < 0x80, bytes.count < SpecialTokens.maximumLength {
      bytes.append(UInt8(scalar))
    } else {
      isTooLong = true
    }
  }
}
