import ImageInput
import TensorCore
import TestSupport
import Testing

/// Small pictures with every damage: they are refused or decoded, and nothing else happens.
@Suite struct ImageDamageTests {
  static let samples = [
    "images/good/small.jpg", "images/good/many-scans.jpg", "hostile/jpeg/ok-restarts.jpg",
    "images/good/small.png", "images/good/palette-1-interlaced.png",
    "hostile/png/ok-palette.png",
  ]

  /// The case of the error, or "ok".
  private func outcome(_ bytes: [UInt8]) throws -> String {
    do {
      // A changed size must not make this test allocate what the limit allows.
      let limits = ImageLimits(pixels: 100_000)
      _ = try ImageDecoder.decode(MutableBlock(copying: bytes).readOnly, name: "x", limits: limits)
      return "ok"
    } catch let error as ImageError { return errorKind(error) }
  }

  @Test(arguments: samples)
  func truncations(_ sample: String) throws {
    let damage = Damage(sample: try Fixture.bytes(Fixture.path(sample)))
    #expect(try outcome(damage.sample) == "ok")
    try damage.forEachTruncation { bytes in
      if bytes.isEmpty { return }
      if try outcome(bytes) == "ok" { Issue.record("\(bytes.count) bytes") }
    }
  }

  /// Every chunk of a PNG has a checksum; a JPEG has none, so another picture may come of it.
  @Test(arguments: samples)
  func flips(_ sample: String) throws {
    let damage = Damage(sample: try Fixture.bytes(Fixture.path(sample)))
    let isPNG = sample.hasSuffix(".png")
    try damage.forEachFlip { byte, bit, bytes in
      if try outcome(bytes) == "ok", isPNG { Issue.record("byte \(byte), bit \(bit)") }
    }
  }
}
