import TestSupport
import Testing
import Tokenization

private let sharedVocabulary = Fixture.shared("data/vocab.chinese-clip.txt")
private let sharedGolden = Fixture.shared("data/golden/tokenizer_golden.jsonl")

@Suite("BertTokenizer against the slow tokenizer of transformers")
struct BertTokenizerTests {
  @Test func ownGoldenRows() throws {
    let golden: [GoldenRow] = try rows(Fixture.path("tokenizer/golden.jsonl"))
    let vocabulary = try ownVocabulary.get()
    let uncased = BertTokenizer(vocabulary: vocabulary)
    let cased = BertTokenizer(vocabulary: vocabulary, lowercases: false)
    #expect(golden.count >= 150)
    for row in golden {
      #expect(uncased.encode(row.text) == row.ids, "\(row.name): \(row.text.debugDescription)")
      #expect(uncased.encodePadded(row.text, length: 77) == row.idsPadded, "\(row.name)")
      #expect(cased.encode(row.text) == row.idsCased, "\(row.name): \(row.text.debugDescription)")
      #expect(cased.encodePadded(row.text, length: 77) == row.idsCasedPadded, "\(row.name)")
    }
  }

  /// What is cut off never changes what is left, whatever the length.
  @Test func truncationIsAPrefix() throws {
    let golden: [GoldenRow] = try rows(Fixture.path("tokenizer/golden.jsonl"))
    for lowercases in [true, false] {
      let tokenizer = BertTokenizer(vocabulary: try ownVocabulary.get(), lowercases: lowercases)
      for row in golden {
        let whole = lowercases ? row.ids : try #require(row.idsCased)
        for length in 2...12 {
          let expected = whole.count <= length ? whole : whole.prefix(length - 1) + [102]
          #expect(tokenizer.encode(row.text, maximumLength: length) == expected, "\(row.name)")
        }
      }
    }
  }

  @Test(.enabled(if: sharedVocabulary != nil && sharedGolden != nil))
  func sharedGoldenRows() throws {
    let golden: [GoldenRow] = try rows(try #require(sharedGolden))
    let vocabulary = try vocabulary(path: try #require(sharedVocabulary))
    try vocabulary.validate()
    let tokenizer = BertTokenizer(vocabulary: vocabulary)
    #expect(golden.count == 133)
    for row in golden {
      #expect(tokenizer.encode(row.text) == row.ids, "\(row.name): \(row.text.debugDescription)")
      #expect(tokenizer.encodePadded(row.text, length: 77) == row.idsPadded, "\(row.name)")
    }
  }

  @Test func tokensAsText() throws {
    let tokenizer = BertTokenizer(vocabulary: try ownVocabulary.get())
    #expect(
      tokenizer.tokens(of: "iPhone14手机 þ")
        == ["[CLS]", "iphone", "##14", "手", "机", "[UNK]", "[SEP]"])
    #expect(tokenizer.tokens(of: "一只猫", maximumLength: 4) == ["[CLS]", "一", "只", "[SEP]"])
  }

  @Test func padding() throws {
    let tokenizer = BertTokenizer(vocabulary: try vocabulary("猫"))
    #expect(tokenizer.encodePadded("猫", length: 5) == [2, 5, 3, 0, 0])
    #expect(tokenizer.encodePadded("猫猫猫猫", length: 5) == [2, 5, 5, 5, 3])
    #expect(tokenizer.encodePadded("猫", length: 2) == [2, 3])
    #expect(tokenizer.encodePadded(utf8: [], length: 3) == [2, 3, 0])
  }
}
