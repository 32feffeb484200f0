import Checkpoints
import Foundation
import Notation
import TensorCore

/// Opens what was written and reads a little of every tensor.
private func read(_ file: MemoryFile) {
  guard let checkpoint = try? Checkpoints.open(path: file.path).checkpoint else { return }
  let buffer = must { try MutableBlock<UInt8>(allocating: 64) }
  for (index, tensor) in checkpoint.tensors.enumerated().prefix(8) {
    let count = min(64, tensor.byteCount)
    try? checkpoint.read(
      tensor: index, bytes: tensor.byteCount - count..<tensor.byteCount, into: buffer[0..<count])
  }
}

extension FuzzTarget {
  /// A whole safetensors file.
  static let safetensors: FuzzTarget = {
    let file = MemoryFile(suffix: ".safetensors")
    return FuzzTarget(name: "safetensors") {
      file.write($0)
      read(file)
    }
  }()

  /// An index of shards that are not there.
  static let index: FuzzTarget = {
    let file = MemoryFile(suffix: ".safetensors.index.json")
    return FuzzTarget(name: "index") {
      file.write($0)
      _ = try? ShardedCheckpoint(path: file.path)
    }
  }()

  /// A whole ZIP archive, as it is and with the checksums of its entries made right.
  static let archive: FuzzTarget = {
    let file = MemoryFile()
    return FuzzTarget(name: "archive") {
      file.write($0)
      read(file)
      let repaired = Checksums.repaired(archive: $0)
      if repaired == $0 { return }
      file.write(repaired)
      read(file)
    }
  }()

  /// The pickle of an archive that is otherwise as it should be.
  static let pickle: FuzzTarget = {
    let file = MemoryFile()
    return FuzzTarget(name: "pickle") {
      file.write(FuzzArchive.file(pickle: $0, isScript: false))
      read(file)
    }
  }()

  /// The same of a TorchScript archive.
  static let script: FuzzTarget = {
    let file = MemoryFile()
    return FuzzTarget(name: "script") {
      file.write(FuzzArchive.file(pickle: $0, isScript: true))
      read(file)
    }
  }()

  /// What follows the magic number of the format before PyTorch 1.6.
  static let oldFormat: FuzzTarget = {
    let file = MemoryFile()
    let start: [UInt8] = [
      0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E,
      0x80, 2, 0x4D, 0xE9, 3, 0x2E,
    ]
    return FuzzTarget(name: "old-format") {
      file.write(start + $0)
      read(file)
    }
  }()

  /// JSON: what parses comes out as text that parses to the same.
  static let json = FuzzTarget(name: "json") { bytes in
    guard let document = try? JSONDocument(bytes) else { return }
    _ = document.root.members?.map(\.key)
    _ = document.root["weight_map"]?.string
    _ = document.root.elements?.compactMap(\.double)
  }
}
