import Foundation
import TestSupport
import Testing

/// `taiyi-convert compare`.
@Suite struct CompareCommandTests {
  private func compare(_ paths: [String], _ more: [String] = []) throws -> [String: Any] {
    try Fixture.withFolder { folder in
      let outcome = try Command.run(
        "taiyi-convert",
        ["compare", "--json", "--samples", "3", "--cache", folder] + more + paths)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return try object(outcome.output)
    }
  }

  private func layers(_ report: [String: Any]) throws -> [(name: String, accumulated: Double)] {
    try #require(report["layers"] as? [[String: Any]]).map { row in
      let tower = try #require(row["tower"] as? String)
      let name = try #require(row["name"] as? String)
      return ("\(tower).\(name)", try #require(row["accumulated"] as? Double))
    }
  }

  @Test func theSameModel() throws {
    let report = try compare([Models.int8.get(), Models.int8.get()])
    #expect(report["first"] is NSNull)
    #expect(try layers(report).allSatisfy { $0.accumulated == 0 })
    let names = try layers(report).map(\.name)
    #expect(names.first == "text.embeddings" && names.last == "image.head")
  }

  /// Any two of checkpoints and files: two checkpoints, and a file before its checkpoint.
  @Test func twoCheckpoints() throws {
    let text = Fixture.path("checkpoints/text")
    let image = Fixture.path("checkpoints/image")
    let same = try compare([text, image, "--with", text, image])
    #expect(same["first"] is NSNull)
    #expect(try layers(same).allSatisfy { $0.accumulated == 0 })
    let one = try compare([text, text])
    #expect(try layers(one).allSatisfy { $0.name.hasPrefix("text.") && $0.accumulated == 0 })
    let turned = try compare([Models.int8.get(), "--with", text, image])
    #expect(turned["first"] as? String == "text.embeddings")
    #expect(try layers(turned).last.map { $0.accumulated > 0 && $0.accumulated < 0.1 } == true)
  }

  /// Smoothing can be left out of the comparison; one matrix in 4 bits in an otherwise equal file is found.
  @Test func oneMatrix() throws {
    try Fixture.withFolder { folder in
      let inputs = [Fixture.path("checkpoints/text"), Fixture.path("checkpoints/image")]
      var files: [String] = []
      for (name, rule) in [("a", ""), ("b", "store text.layers.1.mlp.up.weight int4\n")] {
        try "name x\nsmoothing none\nstore * int8\n\(rule)"
          .write(toFile: folder + "/recipe.txt", atomically: true, encoding: .utf8)
        files.append(folder + "/\(name).tcm")
        let converted = try Command.run(
          "taiyi-convert", ["--recipe", folder + "/recipe.txt"] + inputs + [files.last ?? ""])
        #expect(converted.status == 0, "\(converted.errors)")
      }
      let report = try compare(files)
      #expect(report["first"] as? String == "text.layers.1")
      let rows = try #require(report["layers"] as? [[String: Any]])
      var differing: [String] = []
      for row in rows {
        for tensor in try #require(row["tensors"] as? [[String: Any]])
        where try #require(tensor["isolated"] as? Double) > 0 {
          differing.append(try #require(tensor["tensor"] as? String))
        }
      }
      #expect(differing == ["text.layers.1.mlp.up.weight"])
      let table = try Command.run(
        "taiyi-convert", ["compare", "--cache", folder] + files)
      #expect(table.lines.last == "the first to differ: text layers.1")
    }
  }

  /// Checkpoints against a file made of them: the f32 file is the same numbers.
  @Test func checkpoints() throws {
    let inputs = [Fixture.path("checkpoints/text"), Fixture.path("checkpoints/image")]
    let same = try compare(inputs + [Models.f32.get()])
    #expect(same["first"] is NSNull)
    let int8 = try compare(inputs + [Models.int8.get()])
    #expect(int8["first"] as? String == "text.embeddings")
    #expect(try layers(int8).allSatisfy { $0.accumulated > 0 && $0.accumulated < 0.2 })
  }
}
