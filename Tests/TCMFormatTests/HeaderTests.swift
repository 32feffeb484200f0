import TCMFormat
import TCMWriter
import Testing

/// Section 2 of `Formats/tcm.md`: one file for each way to break a rule.
@Suite struct HeaderTests {
  let sample: SampleFile

  init() throws { sample = try SampleFile.small() }

  @Test func theSampleIsValid() throws {
    #expect(try refusal(of: sample.bytes, checking: true) == "valid")
    #expect(try refusal(of: SampleFile.full().bytes, checking: true) == "valid")
  }

  @Test func somethingElse() throws {
    #expect(try refusal(of: []) == "PATH: the file is empty")
    #expect(try refusal(of: [0x89]) == "PATH: not a .tcm file")
    #expect(try refusal(of: Array("GGUF and something".utf8)) == "PATH: not a .tcm file")
    #expect(
      try refusal(of: Array(sample.bytes[..<63]))
        == "PATH: a .tcm file has at least 64 bytes, found 63 (truncated?)")
  }

  @Test func versions() throws {
    #expect(
      try refusal(
        of: sample.with(header: {
          $0.readVersion = 3
          $0.writeVersion = 3
        })) == "PATH: needs a reader of version 3, this one reads up to 2")
    #expect(try refusal(of: sample.with(header: { $0.writeVersion = 7 })) == "opened")
    #expect(try refusal(of: sample.with(header: { $0.numericsVersion = 9 })) == "opened")
    #expect(
      try refusal(of: sample.with(header: { $0.readVersion = 0 }))
        == "PATH: header: read version 0, write version 1 and numerics version 1 do not go together"
        + " (rule 2.2)")
    #expect(
      try refusal(of: sample.with(header: { $0.writeVersion = 0 }))
        == "PATH: header: read version 1, write version 0 and numerics version 1 do not go together"
        + " (rule 2.2)")
    #expect(
      try refusal(of: sample.with(header: { $0.numericsVersion = 0 }))
        == "PATH: header: read version 1, write version 1 and numerics version 0 do not go together"
        + " (rule 2.2)")
  }

  /// What version 2 added is refused in a file that says it is of version 1.
  @Test func additionsOfVersion2() throws {
    let full = try SampleFile.full()
    let changes: [(inout Manifest) -> Void] = [
      { $0.text?.pooling = .projection }, { $0.text?.masksPadding = true },
      { $0.text?.straightensQuotes = true },
    ]
    for change in changes {
      var manifest = full.manifest
      change(&manifest)
      #expect(
        try refusal(of: full.with(manifest: manifest.encoded))
          == "PATH: manifest: it has what read version 2 added, the header says 1 (rule 3.7)")
      let changed = full.changing(change)
      #expect(try refusal(of: changed) == "opened")
    }
  }

  @Test(arguments: Array(20..<24) + Array(52..<60))
  func reservedBytes(index: Int) throws {
    #expect(
      try refusal(of: sample.with(headerBytes: { $0[index] = 0x80 }))
        == "PATH: header: reserved byte \(index) is not zero (rule 2.3)")
  }

  @Test func placeOfTheManifest() throws {
    let sentence = "PATH: header: the manifest does not end the file (rule 2.4)"
    #expect(try refusal(of: sample.with(header: { $0.manifestOffset += 1 })) == sentence)
    #expect(try refusal(of: sample.with(header: { $0.manifestLength -= 1 })) == sentence)
    #expect(
      try refusal(
        of: sample.with(header: {
          $0.manifestLength = 1 << 63
          $0.manifestOffset = (1 << 63) + $0.fileLength
        })) == sentence)
    #expect(
      try refusal(
        of: sample.with(header: {
          $0.manifestOffset = 63
          $0.manifestLength = $0.fileLength - 63
        })) == sentence)
  }

  @Test func sizeOfTheManifest() throws {
    #expect(
      try refusal(
        of: sample.with(header: {
          $0.manifestOffset = $0.fileLength
          $0.manifestLength = 0
        })) == "PATH: header: a manifest has 1 to 4194304 bytes, found 0 (rule 2.5)")
    let long = [UInt8](repeating: 0, count: 4_194_305)
    #expect(
      try refusal(of: sample.with(manifest: long))
        == "PATH: header: a manifest has 1 to 4194304 bytes, found 4194305 (rule 2.5)")
    // One byte less is read, and then refused for what it is.
    #expect(
      try refusal(of: sample.with(manifest: Array(long[1...])))
        == "PATH: manifest: not a valid protobuf message (rule 3.1)")
  }

  @Test func damage() throws {
    var header = sample.bytes
    header[20] = 1
    #expect(
      try refusal(of: header)
        == "PATH: the header is damaged: its CRC-32C is \(hex(header[..<60])),"
        + " expected \(word(sample.bytes, 60))")
    var manifest = sample.bytes
    manifest[manifest.count - 1] ^= 1
    #expect(
      try refusal(of: manifest)
        == "PATH: the manifest is damaged: its CRC-32C is"
        + " \(hex(manifest[sample.manifestOffset...])), expected \(word(sample.bytes, 48))")
  }

  @Test func anotherLength() throws {
    let count = sample.bytes.count
    #expect(
      try refusal(of: sample.bytes.dropLast())
        == "PATH: \(count) bytes expected, found \(count - 1) (truncated?)")
    #expect(
      try refusal(of: sample.bytes + [0]) == "PATH: \(count) bytes expected, found \(count + 1)")
  }
}

/// A checksum as messages show it, computed bit by bit from the definition.
private func hex(_ bytes: some Sequence<UInt8>) -> String {
  text(crc32c(bytes))
}

/// The little-endian number in four bytes as messages show it.
private func word(_ bytes: [UInt8], _ offset: Int) -> String {
  text((0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << UInt32(8 * $1) })
}

private func text(_ value: UInt32) -> String {
  let digits = String(value, radix: 16)
  return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
}

/// CRC-32C as `Formats/tcm.md` §8 defines it.
func crc32c(_ bytes: some Sequence<UInt8>) -> UInt32 {
  var crc: UInt32 = 0xFFFF_FFFF
  for byte in bytes {
    crc ^= UInt32(byte)
    for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
  }
  return ~crc
}
