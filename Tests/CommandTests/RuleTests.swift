import Foundation
import TestSupport
import Testing

/// `Fixtures/tcm`: valid files, and for each rule of the format one that breaks it and nothing else.
@Suite struct RuleTests {
  static let folder = Fixture.path("tcm")
  static let rules = Result {
    try JSONDecoder().decode(
      [String: String].self, from: Data(contentsOf: URL(fileURLWithPath: folder + "/rules.json")))
  }

  /// Sentences that say the matter instead of the rule's number.
  static let sentences = [
    "2.1": "not a .tcm file", "2.2": "needs a reader of version 3, this one reads up to 2",
    "2.6": "the header is damaged: its CRC-32C is ", "2.7": " bytes expected, found ",
    "2.8": "the manifest is damaged: its CRC-32C is ",
    "4.10": "the section image is damaged: its CRC-32C is ",
    "6.10": " is missing",
  ]

  @Test func invalidFiles() throws {
    let rules = try Self.rules.get()
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder + "/invalid")
    #expect(names.sorted() == rules.keys.sorted())
    for (name, rule) in rules {
      let path = Self.folder + "/invalid/" + name
      let outcome = try Command.run("taiyi-convert", ["check", path])
      #expect(outcome.status == 1, "\(name)")
      #expect(outcome.output == "", "\(name)")
      #expect(outcome.errors.hasPrefix("error: \(path): "), "\(name): \(outcome.errors)")
      let says =
        outcome.errors.contains("(rule \(rule))")
        || Self.sentences[rule].map(outcome.errors.contains) ?? false
      #expect(says, "\(name): \(outcome.errors)")
    }
  }

  @Test func validFiles() throws {
    for name in try FileManager.default.contentsOfDirectory(atPath: Self.folder + "/valid") {
      let outcome = try Command.run("taiyi-convert", ["check", Self.folder + "/valid/" + name])
      #expect(outcome.status == 0, "\(name): \(outcome.errors)")
    }
  }

  /// A file of a newer writer opens and runs; `check` says that bits may differ.
  @Test func newerNumerics() throws {
    let path = Self.folder + "/valid/newer-write-version.tcm"
    let outcome = try Command.run("taiyi-convert", ["check", path])
    #expect(
      outcome.errors
        == "\(path): made under numerics version 9, this tool computes with version 1; "
        + "last bits may differ\n")
  }
}
