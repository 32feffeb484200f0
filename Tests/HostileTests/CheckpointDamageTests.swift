import Foundation
import TestSupport
import Testing

/// One small checkpoint of each format with every damage: it is refused or read, and nothing else happens.
@Suite struct CheckpointDamageTests {
  static let samples = [
    "hostile/safetensors/ok-types.safetensors", "hostile/safetensors/ok-unaligned.safetensors",
    "hostile/zip/ok-zip64.bin", "hostile/zip/ok-descriptors.bin", "hostile/pickle/ok-v3.bin",
    "hostile/pickle/ok-ordered.bin", "hostile/legacy/two.pt",
  ]

  private func withFile(_ sample: String, _ body: (DamagedFile, [UInt8]) throws -> Void) throws {
    let bytes = try Fixture.bytes(Fixture.path(sample))
    try Fixture.withFolder { folder in
      let name = URL(fileURLWithPath: sample).lastPathComponent
      try body(DamagedFile(bytes, at: folder + "/" + name), bytes)
    }
  }

  @Test(arguments: samples)
  func truncations(_ sample: String) throws {
    try withFile(sample) { file, bytes in
      #expect(Outcome.reading(file.path) == "ok")
      for count in bytes.indices.reversed() {
        try file.truncate(to: count)
        // Sizes are checked against the file's, so no part of one is taken for the whole.
        if Outcome.reading(file.path) == "ok" { Issue.record("\(count) bytes") }
      }
    }
  }

  /// A changed bit of a weight or a name may go unnoticed in formats without checksums.
  @Test(arguments: samples)
  func flips(_ sample: String) throws {
    try withFile(sample) { file, bytes in
      for index in bytes.indices {
        for bit in 0..<8 {
          try file.write(bytes[index] ^ 1 << UInt8(bit), at: index)
          _ = Outcome.reading(file.path)
        }
        try file.write(bytes[index], at: index)
      }
      #expect(Outcome.reading(file.path) == "ok")
    }
  }
}
