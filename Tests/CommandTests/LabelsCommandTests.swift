import Foundation
import TestSupport
import Testing

/// `taiyi-convert labels` and `taiyi classify --bank`.
@Suite struct LabelsCommandTests {
  private static let cat = Fixture.path("demo/cat.jpg")
  private static let labels = ["猫", "狗", "一辆红色的公共汽车", "山"]
  private static let templates = ["一张{}的照片", "{c}", "许多{c}。"]

  /// Writes labels and templates, and what `labels` makes of them.
  private func bank(_ folder: String, model: String, templates: Bool) throws -> String {
    try (Self.labels.joined(separator: "\n") + "\n")
      .write(toFile: folder + "/labels.txt", atomically: true, encoding: .utf8)
    try (Self.templates.joined(separator: "\n") + "\n")
      .write(toFile: folder + "/templates.txt", atomically: true, encoding: .utf8)
    let output = folder + "/bank.tcm"
    let outcome = try Command.run(
      "taiyi-convert",
      ["labels", "--model", model, "--labels", folder + "/labels.txt"]
        + (templates ? ["--templates", folder + "/templates.txt"] : []) + [output])
    #expect(outcome.status == 0 && outcome.output == "", "\(outcome.errors)")
    #expect(outcome.errors.hasPrefix("\(output): 4 labels\(templates ? " in 3 templates" : ""), "))
    return output
  }

  private func classify(_ model: String, _ more: [String]) throws -> Command.Outcome {
    try Command.run("taiyi", ["classify", "--model", model, "--json"] + more + [Self.cat])
  }

  /// The same bytes on standard output as without a bank.
  @Test(arguments: [false, true])
  func sameAnswer(templates: Bool) throws {
    try Fixture.withFolder { folder in
      let model = try Models.int8.get()
      let bank = try bank(folder, model: model, templates: templates)
      let stored = try classify(model, ["--bank", bank])
      #expect(stored.status == 0 && stored.errors == "")
      let direct = try classify(
        model,
        ["--labels", folder + "/labels.txt"]
          + (templates ? ["--templates", folder + "/templates.txt"] : []))
      #expect(direct.status == 0)
      #expect(stored.output == direct.output && !stored.output.isEmpty)
      #expect(try Command.run("taiyi-convert", ["check", bank]).status == 0)
      let again = folder + "/again.tcm"
      _ = try Command.run(
        "taiyi-convert",
        ["labels", "--threads", "1", "--model", model, "--labels", folder + "/labels.txt"]
          + (templates ? ["--templates", folder + "/templates.txt"] : []) + [again])
      #expect(try Fixture.bytes(again) == Fixture.bytes(bank))
    }
  }

  /// Lists as CLIP_benchmark keeps them give the same bank.
  @Test func lists() throws {
    try Fixture.withFolder { folder in
      let model = try Models.int8.get()
      let bank = try bank(folder, model: model, templates: true)
      for (name, key, list) in [
        ("labels", "imagenet1k", Self.labels), ("templates", "imagenet1k", Self.templates),
      ] {
        try JSONSerialization.data(withJSONObject: [key: list])
          .write(to: URL(fileURLWithPath: folder + "/\(name).json"))
      }
      let other = folder + "/other.tcm"
      let outcome = try Command.run(
        "taiyi-convert",
        [
          "labels", "--model", model, "--labels", folder + "/labels.json", "--templates",
          folder + "/templates.json", other,
        ])
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(try Fixture.bytes(other) == Fixture.bytes(bank))
    }
  }

  @Test func inspect() throws {
    try Fixture.withFolder { folder in
      let model = try Models.int8.get()
      let bank = try bank(folder, model: model, templates: true)
      let lines = try Command.run("taiyi-convert", ["inspect", bank]).lines
      #expect(
        lines.contains(
          "label bank: 4 labels in 3 templates, 128 wide; texts padded to 77, unmasked"))
      #expect(lines.contains("  template 许多{c}。") && lines.contains("  label 一辆红色的公共汽车"))
      let json = try object(Command.run("taiyi-convert", ["inspect", "--json", bank]).output)
      let record = try #require(json["labels"] as? [String: Any])
      #expect(record["labels"] as? [String] == Self.labels)
      #expect(record["templates"] as? [String] == Self.templates)
      let source = try object(Command.run("taiyi-convert", ["inspect", "--json", model]).output)
      #expect(record["text_identity"] as? String == source["identity"] as? String)
      #expect(source["labels"] is NSNull)
    }
  }

  /// Another encoding of the same checkpoint is told; an image tower alone cannot be told from the text tower's; a
  /// model of other checkpoints is refused.
  @Test func relations() throws {
    try Fixture.withFolder { folder in
      let bank = try bank(folder, model: Models.f32.get(), templates: false)
      let other = try classify(Models.int8.get(), ["--bank", bank])
      #expect(other.status == 0)
      #expect(other.errors == "\(bank): made by another conversion of the same checkpoint\n")
      let image = folder + "/image.tcm"
      let converted = try Command.run(
        "taiyi-convert", ["--quant", "int8", Fixture.path("example/image"), image])
      #expect(converted.status == 0)
      let narrow = try classify(image, ["--bank", bank])
      #expect(narrow.status == 1)
      #expect(
        narrow.errors
          == "error: \(bank): the label bank's embeddings are 128 wide, those of \(image) are 256\n"
      )
      let text = folder + "/text.tcm"
      _ = try Command.run(
        "taiyi-convert", ["--quant", "int8", Fixture.path("example/text"), text])
      let exampleBank = folder + "/example.tcm"
      _ = try Command.run(
        "taiyi-convert",
        ["labels", "--model", text, "--labels", folder + "/labels.txt", exampleBank])
      let unknown = try classify(image, ["--bank", exampleBank])
      #expect(unknown.status == 0)
      #expect(
        unknown.errors
          == "\(exampleBank): nothing tells whether it belongs to \(image), which has no text tower\n"
      )
    }
  }

  @Test func refusals() throws {
    try Fixture.withFolder { folder in
      let model = try Models.int8.get()
      let bank = try bank(folder, model: model, templates: false)
      let labels = folder + "/labels.txt"
      func errors(_ tool: String, _ arguments: [String]) throws -> String {
        let outcome = try Command.run(tool, arguments)
        #expect(outcome.status == 1 && outcome.output == "")
        return outcome.errors
      }
      #expect(
        try errors("taiyi", ["info", "--model", bank])
          == "error: \(bank): the file is a label bank, expected a model\n")
      #expect(
        try errors("taiyi", ["classify", "--model", model, "--bank", model, Self.cat])
          == "error: \(model): the file is a model, expected a label bank\n")
      #expect(
        try errors("taiyi-convert", ["labels", "--model", model, "--labels", labels, model])
          == "error: \(model): the output is the input \(model)\n")
      #expect(
        try errors("taiyi-convert", ["labels", "--model", model, "--labels", labels, labels])
          == "error: \(labels): exists and is not a .tcm file, so it is not replaced; is the output "
          + "missing?\n")
      let mixed = try Command.run(
        "taiyi", ["classify", "--model", model, "--bank", bank, "--label", "猫", Self.cat])
      #expect(mixed.status == 64)
      #expect(mixed.errors.contains("--bank has its own labels, templates and padding"))
    }
  }
}
