import Foundation
import TestSupport
import Testing

@Suite struct InspectCommandTests {
  @Test func modelKeys() throws {
    let outcome = try Command.run("taiyi-convert", ["inspect", "--json", Models.int8.get()])
    let record = try object(outcome.output)
    #expect(
      record.keys.sorted() == [
        "assumptions", "bytes", "format", "identity", "image", "labels", "logit_scale",
        "numerics_version", "path", "read_version", "recipe", "recipe_lines", "report",
        "report_numerics_version",
        "sections",
        "sources",
        "tensors", "text", "tool", "write_version",
      ])
    #expect(record["format"] as? String == "tcm")
    #expect(record["recipe"] as? String == "int8")
    let tensors = try #require(record["tensors"] as? [[String: Any]])
    let up = try #require(
      tensors.first { $0["name"] as? String == "text.layers.0.mlp.up.weight" })
    #expect(up["encoding"] as? String == "int8-row")
    #expect(up["shape"] as? [Int] == [512, 128])
    let parts = try #require(up["parts"] as? [[String: Any]])
    #expect(
      parts.map { $0["role"] as? String } == ["values", "row scales", "row sums", "input scales"])
    #expect(parts.map { $0["bytes"] as? Int } == [65536, 2048, 2048, 512])
    let sources = try #require(record["sources"] as? [[String: Any]])
    #expect(
      sources.map { $0["name"] as? String } == [
        "model.safetensors", "open_clip_model.safetensors", "vocab.txt",
      ])
  }

  @Test func checkpoint() throws {
    let path = Fixture.path("checkpoints/image")
    let record = try object(
      Command.run("taiyi-convert", ["inspect", "--json", path]).output)
    #expect(record["format"] as? String == "safetensors")
    #expect((record["tensors"] as? [Any])?.count == 50)
    #expect((record["unused"] as? [Any])?.count == 17)
    let towers = try #require(record["towers"] as? [[String: Any]])
    #expect(towers.map { $0["kind"] as? String } == ["image"])
    #expect(record["refusal"] is NSNull)
  }

  /// What could not be converted is shown all the same, with the reason.
  @Test func refusedCheckpoint() throws {
    let path = Fixture.path("checkpoints/image-bare")
    let outcome = try Command.run("taiyi-convert", ["inspect", path])
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("not to be converted as it is: "))
    #expect(outcome.output.contains("--image-heads"))
  }
}
