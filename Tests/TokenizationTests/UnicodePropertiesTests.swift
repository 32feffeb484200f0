import Testing
import Tokenization

@Suite("UnicodeProperties")
struct UnicodePropertiesTests {
  /// Kind, combining class and lower case of every scalar have the checksum Python finds.
  @Test func everyScalar() throws {
    var checksum = CRC32()
    for scalar in 0..<0x11_0000 as Range<UInt32> where !(0xD800...0xDFFF).contains(scalar) {
      let properties = UnicodeProperties(scalar)
      let lower = UInt32(bitPattern: Int32(bitPattern: scalar) + properties.lowercaseOffset)
      checksum.combine(properties.kind.rawValue)
      checksum.combine(properties.combiningClass)
      for shift in [0, 8, 16, 24] as [UInt32] {
        checksum.combine(UInt8(truncatingIfNeeded: lower >> shift))
      }
    }
    #expect(checksum.value == (try Expected.load().unicode.crc32))
  }

  @Test func beyondUnicode() {
    #expect(UnicodeProperties(0x11_0000).kind == .dropped)
    #expect(UnicodeProperties(.max).kind == .dropped)
    #expect(UnicodeProperties(0xD800).kind == .dropped)
  }
}
