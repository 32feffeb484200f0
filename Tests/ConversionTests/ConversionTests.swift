import Conversion
import Foundation
import ModelFamilies
import Quantization
import TCMFormat
import TensorCore
import TestSupport
import Testing

@Suite struct ConversionTests {
  static func convert(
    _ inputs: [String], _ recipe: Recipe = .int8, to output: String, threads: Int = 1,
    options change: (inout ConversionOptions) -> Void = { _ in }
  ) throws -> ConversionSummary {
    var options = ConversionOptions(recipe: recipe, tool: "test 1.0")
    options.threads = threads
    change(&options)
    return try Converter(
      inputs: inputs.map { $0.hasPrefix("/") ? $0 : Fixture.path("checkpoints/" + $0) },
      output: output, options: options
    ).run()
  }

  /// The file of a conversion, open.
  static func withFile(
    _ inputs: [String], _ recipe: Recipe = .int8,
    options: (inout ConversionOptions) -> Void = { _ in },
    _ body: (TCMFile, ConversionSummary) throws -> Void
  ) throws {
    try Fixture.withFolder { folder in
      let output = folder + "/out.tcm"
      let summary = try convert(inputs, recipe, to: output, options: options)
      try body(TCMFile(path: output), summary)
    }
  }

  /// Names, sizes and SHA-256 as `sha256sum` prints them.
  @Test func provenance() throws {
    try Self.withFile(["text-f16", "image-mixed"]) { file, summary in
      let provenance = file.manifest.provenance
      #expect(provenance.tool == "test 1.0")
      #expect(provenance.recipe == "int8")
      let paths = [
        "text-f16/model.safetensors", "image-mixed/open_clip_model.safetensors",
        "text-f16/vocab.txt",
      ].map { Fixture.path("checkpoints/" + $0) }
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/sha256sum")
      process.arguments = paths
      let pipe = Pipe()
      process.standardOutput = pipe
      try process.run()
      let lines = String(
        decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self
      ).split(separator: "\n")
      process.waitUntilExit()
      #expect(provenance.sources.count == 3)
      for (source, (line, path)) in zip(provenance.sources, zip(lines, paths)) {
        #expect(source.name == path.split(separator: "/").last.map(String.init))
        #expect(source.byteCount == (try Fixture.bytes(path).count))
        #expect(source.sha256.map { String(format: "%02x", $0) }.joined() == line.prefix(64))
      }
      #expect(summary.inputByteCount == provenance.sources.reduce(0) { $0 + $1.byteCount })
      #expect(summary.outputByteCount == file.byteCount)
      try file.check()
    }
  }

