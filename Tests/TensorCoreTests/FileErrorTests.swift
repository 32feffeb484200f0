import TensorCore
import Testing

@Suite struct FileErrorTests {
  @Test func printableText() {
    #expect(printable("encoder.layer.0 权重") == "encoder.layer.0 权重")
    #expect(printable("") == "")
    #expect(printable("a\nb\u{1B}[31m\u{7F}\u{9F}") == "a\\u{a}b\\u{1b}[31m\\u{7f}\\u{9f}")
    #expect(printable("\u{202E}x\u{2066}\u{2069}") == "\\u{202e}x\\u{2066}\\u{2069}")
    #expect(printable("\u{2028}\u{2029}") == "\\u{2028}\\u{2029}")
    #expect(printable("\u{A0}\u{2027}\u{202F}") == "\u{A0}\u{2027}\u{202F}")
  }

  @Test func longText() {
    let text = String(repeating: "x", count: 200)
    #expect(printable(text) == text)
    #expect(printable(text + "y") == text + "…")
    let lines = String(repeating: "\n", count: 900)
    #expect(printable(lines) == String(repeating: "\\u{a}", count: 200) + "…")
  }

  @Test func sentences() {
    let error = SystemError(code: 5)
    #expect(error.description == "Input/output error")
    #expect(SystemError(code: 12345).description == "unknown error")
    #expect(
      FileError.cannotRead(path: "a/b", error).description
        == "a/b: cannot read: Input/output error")
  }
}
