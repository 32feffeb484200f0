import TCMFormat
import TCMWriter
import TensorCore
import Testing

/// Section 3 of `Formats/tcm.md`.
@Suite struct ManifestTests {
  let sample: SampleFile
  let encoded: [UInt8]

  init() throws {
    sample = try SampleFile.full()
    encoded = sample.manifest.encoded
  }

  /// What is said about the sample with more protobuf fields after its own.
  private func refusal(adding build: (inout ProtobufEncoder) -> Void) throws -> String {
    var more = ProtobufEncoder()
    build(&more)
    return try TCMFormatTests.refusal(of: sample.with(manifest: encoded + more.bytes))
  }

  @Test func decodingGivesWhatWasEncoded() throws {
    #expect(try Manifest(decoding: encoded, path: "") == sample.manifest)
    var stamped = sample.manifest
    stamped.report = Report(identity: stamped.identity, numericsVersion: 1, text: Array("{}".utf8))
    #expect(try Manifest(decoding: stamped.encoded, path: "") == stamped)
    let bare = try SampleFile.small().manifest
    #expect(try Manifest(decoding: bare.encoded, path: "") == bare)
  }

  @Test func notAMessage() throws {
    let sentence = "PATH: manifest: not a valid protobuf message (rule 3.1)"
    let broken: [[UInt8]] = [
      [0xFF], [0x0A, 0x7F], [0x00, 0x00], [0x0B, 0x0C],
      [UInt8](repeating: 0x80, count: 11), Array(encoded.dropLast()), encoded + [0x12, 0x02, 0x08],
    ]
    for bytes in broken {
      #expect(try TCMFormatTests.refusal(of: sample.with(manifest: bytes)) == sentence)
    }
    // A required field that is not there.
    for bytes in [[0x35, 0, 0, 0x80, 0x3F], [0x3A, 0]] as [[UInt8]] {
      #expect(try TCMFormatTests.refusal(of: sample.with(manifest: bytes)) == sentence)
    }
  }

