import TensorCore
import TestSupport
import Testing
import Tokenization

@Suite("Vocabulary")
struct VocabularyTests {
  @Test func ownVocabularyByIdAndByText() throws {
    let found = try ownVocabulary.get()
    let lines = try Fixture.bytes(Fixture.path("tokenizer/vocab.txt"))
      .split(separator: 0x0A, omittingEmptySubsequences: false).dropLast()
      .map { String(decoding: $0, as: UTF8.self) }
    try found.validate()
    #expect(found.count == lines.count)
    for (id, line) in lines.enumerated() {
      #expect(found.id(of: line) == Int32(id))
      #expect(found.token(Int32(id)) == line)
    }
    #expect([found.padding, found.unknown, found.classification] == [0, 100, 101])
    #expect([found.separator, found.mask] == [102, 103])
  }

  @Test func missing() throws {
    let found = try vocabulary("e\u{301}", "##猫")
    #expect(found.id(of: "猫") == nil)
    #expect(found.id(of: "") == nil)
    // The same to Swift's String, but not the same scalars.
    #expect(found.id(of: "e\u{301}") == 5)
    #expect(found.id(of: "\u{E9}") == nil)
    #expect(found.token(-1) == nil)
    #expect(found.token(7) == nil)
    #expect(found.token(6) == "##猫")
  }

