import Checkpoints
import Foundation
import TensorCore
import TestSupport
import Testing

@Suite struct ShardedSafetensorsTests {
  private static let index = "model.safetensors.index.json"

  private static func shard(_ names: [String]) -> [UInt8] {
    let entries = names.enumerated().map { place, name in
      #""\#(name)":{"dtype":"U8","shape":[1],"data_offsets":[\#(place),\#(place + 1)]}"#
    }
    return safetensors("{" + entries.joined(separator: ",") + "}", dataByteCount: names.count)
  }

  /// The files of `huggingface_hub.save_torch_state_dict`: layer i holds 8i ..< 8i + 8.
  @Test(arguments: ["", "/" + index]) func filesOfTheReference(_ suffix: String) throws {
    let folder = Fixture.path("checkpoints-safetensors/sharded")
    let opened = try Checkpoints.open(path: folder + suffix)
    let checkpoint = opened.checkpoint
    #expect(opened.notes.isEmpty)
    #expect(checkpoint.formatName == "sharded safetensors")
    #expect(checkpoint.tensors.map(\.name) == (0..<6).map { "layer.\($0).weight" })
    #expect(
      checkpoint.files.map(\.path) == [
        folder + "/model-00001-of-00002.safetensors",
        folder + "/model-00002-of-00002.safetensors", folder + "/" + Self.index,
      ])
    for layer in 0..<6 {
      let bytes = try #require(try bytes(checkpoint, "layer.\(layer).weight"))
      let expected = (0..<8).flatMap { value in
        let bits = Float(layer * 8 + value).bitPattern
        return (0..<4).map { UInt8(truncatingIfNeeded: bits >> (8 * UInt32($0))) }
      }
      #expect(bytes == expected)
    }
    #expect(checkpoint.metadata.map(\.value) == ["pt"])
    #expect(checkpoint.index(of: "layer.6.weight") == nil)
    try checkpoint.checkUnchanged()
  }

  @Test(arguments: [
    "../b.safetensors", "/etc/passwd", "a/b.safetensors", ".hidden", "", "..", "a\\b", "a b",
    "-x", "ä.safetensors", "a\u{0}", String(repeating: "a", count: 256),
  ])
  func namesThatLeadElsewhere(_ name: String) throws {
    #expect(!isPlainFileName(name))
    let text = try JSONEncoder().encode(["weight_map": ["w": name]])
    try TestFolder.with { folder in
      try folder.write([UInt8](text), Self.index)
      #expect(
        folder.sentence()
          == "\(Self.index): weight_map: tensor \"w\": \"\(printable(name))\" "
          + "is not a plain file name")
    }
  }

  @Test func plainNames() {
    for name in ["a", "9", "model-00001-of-00002.safetensors", String(repeating: "a", count: 255)] {
      #expect(isPlainFileName(name))
    }
  }

  @Test(arguments: [
    ("[]", "no object \"weight_map\" that maps tensors to files"),
    (#"{"weight_map": []}"#, "no object \"weight_map\" that maps tensors to files"),
    (#"{"weight_map": {}}"#, "the file holds no tensors"),
    (#"{"weight_map": {"w": 1}}"#, #"weight_map: tensor "w": the file name is not a string"#),
    (
      #"{"weight_map": {"w": "a.safetensors", "w": "b.safetensors"}}"#,
      "not valid JSON: byte 38: the key \"w\" appears twice"
    ),
    (#"{"weight_map": {"w": "c.safetensors"}}"#, "the shard c.safetensors is missing"),
    (
      #"{"weight_map": {"w": "a.safetensors", "v": "a.safetensors"}}"#,
      #"weight_map places tensor "v" in a.safetensors, which does not hold it"#
    ),
    (
      #"{"weight_map": {"w": "a.safetensors", "x": "b.safetensors"}}"#,
      #"weight_map places tensor "w" in a.safetensors, but b.safetensors "#
        + "holds one of that name too"
    ),
  ])
  func damagedIndexes(_ text: String, _ expected: String) throws {
    try TestFolder.with { folder in
      try folder.write(Self.shard(["w", "u"]), "a.safetensors")
      try folder.write(Self.shard(["w", "x"]), "b.safetensors")
      try folder.write(text, Self.index)
      #expect(folder.sentence() == "\(Self.index): \(expected)")
    }
  }

  @Test func tensorsThatTheIndexLeavesOut() throws {
    try TestFolder.with { folder in
      try folder.write(Self.shard(["w", "u"]), "a.safetensors")
      try folder.write(#"{"weight_map": {"u": "a.safetensors"}}"#, Self.index)
      let opened = try Checkpoints.open(path: folder.path)
      #expect(opened.checkpoint.tensors.map(\.name) == ["u"])
      #expect(try bytes(opened.checkpoint, "u") == [1])
      #expect(
        opened.notes.map(\.description) == [
          "\(folder.path)/\(Self.index): tensor \"w\" in a.safetensors "
            + "is not in weight_map and not read"
        ])
    }
  }

  @Test func aShardOfAnotherKind() throws {
    try TestFolder.with { folder in
      try folder.write("version https://git-lfs.github.com/spec/v1\n", "a.safetensors")
      try folder.write(#"{"weight_map": {"u": "a.safetensors"}}"#, Self.index)
      #expect(
        folder.sentence() == "a.safetensors: this is a Git LFS pointer, not the file itself; "
          + "run `git lfs pull`")
    }
  }

  @Test func tooManyShards() throws {
    try TestFolder.with { folder in
      try folder.write(
        #"{"weight_map": {"u": "a.safetensors", "w": "b.safetensors"}}"#, Self.index)
      var limits = CheckpointLimits()
      limits.shardCount = 1
      #expect(
        folder.sentence(limits: limits) == "\(Self.index): 2 shards, at most 1 are accepted")
      limits = CheckpointLimits()
      limits.tensorCount = 1
      #expect(
        folder.sentence(limits: limits)
          == "\(Self.index): 2 tensors, at most 1 are accepted (--max-tensors raises the limit)")
      limits.indexByteCount = 10
      #expect(
        folder.sentence(limits: limits)
          == "\(Self.index): not valid JSON: the text is 60 bytes long, at most 10 are accepted")
    }
  }
}
