import Foundation
import TestSupport
import Testing

/// Names of files on the command line: outputs that are inputs, and names that are no text.
@Suite struct FileNameTests {
  /// The input is as it was, and the sentence names both.
  private func expectRefusal(
    _ tool: String, _ arguments: [String], kept: String, _ sentence: String,
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    let before = try Fixture.bytes(kept)
    let outcome = try Command.run(tool, arguments)
    #expect(
      outcome == .init(status: 1, output: "", errors: "error: \(sentence)\n"),
      sourceLocation: location)
    #expect(try Fixture.bytes(kept) == before, sourceLocation: location)
  }

  @Test func outputsAreNoInputs() throws {
    try Fixture.withFolder { folder in
      func copy(_ path: String, _ name: String) throws -> String {
        try FileManager.default.copyItem(atPath: path, toPath: folder + "/" + name)
        return folder + "/" + name
      }
      let model = try copy(Models.int8.get(), "m.npy")
      let picture = try copy(Fixture.path("demo/cat.jpg"), "p.png")
      let linked = folder + "/link.png"
      try FileManager.default.createSymbolicLink(atPath: linked, withDestinationPath: picture)
      let texts = try copy(Fixture.path("demo/labels.txt"), "t.npy")
      try expectRefusal(
        "taiyi", ["preprocess", "--model", model, "--output", picture, picture], kept: picture,
        "\(picture): the output is the input \(picture)")
      try expectRefusal(
        "taiyi", ["preprocess", "--model", model, "--output", linked, picture], kept: picture,
        "\(linked): the output is the input \(picture)")
      try expectRefusal(
        "taiyi", ["preprocess", "--model", model, "--output", model, picture], kept: model,
        "\(model): the output is the input \(model)")
      let npy = ["embed", "--model", model, "--format", "npy", "--output"]
      try expectRefusal(
        "taiyi", npy + [model, "--text", "a"], kept: model,
        "\(model): the output is the input \(model)")
      try expectRefusal(
        "taiyi", npy + [texts, "--texts", texts], kept: texts,
        "\(texts): the output is the input \(texts)")
    }
  }

  /// A report takes the place of a report, and of no other file.
  @Test func reports() throws {
    try Fixture.withFolder { folder in
      let (text, image) = (Fixture.path("checkpoints/text"), Fixture.path("checkpoints/image"))
      let model = folder + "/m.html"
      try FileManager.default.copyItem(atPath: Models.int8.get(), toPath: model)
      let verify = [
        "verify", model, "--reference", text, image, "--cache", folder + "/cache", "--report",
      ]
      try expectRefusal(
        "taiyi-convert", verify + [model], kept: model,
        "\(model): exists and is not a report, so it is not replaced")
      let report = folder + "/r.html"
      for _ in 0..<2 {
        let outcome = try Command.run("taiyi-convert", verify + [report])
        #expect(outcome.status != 1, "\(outcome.errors)")
      }
      #expect(try Fixture.bytes(report).starts(with: Array("<!DOCTYPE html>".utf8)))
    }
  }

  /// Bytes that are no UTF-8 would be repaired, and name another file.
  @Test(arguments: ["taiyi", "taiyi-convert", "taiyi-bench", "taiyi-edge"])
  func names(tool: String) throws {
    let shell = "{} info --model \"$(printf '/tmp/\\377.tcm')\""
    let outcome = try Command.run(tool, [], shell: shell)
    #expect(outcome.status == 64 && outcome.output.isEmpty)
    #expect(
      outcome.errors.hasPrefix("error: argument 3")
        && outcome.errors.hasSuffix("is not UTF-8; give the file another name\n"),
      "\(outcome.errors)")
  }
}
