/// Finds special tokens in a text.
enum SpecialTokens {
  /// The UTF-8 of the special tokens, all of one byte per scalar.
  private static let texts: [[UInt8]] = VocabularyLayout.specials.map { [UInt8]($0.utf8) }

  /// The length of the longest one.
  static let maximumLength = 6

  /// The special token that begins at a place, if any.
  ///
  /// - Parameters:
  ///   - bytes: A text.
  ///   - index: A place in it.
  /// - Returns: Its number in `VocabularyLayout.specials` and its length in bytes.
  static func match(_ bytes: [UInt8], at index: Int) -> (number: Int, length: Int)? {
    for (number, text) in texts.enumerated() where text.count <= bytes.count - index {
      var length = 0
      while length < text.count, bytes[index + length] == text[length] { length += 1 }
      if length == text.count { return (number: number, length: length) }
    }
    return nil
  }
}
