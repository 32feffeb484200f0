import TestSupport
import Testing

/// The same files in this process: which error is thrown, and that what opens can be read.
@Suite struct ErrorKindTests {
  @Test("Each file gives its error", arguments: HostileCase.files)
  func kind(_ item: HostileCase) throws {
    let path = Fixture.path("hostile/" + (try #require(item.file)))
    let found = Outcome(item.command.rawValue, path)
    if item.outcome == "refused" {
      #expect(found.kind != "ok")
    } else {
      #expect(found.kind == item.outcome, "\(found.sentence)")
    }
    if found.kind == "ok", item.command == .inspect {
      #expect(Outcome.reading(path) == item.read ?? "ok")
    }
  }
}
