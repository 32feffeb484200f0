import Checkpoints
import Conversion
import Foundation
import ModelFamilies
import Quantization
import TestSupport
import Testing

/// Every bad input: the whole sentence, and a folder that is as it was before.
@Suite struct RefusalTests {
  static let oldOutput = Array("what was there before".utf8)

  /// Converts files that `prepare` makes in a folder and expects to be refused.
  ///
  /// - Returns: The sentence, with FOLDER in place of the folder's path.
  static func refusal(
    _ inputs: [String], recipe: Recipe = .int8, output: String = "out.tcm",
    prepare: (String) throws -> Void = { _ in },
    options change: (inout ConversionOptions) -> Void = { _ in }
  ) throws -> String {
    try Fixture.withFolder { folder in
      try prepare(folder)
      let old = folder + "/out.tcm"
      if output == "out.tcm" { try Data(oldOutput).write(to: URL(fileURLWithPath: old)) }
      let before = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      var options = ConversionOptions(recipe: recipe, tool: "test")
      change(&options)
      var sentence = "converted"
      do {
        let converter = try Converter(
          inputs: inputs.map { $0.hasPrefix("/") ? $0 : folder + "/" + $0 },
          output: folder + "/" + output, options: options)
        _ = try converter.run()
      } catch { sentence = "\(error)" }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == before)
      if output == "out.tcm" { #expect(try Fixture.bytes(old) == oldOutput) }
      return sentence.replacingOccurrences(of: folder, with: "FOLDER")
    }
  }

  /// A text tower from an edited copy of the fixture `text-f16`, with its side files.
  static func text(
    recipe: Recipe = .int8, from fixture: String = "text-f16",
    _ edit: (inout SafetensorsEditor) throws -> Void
  ) throws -> String {
    try refusal(["text"], recipe: recipe) { folder in
      let source = Fixture.path("checkpoints/" + fixture)
      try FileManager.default.copyItem(atPath: source, toPath: folder + "/text")
      var editor = try SafetensorsEditor(fixture + "/model.safetensors")
      try edit(&editor)
      let path = folder + "/text/model.safetensors"
      try Data(editor.file).write(to: URL(fileURLWithPath: path))
    }.replacingOccurrences(of: "FOLDER/text/model.safetensors", with: "FILE")
  }

  /// An image tower from a bare file.
  static func image(
    _ fixture: String, _ bytes: (SafetensorsEditor) -> [UInt8],
    options: (inout ConversionOptions) -> Void = { _ in }
  ) throws -> String {
    try refusal(
      ["image.safetensors"],
      prepare: { folder in
        let editor = try SafetensorsEditor(fixture + "/open_clip_model.safetensors")
        try Data(bytes(editor)).write(to: URL(fileURLWithPath: folder + "/image.safetensors"))
      }, options: options
    ).replacingOccurrences(of: "FOLDER/image.safetensors", with: "FILE")
  }

  // MARK: Not a whole checkpoint

  @Test(arguments: [
    ([], "FOLDER/a: the file is empty"),
    (
      Array("hello, world\n".utf8),
      "FOLDER/a: not a checkpoint of a known format; it starts with \"h\" \"e\" \"l\" \"l\" \"o\" \",\" 0x20 \"w\""
    ),
    (
      [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A],
      "FOLDER/a: this is a PNG image, not a checkpoint"
    ),
    (Array("GGUF".utf8) + [3, 0, 0, 0], "FOLDER/a: this is a GGUF file, which is not read"),
  ])
  func notACheckpoint(_ bytes: [UInt8], _ expected: String) throws {
    let sentence = try Self.refusal(["a"]) { folder in
      try Data(bytes).write(to: URL(fileURLWithPath: folder + "/a"))
    }
    #expect(sentence == expected)
  }

  @Test func nothingThere() throws {
    #expect(try Self.refusal(["a"]) == "FOLDER/a: cannot open: No such file or directory")
  }

