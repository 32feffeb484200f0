import CLIPRuntime
import Foundation
import Kernels
import TCMFormat
import TensorCore
import Tokenization

/// Checksums and sizes of a `.tcm` file made right, so that what is behind them is reached.
private func repaired(_ bytes: [UInt8]) -> [UInt8] {
  var bytes = bytes
  if bytes.count < 64 { return bytes }
  func set(_ value: UInt64, at offset: Int, _ count: Int) {
    for byte in 0..<count {
      bytes[offset + byte] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(byte)))
    }
  }
  func number(at offset: Int) -> Int {
    Int(
      (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[offset + $1]) << UInt64(8 * $1) } & 0xFFFF_FFFF)
  }
  let offset = min(number(at: 24), bytes.count)
  set(UInt64(offset), at: 24, 8)
  set(UInt64(bytes.count - offset), at: 32, 8)
  set(UInt64(bytes.count), at: 40, 8)
  set(UInt64(WeightKernels.crc32c(Array(bytes[offset...]))), at: 48, 4)
  set(UInt64(WeightKernels.crc32c(Array(bytes[..<60]))), at: 60, 4)
  return bytes
}

/// A file of a real model: TAIYI_FUZZ_MODEL.
private let realModel: [UInt8] = {
  let path = ProcessInfo.processInfo.environment["TAIYI_FUZZ_MODEL"] ?? ""
  guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)), data.count > 64 else {
    FileHandle.standardError.write(Data("TAIYI_FUZZ_MODEL is the path of a .tcm file\n".utf8))
    _exit(2)
  }
  return [UInt8](data)
}()

/// Where its manifest begins.
private let manifestOffset = Int(
  (0..<8).reduce(UInt64(0)) { $0 | UInt64(realModel[24 + $1]) << UInt64(8 * $1) })

/// A file of the real model's weights, whose manifest is written anew.
///
/// The weights are written once: that is most of what an execution would cost.
private func modelFile() -> (@Sendable ([UInt8]) -> String) {
  let file = MemoryFile()
  file.write(realModel)
  return { manifest in
    var header = Array(realModel[..<64])
    func set(_ value: UInt64, at offset: Int, _ count: Int) {
      for byte in 0..<count {
        header[offset + byte] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(byte)))
      }
    }
    // Whatever needs it: files of read version 1 and 2 differ in what they may hold only.
    set(2, at: 8, 4)
    set(2, at: 12, 4)
    set(UInt64(manifest.count), at: 32, 8)
    set(UInt64(manifestOffset + manifest.count), at: 40, 8)
    set(UInt64(WeightKernels.crc32c(manifest)), at: 48, 4)
    set(UInt64(WeightKernels.crc32c(Array(header[..<60]))), at: 60, 4)
    file.write(manifest, from: manifestOffset)
    file.put(header, at: 0)
    return file.path
  }
}

/// The manifest of the real model.
private let realManifest = Array(realModel[manifestOffset...])

/// Twelve tokens.
private let smallVocabulary =
  "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n##a\nb\n猫\n的\n,\n##b\n"

/// `bytes` with a list of changes made behind `start`: where, in two bytes, and what is added there.
private func changed(_ bytes: [UInt8], from start: Int, by changes: [UInt8]) -> [UInt8] {
  var bytes = bytes
  for change in stride(from: 0, to: changes.count - 2, by: 3) {
    let place = Int(changes[change]) | Int(changes[change + 1]) << 8
    bytes[start + place % (bytes.count - start)] &+= changes[change + 2]
  }
  return bytes
}

extension FuzzTarget {
  /// A whole `.tcm` file, as it is and with checksums made right.
  static let tcm: FuzzTarget = {
    let file = MemoryFile()
    return FuzzTarget(name: "tcm") { bytes in
      for bytes in [bytes, repaired(bytes)] {
        file.write(bytes)
        try? TCMFile(path: file.path).check()
      }
    }
  }()

  /// A manifest behind the weights of a real model.
  static let manifest: FuzzTarget = {
    let path = modelFile()
    return FuzzTarget(name: "manifest") { _ = try? TCMFile(path: path($0)) }
  }()

  /// A real model with a few bytes of its manifest changed; what opens is run.
  ///
  /// The input is a list of changes: where, in two bytes, and what is added there.
  static let model: FuzzTarget = {
    let path = modelFile()
    return FuzzTarget(name: "model") { changes in
      let manifest = path(changed(realManifest, from: 0, by: changes))
      guard let opened = try? Model(path: manifest), let text = opened.textTower,
        text.layers * text.width * text.mlpWidth < 1 << 22,
        let session = try? Session(model: opened, threads: 1)
      else { return }
      _ = try? session.embed(texts: ["一只猫"], padding: .none)
    }
  }()

  /// The vocabulary section of a file: any bytes, and a valid one with bytes changed as in `model`.
  static let vocabulary: FuzzTarget = {
    let section = must { try VocabularyBuilder.build(text: Array(smallVocabulary.utf8)) }
    return FuzzTarget(name: "vocabulary") { input in
      for bytes in [input, changed(section, from: 0, by: input)] {
        let block = must { try MutableBlock(copying: bytes) }
        guard let vocabulary = try? Vocabulary(section: block.readOnly) else { continue }
        // Usable even where `validate` would refuse it.
        _ = BertTokenizer(vocabulary: vocabulary).encode("一只猫 ab!", maximumLength: 32)
        try? vocabulary.validate()
      }
    }
  }()

  /// A `vocab.txt`.
  static let vocabularyText = FuzzTarget(name: "vocab-txt") { bytes in
    guard let section = try? VocabularyBuilder.build(text: bytes) else { return }
    let block = must { try MutableBlock(copying: section) }
    must { try Vocabulary(section: block.readOnly).validate() }
  }

  /// Any bytes as a text.
  static let tokenizer: FuzzTarget = {
    let section = must { try VocabularyBuilder.build(text: Array(smallVocabulary.utf8)) }
    let block = must { try MutableBlock(copying: section) }
    let tokenizer = BertTokenizer(
      vocabulary: must { try Vocabulary(section: block.readOnly) })
    return FuzzTarget(name: "tokenizer") { bytes in
      let ids = tokenizer.encode(utf8: bytes, maximumLength: 77)
      precondition(ids.count >= 2 && ids.count <= 77, "between [CLS] and [SEP]")
      precondition(ids.allSatisfy { $0 >= 0 && $0 < 12 }, "ids of the vocabulary")
    }
  }()
}
