import Foundation
import TestSupport
import Testing

@Suite struct ConvertCommandTests {
  static let text = Fixture.path("checkpoints/text")
  static let image = Fixture.path("checkpoints/image")

  /// Everything in a folder, hidden files too.
  static func contents(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  @Test func says() throws {
    try Fixture.withFolder { folder in
      let output = folder + "/out.tcm"
      let outcome = try Command.run("taiyi-convert", [Self.text, Self.image, output])
      #expect(outcome.status == 0)
      #expect(outcome.output == "\(output): 1.8 MB from 4.7 MB\n")
      #expect(
        outcome.errors == """
          text: BERT text tower from \(Self.text)/model.safetensors
            heads 2: config.json: num_attention_heads
            activation gelu: config.json: hidden_act
            layer norm epsilon 1e-12: config.json: layer_norm_eps
            context length 77 (assumed): the length Taiyi-CLIP is evaluated with
          image: CLIP vision transformer from \(Self.image)/open_clip_model.safetensors
            heads 2: open_clip_config.json: model_cfg.vision_cfg.head_width is 64
            activation quickgelu: open_clip_config.json: quick_gelu is true
            layer norm epsilon 1e-05 (assumed): PyTorch's default
            preprocessing given: open_clip_config.json: preprocess_cfg
          \(Self.image): 17 tensors unused, for example ln_final.bias
          logit scale 100.00000639508755: logit_scale of open_clip_model.safetensors

          """)
      #expect(try Self.contents(folder) == ["out.tcm"])
    }
  }

  /// The subcommand's name may be left out.
  @Test func defaultSubcommand() throws {
    try Fixture.withFolder { folder in
      for (words, name) in [(["convert"], "a.tcm"), ([], "b.tcm")] {
        let arguments = words + ["--quant", "f16", Self.text, folder + "/" + name]
        let outcome = try Command.run("taiyi-convert", arguments)
        #expect(outcome.status == 0)
      }
      #expect(try Fixture.bytes(folder + "/a.tcm") == Fixture.bytes(folder + "/b.tcm"))
    }
  }

  @Test func forgottenOutput() throws {
    try Fixture.withFolder { folder in
      let (a, b) = (folder + "/a.safetensors", folder + "/b.safetensors")
      for path in [a, b] {
        try FileManager.default.copyItem(atPath: Self.text + "/model.safetensors", toPath: path)
      }
      let outcome = try Command.run("taiyi-convert", [a, b])
      #expect(outcome.status == 1)
      #expect(
        outcome.errors == "error: \(b): exists and is not a .tcm file, so it is not replaced; is "
          + "the output missing?\n")
      #expect(try Fixture.bytes(a) == Fixture.bytes(b))
    }
  }

  @Test func noFolder() throws {
    try Fixture.withFolder { folder in
      let output = folder + "/missing/out.tcm"
      let outcome = try Command.run("taiyi-convert", [Self.text, output])
      #expect(outcome.status == 1)
      #expect(
        outcome.errors.hasSuffix(
          "error: \(output): cannot create a file in this folder: No such file or directory\n"))
      #expect(try Self.contents(folder) == [])
    }
  }

  /// A file-size limit stands for a full disk: writing fails in the middle.
  @Test func fullDisk() throws {
    try Fixture.withFolder { folder in
      let output = folder + "/out.tcm"
      let old = try Fixture.bytes(Models.text.get())
      try Data(old).write(to: URL(fileURLWithPath: output))
      let outcome = try Command.run(
        "taiyi-convert", [Self.text, output], shell: "ulimit -f 300; exec {}")
      #expect(outcome.status == 1)
      #expect(outcome.errors.hasSuffix("error: \(output): cannot write: File too large\n"))
      #expect(try Self.contents(folder) == ["out.tcm"])
      #expect(try Fixture.bytes(output) == old)
    }
  }

  @Test func notACheckpoint() throws {
    try Fixture.withFolder { folder in
      let input = Fixture.path("demo/cat.jpg")
      let outcome = try Command.run("taiyi-convert", [input, folder + "/out.tcm"])
      #expect(outcome.status == 1)
      #expect(outcome.output == "")
      #expect(outcome.errors == "error: \(input): this is a JPEG image, not a checkpoint\n")
      #expect(try Self.contents(folder) == [])
    }
  }

  @Test(arguments: [
    (["--quant", "int3", "a", "b"], "--quant takes one of int8, int4, f16, f32, found int3."),
    (["a"], "Expected <input> ... <output.tcm>."),
    (
      ["--heads", "2", "a", "b"],
      "--heads belongs to one tower; say --towers text or --towers image."
    ),
    (["--threads", "0", "a", "b"], "--threads takes 1 to 1024, found 0."),
  ])
  func usage(arguments: [String], sentence: String) throws {
    let outcome = try Command.run("taiyi-convert", arguments)
    #expect(outcome.status == 64)
    #expect(outcome.errors.hasPrefix("Error: \(sentence)\n"))
  }
}
