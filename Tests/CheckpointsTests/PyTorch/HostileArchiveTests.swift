import Checkpoints
import Foundation
import TensorCore
import TestSupport
import Testing

/// Archives and pickles that were not written by torch.save: one sentence each, never a trap.
@Suite struct HostileArchiveTests {
  /// Opens bytes as a file and reads every tensor; the sentence of the error, with FILE in place of the path.
  static func sentence(_ bytes: [UInt8], limits: CheckpointLimits = .init()) throws -> String {
    try Fixture.withFolder { folder in
      let path = folder + "/x.bin"
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      do throws(CheckpointError) {
        let checkpoint = try Checkpoints.open(path: path, limits: limits).checkpoint
        for (index, tensor) in checkpoint.tensors.enumerated() {
          guard let block = try? MutableBlock<UInt8>(allocating: tensor.byteCount) else { continue }
          try checkpoint.read(tensor: index, bytes: 0..<tensor.byteCount, into: block)
        }
        return "read"
      } catch {
        return error.description.replacingOccurrences(of: path, with: "FILE")
      }
    }
  }

  static let storage = (0..<6).flatMap { Archive.le(Int(Float($0).bitPattern), 4) }
  static var good: Archive {
    Archive(
      pickle: Archive.pickle(elements: 6, offset: 0, shape: [2, 3], strides: [3, 1]),
      storages: [storage])
  }

