import Checkpoints
import Foundation
import TensorCore
import TestSupport

/// A folder of files that a test makes, and the sentences that come of opening them.
struct TestFolder {
  let path: String

  /// Runs `body` with an empty folder.
  static func with(_ body: (TestFolder) throws -> Void) throws {
    try Fixture.withFolder { try body(TestFolder(path: $0)) }
  }

  func write(_ bytes: [UInt8], _ name: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path + "/" + name))
  }

  func write(_ text: String, _ name: String) throws {
    try write(Array(text.utf8), name)
  }

  /// The sentence of the error, without the folder; "opened" if there is none.
  func sentence(_ name: String = "", limits: CheckpointLimits = CheckpointLimits()) -> String {
    do throws(CheckpointError) {
      _ = try Checkpoints.open(path: name.isEmpty ? path : path + "/" + name, limits: limits)
      return "opened"
    } catch {
      return error.description.replacing(path + "/", with: "").replacing(path, with: "FOLDER")
    }
  }
}

/// The bytes of a safetensors file.
func safetensors(_ header: String, dataByteCount: Int = 0, length: UInt64? = nil) -> [UInt8] {
  let text = Array(header.utf8)
  let count = length ?? UInt64(text.count)
  let prefix = (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * UInt64($0))) }
  return prefix + text + (0..<dataByteCount).map { UInt8(truncatingIfNeeded: $0) }
}

/// All bytes of a tensor.
func bytes(_ checkpoint: any Checkpoint, _ name: String) throws -> [UInt8]? {
  guard let index = checkpoint.index(of: name) else { return nil }
  let count = checkpoint.tensors[index].byteCount
  let buffer = try MutableBlock<UInt8>(allocating: count)
  try checkpoint.read(tensor: index, bytes: 0..<count, into: buffer)
  return buffer.array
}
