import Checkpoints
import Foundation
import TensorCore
import TestSupport
import Testing

@Suite struct SafetensorsFileTests {
  private static let folder = Fixture.path("checkpoints-safetensors")

  /// Bytes and shapes as PyTorch had them when the reference implementation wrote the file.
  @Test func everyElementType() throws {
    struct Expected: Decodable {
      let shape: [Int]
      let bytes: String
    }
    let json = try Data(contentsOf: URL(fileURLWithPath: Self.folder + "/types.json"))
    let expected = try JSONDecoder().decode([String: Expected].self, from: json)
    let file = try SafetensorsFile(path: Self.folder + "/types.safetensors")
    #expect(file.tensors.count == expected.count)
    for (name, tensor) in expected {
      let index = try #require(file.index(of: name))
      #expect(file.tensors[index].name == name)
      #expect(file.tensors[index].shape == tensor.shape)
      let found = try #require(try bytes(file, name))
      #expect(found.map { String(format: "%02x", $0) }.joined() == tensor.bytes)
    }
    let types = Dictionary(uniqueKeysWithValues: file.tensors.map { ($0.name, $0.elementType) })
    #expect(
      types == [
        "f64": .float64, "f32": .float32, "f16": .float16, "bf16": .bfloat16, "i64": .int64,
        "i32": .int32, "i16": .int16, "i8": .int8, "u8": .uint8, "bool": .bool,
        "scalar": .float32, "empty": .float32, "权重": .float32,
      ])
    #expect(file.metadata.map(\.key) == ["format", "note"])
    #expect(file.metadata.map(\.value) == ["pt", "a \"b\"\n"])
    #expect(file.formatName == "safetensors")
    #expect(file.files.map(\.path) == [Self.folder + "/types.safetensors"])
    #expect(file.index(of: "f128") == nil)
    try file.checkUnchanged()
  }

  @Test func partsOfATensor() throws {
    let file = try SafetensorsFile(path: Self.folder + "/types.safetensors")
    let index = try #require(file.index(of: "i32"))
    let buffer = try MutableBlock<UInt8>(allocating: 3)
    try file.read(tensor: index, bytes: 3..<6, into: buffer)
    // -2^31 and 2^31 - 1, little-endian: 00 00 00 80 ff ff ff 7f
    #expect(buffer.array == [0x80, 0xFF, 0xFF])
    try file.read(tensor: index, bytes: 8..<8, into: buffer[0..<0])
  }

  @Test func tensorsComeInTheOrderOfTheirOffsets() throws {
    try TestFolder.with { folder in
      try folder.write(
        safetensors(
          #"{"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]},"#
            + #""z":{"dtype":"U8","shape":[0],"data_offsets":[3,3]},"#
            + #""y":{"dtype":"U8","shape":[0],"data_offsets":[1,1]},"#
            + #""a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}   "#, dataByteCount: 3),
        "m.safetensors")
      let opened = try Checkpoints.open(path: folder.path + "/m.safetensors")
      #expect(opened.checkpoint.tensors.map(\.name) == ["a", "y", "b", "z"])
      #expect(try bytes(opened.checkpoint, "b") == [1, 2])
    }
  }

  @Test func canonicallyEqualNamesAreTwoTensors() throws {
    try TestFolder.with { folder in
      try folder.write(
        safetensors(
          "{\"e\u{301}\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
            + "\"\u{E9}\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}",
          dataByteCount: 2), "m.safetensors")
      let file = try SafetensorsFile(path: folder.path + "/m.safetensors")
      #expect(try bytes(file, "e\u{301}") == [0])
      #expect(try bytes(file, "\u{E9}") == [1])
    }
  }

  @Test func shrunkAndChangedFiles() throws {
    try TestFolder.with { folder in
      let bytes = safetensors(
        #"{"w":{"dtype":"U8","shape":[64],"data_offsets":[0,64]}}"#, dataByteCount: 64)
      try folder.write(bytes, "m.safetensors")
      let path = folder.path + "/m.safetensors"
      let file = try SafetensorsFile(path: path)
      let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
      try handle.truncate(atOffset: UInt64(bytes.count - 10))
      let buffer = try MutableBlock<UInt8>(allocating: 64)
      #expect(
        throws: CheckpointError.file(
          .truncated(
            path: path, offset: bytes.count - 64, expectedByteCount: 64, foundByteCount: 54))
      ) {
        try file.read(tensor: 0, bytes: 0..<64, into: buffer)
      }
      #expect(throws: CheckpointError.file(.changedWhileReading(path: path))) {
        try file.checkUnchanged()
      }
    }
  }
}
