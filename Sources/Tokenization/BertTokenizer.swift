/// Text to token ids, exactly as the slow `BertTokenizer` of Hugging Face transformers 4.57.1.
///
/// Works scalar by scalar; the order of the steps is
/// 1. special tokens (`[PAD] [UNK] [CLS] [SEP] [MASK]`, exact case) are cut out of the text;
/// 2. each scalar is lower-cased on its own, so there is no final sigma;
/// 3. U+0000, U+FFFD and categories C* are dropped, tab, line feed, return and Zs become spaces;
/// 4. ideographs get a space on either side;
/// 5. NFC, then words are split at whitespace;
/// 6. NFD, and category Mn is dropped;
/// 7. punctuation becomes words of one scalar;
/// 8. each word is split into the longest pieces from left to right (WordPiece); a word of more
///    than 100 scalars, or with a rest that is no piece, is one `[UNK]`.
///
/// Unicode is version 14.0.0 whatever the Swift library has. An ill-formed UTF-8 sequence counts as
/// U+FFFD and is thus dropped: the text around it is joined.
public struct BertTokenizer: Sendable {
  /// The vocabulary.
  public let vocabulary: Vocabulary
  /// Whether text is lower-cased and stripped of its accents (steps 2 and 6).
  public let lowercases: Bool
  /// Whether “ and ” are read as ", as Chinese-CLIP does before anything else.
  public let straightensQuotes: Bool

  /// A tokenizer.
  ///
  /// - Parameters:
  ///   - vocabulary: The vocabulary.
  ///   - lowercases: `do_lower_case` of the tokenizer's configuration; its `strip_accents` is taken
  ///     to be unset.
  ///   - straightensQuotes: Whether “ and ” are read as ".
  public init(vocabulary: Vocabulary, lowercases: Bool = true, straightensQuotes: Bool = false) {
    self.vocabulary = vocabulary
    self.lowercases = lowercases
    self.straightensQuotes = straightensQuotes
  }

  /// The token ids of a text: `[CLS]`, the pieces, `[SEP]`.
  ///
  /// - Parameters:
  ///   - text: Any text.
  ///   - maximumLength: The most ids, both special ones included, at least 2 (less is misuse and
  ///     traps). The rest of the text is left out. `nil`: no limit.
  /// - Returns: At least two ids, not padded.
  /// - Complexity: O(length of the text up to the last id returned).
  public func encode(_ text: String, maximumLength: Int? = nil) -> [Int32] {
    encode(utf8: [UInt8](text.utf8), maximumLength: maximumLength)
  }

  /// The token ids of a text given as UTF-8: `[CLS]`, the pieces, `[SEP]`.
  ///
  /// - Parameters:
  ///   - bytes: Any bytes; an ill-formed sequence is dropped.
  ///   - maximumLength: The most ids, both special ones included, at least 2 (less is misuse and
  ///     traps). The rest of the text is left out. `nil`: no limit.
  /// - Returns: At least two ids, not padded.
  /// - Complexity: O(length of the text up to the last id returned).
  public func encode(utf8 bytes: [UInt8], maximumLength: Int? = nil) -> [Int32] {
    if let maximumLength { precondition(maximumLength >= 2, "there is room for [CLS] and [SEP]") }
    var pass = EncodingPass(
      vocabulary: vocabulary, lowercases: lowercases, straightensQuotes: straightensQuotes,
      limit: maximumLength.map { $0 - 1 })
    pass.run(bytes)
    return pass.ids
  }

  /// The token ids of a text, cut or filled up with `[PAD]` to a length.
  ///
  /// - Parameters:
  ///   - text: Any text.
  ///   - length: The number of ids, at least 2 (less is misuse and traps).
  /// - Returns: Exactly `length` ids.
  /// - Complexity: O(length of the text up to the last id returned).
  public func encodePadded(_ text: String, length: Int) -> [Int32] {
    encodePadded(utf8: [UInt8](text.utf8), length: length)
  }

  /// The token ids of a text given as UTF-8, cut or filled up with `[PAD]` to a length.
  ///
  /// - Parameters:
  ///   - bytes: Any bytes; an ill-formed sequence is dropped.
  ///   - length: The number of ids, at least 2 (less is misuse and traps).
  /// - Returns: Exactly `length` ids.
  /// - Complexity: O(length of the text up to the last id returned).
  public func encodePadded(utf8 bytes: [UInt8], length: Int) -> [Int32] {
    var ids = encode(utf8: bytes, maximumLength: length)
    ids.reserveCapacity(length)
    while ids.count < length { ids.append(vocabulary.padding) }
    return ids
  }

  /// The tokens of a text as people read them, for example `[CLS] iphone ##14 [SEP]`.
  ///
  /// - Parameters:
  ///   - text: Any text.
  ///   - maximumLength: As in `encode`.
  /// - Returns: One string for each id of `encode`.
  public func tokens(of text: String, maximumLength: Int? = nil) -> [String] {
    encode(text, maximumLength: maximumLength).map { vocabulary.token($0) ?? "" }
  }
}
