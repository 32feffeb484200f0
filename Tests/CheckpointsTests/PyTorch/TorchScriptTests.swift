import Checkpoints
import Testing

/// TorchScript archives that no `torch.jit.save` wrote.
@Suite struct TorchScriptTests {
  /// An archive with the entry that makes it one of TorchScript.
  private static func archive(_ pickle: [UInt8]) -> Archive {
    var archive = Archive(pickle: pickle)
    archive.entries.append(Archive.Entry(name: "x/constants.pkl", bytes: [0x80, 2, 0x29, 0x2E]))
    return archive
  }

  private static let object = Array("c__torch__\nM\n)\u{81}".unicodeScalars.map { UInt8($0.value) })
  private static func text(_ text: String) -> [UInt8] { OldFormatTests.text(text) }

  static let cases: [(String, [UInt8])] = [
    ("found a dictionary, expected a module", [0x7D]),
    // Attributes that are no dictionary, and given twice.
    ("found a number, expected an object's attributes, once", object + [0x4B, 1, 0x62]),
    (
      "found a dictionary, expected an object's attributes, once",
      object + [0x7D, 0x62, 0x7D, 0x62]
    ),
    (
      "found a number, expected an attribute's name", object + [0x7D, 0x4B, 1, 0x4B, 2, 0x73, 0x62]
    ),
    // A module that holds itself.
    (
      "more than 64 nested modules",
      object + [0x71, 0, 0x7D] + text("m") + [0x68, 0, 0x73, 0x62]
    ),
    // A class that is not compiled.
    (
      "the pickle refers to os.system, which no checkpoint needs; nothing was run; the file may be "
        + "hostile", Array("cos\nsystem\n)\u{81}".unicodeScalars.map { UInt8($0.value) })
    ),
  ]

  @Test(arguments: cases.indices)
  func refused(_ index: Int) throws {
    let program = [0x80, 2] + Self.cases[index].1 + [0x2E]
    let sentence = try HostileArchiveTests.sentence(Self.archive(program).file)
    #expect(sentence.hasPrefix("FILE: pickle"))
    #expect(sentence.hasSuffix(": " + Self.cases[index].0), "\(sentence)")
  }

  /// A module with these attributes, all of them a tensor of one element.
  private static func module(_ names: [String]) -> [UInt8] {
    // The program around the tensor is a dictionary's, with "w" for a key.
    let tensor = Archive.pickle(elements: 1, offset: 0, shape: [1], strides: [1])
      .dropFirst(4 + text("w").count).dropLast(2)
    let attributes = names.flatMap { text($0) + tensor }
    return [0x80, 2] + object + [0x7D, 0x28] + attributes + [0x75, 0x62, 0x2E]
  }

  @Test func limits() throws {
    var limits = CheckpointLimits()
    limits.tensorCount = 2
    limits.nameByteCount = 3
    func sentence(_ names: [String]) throws -> String {
      var archive = Self.archive(Self.module(names))
      archive.entries.append(Archive.Entry(name: "x/data/0", bytes: [0, 0, 0, 0]))
      return try HostileArchiveTests.sentence(archive.file, limits: limits)
    }
    #expect(try sentence(["a", "abc"]) == "read")
    #expect(try sentence(["a", "b", "c"]) == "FILE: pickle: more than 2 tensors")
    #expect(try sentence(["abcd"]) == "FILE: pickle: more than 3 bytes in a tensor's name")
  }

  /// Two modules in each of 40 that hold the same one twice: a trillion names, told from 81 objects.
  @Test func sharedModules() throws {
    var program: [UInt8] = [0x80, 2] + Self.object + [0x71, 0]
    for level in 1...40 {
      program += Self.object + [0x71, UInt8(level), 0x7D, 0x28] + Self.text("a")
      program += [0x68, UInt8(level - 1)] + Self.text("b") + [0x68, UInt8(level - 1), 0x75, 0x62]
    }
    let sentence = try HostileArchiveTests.sentence(Self.archive(program + [0x2E]).file)
    #expect(sentence == "FILE: pickle: more than 100000 modules")
  }
}
