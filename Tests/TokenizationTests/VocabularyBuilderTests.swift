import TestSupport
import Testing
import Tokenization

@Suite("VocabularyBuilder")
struct VocabularyBuilderTests {
  private static let specials = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]"

  private func build(_ text: String) throws(VocabularyError) -> [UInt8] {
    try VocabularyBuilder.build(text: [UInt8](text.utf8))
  }

  private func message(_ text: [UInt8]) -> String {
    do throws(VocabularyError) {
      _ = try VocabularyBuilder.build(text: text)
      return "no error"
    } catch { return error.description }
  }

  private func message(_ text: String) -> String { message([UInt8](text.utf8)) }

  /// The bytes of Formats/vocabulary.md's example, as a second implementation wrote them.
  @Test func sectionsOfTheOtherWriter() throws {
    let expected = try Expected.load()
    let small = try build(expected.small.tokens.joined(separator: "\n") + "\n")
    let digits = Array("0123456789abcdef")
    let hex = small.map { "\(digits[Int($0 >> 4)])\(digits[Int($0 & 15)])" }.joined()
    #expect(hex == expected.small.hex)

    let own = try VocabularyBuilder.build(text: Fixture.bytes(Fixture.path("tokenizer/vocab.txt")))
    var checksum = CRC32()
    for byte in own { checksum.combine(byte) }
    #expect(own.count == expected.vocab.byteCount)
    #expect(checksum.value == expected.vocab.crc32)
  }

  /// The dump in the specification is what the builder writes.
  @Test func exampleOfTheSpecification() throws {
    let path = Fixture.root + "/Formats/vocabulary.md"
    let document = String(decoding: try Fixture.bytes(path), as: UTF8.self)
    var dump: [UInt8] = []
    for line in document.split(separator: "\n") {
      let offset = line.prefix(8)
      if offset.count < 8 || Int(offset, radix: 16) != dump.count { continue }
      let columns = line.dropFirst(10).prefix(47).split(separator: " ")
      dump += columns.compactMap { UInt8($0, radix: 16) }
    }
    #expect(dump == (try build(Self.specials + "\n##猫")))
  }

  @Test func lineEnds() throws {
    let plain = try build(Self.specials + "\na\nb")
    #expect(try build(Self.specials + "\na\nb\n") == plain)
    let crlf = Self.specials.split(separator: "\n").joined(separator: "\r\n")
    #expect(try build(crlf + "\r\na\r\nb\r\n") == plain)
    #expect(try build(crlf + "\r\na\r\nb") == plain)
    // An empty line is a token of its own.
    #expect(try vocabulary(build(Self.specials + "\n\na\n")).id(of: "a") == 6)
    #expect(try vocabulary(build(Self.specials + "\n\n")).count == 6)
  }

  @Test func onlyLineFeedsEndLines() throws {
    let found = try vocabulary(build(Self.specials + "\n\u{2028}\n\u{85}\n\u{0B}x\nb\n"))
    #expect(found.count == 9)
    #expect(found.id(of: "\u{2028}") == 5)
    #expect(found.id(of: "b") == 8)
  }

  @Test func errors() {
    let specials = Self.specials
    #expect(message("") == "vocabulary: there are no tokens")
    #expect(message("\n") == "vocabulary: the special token [PAD] is missing")
    #expect(
      message("[PAD]\n[UNK]\n[CLS]\n[SEP]\na")
        == "vocabulary: the special token [MASK] is missing")
    #expect(
      message("[PAD]\n[CLS]\n[SEP]\n[MASK]") == "vocabulary: the special token [UNK] is missing")
    #expect(
      message(specials + "\n猫\na\n猫\n")
        == "vocabulary: \"猫\" is both token 5 (line 6) and token 7 (line 8)")
    #expect(
      message(specials + "\n\n\n")
        == "vocabulary: \"\" is both token 5 (line 6) and token 6 (line 7)")
    #expect(
      message([UInt8](specials.utf8) + [0x0A, 0x61, 0x0A, 0xE7, 0x8C, 0x0A])
        == "vocabulary: token 6 (line 7) is not valid UTF-8")
    #expect(
      message("[PAD]\r\n[UNK]\n")
        == "vocabulary: token 0 (line 1) holds a line break (mixed line endings?)")
    #expect(
      message(specials + "\na\rb\n")
        == "vocabulary: token 5 (line 6) holds a line break (mixed line endings?)")
  }

  @Test func limits() {
    let many = [UInt8](repeating: 0x0A, count: 1_000_001)
    #expect(message(many) == "vocabulary: 1000001 tokens, at most 1000000 are allowed")
    let long = [UInt8](repeating: 0x61, count: (16 << 20) + 1)
    #expect(message(long) == "vocabulary: 16777217 bytes of tokens, at most 16777216 are allowed")
  }

  /// 129 further tokens that all want one slot of 512, with no special token in the way.
  @Test func collisions() throws {
    func slot(_ token: some StringProtocol) -> UInt32 {
      TokenHash(bytes: [UInt8](token.utf8)).value & 511
    }
    let taken = Self.specials.split(separator: "\n").map { slot($0) }
    let home = try #require(
      (0..<383 as Range<UInt32>).first { home in
        !taken.contains { (home...home + 128).contains($0) }
      })
    var tokens: [String] = []
    var number = 0
    while tokens.count < 129 {
      if slot("t\(number)") == home { tokens.append("t\(number)") }
      number += 1
    }
    let last = tokens.removeLast()
    let fitting = Self.specials + "\n" + tokens.joined(separator: "\n")
    #expect(message(fitting) == "no error")
    #expect(
      message(fitting + "\n" + last)
        == "vocabulary: \"\(last)\" finds no slot within 128 of its place in the hash table")
  }
}
