import Foundation
import TCMFormat
import TestSupport
import Testing

/// `taiyi-convert --towers image --labels`: a file that classifies by itself.
@Suite(.serialized) struct ClassifierCommandTests {
  private static let cat = Fixture.path("demo/cat.jpg")
  private static let inputs = ["text", "image"].map { Fixture.path("checkpoints/" + $0) }
  private static let labels = ["猫", "狗", "一辆红色的公共汽车", "山"]
  private static let templates = ["一张{}的照片", "{c}", "许多{c}。"]

  private func write(_ lines: [String], _ path: String) throws -> String {
    try (lines.joined(separator: "\n") + "\n")
      .write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  /// Options that make a classifier of labels and, unless there are none, templates.
  private func options(
    _ folder: String, templates: [String] = [], cache: String = "cache"
  ) throws -> [String] {
    let labels = try write(Self.labels, folder + "/labels.txt")
    let file = try write(templates, folder + "/templates.txt")
    return ["--towers", "image", "--labels", labels, "--cache", folder + "/" + cache]
      + (templates.isEmpty ? [] : ["--templates", file])
  }

  private func convert(
    _ options: [String], _ inputs: [String] = inputs, to output: String
  ) throws -> Command.Outcome {
    let outcome = try Command.run("taiyi-convert", options + inputs + [output])
    try #require(outcome.status == 0, "\(outcome.errors)")
    return outcome
  }

  private func classify(_ model: String, _ more: [String] = []) throws -> Command.Outcome {
    try Command.run("taiyi", ["classify", "--model", model, "--json"] + more + [Self.cat])
  }

  /// Byte for byte what the image tower answers with a bank of the float text tower, which is in no file here.
  @Test(arguments: [("int8", true), ("int8", false), ("int4", true)])
  func sameAnswer(quant: String, hasTemplates: Bool) throws {
    try Fixture.withFolder { folder in
      let templates = hasTemplates ? Self.templates : []
      let output = folder + "/classifier.tcm"
      let options = try options(folder, templates: templates) + ["--own-kernel", "--quant", quant]
      let outcome = try convert(options, to: output)
      let count = hasTemplates ? " in 3 templates" : ""
      #expect(outcome.errors.contains("\n4 labels\(count) instead of the text tower\n"))
      #expect(try Command.run("taiyi-convert", ["check", output]).status == 0)

      let (bank, image) = (folder + "/bank.tcm", folder + "/image.tcm")
      let made = try Command.run(
        "taiyi-convert",
        ["labels", "--own-kernel", "--model", Models.f32.get(), "--labels", folder + "/labels.txt"]
          + (hasTemplates ? ["--templates", folder + "/templates.txt"] : []) + [bank])
      try #require(made.status == 0, "\(made.errors)")
      _ = try convert(["--quant", quant], [Self.inputs[1]], to: image)
      let alone = try classify(output)
      #expect(alone.status == 0 && alone.errors == "")
      #expect(try alone.output == classify(image, ["--bank", bank]).output)
      #expect(try object(alone.output)["labels"] as? [Any] != nil)
      #expect(try alone.output == classify(output, ["--bank", output]).output)
      #expect(try alone.output == classify(output, ["--threads", "1"]).output)
    }
  }

  /// From one thread, and from what the cache has, the same bytes; less than with the text tower.
  @Test func theSameFile() throws {
    try Fixture.withFolder { folder in
      let first = folder + "/a.tcm"
      let common = try options(folder, templates: Self.templates) + ["--own-kernel"]
      let outcome = try convert(common, to: first)
      #expect(outcome.errors.contains("converting the reference to f32"))
      let again = folder + "/b.tcm"
      let second = try convert(common, to: again)
      #expect(!second.errors.contains("converting the reference"))
      #expect(second.errors.contains("labels: 4 are in the cache\n"))
      #expect(try Fixture.bytes(again) == Fixture.bytes(first))
      let other =
        try options(folder, templates: Self.templates, cache: "other")
        + ["--own-kernel", "--threads", "1"]
      _ = try convert(other, to: again)
      #expect(try Fixture.bytes(again) == Fixture.bytes(first))
    }
  }

  /// What the file says it was made of: the image tower's files and the text tower's, whose model it names.
  @Test func whatItSays() throws {
    try Fixture.withFolder { folder in
      let output = folder + "/classifier.tcm"
      _ = try convert(options(folder, templates: Self.templates), to: output)
      let manifest = try TCMFile(path: output).manifest
      #expect(manifest.text == nil && manifest.image != nil)
      #expect(
        manifest.sections.last?.name == "labels"
          && manifest.sections.allSatisfy { $0.kind == .weights })
      #expect(
        Set(manifest.provenance.sources.map(\.name)) == [
          "model.safetensors", "open_clip_model.safetensors", "vocab.txt",
        ])
      let names = try FileManager.default.contentsOfDirectory(atPath: folder + "/cache")
      let reference = try #require(names.first { $0.hasPrefix("reference-") })
      let float = try TCMFile(path: folder + "/cache/" + reference).manifest
      #expect(float.text != nil && float.image == nil)
      let labels = try #require(manifest.labels)
      #expect(labels.textIdentity == float.identity && manifest.logitScale == float.logitScale)
      #expect(labels.labels == Self.labels && labels.templates == Self.templates)
      #expect(labels.width == 128 && labels.contextLength == 77 && !labels.masksPadding)

      let info = try Command.run("taiyi", ["info", "--model", output])
      #expect(info.lines.contains("labels: 4 in 3 templates, instead of a text tower"))
      let facts = try object(Command.run("taiyi", ["info", "--json", "--model", output]).output)
      let record = try #require(facts["labels"] as? [String: Any])
      #expect(record["count"] as? Int == 4 && record["templates"] as? Int == 3)
      let inspect = try Command.run("taiyi-convert", ["inspect", output])
      #expect(
        inspect.lines.contains(
          "label bank: 4 labels in 3 templates, 128 wide; texts padded to 77, unmasked"))
      #expect(inspect.lines.contains("report: none") && inspect.lines.contains("  label 山"))
    }
  }

  /// Chinese-CLIP: both towers from one file, texts at their own length.
  @Test func oneInput() throws {
    try Fixture.withFolder { folder in
      let output = folder + "/classifier.tcm"
      let input = Fixture.path("checkpoints-chinese-clip/huggingface")
      _ = try convert(options(folder), [input], to: output)
      let labels = try #require(try TCMFile(path: output).manifest.labels)
      #expect(labels.masksPadding && labels.contextLength == 52)
      #expect(try classify(output).status == 0)
    }
  }

  /// Calibrated by pictures only: nothing of the text tower is quantized.
  @Test func calibrated() throws {
    try Fixture.withFolder { folder in
      let output = folder + "/classifier.tcm"
      let outcome = try convert(options(folder) + ["--calibrate-built-in"], to: output)
      #expect(outcome.errors.contains(" pictures and 0 texts\n"), "\(outcome.errors)")
      #expect(try classify(output).status == 0)
    }
  }

  /// Against the float checkpoints on held-out pictures, by its own labels.
  @Test func verified() throws {
    try Fixture.withFolder { folder in
      let classes = Fixture.path("example/heldout/classes")
      let inputs = ["text", "image"].map { Fixture.path("example/" + $0) }
      let output = folder + "/classifier.tcm"
      let cache = ["--cache", folder + "/cache"]
      let labels = ["--towers", "image", "--labels", classes + "/classnames.txt"]
      let templates = ["--templates", classes + "/zeroshot_classification_templates.txt"]
      _ = try convert(labels + templates + cache, inputs, to: output)
      func verify(_ dataset: String) throws -> Command.Outcome {
        try Command.run(
          "taiyi-convert",
          ["verify", output, "--json", "--sample", "600", "--max-drop", "3", "--reference"] + inputs
            + cache + ["--layer-samples", "0", "--dataset", "webdataset:" + dataset])
      }
      let found = try verify(classes)
      #expect(found.status == 0, "\(found.errors)")
      let report = try object(found.output)
      #expect((report["notes"] as? [String])?.isEmpty == true, "\(found.output)")
      let dataset = try #require((report["datasets"] as? [[String: Any]])?.first)
      let figures = try #require(dataset["figures"] as? [[String: Any]])
      #expect(figures[0]["name"] as? String == "top-1")
      #expect(try #require(figures[0]["reference"] as? Double) > 0.7)
      #expect(abs(try #require(figures[0]["drop"] as? Double)) < 0.01)
      // The labels are those of the float text tower, so nothing but the pictures differs.
      let cosines = try #require(dataset["text_cosines"] as? [String: Any])
      #expect(try #require(cosines["minimum"] as? Double) > 0.999999)

      let retrieval = try verify(Fixture.path("example/heldout/pairs"))
      #expect(retrieval.status == 1)
      #expect(
        retrieval.errors.hasSuffix(
          "error: \(output): the model has no text tower, which webdataset:"
            + Fixture.path("example/heldout/pairs") + " needs\n"))
      let few = try write(Self.labels, folder + "/few.txt")
      _ = try convert(["--towers", "image", "--labels", few] + cache, inputs, to: output)
      let others = try verify(classes)
      #expect(others.status == 1)
      #expect(
        others.errors.hasSuffix(
          "error: \(output): the model has no text tower, and its own labels are not those of "
            + "webdataset:\(classes): label 1 is another\n"))
    }
  }

  @Test func refusals() throws {
    try Fixture.withFolder { folder in
      let output = folder + "/x.tcm"
      let options = try options(folder)
      func errors(
        _ options: [String], _ inputs: [String] = Self.inputs, status: Int32 = 1
      ) throws -> String {
        let outcome = try Command.run("taiyi-convert", options + inputs + [output])
        #expect(outcome.status == status && outcome.output == "")
        #expect(!FileManager.default.fileExists(atPath: output))
        return outcome.errors
      }
      #expect(
        try errors(options, [Self.inputs[1]])
          == "error: no input holds a text tower, which --labels needs\n")
      #expect(try errors(options, [Self.inputs[0]]) == "error: no input holds an image tower\n")
      #expect(
        try errors(options, [Self.inputs[0], Fixture.path("example/image")])
          == "error: the text tower gives embeddings of 128 elements, the image tower of 256; they "
          + "cannot be compared\n")
      let empty = try write([""], folder + "/empty.txt")
      #expect(
        try errors(["--towers", "image", "--labels", empty])
          == "error: \(empty): expected one class name a line, found none\n")
      let many = try write(
        [String](repeating: "label", count: 65_537), folder + "/many.txt")
      #expect(
        try errors(["--towers", "image", "--labels", many])
          == "error: nothing is written: \(output): label bank: 65537 labels, 1 to 65536 allowed "
          + "(rule 6.13)\n")
      for towers in [[], ["--towers", "text"], ["--towers", "both"]] {
        #expect(
          try errors(towers + ["--labels", empty], status: 64).contains(
            "--labels stores embeddings instead of the text tower; say --towers image."))
      }
      #expect(
        try errors(["--towers", "image", "--templates", empty], status: 64).contains(
          "--templates needs --labels."))
      #expect(
        try errors(["--towers", "image", "--own-kernel"], status: 64).contains(
          "--own-kernel needs --labels."))
    }
  }

  /// Without a text tower there are no labels but the file's; without labels of its own a model asks for some.
  @Test func otherLabels() throws {
    try Fixture.withFolder { folder in
      let output = folder + "/classifier.tcm"
      _ = try convert(options(folder), to: output)
      for label in [["--label", "猫"], ["--labels", folder + "/labels.txt"]] {
        let outcome = try classify(output, label)
        #expect(outcome.status == 1)
        #expect(outcome.errors == "error: \(output): the model has no text tower\n")
      }
      let model = try Models.int8.get()
      let none = try classify(model)
      #expect(none.status == 64 && none.output == "")
      #expect(
        none.errors.contains(
          "\(model) holds no labels of its own; give --labels, --label or --bank."))
      let templates = try classify(output, ["--templates", folder + "/labels.txt"])
      #expect(templates.status == 64)
      #expect(
        templates.errors.contains("--templates and --text-padding are for --labels and --label."))
      let labels = try Command.run(
        "taiyi-convert",
        ["labels", "--model", output, "--labels", folder + "/labels.txt", folder + "/bank.tcm"])
      #expect(labels.errors == "error: \(output): the model has no text tower\n")
    }
  }
}