  @Test func good() throws { #expect(try Self.sentence(Self.good.file) == "read") }

  /// ZIP64 sizes and places inside entries, which archives of over 4 GB need (APPNOTE.TXT 4.5.3).
  @Test func wideEntries() throws {
    func wide(_ indices: [Int], extra: [UInt8]? = nil) throws -> String {
      var archive = Self.good
      for index in indices {
        archive.entries[index].isWide = true
        archive.entries[index].extra = extra
      }
      return try Self.sentence(archive.file)
    }
    #expect(try wide([0]) == "read")
    #expect(try wide([1]) == "read")
    #expect(try wide([0, 1, 2]) == "read")

    let offset = {
      let file = Self.good.file; return Self.place(of: "x/data/0", in: file) - 30
    }()
    let numbers = Archive.le(24, 8) + Archive.le(24, 8) + Archive.le(offset, 8)
    // Another field before it, and a number more (of a disk) behind.
    #expect(
      try wide(
        [1], extra: Archive.field(0x5455, [1, 2, 3]) + Archive.field(1, numbers + [0, 0, 0, 0]))
        == "read")
    let truncated = "FILE: the ZIP archive's directory is damaged"
    #expect(try wide([1], extra: []) == truncated)
    #expect(try wide([1], extra: Archive.field(0x5455, numbers)) == truncated)
    #expect(try wide([1], extra: Archive.field(1, Array(numbers.dropLast()))) == truncated)
    #expect(try wide([1], extra: Archive.field(1, numbers).dropLast()) == truncated)
    #expect(try wide([1], extra: Array(Archive.field(1, numbers).prefix(3))) == truncated)

    func sizes(_ size: Int, _ packed: Int, _ offset: Int) throws -> String {
      try wide(
        [1],
        extra: Archive.field(1, Archive.le(size, 8) + Archive.le(packed, 8) + Archive.le(offset, 8))
      )
    }
    #expect(try sizes(24, 24, offset) == "read")
    #expect(try sizes(-1, -1, offset) == truncated)
    #expect(try sizes(24, 24, -1) == truncated)
    #expect(
      try sizes(24, 25, offset)
        == "FILE: the ZIP archive gives the size of x/data/0 twice, differently")
    // 30 bytes of header, 8 of name, 20 of extra field and 24 of data then belong to no entry.
    #expect(
      try sizes(24, 24, .max)
        == "FILE: 82 bytes before the ZIP entry \"x/version\" belong to nothing")
    #expect(
      try sizes(24, 24, offset + 1)
        == "FILE: 1 bytes before the ZIP entry \"x/data/0\" belong to nothing")
    // What the entry's own header gives is compared, too.
    let contradiction =
      "FILE: the ZIP entry \"x/data/0\": its own header contradicts the directory"
    #expect(try sizes(.max, .max, offset) == contradiction)
    #expect(try sizes(28, 28, offset) == contradiction)
  }

  /// Where a text begins for the first time.
  private static func place(of text: String, in bytes: [UInt8]) -> Int {
    let pattern = Array(text.utf8)
    return bytes.indices.first { bytes[$0...].starts(with: pattern) } ?? -1
  }

  // MARK: The archive

  @Test func entries() throws {
    func changed(_ change: (inout Archive) -> Void) throws -> String {
      var archive = Self.good
      change(&archive)
      return try Self.sentence(archive.file)
    }
    #expect(
      try changed { $0.entries[1].checksum = 0x1234 }
        == "FILE: the ZIP entry \"x/data/0\" is damaged: its CRC-32 is "
        + "0x\(String(Archive.crc32(Self.storage), radix: 16)), expected 0x00001234")
    #expect(
      try changed { $0.entries.append($0.entries[1]) }
        == "FILE: the ZIP archive holds \"x/data/0\" twice")
    #expect(
      try changed { $0.entries[1].bytes.removeLast(4) }
        == "FILE: tensor \"w\": its storage 0 has 20 bytes, which are not 6 elements")
    #expect(
      try changed { $0.entries[1].byteCount = 28 }
        == "FILE: the ZIP entry \"x/version\" overlaps another entry or the directory")
    #expect(
      try changed { $0.entries[1].byteCount = 19 }
        == "FILE: 5 bytes before the ZIP entry \"x/version\" belong to nothing")
    #expect(
      try changed { $0.entries[1].method = 8 }
        == "FILE: the ZIP entry \"x/data/0\" is compressed, which torch.save does not write")
    #expect(
      try changed { $0.entries[1].method = 14 }
        == "FILE: the ZIP entry \"x/data/0\" is packed by method 14, which torch.save does not write"
    )
    #expect(
      try changed { $0.entries[1].flags = 1 }
        == "FILE: the ZIP entry \"x/data/0\" is encrypted, which torch.save does not write")
    #expect(
      try changed { $0.entries[1].localName = "x/data/1" }
        == "FILE: the ZIP entry \"x/data/0\": its own header contradicts the directory")
    #expect(
      try changed { $0.entries[1].name = "x/data/9" }
        == "FILE: the ZIP entry \"x/data/0\" is missing")
    #expect(
      try changed { $0.entries[2].name = "../../etc/passwd" }
        == "FILE: the ZIP entry \"../../etc/passwd\" is named by a path that leads elsewhere, which "
        + "torch.save does not write")
    #expect(
      try changed { $0.entries[0].name = "x/other" }
        == "FILE: not laid out as torch.save does it: expected one NAME/data.pkl, found 0; it may be "
        + "no checkpoint")
    #expect(
      try changed { $0.entries.append(.init(name: "x/byteorder", bytes: Array("middle".utf8))) }
        == "FILE: not laid out as torch.save does it: the byte order is \"middle\"")
  }

  @Test func ends() throws {
    let end =
      "FILE: the ZIP archive does not end with its directory (truncated, or something was "
      + "appended)"
    #expect(try Self.sentence(Self.good.file + [0]) == end)
    #expect(try Self.sentence(Self.good.file.dropLast(1)) == end)
    var moved = Self.good.file
    moved[moved.count - 6] ^= 4
    #expect(
      try Self.sentence(moved) == "FILE: the ZIP archive's directory does not lie where it has to")
  }

  @Test func limits() throws {
    var limits = CheckpointLimits()
    limits.entryCount = 2
    #expect(
      try Self.sentence(Self.good.file, limits: limits)
        == "FILE: the ZIP archive has 3 entries, at most 2 are accepted")
    limits = CheckpointLimits()
    limits.headerByteCount = 164
    // Three entries of 46 bytes, and 27 of names.
    #expect(
      try Self.sentence(Self.good.file, limits: limits)
        == "FILE: the ZIP archive has 165 bytes of directory, at most 164 are accepted")
    limits = CheckpointLimits()
    limits.tensorCount = 0
    #expect(
      try Self.sentence(Self.good.file, limits: limits) == "FILE: pickle: more than 0 tensors")
    limits = CheckpointLimits()
    limits.headerByteCount = 170
    #expect(
      try Self.sentence(Self.good.file, limits: limits)
        == "FILE: the ZIP entry \"x/data.pkl\" is "
        + "\(Self.good.entries[0].bytes.count) bytes long, at most 170 are accepted "
        + "(--max-header raises the limit)")
  }

  // MARK: Geometry

  @Test(arguments: [
    (0, [2, 4], [4, 1]), (1, [2, 3], [3, 1]), (0, [7], [1]), (0, [2], [6]), (-1, [2], [1]),
    (0, [-1], [1]), (0, [2], [-1]), (0, [2, 3], [3]), (0, [Int.max, 2], [1, 1]),
    (0, [2, 2], [Int.max, 1]), (Int.max, [1], [1]), (0, [1 << 40, 1 << 40], [0, 0]),
  ])
  func outsideStorage(_ offset: Int, _ shape: [Int], _ strides: [Int]) throws {
    let pickle = Archive.pickle(elements: 6, offset: offset, shape: shape, strides: strides)
    #expect(
      try Self.sentence(Archive(pickle: pickle, storages: [Self.storage]).file)
        == "FILE: tensor \"w\": shape \(shape) with strides \(strides) from element \(offset) does "
        + "not lie in a storage of 6 elements")
  }

  @Test func storages() throws {
    func sentence(
      elements: Int = 6, shape: [Int] = [6], strides: [Int] = [1], key: String = "0",
      type: String = "FloatStorage"
    ) throws -> String {
      let pickle = Archive.pickle(
        elements: elements, offset: 0, shape: shape, strides: strides, key: key, type: type)
      return try Self.sentence(Archive(pickle: pickle, storages: [Self.storage]).file)
    }
    #expect(
      try sentence(elements: 1 << 61)
        == "FILE: tensor \"w\": its storage 0 has 24 bytes, which are not 2305843009213693952 "
        + "elements")
    #expect(try sentence(elements: -1).hasSuffix(": the storage 0 has -1 elements"))
    #expect(
      try sentence(key: "../0").hasSuffix(": the storage key \"../0\" is not a number"))
    #expect(
      try sentence(shape: [1 << 20], strides: [0])
        == "FILE: tensor \"w\": shape [1048576] repeats a storage of 6 elements too often")
    #expect(
      try sentence(shape: [Int](repeating: 1, count: 33), strides: [Int](repeating: 1, count: 33))
        == "FILE: tensor \"w\": 33 dimensions, at most 32 are accepted")
  }

  // MARK: The pickle

  static let programs = Result {
    let url = URL(fileURLWithPath: Fixture.path("checkpoints-pytorch/hostile.json"))
    return try JSONDecoder().decode([String: String].self, from: Data(contentsOf: url))
  }

  private static let hostile = "which no checkpoint needs; nothing was run; the file may be hostile"

  @Test(arguments: [
    ("os.system", "byte 2: the pickle refers to os.system, \(hostile)"),
    ("builtins.eval", "byte 2: the pickle refers to builtins.eval, \(hostile)"),
    ("dotted", "byte 2: the pickle refers to torch._utils._rebuild_tensor_v2, \(hostile)"),
    ("unterminated global", "byte 2: the pickle ends in the middle of its program"),
    ("inst", "byte 3: the pickle instruction 0x69 has no place in a checkpoint"),
    ("unknown memo", "byte 2: the pickle asks for value 5, which was never stored"),
    ("underflow", "byte 2: the pickle takes more values than there are"),
    ("unmarked", "byte 3: the pickle takes more values than there are"),
    ("no stop", "byte 3: the pickle ends in the middle of its program"),
    ("trailing", "byte 3: 2 bytes follow the pickle's end"),
    ("number", "found a number, expected a state dict"),
    ("text keys", "FILE: the file holds no tensors"),
    ("deep", "found a list, expected a state dict"),
    ("marks", "byte 66: more than 64 nested values"),
    ("text", "byte 2: the pickle ends in the middle of its program"),
    ("invalid text", "byte 2: a text is not UTF-8"),
    ("protocol", "byte 0: pickle protocol 9 is not read, expected 2 to 5"),
    ("empty", "byte 0: the pickle ends in the middle of its program"),
  ])
  func programs(_ name: String, _ expected: String) throws {
    let hex = Array(try #require(try Self.programs.get()[name]).utf8)
    let program = stride(from: 0, to: hex.count, by: 2).map {
      UInt8(String(decoding: hex[$0..<$0 + 2], as: UTF8.self), radix: 16) ?? 0
    }
    let sentence = try Self.sentence(Archive(pickle: program).file)
    let place = expected.hasPrefix("byte") ? "pickle, " : "pickle: "
    #expect(sentence == (expected.hasPrefix("FILE") ? expected : "FILE: " + place + expected))
  }

  /// A name of 100 KB is neither read through nor printed.
  @Test func longName() throws {
    let program =
      [0x80, 2, 0x63] + [UInt8](repeating: 0x61, count: 100_000) + [0x0A, 0x62, 0x0A, 0x2E]
    #expect(
      try Self.sentence(Archive(pickle: program).file)
        == "FILE: pickle, byte 2: more than 256 bytes in a Python name")
  }

  // MARK: Damage

  /// Every length of a small file: refused.
  @Test func truncations() throws {
    let file = try Fixture.bytes(PyTorchFileTests.path("nested"))
    for count in 0..<file.count {
      #expect(try Self.sentence(Array(file[..<count])) != "read")
    }
  }

  /// Changed bytes: an error or numbers, never a trap or a hang.
  ///
  /// The generator is SplitMix64.
  @Test(arguments: ["views", "training", "big_endian"])
  func changedBytes(_ name: String) throws {
    let file = try Fixture.bytes(PyTorchFileTests.path(name))
    var state: UInt64 = 7
    func next() -> Int {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return Int((z ^ (z >> 31)) >> 1)
    }
    for _ in 0..<400 {
      var changed = file
      for _ in 0..<1 + next() % 3 { changed[next() % file.count] = UInt8(next() & 255) }
      _ = try Self.sentence(changed)
    }
  }

  /// Changed programs with a checksum that fits, so that the unpickler sees them.
  @Test(arguments: ["views", "training", "plain"])
  func changedPrograms(_ name: String) throws {
    let file = try Fixture.bytes(PyTorchFileTests.path(name))
    // data.pkl is the first entry, and its name ends with "data.pkl"; the program begins with 80 02.
    let start = try #require(file.indices.first { file[$0] == 0x80 && file[$0 + 1] == 2 })
    let end = try #require(
      file.indices.dropFirst(start).first { file[$0...].starts(with: [0x50, 0x4B, 7, 8]) })
    let program = Array(file[start..<end])
    var state: UInt64 = 11
    func next() -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33)
    }
    for _ in 0..<1500 {
      var changed = program
      for _ in 0..<1 + next() % 2 { changed[next() % changed.count] = UInt8(next() & 255) }
      _ = try Self.sentence(Archive(pickle: changed, storages: [Self.storage]).file)
    }
  }
}
