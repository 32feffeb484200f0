import Foundation
import TensorCore
import TestSupport
import Testing
import ToolSupport

/// Files that are cut short while they are mapped.
@Suite struct CutShortTests {
  @Test func endsWithASentence() async throws {
    let result = await #expect(
      processExitsWith: .exitCode(1), observing: [\.standardErrorContent]
    ) {
      try Fixture.withFolder { folder in
        let path = folder + "/model.tcm"
        try Data(count: 1 << 20).write(to: URL(fileURLWithPath: path))
        let memory = try InputFile(path: path).map()
        try Tool.run { _ in
          #expect(unsafe truncate(path, 0) == 0)
          let sum = memory.block(at: 0, count: 1 << 20, of: UInt8.self).array.count { $0 == 0 }
          Issue.record("read \(sum)")
        }
      }
    }
    #expect(
      String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
        == "error: a file that is being read was cut short, or its disk failed\n")
  }
}
