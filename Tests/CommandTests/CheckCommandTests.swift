import Foundation
import TestSupport
import Testing

@Suite struct CheckCommandTests {
  /// A copy of the int8 model, changed.
  private func outcome(_ change: (inout [UInt8]) throws -> Void) throws -> (Command.Outcome, String)
  {
    try Fixture.withFolder { folder in
      var bytes = try Fixture.bytes(Models.int8.get())
      try change(&bytes)
      let path = folder + "/changed.tcm"
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      return (try Command.run("taiyi-convert", ["check", path]), path)
    }
  }

  @Test func goodFile() throws {
    let path = try Models.int8.get()
    let outcome = try Command.run("taiyi-convert", ["check", path])
    #expect(outcome == .init(status: 0, output: "\(path): ok, 63 tensors, 1.8 MB\n", errors: ""))
  }

  /// A flipped bit in the middle of every section.
  @Test func flippedBits() throws {
    let inspected = try Command.run("taiyi-convert", ["inspect", "--json", Models.int8.get()])
    let sections = try #require(try object(inspected.output)["sections"] as? [[String: Any]])
    #expect(sections.count == 9)
    for section in sections {
      let name = try #require(section["name"] as? String)
      let offset = try #require(section["offset"] as? Int)
      let count = try #require(section["bytes"] as? Int)
      let stored = try #require(section["crc32c"] as? String)
      let (outcome, path) = try outcome { $0[offset + count / 2] ^= 0x10 }
      #expect(outcome.status == 1)
      #expect(outcome.output == "")
      let prefix = "error: \(path): the section \(name) is damaged: its CRC-32C is 0x"
      #expect(outcome.errors.hasPrefix(prefix), "\(outcome.errors)")
      #expect(outcome.errors.hasSuffix(", expected 0x\(stored)\n"), "\(outcome.errors)")
    }
  }

  @Test func newerReadVersion() throws {
    let (outcome, path) = try outcome { bytes in
      bytes[8] = 3
      bytes[12] = 3
      let sum = crc32c(bytes[0..<60])
      for index in 0..<4 { bytes[60 + index] = UInt8(truncatingIfNeeded: sum >> (8 * index)) }
    }
    #expect(outcome.status == 1)
    #expect(
      outcome.errors
        == "error: \(path): needs a reader of version 3, this one reads up to 2\n")
  }

  @Test func truncated() throws {
    let (outcome, path) = try outcome { $0.removeLast(100) }
    #expect(outcome.status == 1)
    #expect(outcome.errors.hasPrefix("error: \(path): "))
    #expect(outcome.errors.split(separator: "\n").count == 1)
  }

  /// CRC-32C bit by bit, from its definition (RFC 3720, appendix B.4).
  private func crc32c(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    var crc = ~UInt32(0)
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
    }
    return ~crc
  }
}