  @Test func nestingHasNoDepth() throws {
    // 100,000 groups, one in the other, and as many messages of an unknown field.
    let groups = [UInt8](repeating: 0x7B, count: 100_000)
    #expect(
      try TCMFormatTests.refusal(of: sample.with(manifest: encoded + groups))
        == "PATH: manifest: not a valid protobuf message (rule 3.1)")
    var message: [UInt8] = []
    for _ in 0..<1_000 {
      var outer = ProtobufEncoder()
      outer.add(99, bytes: message)
      message = outer.bytes
    }
    #expect(try TCMFormatTests.refusal(of: sample.with(manifest: encoded + message)) == "opened")
  }

  @Test func unknownFieldsAreSkipped() throws {
    #expect(
      try refusal {
        $0.add(99, string: "of a later version")
        $0.add(1_000, varint: .max)
        $0.add(1_001, fixed64: 1)
        $0.add(1_002, fixed32: 1)
      } == "opened")
  }

  @Test func checksumsOfSources() throws {
    let bytes = sample.changing { $0.provenance.sources[0].sha256.removeLast() }
    #expect(
      try TCMFormatTests.refusal(of: bytes)
        == "PATH: a.safetensors: a SHA-256 has 32 bytes, found 31 (rule 3.2)")
  }

  @Test func strings() throws {
    let changes: [(String, (inout Manifest) -> Void)] = [
      ("the tool's name", { $0.provenance.tool = "a\0b" }),
      ("the recipe's name", { $0.provenance.recipe = "\0" }),
      ("a source's name", { $0.provenance.sources[0].name += "\0" }),
      ("an assumption", { $0.provenance.assumptions[0] = "\0" }),
      ("a section's name", { $0.sections[1].name += "\0x" }),
      ("a tensor's name", { $0.tensors[3].name += "\0x" }),
      ("the text tower's family", { $0.text?.family = "\0" }),
      ("the image tower's family", { $0.image?.family = "\0" }),
    ]
    for (what, change) in changes {
      #expect(
        try TCMFormatTests.refusal(of: sample.changing(change))
          == "PATH: manifest: \(what) is not UTF-8 without NUL (rule 3.3)")
    }
    let illFormed: [[UInt8]] = [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE7, 0x8C]]
    for bytes in illFormed {
      #expect(
        try refusal {
          $0.add(1) {
            $0.add(1, string: "tool")
            $0.add(2, string: "recipe")
            $0.add(4, bytes: bytes)
          }
        } == "PATH: manifest: an assumption is not UTF-8 without NUL (rule 3.3)")
    }
    let longest = String(repeating: "x", count: 4_096)
    #expect(
      try TCMFormatTests.refusal(of: sample.changing { $0.provenance.tool = longest }) == "opened")
    #expect(
      try TCMFormatTests.refusal(of: sample.changing { $0.provenance.tool = longest + "x" })
        == "PATH: manifest: the tool's name has 4097 bytes, at most 4096 (rule 3.3)")
  }

  @Test func hugeNumbers() throws {
    let number = "9223372036854775808, at most 9223372036854775807 (rule 3.4)"
    #expect(
      try refusal { addSection(&$0, offset: 1 << 63, length: 1) }
        == "PATH: s: an offset or size of " + number)
    #expect(
      try refusal { addSection(&$0, offset: 0, length: 1 << 63) }
        == "PATH: s: an offset or size of " + number)
    for (offset, length) in [(1 << 63, 1), (1, 1 << 63)] as [(UInt64, UInt64)] {
      #expect(
        try refusal { addTensor(&$0, offset: offset, length: length) }
          == "PATH: t: an offset or size of " + number)
    }
    #expect(
      try refusal {
        $0.add(1) {
          $0.add(1, string: "tool")
          $0.add(2, string: "recipe")
          $0.add(3) {
            $0.add(1, string: "big")
            $0.add(2, fixed64: 1 << 63)
            $0.add(3, bytes: [UInt8](repeating: 0, count: 32))
          }
        }
      } == "PATH: big: an offset or size of " + number)
  }

  @Test func memoryForDecoding() throws {
    // Empty strings take two bytes in the file and many times that in memory.
    let flood = [UInt8]([0x22, 0x00]) * 140_000
    var more = ProtobufEncoder()
    more.add(1, bytes: [0x0A, 0x00, 0x12, 0x00] + flood)
    let bytes = encoded + more.bytes
    #expect(
      try TCMFormatTests.refusal(of: sample.with(manifest: bytes))
        == "PATH: manifest: takes more than 8388608 bytes to decode (rule 3.5)")
    // Each repetition of an optional message is merged with all before it, which would take quadratic time.
    let merged = encoded + [UInt8]([0x0A, 0x06, 0x0A, 0x00, 0x12, 0x00, 0x22, 0x00]) * 500_000
    #expect(
      try TCMFormatTests.refusal(of: sample.with(manifest: merged))
        == "PATH: manifest: takes more than \(65_536 + 16 * merged.count) bytes to decode (rule 3.5)"
    )
  }

  /// The largest manifest that counts allow takes less memory than it may.
  @Test func manyTensorsFitTheBudget() throws {
    var manifest = sample.manifest
    manifest.tensors = (0..<60_000).map {
      TensorRecord(
        name: "\($0)", encoding: .float32, shape: [1],
        parts: [TensorRecord.Part(role: .values, offset: $0, byteCount: 4)])
    }
    let bytes = manifest.encoded
    #expect(bytes.count < TCMLayout.manifestLimit)
    #expect(try Manifest(decoding: bytes, path: "").tensors.count == 60_000)
  }

  @Test func unknownKinds() throws {
    #expect(
      try refusal { addSection(&$0, kind: 3) } == "PATH: s: unknown section kind 3 (rule 3.6)")
    #expect(
      try refusal { addTensor(&$0, encoding: 6) } == "PATH: t: unknown encoding 6 (rule 3.6)")
    #expect(
      try refusal { addTensor(&$0, encoding: .max) }
        == "PATH: t: unknown encoding 4294967295 (rule 3.6)")
    #expect(try refusal { addTensor(&$0, role: 6) } == "PATH: t: unknown part role 6 (rule 3.6)")
    // A later field of a message replaces the one before.
    for (tower, field, what) in [
      (4, 9, "text tower: unknown activation"), (4, 10, "text tower: unknown pooling"),
      (5, 9, "image tower: unknown activation"), (5, 11, "image tower: unknown resize mode"),
    ] {
      let record = try #require(tower == 4 ? towerBytes(4) : towerBytes(5))
      #expect(
        try refusal {
          $0.add(tower) { $0.append(record, field, varint: 77) }
        } == "PATH: \(what) 77 (rule 3.6)")
    }
  }

  private func addSection(
    _ message: inout ProtobufEncoder, kind: UInt64 = 1, offset: UInt64 = 0, length: UInt64 = 1
  ) {
    message.add(2) {
      $0.add(1, varint: kind)
      $0.add(2, string: "s")
      $0.add(3, fixed64: offset)
      $0.add(4, fixed64: length)
      $0.add(5, fixed32: 0)
    }
  }

  private func addTensor(
    _ message: inout ProtobufEncoder, encoding: UInt64 = 1, role: UInt64 = 1, offset: UInt64 = 0,
    length: UInt64 = 4
  ) {
    message.add(3) {
      $0.add(1, string: "t")
      $0.add(2, varint: encoding)
      $0.add(3, varint: 1)
      $0.add(4) {
        $0.add(1, varint: role)
        $0.add(2, fixed64: offset)
        $0.add(3, fixed64: length)
      }
    }
  }

  /// The bytes of a tower's message in the sample's manifest.
  private func towerBytes(_ field: UInt8) -> [UInt8]? {
    // Both towers' messages are shorter than 128 bytes, so their length is one byte.
    let family = Array((field == 4 ? SampleFile.text.family : SampleFile.image.family).utf8)
    let start = [field << 3 | 2]
    for index in encoded.indices.dropLast(4 + family.count) where encoded[index] == start[0] {
      let name = index + 4..<index + 4 + family.count
      if encoded[index + 2] == 0x0A, Array(encoded[name]) == family {
        return Array(encoded[index + 2..<index + 2 + Int(encoded[index + 1])])
      }
    }
    return nil
  }
}

extension ProtobufEncoder {
  /// A message's fields, then one more.
  fileprivate mutating func append(_ fields: [UInt8], _ field: Int, varint value: UInt64) {
    self = ProtobufEncoder(bytes: fields)
    add(field, varint: value)
  }
}

private func * (bytes: [UInt8], count: Int) -> [UInt8] {
  Array(repeatElement(bytes, count: count).joined())
}
