import Foundation
import TCMFormat
import TensorCore
import TestSupport
import Testing

/// Section 5 of `Formats/tcm.md`.
///
/// Tensors are, in this order: table, floats (in text.embeddings), panels, halves (in image.layers.0).
@Suite struct TensorTests {
  let sample: SampleFile

  init() throws { sample = try SampleFile.full() }

  private func refusal(_ change: (inout Manifest) -> Void) throws -> String {
    try TCMFormatTests.refusal(of: sample.changing(change))
  }

  private func check(
    _ tensor: String, _ role: TensorRecord.Role, at offset: Int, _ value: [UInt8]
  ) throws -> String {
    try TCMFormatTests.refusal(of: sample.with(tensor, role, at: offset, value), checking: true)
  }

  @Test func tooMany() throws {
    #expect(
      try refusal {
        $0.tensors = Array(
          repeating: TensorRecord(
            name: "x", encoding: .float32, shape: [1],
            parts: [TensorRecord.Part(role: .values, offset: 0, byteCount: 4)]),
          count: 100_001)
      } == "PATH: manifest: 100001 tensors, at most 100000 (rule 5.1)")
  }

  @Test(arguments: ["", " ", "naïve", "\u{1B}[31m", String(repeating: "x", count: 257)])
  func names(name: String) throws {
    #expect(
      try refusal { $0.tensors[1].name = name }
        == "PATH: manifest: a tensor's name is not 1 to 256 printable ASCII characters (rule 5.2)")
  }

  @Test func nameTwice() throws {
    #expect(
      try refusal { $0.tensors[3].name = "table" }
        == "PATH: table: the tensor's name stands twice (rule 5.3)")
  }

  @Test func dimensions() throws {
    #expect(
      try refusal { $0.tensors[1].shape = [] }
        == "PATH: floats: 0 dimensions, expected one or two (rule 5.4)")
    #expect(
      try refusal { $0.tensors[1].shape = [1, 5, 1] }
        == "PATH: floats: 3 dimensions, expected one or two (rule 5.4)")
    for size in [0, 1_073_741_825, 4_294_967_295] {
      #expect(
        try refusal { $0.tensors[0].shape[1] = size }
          == "PATH: table: a dimension of \(size), expected 1 to 1073741824 (rule 5.4)")
    }
  }

  @Test func shapeAndEncoding() throws {
    #expect(
      try refusal { $0.tensors[0].shape = [15] }
        == "PATH: table: the shape does not suit int8-table (rule 5.5)")
    #expect(
      try refusal { $0.tensors[2].shape = [15] }
        == "PATH: panels: the shape does not suit int8-row (rule 5.5)")
    #expect(
      try refusal { $0.tensors[2].shape = [3, 65_537] }
        == "PATH: panels: the shape does not suit int8-row (rule 5.5)")
    // Input scales of an encoding that has none.
    #expect(
      try refusal { $0.tensors[1].parts[0].role = .inputScales }
        == "PATH: floats: the shape does not suit f32 (rule 5.5)")
  }

  /// The table of section 5 for shapes that rule 5.4 or a limit of section 1 refuses.
  @Test(
    arguments: [
      (.float32, [3, 5, 1]), (.float32, []), (.float16, [0, 5]), (.float32, [.max, 2]),
      (.int8Row, [16, 65_537]), (.int4Group, [16, 65_552]), (.int4Group, [16, 24]),
    ] as [(Encoding, [Int])])
  func noParts(_ encoding: Encoding, _ shape: [Int]) {
    #expect(TensorRecord.expectedParts(encoding, shape: shape, hasInputScales: false) == nil)
  }

  @Test func longestRows() {
    for encoding in [Encoding.int8Row, .int4Group] {
      let parts = TensorRecord.expectedParts(encoding, shape: [16, 65_536], hasInputScales: false)
      #expect(parts?.first?.byteCount == (encoding == .int8Row ? 1 << 20 : 1 << 19))
    }
  }

  @Test func wrongUse() throws {
    try Fixture.withFolder { folder in
      let path = folder + "/x.tcm"
      try Data(sample.bytes).write(to: URL(fileURLWithPath: path))
      let file = try TCMFile(path: path)
      #expect(try file.floats("floats", shape: [5]).array == [1, -2, 3.5, 0, 1e-30])
      #expect(
        throws: TCMError.wrongShape(path: path, name: "floats", found: [5], expected: [4])
      ) { try file.floats("floats", shape: [4]) }
      #expect(throws: TCMError.wrongEncoding(path: path, name: "halves", found: "f16")) {
        try file.floats("halves", shape: [2, 3])
      }
    }
  }

  @Test func parts() throws {
    #expect(
      try refusal { $0.tensors[1].parts = [] } == "PATH: floats: 0 parts, expected 1 (rule 5.6)")
    #expect(
      try refusal { $0.tensors[0].parts.removeLast() }
        == "PATH: table: 1 parts, expected 2 (rule 5.6)")
    #expect(
      try refusal { $0.tensors[1].parts.append($0.tensors[1].parts[0]) }
        == "PATH: floats: 2 parts, expected 1 (rule 5.6)")
    #expect(
      try refusal { $0.tensors[0].parts.swapAt(0, 1) }
        == "PATH: table: a part of role 2 with 12 bytes, expected role 1 with 15 (rule 5.6)")
    #expect(
      try refusal { $0.tensors[1].parts[0].byteCount = 24 }
        == "PATH: floats: a part of role 1 with 24 bytes, expected role 1 with 20 (rule 5.6)")
    #expect(
      try refusal { $0.tensors[2].shape = [3, 9] }
        == "PATH: panels: a part of role 1 with 128 bytes, expected role 1 with 192 (rule 5.6)")
    #expect(
      try refusal { $0.tensors[2].parts[3].byteCount = 32 }
        == "PATH: panels: a part of role 4 with 32 bytes, expected role 4 with 20 (rule 5.6)")
    // Sizes near 2^60, which no arithmetic may trap on.
    #expect(
      try refusal { $0.tensors[0].shape = [1_073_741_824, 1_073_741_824] }
        == "PATH: table: a part of role 1 with 15 bytes, expected role 1 with 1152921504606846976"
        + " (rule 5.6)")
  }

  @Test func alignment() throws {
    #expect(
      try refusal { $0.tensors[0].parts[1].offset += 32 }
        == "PATH: table: offset 131168 is not a multiple of 64 (rule 5.7)")
  }

  @Test func orderOverlapsAndHoles() throws {
    let sentence = { (name: String, found: Int, free: Int) in
      "PATH: \(name): a part begins at \(found), not at the first multiple of 64 from \(free) on"
        + " (rule 5.8)"
    }
    #expect(
      try refusal { $0.tensors[0].parts[1].offset = 131_072 } == sentence("table", 131_072, 131_087)
    )
    #expect(
      try refusal { $0.tensors[1].parts[0].offset += 64 } == sentence("floats", 131_264, 131_148))
    #expect(
      try refusal { $0.tensors[0].parts[0].offset = 65_536 } == sentence("table", 65_536, 131_072))
    #expect(
      try refusal { $0.tensors.swapAt(0, 1) } == sentence("floats", 131_200, 131_072))
    #expect(
      try refusal { $0.tensors[3].parts[0].offset = .max - 63 }
        == sentence("halves", .max - 63, 196_608 + 276))
  }

  @Test func outsideTheSection() throws {
    // The section ends inside a part.
    #expect(
      try refusal { $0.sections[1].byteCount = 128 + 12 }
        == "PATH: floats: a part at 131200 lies outside its section (rule 5.9)")
    // A part more than sections hold.
    #expect(
      try refusal {
        $0.tensors.append($0.tensors[3])
        $0.tensors[4].name = "more"
      } == "PATH: more: a part at 196928 lies outside its section (rule 5.9)")
    // A tensor's second part would begin the next section.
    #expect(
      try refusal { $0.sections[1].byteCount = 15 }
        == "PATH: table: a part at 131136 lies outside its section (rule 5.9)")
  }

  @Test func endOfTheSection() throws {
    #expect(
      try refusal { $0.sections[1].byteCount += 1 }
        == "PATH: panels: a part begins at 196608, not at the first multiple of 64 from 131220 on"
        + " (rule 5.8)")
    #expect(
      try refusal { $0.tensors.removeLast() }
        == "PATH: image.layers.0: the last part ends at 196884, before the section does (rule 5.13)"
    )
    #expect(
      try refusal { $0.tensors.removeLast(2) }
        == "PATH: image.layers.0: the section holds no tensor (rule 5.13)")
  }

  @Test func padding() throws {
    #expect(
      try check("table", .values, at: 15, [1])
        == "PATH: table: byte 131087 of the padding before it is not zero (rule 5.10)")
    #expect(
      try check("panels", .inputScales, at: 63, [128])
        == "PATH: halves: byte 196927 of the padding before it is not zero (rule 5.10)")
  }

  @Test func notFinite() throws {
    for bits in [0x7F80_0000, 0xFF80_0000, 0x7FC0_0000, 0xFFFF_FFFF] as [UInt32] {
      var bytes: [UInt8] = []
      bits.append(to: &bytes)
      #expect(
        try check("floats", .values, at: 16, bytes)
          == "PATH: floats: element 4 is not a finite number (rule 5.11)")
    }
    for high in [0x7C, 0xFC, 0x7E] as [UInt8] {
      #expect(
        try check("halves", .values, at: 4, [0, high])
          == "PATH: halves: element 2 is not a finite number (rule 5.11)")
    }
  }

  @Test func scales() throws {
    for value in [0, -0.0, -1, .infinity, .nan] as [Float] {
      var bytes: [UInt8] = []
      value.bitPattern.append(to: &bytes)
      for tensor in ["table", "panels"] {
        #expect(
          try check(tensor, .rowScales, at: 8, bytes)
            == "PATH: \(tensor): scale 2 is not a positive number (rule 5.11)")
      }
      #expect(
        try check("panels", .inputScales, at: 16, bytes)
          == "PATH: panels: scale 4 is not a positive number (rule 5.11)")
    }
  }

  @Test func sums() throws {
    #expect(
      try check("panels", .rowSums, at: 4, [0xC5])
        == "PATH: panels: the sum of row 1 is -60, stored -59 (rule 5.12)")
    #expect(
      try check("panels", .rowSums, at: 60, [1])
        == "PATH: panels: the sum of row 15 is 0, stored 1 (rule 5.12)")
  }

  @Test func paddingOfPanels() throws {
    // Row 0, column 5 and row 3, column 0.
    #expect(
      try check("panels", .values, at: 65, [1])
        == "PATH: panels: byte 65 is padding and not zero (rule 5.14)")
    #expect(
      try check("panels", .values, at: 12, [1])
        == "PATH: panels: byte 12 is padding and not zero (rule 5.14)")
    #expect(
      try check("panels", .rowScales, at: 63, [0x80])
        == "PATH: panels: scale 15 is padding and not zero (rule 5.14)")
  }

  @Test func lowestByte() throws {
    #expect(
      try check("table", .values, at: 14, [0x80]) == "PATH: table: byte 14 is -128 (rule 5.15)")
    #expect(
      try check("panels", .values, at: 64, [0x80]) == "PATH: panels: byte 64 is -128 (rule 5.15)")
  }
}
