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

  /// Each tower has its own option, so two towers nothing is said about become one file.
  @Test func headsOfBothTowers() throws {
    try Fixture.withFolder { folder in
      let output = folder + "/out.tcm"
      let inputs = ["text-classifier", "image-bare"].map { Fixture.path("checkpoints/" + $0) }
      let options = ["--text-heads", "4", "--image-heads", "2", "--activation", "quickgelu"]
      let outcome = try Command.run("taiyi-convert", options + inputs + [output])
      #expect(outcome.status == 0)
      let heads = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("  heads") }
      #expect(heads == ["  heads 4: --text-heads", "  heads 2: --image-heads"])
      let info = try Command.run("taiyi-convert", ["inspect", output])
      #expect(info.output.contains("width 64, 4 heads"))
      #expect(info.output.contains("width 64, 2 heads"))
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
  @Test(.enabled(if: !Sanitizer.isThread, "the thread sanitizer writes longer files itself"))
  func fullDisk() throws {
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
    (
      ["--quant", "int3", "a", "b"],
      "--quant takes one of int8, int4, int4-int8-mixed, f16, f32, found int3."
    ),
    (["a"], "Expected <input> ... <output.tcm>."),
    (["--threads", "0", "a", "b"], "--threads takes 1 to 1024, found 0."),
  ])
  func usage(arguments: [String], sentence: String) throws {
    let outcome = try Command.run("taiyi-convert", arguments)
    #expect(outcome.status == 64)
    #expect(outcome.errors.hasPrefix("Error: \(sentence)\n"))
  }

  /// A recipe of one's own, shown by inspect as it was understood.
  @Test func recipe() throws {
    try Fixture.withFolder { folder in
      let recipe = folder + "/recipe.txt"
      let output = folder + "/out.tcm"
      try """
      # One matrix in 4 bits.
      name mine
      smoothing none
      store * f16
      store text.layers.1.mlp.up.weight int4
      """.write(toFile: recipe, atomically: true, encoding: .utf8)
      let arguments = ["--recipe", recipe, Fixture.path("checkpoints/text"), output]
      let outcome = try Command.run("taiyi-convert", arguments)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let shown = try object(Command.run("taiyi-convert", ["inspect", "--json", output]).output)
      #expect(shown["recipe"] as? String == "mine")
      #expect(
        shown["recipe_lines"] as? [String] == [
          "name mine", "smoothing none", "store * f16", "store text.layers.1.mlp.up.weight int4",
        ])
      let tensors = try #require(shown["tensors"] as? [[String: Any]])
      let packed = tensors.filter { $0["encoding"] as? String == "int4-group" }
      #expect(packed.map { $0["name"] as? String } == ["text.layers.1.mlp.up.weight"])
      let lines = try Command.run("taiyi-convert", ["inspect", output]).lines
      #expect(lines.contains("  store text.layers.1.mlp.up.weight int4"))
      try "name mine\nstore * int5\n".write(toFile: recipe, atomically: true, encoding: .utf8)
      let refused = try Command.run("taiyi-convert", arguments)
      #expect(refused.status == 1)
      #expect(
        refused.errors
          == "error: \(recipe): line 2: expected store PATTERN and one of f32, f16, int8, int4, "
          + "found \"store * int5\"\n")
    }
  }
}
