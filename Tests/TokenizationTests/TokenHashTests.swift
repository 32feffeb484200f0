import Testing
import Tokenization

@Suite("TokenHash")
struct TokenHashTests {
  /// The published test vectors of FNV-1a, 32 bits.
  @Test func vectors() {
    #expect(TokenHash().value == 0x811C_9DC5)
    #expect(TokenHash(bytes: [UInt8]("a".utf8)).value == 0xE40C_292C)
    #expect(TokenHash(bytes: [UInt8]("foobar".utf8)).value == 0xBF9C_F968)
  }

  @Test func continuation() {
    var hash = TokenHash.continuation
    hash.combine(0x61)
    #expect(hash == TokenHash(bytes: [UInt8]("##a".utf8)))
  }
}
