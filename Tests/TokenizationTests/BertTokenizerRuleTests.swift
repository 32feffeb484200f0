import Testing
import Tokenization

/// Each rule on a vocabulary made for it; [PAD] [UNK] [CLS] [SEP] [MASK] are 0 to 4.
@Suite("BertTokenizer, rule by rule")
struct BertTokenizerRuleTests {
  private func pieces(
    _ text: String, _ tokens: String..., lowercases: Bool = true
  ) throws -> [String] {
    let tokenizer = BertTokenizer(
      vocabulary: try vocabulary(section(tokens)), lowercases: lowercases)
    return tokenizer.tokens(of: text).dropFirst().dropLast()
  }

  @Test func specialTokens() throws {
    #expect(try pieces("x[UNK]y", "x", "y") == ["x", "[UNK]", "y"])
    #expect(try pieces("[[MASK]]", "[", "]") == ["[", "[MASK]", "]"])
    #expect(try pieces(" a  [CLS] b", "a", "b") == ["a", "[CLS]", "b"])
    #expect(try pieces("[mask]", "[", "]", "mask") == ["[", "mask", "]"])
    #expect(try pieces("[MASK", "[", "mask") == ["[", "mask"])
    #expect(try pieces("[PAD][SEP]") == ["[PAD]", "[SEP]"])
  }

  @Test func specialTokenMadeByCleaning() throws {
    #expect(try pieces("[C\u{200B}LS]", "[", "]", "cls") == ["[", "cls", "]"])
    #expect(
      try pieces("[C\u{200B}LS] [CLS]", "[", "]", "CLS", lowercases: false)
        == ["[CLS]", "[CLS]"])
    #expect(
      try pieces("a[C\u{200B}LS]", "a", "[", "]", "CLS", lowercases: false)
        == ["a", "[", "CLS", "]"])
  }

  @Test func lowercasingIsPerScalar() throws {
    #expect(try pieces("ΑΣ", "α", "##σ", "##ς") == ["α", "##σ"])
    #expect(try pieces("İ", "i") == ["i"])
    #expect(try pieces("ẞ", "ß") == ["ß"])
    #expect(try pieces("A", "a", lowercases: false) == ["[UNK]"])
  }

  @Test func cleaning() throws {
    #expect(
      try pieces("a\u{0B}b\u{0C}c\u{85}\u{200D}\u{FEFF}\u{E000}\u{378}\u{FFFD}\0", "abc") == ["abc"]
    )
    #expect(try pieces("a\tb\nc\rd\u{A0}e", "a", "b", "c", "d", "e") == ["a", "b", "c", "d", "e"])
    #expect(try pieces("a\u{2028}b\u{2029}c", "a", "b", "c") == ["a", "b", "c"])
    // Assigned in Unicode 15, so unassigned here.
    #expect(try pieces("a\u{1FABF}b", "ab") == ["ab"])
  }

  @Test func ideographs() throws {
    #expect(try pieces("a猫b", "a", "猫", "b") == ["a", "猫", "b"])
    for edge in ["\u{3400}", "\u{4DBF}", "\u{4E00}", "\u{9FFF}", "\u{20000}", "\u{2CEA1}"] {
      #expect(try pieces("a\(edge)b", "a", "b") == ["a", "[UNK]", "b"])
    }
    for outside in ["\u{33FF}", "\u{4DC0}", "\u{A000}", "\u{2CEB0}", "\u{2F00}", "か"] {
      #expect(try pieces("a\(outside)b", "a", "b") == ["[UNK]"])
    }
  }

  @Test func accents() throws {
    #expect(try pieces("É", "e") == ["e"])
    #expect(try pieces("バ", "ハ") == ["ハ"])
    #expect(try pieces("각", "\u{1100}", "##\u{1161}", "##\u{11A8}").count == 3)
    #expect(try pieces("豈", "豈") == ["豈"])
    #expect(try pieces("क\u{93F}", "क\u{93F}") == ["क\u{93F}"])
    // Without stripping the text is put into NFC.
    #expect(try pieces("e\u{301}", "\u{E9}", lowercases: false) == ["\u{E9}"])
    #expect(try pieces("\u{212B}", "\u{C5}", lowercases: false) == ["\u{C5}"])
  }

  @Test func punctuation() throws {
    #expect(try pieces("a+b", "a", "+", "b") == ["a", "+", "b"])
    #expect(try pieces("a、b", "a", "、", "b") == ["a", "、", "b"])
    #expect(try pieces("a～b", "a～b") == ["a～b"])
    #expect(try pieces("a×b", "a×b") == ["a×b"])
    #expect(try pieces("..", ".", "..") == [".", "."])
  }

  @Test func wordPieces() throws {
    #expect(try pieces("abcd", "a", "ab", "##b", "##c", "##cd") == ["ab", "##cd"])
    #expect(try pieces("abx a", "a", "ab") == ["[UNK]", "a"])
    // Greedy: no second try with a shorter first piece.
    #expect(try pieces("abc", "ab", "a", "##bc") == ["[UNK]"])
    #expect(try pieces("a", "##a") == ["[UNK]"])
  }

  @Test func wordLength() throws {
    let hundred = String(repeating: "a", count: 100)
    #expect(try pieces(hundred, "a", "##a").count == 100)
    #expect(try pieces(hundred + "a", "a", "##a") == ["[UNK]"])
    // Counted in scalars, after accents are gone.
    let accented = String(repeating: "e\u{301}", count: 100)
    #expect(try pieces(accented, "e", "##e").count == 100)
  }

  @Test func illFormedUTF8IsDropped() throws {
    let tokenizer = BertTokenizer(vocabulary: try vocabulary("ab", "a", "b", "##b"))
    let joined: [[UInt8]] = [
      [0xFF], [0x80], [0xC0, 0x80], [0xE7, 0x8C], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
      [0xF0, 0x9F], [0xC3],
    ]
    for bytes in joined {
      #expect(tokenizer.encode(utf8: [0x61] + bytes + [0x62]) == [2, 5, 3])
      #expect(tokenizer.encode(utf8: [0x61] + bytes) == [2, 6, 3])
    }
  }

  /// A quadratic step would not come to an end on these.
  @Test func longLines() throws {
    let tokenizer = BertTokenizer(vocabulary: try vocabulary("a", "##a"))
    let letters = [UInt8](repeating: 0x61, count: 10 << 20)
    #expect(tokenizer.encode(utf8: letters) == [2, 1, 3])
    let marks =
      [UInt8]("a".utf8) + [UInt8](String(repeating: "\u{302E}\u{302F}", count: 100_000).utf8)
    #expect(tokenizer.encode(utf8: marks) == [2, 1, 3])
    let accents =
      [UInt8]("a".utf8) + [UInt8](String(repeating: "\u{301}\u{323}", count: 100_000).utf8)
    #expect(tokenizer.encode(utf8: accents) == [2, 5, 3])
    let cased = BertTokenizer(vocabulary: tokenizer.vocabulary, lowercases: false)
    #expect(cased.encode(utf8: accents) == [2, 1, 3])
    // Only the beginning is read.
    let words = [UInt8](String(repeating: "a ", count: 5 << 20).utf8)
    #expect(tokenizer.encode(utf8: words, maximumLength: 4) == [2, 5, 5, 3])
  }
}
