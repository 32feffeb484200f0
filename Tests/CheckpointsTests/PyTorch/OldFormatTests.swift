import Checkpoints
import Foundation
import TestSupport
import Testing

/// Files of the format before PyTorch 1.6 that are damaged or lie.
@Suite struct OldFormatTests {
  /// Two tensors: F32 [2] in the storage "1", F32 [1] in the storage "2"; what is not given is as it should be.
  struct File {
    var start: [UInt8] = [
      0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E,
      0x80, 2, 0x4D, 0xE9, 3, 0x2E,
    ]
    var system = pickle(
      [0x7D, 0x28] + text("little_endian") + [0x88] + text("protocol_version")
        + [0x4D, 0xE9, 3, 0x75])
    var view: [UInt8] = [0x4E]
    var keys = pickle([0x5D, 0x28] + text("1") + text("2") + [0x65])
    var data = storage(2) + storage(1)

    var bytes: [UInt8] {
      let object = OldFormatTests.pickle(
        [0x7D, 0x28] + OldFormatTests.text("a") + tensor("1", 2) + OldFormatTests.text("b")
          + tensor("2", 1) + [0x75])
      return start + system + object + keys + data
    }

    private func tensor(_ key: String, _ count: UInt8) -> [UInt8] {
      let name = Array("ctorch._utils\n_rebuild_tensor_v2\n".utf8)
      let type = Array("ctorch\nFloatStorage\n".utf8)
      let reference =
        [0x28] + OldFormatTests.text("storage") + type + OldFormatTests.text(key)
        + OldFormatTests.text("cpu") + [0x4B, count] + view + [0x74, 0x51]
      let parts: [UInt8] = [0x4B, 0, 0x4B, count, 0x85, 0x4B, 1, 0x85, 0x89, 0x7D, 0x74, 0x52]
      return name + [0x28] + reference + parts
    }
  }

  static func text(_ text: String) -> [UInt8] {
    [0x58, UInt8(text.utf8.count), 0, 0, 0] + Array(text.utf8)
  }
  static func pickle(_ body: [UInt8]) -> [UInt8] { [0x80, 2] + body + [0x2E] }
  static func storage(_ count: UInt8) -> [UInt8] {
    [count, 0, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 0x3F, count: 4 * Int(count))
  }

  /// What opening the bytes says; `nil` if it opens.
  static func sentence(_ bytes: [UInt8]) throws -> String? {
    try Fixture.withFolder { folder in
      let path = folder + "/m.pt"
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      do throws(CheckpointError) {
        _ = try Checkpoints.open(path: path)
        return nil
      } catch {
        return error.description.replacingOccurrences(of: path, with: "FILE")
      }
    }
  }

  @Test func whole() throws { #expect(try Self.sentence(File().bytes) == nil) }

  static let cases: [(String, @Sendable (inout File) -> Void)] = [
    (
      "this is a Python pickle, but torch.save did not write it",
      { $0.start[4] = 0 }
    ),
    (
      "found a number, expected the byte order of the writer",
      { $0.system = pickle([0x4B, 1]) }
    ),
    (
      "found a dictionary, expected the byte order of the writer",
      { $0.system = pickle([0x7D]) }
    ),
    (
      "the storage 1 is a view of another, as before PyTorch 0.4",
      { $0.view = text("9") }
    ),
    ("found a number, expected the keys of the storages", { $0.keys = pickle([0x4B, 1]) }),
    (
      "found a number, expected a storage's key",
      { $0.keys = pickle([0x5D, 0x28, 0x4B, 1, 0x65]) }
    ),
    (
      "no tensor lies in the storage 3",
      { $0.keys = pickle([0x5D, 0x28] + text("1") + text("3") + [0x65]) }
    ),
    (
      "the storage 2 is not in the file",
      {
        $0.keys = pickle([0x5D, 0x28] + text("1") + [0x65])
        $0.data = storage(2)
      }
    ),
    (
      "\"1\" is there twice",
      {
        $0.keys = pickle([0x5D, 0x28] + text("1") + text("1") + [0x65])
        $0.data = storage(2) + storage(2)
      }
    ),
    (
      "the storage 1 has 3 elements, but 2 are described",
      { $0.data = storage(3) + storage(1) }
    ),
    ("the file ends inside the storage 2", { $0.data.removeLast() }),
    ("the file ends inside the storage 2", { $0.data = storage(2) + [1, 0] }),
    ("1 bytes follow the last storage", { $0.data.append(0) }),
  ]

  @Test(arguments: cases.indices)
  func refused(_ index: Int) throws {
    var file = File()
    Self.cases[index].1(&file)
    let sentence = try #require(try Self.sentence(file.bytes))
    #expect(sentence.hasPrefix("FILE: pickle"))
    #expect(sentence.hasSuffix(": " + Self.cases[index].0))
  }

  /// Every shorter file is refused, and none ends the process.
  @Test func truncations() throws {
    let bytes = File().bytes
    for count in 0..<bytes.count {
      #expect(try Self.sentence(Array(bytes[..<count])) != nil, "\(count) bytes")
    }
  }
}
