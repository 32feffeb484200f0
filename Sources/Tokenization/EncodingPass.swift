/// The state of one call of `BertTokenizer.encode`.
struct EncodingPass {
  /// What was found so far, `[CLS]` first.
  private(set) var ids: [Int32]

  private let vocabulary: Vocabulary
  private let lowercases: Bool
  private let straightensQuotes: Bool
  /// The most ids before `[SEP]`.
  private let limit: Int
  private var normalizer: Normalizer
  /// Scalars on their way out of the normalizer.
  private var normalized: [UInt32] = []
  private var wordPiece = WordPiece()
  private var whitespaceWord: WhitespaceWord

  /// The state before the text.
  ///
  /// - Parameters:
  ///   - vocabulary: The vocabulary.
  ///   - lowercases: Whether to lower-case and strip accents.
  ///   - straightensQuotes: Whether U+201C and U+201D are read as U+0022.
  ///   - limit: The most ids before `[SEP]`, at least 1; `nil` for no limit.
  init(vocabulary: Vocabulary, lowercases: Bool, straightensQuotes: Bool, limit: Int?) {
    self.vocabulary = vocabulary
    self.lowercases = lowercases
    self.straightensQuotes = straightensQuotes
    self.limit = limit ?? .max
    self.normalizer = Normalizer(form: lowercases ? .stripped : .composed)
    self.ids = [vocabulary.classification]
    self.whitespaceWord = WhitespaceWord(start: 1)
  }

  /// Encodes a whole text; called once.
  mutating func run(_ bytes: [UInt8]) {
    var index = 0
    // What follows the last id that fits cannot change it, once its word has ended.
    while index < bytes.count, !isFull {
      if bytes[index] == 0x5B, let special = SpecialTokens.match(bytes, at: index) {
        endText()
        ids.append(vocabulary.specials[special.number])
        whitespaceWord = WhitespaceWord(start: ids.count)
        index += special.length
      } else if let (scalar, length) = UTF8Scalar.decode(bytes, at: index) {
        let isQuote = straightensQuotes && (scalar == 0x201C || scalar == 0x201D)
        lowercase(isQuote ? 0x22 : scalar)
        index += length
      } else {
        index += 1
      }
    }
    endText()
    if ids.count > limit { ids.removeLast(ids.count - limit) }
    ids.append(vocabulary.separator)
  }

  private var isFull: Bool {
    ids.count >= limit && (lowercases || !whitespaceWord.mayBeSpecial)
  }

  private mutating func lowercase(_ scalar: UInt32) {
    let properties = UnicodeProperties(scalar)
    if !lowercases {
      clean(scalar, properties)
    } else if scalar == 0x130 {
      // I with dot above: the one scalar whose lower case is two.
      clean(0x69, UnicodeProperties(0x69))
      clean(0x307, UnicodeProperties(0x307))
    } else if properties.lowercaseOffset != 0 {
      let lower = UInt32(bitPattern: Int32(bitPattern: scalar) &+ properties.lowercaseOffset)
      clean(lower, UnicodeProperties(lower))
    } else {
      clean(scalar, properties)
    }
  }

  private mutating func clean(_ scalar: UInt32, _ properties: UnicodeProperties) {
    switch properties.kind {
    case .dropped: return
    case .space: normalize(0x20, properties: UnicodeProperties(0x20))
    default:
      let isIdeograph = Self.isIdeograph(scalar)
      if isIdeograph { normalize(0x20, properties: UnicodeProperties(0x20)) }
      normalize(scalar, properties: properties)
      if isIdeograph { normalize(0x20, properties: UnicodeProperties(0x20)) }
    }
  }

  /// `_is_chinese_char`: ideographs, but not kana, Hangul, radicals or extensions F and later.
  private static func isIdeograph(_ scalar: UInt32) -> Bool {
    if scalar < 0x3400 { return false }
    switch scalar {
    case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x2_0000...0x2_A6DF,
      0x2_A700...0x2_CEAF, 0x2_F800...0x2_FA1F:
      return true
    default: return false
    }
  }

  private mutating func normalize(_ scalar: UInt32, properties: UnicodeProperties) {
    normalizer.append(scalar, properties, to: &normalized)
    splitNormalized()
  }

  private mutating func splitNormalized() {
    for index in normalized.indices { split(normalized[index]) }
    normalized.removeAll(keepingCapacity: true)
  }

  /// Splits at whitespace and around punctuation.
  private mutating func split(_ scalar: UInt32) {
    // After `clean`, these are the only scalars at which Python's `split()` splits.
    if scalar == 0x20 || scalar == 0x2028 || scalar == 0x2029 {
      endWhitespaceWord()
      return
    }
    if !lowercases { whitespaceWord.append(scalar) }
    if UnicodeProperties(scalar).kind == .punctuation {
      wordPiece.flush(vocabulary, to: &ids)
      wordPiece.append(scalar)
      wordPiece.flush(vocabulary, to: &ids)
    } else {
      wordPiece.append(scalar)
    }
  }

  private mutating func endWhitespaceWord() {
    wordPiece.flush(vocabulary, to: &ids)
    if !lowercases {
      if let number = whitespaceWord.special {
        ids.removeLast(ids.count - whitespaceWord.start)
        ids.append(vocabulary.specials[number])
      }
      whitespaceWord = WhitespaceWord(start: ids.count)
    }
  }

  private mutating func endText() {
    normalizer.finish(into: &normalized)
    splitNormalized()
    endWhitespaceWord()
  }
}
