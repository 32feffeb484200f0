import Checkpoints
import TestSupport
import Testing

/// One damaged file for each rule, and the whole sentence it gives.
@Suite struct SafetensorsRuleTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let header: String
    let dataByteCount: Int
    let sentence: String
    var testDescription: String { header }

    init(_ header: String, _ dataByteCount: Int, _ sentence: String) {
      self.header = header
      self.dataByteCount = dataByteCount
      self.sentence = sentence
    }
  }

  private static func tensor(
    _ type: String = "\"U8\"", _ shape: String = "[1]", _ offsets: String = "[0,1]"
  ) -> String {
    #"{"w":{"dtype":\#(type),"shape":\#(shape),"data_offsets":\#(offsets)}}"#
  }

  private static let types = "F64, F32, F16, BF16, I64, I32, I16, I8, U8, BOOL"

  static let cases: [Case] = [
    Case(tensor(), 1, "opened"),
    Case(tensor() + "  \n", 1, "opened"),
    Case(
      tensor("\"F32\"", "[1000,1000]", "[0,4]"), 4,
      #"tensor "w": shape [1000, 1000] F32 needs 4000000 bytes, but data_offsets give 4"#),
    Case(
      tensor("\"U8\"", "[4294967296,4294967296]", "[0,1]"), 1,
      #"tensor "w": shape [4294967296, 4294967296] U8 needs more bytes than can be counted"#),
    Case(
      tensor("\"F64\"", "[2305843009213693952]", "[0,0]"), 0,
      #"tensor "w": shape [2305843009213693952] F64 needs more bytes than can be counted"#),
    Case(tensor("\"U8\"", "[0,9223372036854775807]", "[0,0]"), 0, "opened"),
    Case(
      tensor("\"U8\"", "[2]", "[0,2]"), 1,
      #"tensor "w": data_offsets end at 2, but the file has only 1 bytes of data (truncated?)"#),
    Case(
      tensor("\"U8\"", "[9223372036854775807]", "[0,9223372036854775807]"), 1,
      #"tensor "w": data_offsets end at 9223372036854775807, "#
        + "but the file has only 1 bytes of data (truncated?)"),
    Case(tensor(), 2, "the tensors take 1 bytes after the header, but the file has 2"),
    Case(
      tensor("\"U8\"", "[1]", "[1,2]"), 2,
      #"tensor "w": data_offsets begin at 1, but the previous tensor ends at 0"#),
    Case(
      tensor("\"U8\"", "[1]", "[1,0]"), 1,
      #"tensor "w": data_offsets end at 0, before they begin at 1"#),
    Case(
      #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"#
        + #""b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}"#, 3,
      #"tensor "b": data_offsets begin at 1, inside the tensor that ends at 2"#),
    Case(
      #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#
        + #""b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}"#, 3,
      #"tensor "b": data_offsets begin at 2, but the previous tensor ends at 1"#),
    Case(
      #"{"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#
        + #""w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#, 1,
      #"the safetensors header is not valid JSON: byte 53: the key "w" appears twice"#),
    Case(
      #"{"w":{"dtype":"U8","dtype":"I8","shape":[1],"data_offsets":[0,1]}}"#, 1,
      #"the safetensors header is not valid JSON: byte 19: the key "dtype" appears twice"#),
    Case(
      tensor("\"F8_E4M3\""), 1,
      #"tensor "w": element type F8_E4M3 is not supported; supported are \#(types)"#),
    Case(
      tensor("\"U64\""), 1,
      #"tensor "w": element type U64 is not supported; supported are \#(types)"#),
    Case(
      tensor("\"f32\""), 1,
      #"tensor "w": unknown element type "f32"; supported are \#(types)"#),
    Case(tensor("1"), 1, #"tensor "w": dtype is not a string"#),
    Case(
      tensor("\"U8\"", "1"), 1,
      #"tensor "w": shape is not an array of integers from 0 to 9223372036854775807"#),
    Case(
      tensor("\"U8\"", "[-1]"), 1,
      #"tensor "w": shape is not an array of integers from 0 to 9223372036854775807"#),
    Case(
      tensor("\"U8\"", "[1]", "[-0,1]"), 1,
      #"tensor "w": data_offsets is not two integers from 0 to 9223372036854775807"#),
    Case(
      tensor("\"U8\"", "[1.0]"), 1,
      #"tensor "w": shape is not an array of integers from 0 to 9223372036854775807"#),
    Case(
      tensor("\"U8\"", "[18446744073709551616]"), 1,
      #"tensor "w": shape is not an array of integers from 0 to 9223372036854775807"#),
    Case(
      tensor("\"U8\"", "[1]", "[0,1,2]"), 1,
      #"tensor "w": data_offsets is not two integers from 0 to 9223372036854775807"#),
    Case(
      tensor("\"U8\"", "[1]", "{\"a\":0,\"b\":1}"), 1,
      #"tensor "w": data_offsets is not two integers from 0 to 9223372036854775807"#),
    Case(
      tensor("\"U8\"", "[1]", "[-1,0]"), 1,
      #"tensor "w": data_offsets is not two integers from 0 to 9223372036854775807"#),
    Case(
      tensor("\"U8\"", "[" + String(repeating: "1,", count: 32) + "1]"), 1,
      #"tensor "w": 33 dimensions, at most 32 are accepted"#),
    Case(#"{"w":[]}"#, 0, #"tensor "w": the entry is not an object"#),
    Case(#"{"w":{}}"#, 0, #"tensor "w": no dtype"#),
    Case(#"{"w":{"dtype":"U8"}}"#, 0, #"tensor "w": no shape"#),
    Case(#"{"w":{"dtype":"U8","shape":[0]}}"#, 0, #"tensor "w": no data_offsets"#),
    Case(
      #"{"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"codec":"lz4"}}"#, 1,
      #"tensor "w": unknown field "codec""#),
    Case(
      "{\"a\\u001b[2Jb\":[]}", 0, #"tensor "a\u{1b}[2Jb": the entry is not an object"#),
    Case("{}", 0, "the file holds no tensors"),
    Case(#"{"__metadata__":{"a":"b"}}"#, 0, "the file holds no tensors"),
    Case(
      #"{"__metadata__":{"a":1}}"#, 0,
      #"__metadata__: the value of "a" is not a string"#),
    Case(#"{"__metadata__":[]}"#, 0, "__metadata__ is not an object of strings"),
    Case("", 0, #"the safetensors header starts with nothing, expected "{""#),
    Case("[]", 0, #"the safetensors header starts with "[", expected "{""#),
    Case(" {}", 0, #"the safetensors header starts with 0x20, expected "{""#),
    Case(
      "{", 0,
      "the safetensors header is not valid JSON: the text ends at byte 1, "
        + #"expected a key in quotes or "}""#),
    Case(
      tensor() + "x", 1,
      #"the safetensors header is not valid JSON: byte 53: found "x", "#
        + "expected the end of the text"),
  ]

  @Test(arguments: cases) func rule(_ rule: Case) throws {
    try TestFolder.with { folder in
      try folder.write(
        safetensors(rule.header, dataByteCount: rule.dataByteCount), "m.safetensors")
      let expected =
        rule.sentence == "opened" ? "opened" : "m.safetensors: " + rule.sentence
      #expect(folder.sentence("m.safetensors") == expected)
    }
  }

  @Test(
    arguments: [
      (
        UInt64.max,
        "m.safetensors: the safetensors header claims 18446744073709551615 bytes, "
          + "at most 16777216 are accepted (--max-header raises the limit)"
      ),
      (
        (1 << 24) + 1,
        "m.safetensors: the safetensors header claims 16777217 bytes, "
          + "at most 16777216 are accepted (--max-header raises the limit)"
      ),
      (
        1 << 24,
        "m.safetensors: the safetensors header claims 16777216 bytes, but the file "
          + "is only 10 bytes long (truncated?)"
      ),
      (
        3,
        "m.safetensors: the safetensors header claims 3 bytes, but the file "
          + "is only 10 bytes long (truncated?)"
      ),
    ] as [(UInt64, String)])
  func headerLength(_ length: UInt64, _ sentence: String) throws {
    try TestFolder.with { folder in
      try folder.write(safetensors("{}", length: length), "m.safetensors")
      #expect(folder.sentence("m.safetensors") == sentence)
    }
  }

  @Test func limits() throws {
    try TestFolder.with { folder in
      let header =
        #"{"ab":{"dtype":"U8","shape":[1,1],"data_offsets":[0,1]},"#
        + #""cd":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#
      try folder.write(safetensors(header, dataByteCount: 2), "m.safetensors")
      func sentence(_ change: (inout CheckpointLimits) -> Void) -> String {
        var limits = CheckpointLimits()
        change(&limits)
        return folder.sentence("m.safetensors", limits: limits)
      }
      #expect(sentence { $0.tensorCount = 2 } == "opened")
      #expect(
        sentence { $0.tensorCount = 1 }
          == "m.safetensors: 2 tensors, at most 1 are accepted (--max-tensors raises the limit)"
      )
      #expect(sentence { $0.nameByteCount = 2 } == "opened")
      #expect(
        sentence { $0.nameByteCount = 1 }
          == #"m.safetensors: tensor "ab": the name is 2 bytes long, at most 1 are accepted"#)
      #expect(sentence { $0.rank = 2 } == "opened")
      #expect(
        sentence { $0.rank = 1 }
          == #"m.safetensors: tensor "ab": 2 dimensions, at most 1 are accepted"#)
      #expect(sentence { $0.headerByteCount = header.utf8.count } == "opened")
      #expect(
        sentence { $0.headerByteCount = header.utf8.count - 1 }
          == "m.safetensors: the safetensors header claims 109 bytes, at most 108 are accepted "
          + "(--max-header raises the limit)")
    }
  }

  /// Cutting a file anywhere is an error; changing any byte to any value is an error or another
  /// valid file.
  @Test func damageNeverTraps() throws {
    try TestFolder.with { folder in
      let file = safetensors(
        #"{"__metadata__":{"k":"v"},"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},"#
          + #""é":{"dtype":"U8","shape":[],"data_offsets":[4,5]}}"#, dataByteCount: 5)
      try folder.write(file, "m.safetensors")
      #expect(folder.sentence("m.safetensors") == "opened")
      for count in file.indices {
        try folder.write(Array(file.prefix(count)), "m.safetensors")
        #expect(folder.sentence("m.safetensors") != "opened", "cut after \(count) bytes")
      }
      for count in [1, 4096] {
        try folder.write(file + [UInt8](repeating: 0, count: count), "m.safetensors")
        #expect(folder.sentence("m.safetensors") != "opened", "\(count) bytes too many")
      }
      for index in file.indices {
        for bit in 0..<8 {
          var damaged = file
          damaged[index] ^= 1 << UInt8(bit)
          try folder.write(damaged, "m.safetensors")
          let sentence = folder.sentence("m.safetensors")
          if index < 9 { #expect(sentence != "opened", "byte \(index), bit \(bit)") }
          #expect(!sentence.contains("\n"))
        }
      }
    }
  }

  /// The same, with every value of every byte, on the header alone.
  @Test func damagedHeadersNeverTrap() {
    let header = Array(
      (#"{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},"#
        + #""b":{"dtype":"U8","shape":[],"data_offsets":[4,5]}}"#).utf8)
    var opened = 0
    for index in header.indices {
      for value in UInt8.min...UInt8.max {
        var damaged = header
        damaged[index] = value
        do throws(CheckpointError) {
          _ = try SafetensorsHeader(
            damaged, dataByteCount: 5, path: "m", limits: CheckpointLimits())
          opened += 1
        } catch { #expect(error.description.hasPrefix("m: ")) }
      }
    }
    // The names may be anything, and F16 may become I16; little else.
    #expect(opened > header.count)
    #expect(opened < header.count * 8)
  }
}
