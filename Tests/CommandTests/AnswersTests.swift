import Answers
import Notation
import TCMFormat
import TensorCore
import Testing

/// Answers about files that anybody may have made.
@Suite struct AnswersTests {
  @Test func numbersBeyondMeasure() {
    #expect(Amount.fixed(0.07, 4) == "0.0700")
    #expect(Amount.fixed(-1.5, 0) == "-2")
    #expect(Amount.fixed(.nan, 4) == "nan")
    #expect(Amount.fixed(-.infinity, 4) == "-inf")
    #expect(Amount.fixed(1e300, 2) == "1e+300")
    // Just below the bound, 9 · 10^15 once scaled.
    #expect(Amount.fixed(8e14, 1) == "800000000000000.0")
  }

  /// Cosines that are no numbers: rows of a bank are not looked at when it is opened.
  @Test func embeddingsThatAreNoNumbers() throws {
    let labels = try MutableBlock<Float>(copying: [.nan, 0, 3e38, 3e38, 1, 0]).readOnly
    let embedding = try MutableBlock<Float>(copying: [3, 4]).readOnly
    let answer = ClassificationAnswer(
      image: "x", embedding: embedding, names: ["a", "b", "c"], labels: labels, scale: 100)
    #expect(answer.lines(top: 3).count == 4)
    #expect(answer.json(top: 3).text.contains("null"))
  }

  /// A name with a line end would make a line that looks like an answer.
  @Test func namesStayInTheirLines() throws {
    let row = try MutableBlock<Float>(copying: [1]).readOnly
    let answer = ClassificationAnswer(
      image: "a\n  1.0000  狗", embedding: row, names: ["b\nc\u{200F}"], labels: row, scale: 1)
    #expect(
      answer.lines(top: 1) == [
        "a\\u{a}  1.0000  狗", "  1.0000  b\\u{a}c\\u{200f}  (cosine 1.0000)",
      ])
    #expect(answer.json(top: 1).text.contains("\"b\\nc\\u200f\""))
  }

  @Test func reportsThatExaggerate() {
    for (number, text) in [("1e300", "1e+300"), ("0.5", "0.5"), ("2", "2"), ("-1e18", "-1e+18")] {
      let json =
        "{\"datasets\":[{\"name\":\"x\"}],\"max_drop\":\(number),\"verdict\":\"held\"}"
      let report = Report(
        identity: [], numericsVersion: TCMLayout.numericsVersion, text: Array(json.utf8))
      #expect(
        StampText(report).lines.first
          == "verified: held, a drop of at most \(text) points; by an unknown tool")
    }
  }
}
