import Foundation
import TestSupport
import Testing

/// Limits of docs/LIMITS.md, and the options that raise them.
@Suite struct LimitTests {
  /// A refusal names the option, and the option helps.
  @Test func header() throws {
    let file = Fixture.path("checkpoints/text-f16/model.safetensors")
    let refused = try Command.run("taiyi-convert", ["inspect", "--max-header", "100", file])
    #expect(refused.status == 1)
    #expect(
      refused.errors.hasSuffix(
        "bytes, at most 100 are accepted (--max-header raises the limit)\n"))
    #expect(
      try Command.run("taiyi-convert", ["inspect", "--max-header", "100000", file]).status == 0)
  }

  @Test func tensors() throws {
    let file = Fixture.path("checkpoints/text-f16")
    try Fixture.withFolder { folder in
      for command in [["inspect", file], ["convert", file, folder + "/none.tcm"]] {
        let refused = try Command.run("taiyi-convert", command + ["--max-tensors", "3"])
        #expect(refused.status == 1)
        #expect(
          refused.errors.hasSuffix(
            " tensors, at most 3 are accepted (--max-tensors raises the limit)\n"))
      }
    }
  }

  @Test func text() throws {
    try Fixture.withFolder { folder in
      let model = folder + "/m.tcm"
      let file = Fixture.path("checkpoints/text-f16")
      #expect(try Command.run("taiyi-convert", ["convert", file, model]).status == 0)
      let texts = folder + "/texts"
      try Data("一只猫\n".utf8).write(to: URL(fileURLWithPath: texts))
      let arguments = ["tokenize", "--model", model, "--texts", texts, "--max-text"]
      let refused = try Command.run("taiyi", arguments + ["9"])
      #expect(
        refused.errors
          == "error: \(texts): at most 9 bytes of text, found 10 (--max-text raises the limit)\n")
      #expect(try Command.run("taiyi", arguments + ["10"]).status == 0)
      #expect(try Command.run("taiyi", arguments + ["0"]).status == 64)
    }
  }
}
