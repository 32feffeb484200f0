import Checkpoints
import Crypto
import Foundation
import TensorCore
import TestSupport
import Testing

/// Files of torch.save: what torch reads from them.
@Suite struct PyTorchFileTests {
  struct Row: Decodable {
    var name: String
    var type: String
    var shape: [Int]
    var sha256: String
  }

  static let folder = Fixture.path("checkpoints-pytorch")
  static let table = Result {
    try JSONDecoder().decode(
      [String: [Row]].self, from: Data(contentsOf: URL(fileURLWithPath: folder + "/tensors.json")))
  }

  static func path(_ name: String) -> String {
    if name == "sharded" { return folder + "/sharded" }
    return folder + "/" + name + (["openai", "tied"].contains(name) ? ".pt" : ".bin")
  }

  static func bytes(_ checkpoint: any Checkpoint, _ index: Int, in pieces: Int) throws -> [UInt8] {
    let count = checkpoint.tensors[index].byteCount
    var result: [UInt8] = []
    var start = 0
    while start < count {
      let end = min(count, start + max(1, count / pieces))
      let block = try MutableBlock<UInt8>(allocating: end - start)
      try checkpoint.read(tensor: index, bytes: start..<end, into: block)
      result += block.array
      start = end
    }
    return result
  }

  /// What OFA's training saves.
  @Test func chineseCLIP() throws {
    struct Goldens: Decodable { var sha256: [String: String] }
    let folder = Fixture.path("checkpoints-chinese-clip")
    let goldens = try JSONDecoder().decode(
      Goldens.self, from: Data(contentsOf: URL(fileURLWithPath: folder + "/goldens.json")))
    let checkpoint = try Checkpoints.open(path: folder + "/ofa/epoch3.pt").checkpoint
    #expect(Set(checkpoint.tensors.map(\.name)) == Set(goldens.sha256.keys))
    for (index, tensor) in checkpoint.tensors.enumerated() {
      let digest = SHA256.hash(data: try Self.bytes(checkpoint, index, in: 1))
      #expect(
        digest.map { String(format: "%02x", $0) }.joined() == goldens.sha256[tensor.name],
        "\(tensor.name)")
    }
  }

  /// Views, transposes, expands, tied weights, scalars, empty tensors, all types, both byte orders, wrappers; the format
  /// before PyTorch 1.6, and compiled models.
  @Test(arguments: [
    "plain", "protocol4", "views", "ordered", "module_state", "parameters", "training", "nested",
    "big_endian", "sharded", "old_plain", "old_views", "old_training", "openai", "tied",
  ])
  func tensors(_ name: String) throws {
    let rows = try #require(try Self.table.get()[name])
    let checkpoint = try Checkpoints.open(path: Self.path(name)).checkpoint
    #expect(checkpoint.tensors.map(\.name) == rows.map(\.name))
    for (index, row) in rows.enumerated() {
      let tensor = checkpoint.tensors[index]
      #expect(tensor.elementType.name == row.type, "\(row.name)")
      #expect(tensor.shape == row.shape, "\(row.name)")
      // In one read, in a few, and in pieces that cut elements.
      for pieces in [1, 3, 1000] {
        let digest = SHA256.hash(data: try Self.bytes(checkpoint, index, in: pieces))
        #expect(
          digest.map { String(format: "%02x", $0) }.joined() == row.sha256,
          "\(row.name) in \(pieces)")
      }
      #expect(checkpoint.index(of: row.name) == index)
    }
  }

  @Test func formatNames() throws {
    for (name, format) in [
      ("plain", "PyTorch checkpoint"), ("old_plain", "old-format PyTorch checkpoint"),
      ("openai", "TorchScript archive"),
    ] {
      let opened = try Checkpoints.open(path: Self.path(name))
      #expect(opened.checkpoint.formatName == format)
      #expect(opened.isTorchScript == (name == "openai"))
    }
  }

  @Test func notes() throws {
    let path = Self.path("nested")
    #expect(
      try Checkpoints.open(path: path).notes.map(\.description) == [
        "\(path): reading the tensors under \"model\", \"state_dict\"",
        "\(path): 1 entries are no tensors, for example step",
      ])
  }

  @Test(arguments: [
    (
      "whole_module",
      "pickle, byte 2: the pickle holds Python code objects "
        + "(torch.nn.modules.container.Sequential), not a state dict; save model.state_dict() instead"
    ),
    (
      "complex",
      "tensor \"z\": element type ComplexFloat is not supported; supported are F64, F32, F16, BF16, "
        + "I64, I32, I16, I8, U8, BOOL"
    ),
    ("sparse", "pickle: tensor \"s\" is of a kind that is not read (_rebuild_sparse_tensor)"),
    ("quantized", "pickle: tensor \"q\" is of a kind that is not read (_rebuild_qtensor)"),
    (
      "uint16",
      "pickle: tensor \"u\" is of a kind that is not read (_rebuild_tensor_v3 of another element "
        + "type)"
    ),
    ("no_tensors", "the file holds no tensors"),
    ("pickle", "pickle: this is a Python pickle, but torch.save did not write it"),
  ])
  func refused(_ name: String, _ sentence: String) {
    let path = Self.path(name)
    do throws(CheckpointError) {
      _ = try Checkpoints.open(path: path)
      Issue.record("opened")
    } catch { #expect(error.description == "\(path): \(sentence)") }
  }
}
