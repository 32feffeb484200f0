import Foundation
import TestSupport
import Testing

/// What `--help` says, kept as text files so that a change is seen.
@Suite struct HelpTests {
  /// With RECORD_SNAPSHOTS set, files are written and the run fails, so that nobody records by accident.
  @Test(arguments: [
    ["taiyi"], ["taiyi", "embed"], ["taiyi", "classify"], ["taiyi", "info"], ["taiyi", "tokenize"],
    ["taiyi", "preprocess"], ["taiyi-convert"], ["taiyi-convert", "convert"],
    ["taiyi-convert", "inspect"], ["taiyi-convert", "check"], ["taiyi-convert", "verify"],
    ["taiyi-convert", "labels"], ["taiyi-convert", "compare"], ["taiyi-convert", "tune"],
  ])
  func help(words: [String]) throws {
    let outcome = try Command.run(
      words[0], words.dropFirst() + ["--help"], environment: ["COLUMNS": "100"])
    #expect(outcome.status == 0)
    let path =
      Fixture.root + "/Tests/CommandTests/Snapshots/" + words.joined(separator: "-") + ".txt"
    if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] != nil {
      try outcome.output.write(toFile: path, atomically: true, encoding: .utf8)
      Issue.record("recorded \(path)")
      return
    }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == outcome.output)
  }
}