  @Test func damagedHeaders() throws {
    let whole = try section(["猫"])
    func message(_ offset: Int, _ value: UInt8) -> String {
      var bytes = whole
      bytes[offset] = value
      return openingMessage(bytes)
    }
    #expect(openingMessage(whole) == "no error")
    #expect(
      openingMessage([]) == "vocabulary section: 64 bytes expected, found 0 (truncated?)")
    #expect(message(0, 2) == "vocabulary section: version 2 is not supported, only version 1 is")
    #expect(message(4, 0) == "vocabulary: there are no tokens")
    #expect(
      message(7, 1) == "vocabulary: 16777222 tokens, at most 1000000 are allowed")
    #expect(
      message(4, 9) == "vocabulary section: the number of slots is 16, expected 32")
    #expect(
      message(8, 32) == "vocabulary section: the number of slots is 32, expected 16")
    #expect(
      message(15, 0x80)
        == "vocabulary: 2147483677 bytes of tokens, at most 16777216 are allowed")
    #expect(
      message(12, 30) == "vocabulary section: \(whole.count + 1) bytes expected, "
        + "found \(whole.count) (truncated?)")
    #expect(message(63, 1) == "vocabulary section: the reserved byte at offset 63 is not zero")
    #expect(
      message(28, 6) == "vocabulary section: the id of [CLS] is 6, but there are 6 tokens")
  }

  @Test func damagedContents() throws {
    let whole = try section(["猫", "ab"])
    let table = 64 + 4 * 8
    let bytes = table + 4 * 16
    func message(_ changes: (Int, UInt8)...) throws -> String {
      var bytes = whole
      for (offset, value) in changes { bytes[offset] = value }
      return try validationMessage(vocabulary(bytes))
    }
    #expect(try message() == "no error")
    #expect(
      try message((16, 7))
        == "vocabulary section: the length of the longest token is 7, expected 6")
    #expect(
      try message((20, 1))
        == "vocabulary section: token 1 should be [PAD], found \"[UNK]\"")
    #expect(
      try message((64, 1)) == "vocabulary section: token 0 spans bytes 1 to 5 of 31")
    #expect(
      try message((68, 11)) == "vocabulary section: token 1 spans bytes 11 to 10 of 31")
    #expect(
      try message((92, 30)) == "vocabulary section: token 6 spans bytes 29 to 30 of 31")
    #expect(try message((bytes + 26, 0xFF)) == "vocabulary: token 5 (line 6) is not valid UTF-8")
    #expect(
      try message((bytes + 29, 0x0A))
        == "vocabulary: token 6 (line 7) holds a line break (mixed line endings?)")
    #expect(
      try message((bytes + 11, 0x55), (bytes + 12, 0x4E), (bytes + 13, 0x4B))
        == "vocabulary section: token 2 should be [CLS], found \"[UNK]\"")
    let slot = try #require((0..<16).first { whole[table + 4 * $0] == 6 })
    #expect(
      try message((table + 4 * slot, 5))
        == "vocabulary section: slot \(slot) of the hash table holds 5, expected 6")
    let free = try #require((0..<16).first { whole[table + 4 * $0] == 0 })
    #expect(
      try message((table + 4 * free + 3, 1))
        == "vocabulary section: slot \(free) of the hash table holds 16777216, expected 0")
    let twice = try section(["ab", "cd"])
    var copy = twice
    copy[copy.count - 2] = 0x61
    copy[copy.count - 1] = 0x62
    #expect(
      try validationMessage(vocabulary(copy))
        == "vocabulary: \"ab\" is both token 5 (line 6) and token 6 (line 7)")
  }

  @Test func everyTruncation() throws {
    let whole = try section(["猫", "##ab"])
    for length in 0..<whole.count {
      #expect(
        openingMessage(Array(whole.prefix(length)))
          == "vocabulary section: \(length < 64 ? 64 : whole.count) bytes expected, "
          + "found \(length) (truncated?)")
    }
    #expect(openingMessage(whole + [0]).hasSuffix("found \(whole.count + 1) (truncated?)"))
  }

  /// No change of one byte makes a look-up trap.
  ///
  /// What still passes `validate()` is the canonical section of other tokens, which only a checksum
  /// could tell.
  @Test func everyChangeOfOneByte() throws {
    let whole = try section(["猫", "##ab", "a"])
    for offset in whole.indices {
      for change in 1...255 as ClosedRange<UInt8> {
        var bytes = whole
        bytes[offset] ^= change
        guard let changed = try? vocabulary(bytes) else { continue }
        _ = BertTokenizer(vocabulary: changed).encode("猫aab[MASK]a 猫ab", maximumLength: 20)
        for id in -1...Int32(changed.count) { _ = changed.token(id) }
        if validationMessage(changed) != "no error" { continue }
        let tokens = (0..<Int32(changed.count)).map { changed.token($0) ?? "" }
        #expect(tokens.first == "[PAD]")
        let text = [UInt8](tokens.joined(separator: "\n").utf8)
        #expect(try VocabularyBuilder.build(text: text) == bytes)
        #expect(offset >= whole.count - 9, "only bytes of the last three tokens may differ")
      }
    }
  }

  /// A table without a free slot, and entries that lead nowhere: look-ups end.
  @Test func hostileTables() throws {
    let whole = try section(["猫"])
    let table = 64 + 4 * 7
    for value in [1, 6, 7, 0xFF] as [UInt8] {
      var bytes = whole
      for offset in table..<table + 64 where value == 0xFF || offset % 4 == 0 {
        bytes[offset] = value
      }
      let changed = try vocabulary(bytes)
      #expect(changed.id(of: "x") == nil)
      #expect(changed.id(of: "猫") == (value == 6 ? 5 : nil))
    }
    var bytes = whole
    for offset in 64..<table { bytes[offset] = 0xFF }
    let changed = try vocabulary(bytes)
    #expect(changed.id(of: "猫") == nil)
    #expect(changed.token(0) == nil)
    #expect(BertTokenizer(vocabulary: changed).encode("猫") == [2, 1, 3])
    bytes = whole
    for offset in 16..<20 { bytes[offset] = 0xFF }
    #expect(BertTokenizer(vocabulary: try vocabulary(bytes)).encode("猫") == [2, 5, 3])
    for offset in 16..<20 { bytes[offset] = 0 }
    #expect(BertTokenizer(vocabulary: try vocabulary(bytes)).encode("猫") == [2, 1, 3])
  }

  /// A continuation is not found where the table leads to a token that only ends like it.
  @Test func continuationOfAnotherBeginning() throws {
    var bytes = try section(["xya"])
    let table = 64 + 4 * 7
    // Every slot leads to token 5.
    for offset in table..<table + 64 { bytes[offset] = offset % 4 == 0 ? 6 : 0 }
    let changed = try vocabulary(bytes)
    #expect(BertTokenizer(vocabulary: changed).encode("xya") == [2, 5, 3])
    #expect(BertTokenizer(vocabulary: changed).encode("xyaa") == [2, 1, 3])
  }

  /// A token that begins another one in the same slot is no twin of it.
  @Test func beginningInTheSameSlot() throws {
    func slot(_ token: String) -> UInt32 { TokenHash(bytes: [UInt8](token.utf8)).value & 15 }
    let longer = try #require(
      (0x61...0x7A as ClosedRange<UInt8>).map { "ab" + String(UnicodeScalar($0)) }.first {
        slot($0) == slot("ab")
      })
    let found = try vocabulary(longer, "ab")
    try found.validate()
    #expect(found.id(of: longer) == 5)
    #expect(found.id(of: "ab") == 6)
  }

  private func openingMessage(_ bytes: [UInt8]) -> String {
    do {
      _ = try vocabulary(bytes)
      return "no error"
    } catch let error as VocabularyError {
      return error.description
    } catch { return "another error" }
  }

  private func validationMessage(_ vocabulary: Vocabulary) -> String {
    do throws(VocabularyError) {
      try vocabulary.validate()
      return "no error"
    } catch { return error.description }
  }
}
