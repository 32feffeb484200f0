import TestSupport
import Testing
import Tokenization

@Suite("Normalizer against Python's unicodedata")
struct NormalizerTests {
  private func normalized(_ text: String, _ form: Normalizer.Form) -> [UInt32] {
    var normalizer = Normalizer(form: form)
    var result: [UInt32] = []
    for scalar in text.unicodeScalars {
      normalizer.append(scalar.value, UnicodeProperties(scalar.value), to: &result)
    }
    normalizer.finish(into: &result)
    return result
  }

  /// Every scalar that has a decomposition but for most of Hangul, alone and composed again, and
  /// random runs of marks.
  @Test func rowsOfUnicodedata() throws {
    let all: [NormalizationRow] = try rows(Fixture.path("tokenizer/normalization.jsonl"))
    #expect(all.count > 100)
    for row in all {
      #expect(normalized(row.text, .composed) == row.nfc.unicodeScalars.map(\.value))
      #expect(normalized(row.text, .stripped) == row.stripped.unicodeScalars.map(\.value))
    }
  }

  @Test func hangul() {
    var syllable: UInt32 = 0xAC00
    for lead in 0x1100...0x1112 as ClosedRange<UInt32> {
      for vowel in 0x1161...0x1175 as ClosedRange<UInt32> {
        for trail in [0] + (0x11A8...0x11C2) as [UInt32] {
          let jamo = CanonicalMappings.jamo(of: syllable)
          #expect(jamo == (lead, vowel, trail))
          syllable += 1
        }
      }
    }
    #expect(syllable == 0xD7A4)
    #expect(CanonicalMappings.composition(of: 0x1100, 0x1161) == 0xAC00)
    #expect(CanonicalMappings.composition(of: 0xAC00, 0x11A8) == 0xAC01)
    #expect(CanonicalMappings.composition(of: 0xAC00, 0x11A7) == nil)
    #expect(CanonicalMappings.composition(of: 0xAC01, 0x11A8) == nil)
    #expect(CanonicalMappings.composition(of: 0x1100, 0x1176) == nil)
  }
}
