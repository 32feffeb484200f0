import Foundation
import TestSupport
import Testing

/// The smallest valid `.tcm` file with every damage: `check` finds all of it.
@Suite struct TCMDamageTests {
  /// The section of this sample begins at 65,536; between the header and it there are zeros.
  static let sample = "tcm/valid/labels-alone.tcm"
  private static let parts = 8

  /// All bits of the padding take minutes in a debug build; without this variable one bit of each byte is changed.
  private static let isExhaustive =
    ProcessInfo.processInfo.environment["TAIYI_EXHAUSTIVE"] != nil

  private func withFile(_ body: (DamagedFile, [UInt8]) throws -> Void) throws {
    let bytes = try Fixture.bytes(Fixture.path(Self.sample))
    try Fixture.withFolder { folder in
      try body(DamagedFile(bytes, at: folder + "/x.tcm"), bytes)
    }
  }

  private func isFound(_ path: String) -> Bool {
    do {
      try Outcome.check(path)
      return false
    } catch { return true }
  }

  @Test func truncations() throws {
    try withFile { file, bytes in
      #expect(!isFound(file.path))
      for count in bytes.indices.reversed() {
        try file.truncate(to: count)
        if !isFound(file.path) { Issue.record("\(count) bytes") }
      }
    }
  }

  @Test("Header, sections and manifest: every bit", arguments: 0..<parts)
  func flips(_ part: Int) throws {
    try withFile { file, bytes in
      for index in Array(0..<64) + Array(65_536..<bytes.count) where index % Self.parts == part {
        try flip(file, bytes, index, bits: 0..<8)
      }
      #expect(!isFound(file.path))
    }
  }

  @Test("Padding: a bit of every byte, or every bit", arguments: 0..<parts)
  func padding(_ part: Int) throws {
    try withFile { file, bytes in
      for index in 64..<65_536 where index % Self.parts == part {
        let bit = index / Self.parts % 8
        try flip(file, bytes, index, bits: Self.isExhaustive ? 0..<8 : bit..<bit + 1)
      }
    }
  }

  private func flip(
    _ file: DamagedFile, _ bytes: [UInt8], _ index: Int, bits: Range<Int>
  ) throws {
    for bit in bits {
      try file.write(bytes[index] ^ 1 << UInt8(bit), at: index)
      if !isFound(file.path) { Issue.record("byte \(index), bit \(bit)") }
    }
    try file.write(bytes[index], at: index)
  }
}
