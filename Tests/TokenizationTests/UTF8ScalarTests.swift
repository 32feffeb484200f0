import Testing
import Tokenization

@Suite("UTF8Scalar")
struct UTF8ScalarTests {
  /// Every 13th scalar is written as Swift writes it, and read back.
  @Test func roundTrip() {
    var failures = 0
    for value in stride(from: UInt32(0), to: 0x11_0000, by: 13) {
      guard let scalar = Unicode.Scalar(value) else { continue }
      var bytes: [UInt8] = []
      UTF8Scalar.append(value, to: &bytes)
      let decoded = UTF8Scalar.decode(bytes, at: 0)
      if bytes != [UInt8](String(scalar).utf8) || decoded?.scalar != value { failures += 1 }
      if decoded?.length != bytes.count { failures += 1 }
    }
    #expect(failures == 0)
  }

  /// Agrees with Swift's decoder on all sequences of up to three bytes from a telling set.
  @Test func wellFormedness() {
    let bytes: [UInt8] = [
      0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1,
      0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
    ]
    func check(_ text: [UInt8]) {
      let expected = String(validating: text, as: UTF8.self) != nil
      #expect(UTF8Scalar.isWellFormed(text, in: 0..<text.count) == expected, "\(text)")
    }
    for first in bytes {
      check([first])
      for second in bytes {
        check([first, second])
        for third in bytes { check([first, second, third]) }
        if first >= 0xF0 {
          for third in [0x7F, 0x80, 0xBF, 0xC0] as [UInt8] { check([first, second, third, 0xBF]) }
        }
      }
    }
  }

  @Test func scalarAcrossTheEndOfTheRange() {
    #expect(!UTF8Scalar.isWellFormed([0x61, 0xC3, 0xA9], in: 0..<2))
    #expect(UTF8Scalar.isWellFormed([0x61, 0xC3, 0xA9], in: 0..<1))
    #expect(UTF8Scalar.isWellFormed([0x61, 0xC3, 0xA9], in: 1..<3))
  }
}