  /// A whole CLIP file: its English text transformer is not used, its logit scale is.
  @Test func englishTextTransformer() throws {
    try Self.withFile(["image"]) { file, summary in
      #expect(file.manifest.text == nil)
      // exp of the float that is nearest to ln 100.
      #expect(file.manifest.logitScale == Float(exp(Double(Float(log(100.0))))))
      #expect(summary.unused.count == 1)
      let unused = Set(summary.unused[0].names)
      #expect(unused.count == 17)
      for name in [
        "token_embedding.weight", "ln_final.bias", "positional_embedding", "text_projection",
      ] {
        #expect(unused.contains(name))
      }
      #expect(!unused.contains("logit_scale"))
      #expect(
        file.manifest.provenance.assumptions == [
          "image: layer norm epsilon 1e-05 (assumed): PyTorch's default"
        ])
    }
  }

  @Test func assumedLogitScale() throws {
    try Self.withFile(["text-f16"]) { file, _ in
      #expect(file.manifest.logitScale == 100)
      #expect(
        file.manifest.provenance.assumptions.contains(
          "logit scale 100 (assumed): CLIP's usual value"))
    }
  }

  @Test func overridesAreRecorded() throws {
    try Self.withFile(
      ["image-bare"], .f32,
      options: {
        $0.overrides.imageHeads = 2
        $0.overrides.activation = .gelu
      }
    ) { file, summary in
      #expect(file.manifest.image?.heads == 2)
      #expect(file.manifest.image?.activation == .gelu)
      let findings = summary.towers.flatMap(\.findings).map(\.description)
      #expect(findings.contains("heads 2: --image-heads"))
      #expect(findings.contains("activation gelu: --activation"))
    }
    try Self.withFile(["text-f16"], .f32, options: { $0.overrides.contextLength = 12 }) { file, _ in
      #expect(file.manifest.text?.contextLength == 12)
    }
  }

  /// The bits do not depend on when or with how many threads.
  @Test(arguments: [Recipe.int8, .f16, .f32])
  func determinism(_ recipe: Recipe) throws {
    try Fixture.withFolder { folder in
      for (name, threads) in [("a", 1), ("b", 1), ("c", 2), ("d", 5)] {
        _ = try Self.convert(["text", "image"], recipe, to: folder + "/" + name, threads: threads)
      }
      let first = try Fixture.bytes(folder + "/a")
      for name in ["b", "c", "d"] { #expect(try Fixture.bytes(folder + "/" + name) == first) }
    }
  }

  /// The same weights in shards, with prefixes, as F32: the same tensors, so the same identity.
  @Test(arguments: ["text-sharded", "text-prefixed"])
  func sameWeights(_ other: String) throws {
    for recipe in [Recipe.int8, .f16, .f32] {
      try Self.withFile(["text-f16"], recipe) { expected, _ in
        try Self.withFile([other], recipe) { file, _ in
          #expect(file.manifest.identity == expected.manifest.identity)
          for (a, b) in zip(file.manifest.tensors, expected.manifest.tensors) {
            for (x, y) in zip(a.parts, b.parts) {
              #expect(
                file.bytes(at: x.offset, count: x.byteCount).array
                  == expected.bytes(at: y.offset, count: y.byteCount).array, "\(a.name)")
            }
          }
        }
      }
    }
  }

  /// PyTorch files of the same weights: the same tensors, byte for byte; for the image tower with `module.` names under
  /// `state_dict`.
  @Test func sameWeightsFromPyTorch() throws {
    try Fixture.withFolder { folder in
      for (name, source, side) in [
        ("text", "text-f16", ["config.json", "vocab.txt"]),
        ("image", "image-mixed", ["open_clip_config.json"]),
      ] {
        let copy = folder + "/" + name
        try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
        for file in side {
          try FileManager.default.copyItem(
            atPath: Fixture.path("checkpoints/\(source)/\(file)"), toPath: copy + "/" + file)
        }
        try FileManager.default.copyItem(
          atPath: Fixture.path("checkpoints-pytorch/\(name).bin"), toPath: copy + "/model.bin")
      }
      for recipe in [Recipe.int8, .f16, .f32] {
        try Self.withFile(["text-f16", "image-mixed"], recipe) { expected, _ in
          try Self.withFile([folder + "/text", folder + "/image"], recipe) { file, _ in
            #expect(file.manifest.identity == expected.manifest.identity)
            #expect(file.manifest.sections == expected.manifest.sections)
            #expect(file.manifest.tensors == expected.manifest.tensors)
            #expect(file.manifest.provenance.sources[0].name == "model.bin")
          }
        }
      }
    }
  }

  /// Hugging Face's names, and OpenAI's archive: the file of the same weights under open_clip's names, byte for byte but
  /// for where it comes from.
  @Test(arguments: [
    ("image-mixed", "checkpoints-huggingface/vision"),
    ("image-mixed", "checkpoints-huggingface/clip"),
    ("image-bare", "checkpoints-pytorch/openai.pt"),
  ])
  func sameWeightsFromOtherLayouts(_ source: String, _ other: String) throws {
    let change: (inout ConversionOptions) -> Void = { options in
      options.overrides.towers = [.image]
      if source == "image-bare" { options.overrides.imageHeads = 2 }
    }
    for recipe in [Recipe.int8, .f32] {
      try Self.withFile([source], recipe, options: change) { expected, _ in
        try Self.withFile([Fixture.path(other)], recipe, options: change) { file, _ in
          // An image tower alone has no logit scale.
          #expect(
            file.manifest.identity == expected.manifest.identity || other.hasSuffix("/vision"))
          #expect(file.manifest.sections == expected.manifest.sections)
          #expect(file.manifest.tensors == expected.manifest.tensors)
          if source == "image-bare" {
            #expect(
              file.manifest.provenance.assumptions.contains {
                $0.contains("openai.pt is a TorchScript archive, as OpenAI's weights are")
              })
          }
        }
      }
    }
  }

  /// OFA's names and transformers': the same tensors, byte for byte; they differ in how quotes are read.
  @Test func sameWeightsOfChineseCLIP() throws {
    let change: (inout ConversionOptions) -> Void = { options in
      options.overrides.textHeads = 2
      options.overrides.imageHeads = 3
    }
    let folder = Fixture.path("checkpoints-chinese-clip")
    for recipe in [Recipe.int8, .int4, .f32] {
      try Self.withFile([folder + "/ofa/epoch3.pt"], recipe, options: change) { expected, _ in
        try Self.withFile([folder + "/huggingface"], recipe, options: change) { file, _ in
          #expect(file.manifest.sections == expected.manifest.sections)
          #expect(file.manifest.tensors == expected.manifest.tensors)
          #expect(file.header.readVersion == 2 && file.header.writeVersion == 2)
          var text = try #require(file.manifest.text)
          #expect(text.masksPadding && !text.straightensQuotes && text.pooling == .projection)
          text.straightensQuotes = true
          #expect(expected.manifest.text == text)
          #expect(file.manifest.image == expected.manifest.image)
        }
      }
    }
  }

  @Test func progressRisesToOne() throws {
    try Fixture.withFolder { folder in
      var shares: [Double] = []
      _ = try Converter(
        inputs: [Fixture.path("checkpoints/text-f16")], output: folder + "/out.tcm",
        options: ConversionOptions(tool: "test")
      ).run { shares.append($0) }
      #expect(shares == shares.sorted())
      #expect(shares.last == 1)
    }
  }

  /// A folder that holds another format too.
  @Test func ignoredFormats() throws {
    try Fixture.withFolder { folder in
      let copy = folder + "/text"
      try FileManager.default.copyItem(
        atPath: Fixture.path("checkpoints/text-f16"), toPath: copy)
      try Data([0x80, 2]).write(to: URL(fileURLWithPath: copy + "/pytorch_model.bin"))
      let summary = try Self.convert([copy], to: folder + "/out.tcm")
      #expect(summary.notes == ["\(copy): reading model.safetensors, not pytorch_model.bin"])
    }
  }
}