  @Test func truncated() throws {
    let editor = try SafetensorsEditor("image-bare/open_clip_model.safetensors")
    let header = try Self.image("image-bare", { Array($0.file[..<300]) })
    #expect(
      header == "FILE: the safetensors header claims \(editor.dataOffset - 8) bytes, but the file "
        + "is only 300 bytes long (truncated?)")
    let data = try Self.image("image-bare", { $0.file.dropLast(10) })
    let last = try #require(editor.tensors.last)
    #expect(
      data == "FILE: tensor \"\(last.name)\": data_offsets end at \(editor.dataByteCount), but the "
        + "file has only \(editor.dataByteCount - 10) bytes of data (truncated?)")
  }

  @Test func overrunsOverlapsHoles() throws {
    let name = "pooler.dense.weight"
    var end = 0
    let overrun = try Self.text { editor in
      end = editor.dataByteCount
      editor.change(name) {
        $0.offsets = [end - 8192, end + 8192]; $0.shape = [128, 64]
      }
    }
    #expect(
      overrun == "FILE: tensor \"\(name)\": data_offsets end at \(end + 8192), but the file has "
        + "only \(end) bytes of data (truncated?)")
    let overlap = try Self.text { editor in
      editor.change(name) { $0.offsets = [end - 8200, end - 8] }
    }
    #expect(
      overlap == "FILE: tensor \"\(name)\": data_offsets begin at \(end - 8200), inside the tensor "
        + "that ends at \(end - 8192)")
    let hole = try Self.text { editor in
      editor.change(name) {
        $0.offsets = [end - 8190, end + 2]; $0.bytes += [0, 0]
      }
    }
    #expect(
      hole == "FILE: tensor \"\(name)\": data_offsets begin at \(end - 8190), but the previous "
        + "tensor ends at \(end - 8192)")
  }

  @Test func elementTypes() throws {
    let unknown = try Self.text { $0.change("pooler.dense.bias") { $0.type = "F17" } }
    let supported = ElementTypes.supported
    #expect(
      unknown == "FILE: tensor \"pooler.dense.bias\": unknown element type \"F17\"; supported are "
        + supported)
    let integers = try Self.text { $0.change("pooler.dense.bias") { $0.type = "I16" } }
    #expect(
      integers == "FILE: tensor \"pooler.dense.bias\": element type I16, expected a float type")
  }

  enum ElementTypes {
    static let supported = "F64, F32, F16, BF16, I64, I32, I16, I8, U8, BOOL"
  }

  // MARK: Not the model

  @Test func shapes() throws {
    let wrong = try Self.text { editor in
      editor.change("encoder.layer.1.output.dense.weight") { $0.shape = [128, 64] }
    }
    #expect(
      wrong == "FILE: tensor \"encoder.layer.1.output.dense.weight\": shape [128, 64], expected "
        + "[64, 128]")
    let missing = try Self.text { editor in
      editor.tensors.removeAll { $0.name == "encoder.layer.0.attention.self.key.bias" }
    }
    #expect(
      missing == "FILE: tensor \"encoder.layer.0.attention.self.key.bias\" of the BERT text tower "
        + "is missing")
    let more = try Self.text { editor in
      var tensor = editor.tensors[0]
      tensor.name = "encoder.layer.0.adapter.weight"
      editor.tensors.append(tensor)
    }
    #expect(
      more == "FILE: tensor \"encoder.layer.0.adapter.weight\" is not part of a BERT text tower as "
        + "it is supported")
  }

  /// The element is counted in the checkpoint's own tensor, also where several are stacked.
  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func nonFinite(_ value: Float) throws {
    let name = "encoder.layer.1.attention.self.key.weight"
    let stacked = try Self.text(from: "text") { $0.set(name, element: 777, to: value) }
    #expect(stacked == "FILE: tensor \"\(name)\": element 777 is not a finite number")
  }

  /// Also where the conversion transposes.
  @Test func nonFiniteProjection() throws {
    let sentence = try Self.image(
      "image-bare",
      { editor in
        var editor = editor
        editor.set("visual.proj", element: 65, to: .nan)
        return editor.file
      }, options: Self.bareOptions)
    #expect(sentence == "FILE: tensor \"visual.proj\": element 65 is not a finite number")
  }

  static func bareOptions(_ options: inout ConversionOptions) {
    options.overrides.imageHeads = 2
    options.overrides.activation = .quickGELU
  }

  @Test func tooLargeForFloat16() throws {
    let name = "encoder.layer.0.attention.self.value.weight"
    let sentence = try Self.text(recipe: .f16, from: "text") { editor in
      editor.set(name, element: 129, to: 65_520)
    }
    #expect(
      sentence == "FILE: tensor \"\(name)\": element 129 is too large for f16; use --quant f32")
  }

  @Test func activation() throws {
    // The linears are no f16 values any more, so nothing speaks for OpenAI's weights.
    let sentence = try Self.image(
      "image-bare",
      { editor in
        var editor = editor
        editor.set("visual.transformer.resblocks.0.mlp.c_fc.weight", element: 0, to: 0.1)
        return editor.file
      }, options: { $0.overrides.imageHeads = 2 })
    #expect(
      sentence == "FILE: nothing tells whether the image tower was trained with QuickGELU "
        + "(OpenAI's weights) or GELU (most others); say --activation quickgelu or "
        + "--activation gelu")
  }

  @Test func heads() throws {
    let sentence = try Self.image(
      "image-bare", { $0.file }, options: { $0.overrides.activation = .quickGELU })
    #expect(
      sentence == "FILE: the number of attention heads of the image tower (64 wide) is not known; "
        + "give it with --image-heads")
  }

  // MARK: Vocabulary

  private func withVocabulary(_ change: (String) throws -> Void) throws -> String {
    try Self.refusal(["text"]) { folder in
      let source = Fixture.path("checkpoints/text-f16")
      try FileManager.default.copyItem(atPath: source, toPath: folder + "/text")
      try change(folder + "/text/vocab.txt")
    }
  }

  @Test func vocabulary() throws {
    let none = try withVocabulary { try FileManager.default.removeItem(atPath: $0) }
    #expect(
      none == "FOLDER/text/model.safetensors: a text tower without a vocabulary: there is no "
        + "vocab.txt beside it; name one with --vocab")
    let large = try withVocabulary { path in
      let text = try String(contentsOfFile: path, encoding: .utf8)
      try (text + "extra\n").write(toFile: path, atomically: true, encoding: .utf8)
    }
    #expect(
      large == "FOLDER/text/vocab.txt: the vocabulary has 206 tokens, the word table only 205 rows")
    let special = try withVocabulary { path in
      let text = try String(contentsOfFile: path, encoding: .utf8)
      try text.replacingOccurrences(of: "[CLS]", with: "[CLX]")
        .write(toFile: path, atomically: true, encoding: .utf8)
    }
    #expect(special.hasPrefix("FOLDER/text/vocab.txt: "))
    #expect(special.contains("[CLS]"))
  }

  // MARK: Several inputs

  @Test func twoTowers() throws {
    let (text, small) = (
      Fixture.path("checkpoints/text"), Fixture.path("checkpoints/text-f16")
    )
    #expect(
      try Self.refusal([text, small]) == "two text towers, in \(text)/model.safetensors and in "
        + "\(small)/model.safetensors; one is expected")
    let (image, mixed) = (
      Fixture.path("checkpoints/image"), Fixture.path("checkpoints/image-mixed")
    )
    #expect(
      try Self.refusal([image, mixed])
        == "two image towers, in \(image)/open_clip_model.safetensors and in "
        + "\(mixed)/open_clip_model.safetensors; one is expected")
    #expect(
      try Self.refusal([text, mixed]) == "the text tower gives embeddings of 128 elements, the "
        + "image tower of 64; they cannot be compared")
    let missing = try Self.refusal(
      [image], options: { $0.overrides.towers = [.text] })
    #expect(
      missing == "\(image)/open_clip_model.safetensors: this is an English CLIP text tower, which "
        + "is not supported: only BERT text towers are supported")
  }

  // MARK: Output

  @Test func noFolder() throws {
    let sentence = try Self.refusal(
      [Fixture.path("checkpoints/text-f16")], output: "none/out.tcm")
    #expect(
      sentence
        == "FOLDER/none/out.tcm: cannot create a file in this folder: No such file or directory")
  }

  @Test(arguments: ["same", "symbolic", "hard"])
  func outputIsInput(_ link: String) throws {
    let sentence = try Self.refusal(["text"], output: "text/link") { folder in
      let source = Fixture.path("checkpoints/text-f16")
      try FileManager.default.copyItem(atPath: source, toPath: folder + "/text")
      let (input, output) = (folder + "/text/model.safetensors", folder + "/text/link")
      switch link {
      case "symbolic":
        try FileManager.default.createSymbolicLink(atPath: output, withDestinationPath: input)
      case "hard": try FileManager.default.linkItem(atPath: input, toPath: output)
      default:
        try FileManager.default.moveItem(atPath: input, toPath: output)
        try FileManager.default.createSymbolicLink(atPath: input, withDestinationPath: output)
      }
    }
    #expect(
      sentence == "FOLDER/text/link: the output is the input FOLDER/text/model.safetensors")
  }

  /// An input that is replaced while it is read.
  @Test func changedWhileRead() throws {
    try Fixture.withFolder { folder in
      let source = Fixture.path("checkpoints/text-f16")
      try FileManager.default.copyItem(atPath: source, toPath: folder + "/text")
      let path = folder + "/text/model.safetensors"
      let converter = try Converter(
        inputs: [folder + "/text"], output: folder + "/out.tcm",
        options: ConversionOptions(recipe: .f32, tool: "test"))
      let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
      try handle.truncate(atOffset: 5000)
      var sentence = ""
      do { _ = try converter.run() } catch { sentence = "\(error)" }
      #expect(sentence.hasPrefix("\(path): "), "\(sentence)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["text"])
    }
  }
}
