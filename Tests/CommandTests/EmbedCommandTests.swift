import Foundation
import Kernels
import TestSupport
import Testing

@Suite struct EmbedCommandTests {
  static let texts = ["一只猫", "红色的圆", "a photo of a cat", "", "一张城市街道的照片"]
  static let cat = Fixture.path("demo/cat.jpg")
  static let sunset = Fixture.path("demo/sunset.png")

  private func embed(
    _ arguments: [String], model: String? = nil, environment: [String: String] = [:]
  ) throws -> Command.Outcome {
    try Command.run(
      "taiyi", ["embed", "--model", model ?? Models.int8.get()] + arguments,
      environment: environment)
  }

  /// Texts and pictures come out in the order they went in, however the options are spelled.
  @Test func order() throws {
    try Fixture.withFolder { folder in
      let file = folder + "/texts.txt"
      try "水\r\n\n山".write(toFile: file, atomically: true, encoding: .utf8)
      let outcome = try embed([
        "--image", Self.sunset, "--text=一只猫", "--texts", file, "--image=" + Self.cat, "--text",
        "--", "--no-normalize",
      ])
      // A value that looks like an option has to be attached.
      #expect(outcome.status == 64)
      let right = try embed([
        "--image", Self.sunset, "--text=一只猫", "--texts", file, "--image=" + Self.cat,
        "--text=--image", "--json",
      ])
      #expect(right.status == 0)
      let rows = try right.lines.map(object)
      #expect(
        rows.map { $0["input"] as? String } == [
          Self.sunset, "一只猫", "水", "", "山", Self.cat, "--image",
        ])
      #expect(
        rows.map { $0["kind"] as? String } == [
          "image", "text", "text", "text", "text", "image", "text",
        ])
      for row in rows {
        let values = try #require(row["embedding"] as? [Double])
        #expect(values.count == 128)
        #expect(abs(values.reduce(0) { $0 + $1 * $1 } - 1) < 1e-6)
      }
    }
  }

  /// int8: every way to run gives the same text, so the same bits.
  @Test func sameBits() throws {
    let inputs =
      Self.texts.flatMap { ["--text", $0] } + ["--image", Self.cat, "--image", Self.sunset]
    let expected = try embed(inputs + ["--batch", "1", "--threads", "1"])
    #expect(expected.lines.count == 7)
    #expect(try embed(inputs + ["--batch", "8", "--threads", "2"]) == expected)
    for set in InstructionSet.allCases.map(\.name) {
      let other = try embed(inputs, environment: ["TAIYI_ISA": set])
      let lacks = "error: TAIYI_ISA is \(set), which this processor does not run\n"
      #expect(other == expected || other.errors == lacks)
    }
    let turned = try embed(["--image", Self.sunset, "--text=红色的圆"])
    #expect(turned.lines == [expected.lines[6], expected.lines[1]])
  }

  @Test func npy() throws {
    try Fixture.withFolder { folder in
      let output = folder + "/out.npy"
      let inputs = ["--text", "一只猫", "--image", Self.cat]
      let outcome = try embed(inputs + ["--format", "npy", "--output", output])
      #expect(outcome == .init(status: 0, output: "", errors: ""))
      let bytes = try Fixture.bytes(output)
      // NumPy's format 1.0: magic, version, the header's length, the header, then the elements.
      #expect(Array(bytes[0..<8]) == [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0])
      let length = Int(bytes[8]) + Int(bytes[9]) << 8
      #expect((10 + length) % 64 == 0)
      let header = String(decoding: bytes[10..<10 + length], as: UTF8.self)
      #expect(header.hasPrefix("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 128), }"))
      #expect(header.hasSuffix(" \n"))
      let values = bytes[(10 + length)...]
      #expect(values.count == 2 * 128 * 4)
      let floats = stride(from: values.startIndex, to: values.endIndex, by: 4).map { at in
        Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(values[at + $1]) << (8 * $1) })
      }
      let rows = try embed(inputs).lines.map(object)
      let expected = try rows.flatMap {
        try #require($0["embedding"] as? [Double]).map { Float($0) }
      }
      #expect(floats == expected)
      #expect(try ConvertCommandTests.contents(folder) == ["out.npy"])
    }
  }

  @Test func textPadding() throws {
    let model = try Models.f32.get()
    func values(_ padding: String, _ texts: [String]) throws -> [[Double]] {
      try embed(
        texts.flatMap { ["--text", $0] } + ["--text-padding", padding, "--batch", "1"], model: model
      )
      .lines.map { try #require(try object($0)["embedding"] as? [Double]) }
    }
    let (short, long) = ("一只猫", "一张城市街道的照片")
    let both = try values("longest", [short, long])
    #expect(try values("longest", [long]) == [both[1]])
    #expect(try values("none", [long]) == [both[1]])
    #expect(try values("longest", [short]) != [both[0]])
    #expect(try values("none", [short]) == values("longest", [short]))
    #expect(try values("fixed", [short]) != values("none", [short]))
  }

  @Test func badPictures() throws {
    try Fixture.withFolder { folder in
      let (empty, half) = (folder + "/empty.jpg", folder + "/half.jpg")
      try Data().write(to: URL(fileURLWithPath: empty))
      let whole = try Fixture.bytes(Self.cat)
      try Data(whole[..<(whole.count / 2)]).write(to: URL(fileURLWithPath: half))
      let cases = [
        (empty, "\(empty): the file is empty"),
        (
          half,
          "\(half): the JPEG data is damaged or truncated (libjpeg: Premature end of JPEG file)"
        ),
        (folder, "\(folder): not a regular file"),
        (folder + "/none.png", "\(folder)/none.png: cannot open: No such file or directory"),
        (
          Fixture.path("demo/labels.txt"),
          "\(Fixture.path("demo/labels.txt")): not a picture this tool reads (JPEG and PNG are; found text)"
        ),
      ]
      for (path, sentence) in cases {
        let outcome = try embed(["--image", path])
        #expect(outcome == .init(status: 1, output: "", errors: "error: \(sentence)\n"))
      }
    }
  }

  @Test func badTexts() throws {
    try Fixture.withFolder { folder in
      let file = folder + "/latin1.txt"
      try Data([0x61, 0x0A, 0xE9, 0x0A]).write(to: URL(fileURLWithPath: file))
      let outcome = try embed(["--texts", file])
      #expect(
        outcome == .init(status: 1, output: "", errors: "error: \(file): line 2 is not UTF-8\n"))
    }
  }

  @Test func missingTowers() throws {
    let (text, image) = (try Models.text.get(), try Models.image.get())
    let noImage = try embed(["--image", Self.cat], model: text)
    #expect(
      noImage
        == .init(status: 1, output: "", errors: "error: \(text): the model has no image tower\n"))
    let noText = try embed(["--text", "一"], model: image)
    #expect(
      noText
        == .init(status: 1, output: "", errors: "error: \(image): the model has no text tower\n"))
  }

  @Test func fullOutput() throws {
    let outcome = try Command.run(
      "taiyi", ["embed", "--model", Models.int8.get(), "--text", "一"], shell: "exec {} >/dev/full")
    #expect(outcome.status == 1)
    #expect(outcome.errors == "error: standard output: cannot write: No space left on device\n")
  }

  @Test(arguments: [
    ([], "Nothing to embed: give --text, --texts or --image."),
    (["--text", "a", "--format", "npy"], "--format npy and --output go together."),
    (["--text", "a", "--output", "f"], "--format npy and --output go together."),
    (["--text", "a", "--batch", "0"], "--batch takes 1 to 4096, found 0."),
    (
      ["--text", "a", "--json", "--format", "npy", "--output", "f"],
      "--json and --format npy exclude each other."
    ),
  ])
  func usage(arguments: [String], sentence: String) throws {
    let outcome = try Command.run("taiyi", ["embed", "--model", "m.tcm"] + arguments)
    #expect(outcome.status == 64)
    #expect(outcome.errors.hasPrefix("Error: \(sentence)\n"))
  }

  @Test func unknownInstructionSet() throws {
    let outcome = try embed(["--text", "一"], environment: ["TAIYI_ISA": "sse"])
    #expect(outcome.status == 1)
    #expect(
      outcome.errors
        == "error: TAIYI_ISA is sse, expected one of scalar, avx2, avxvnni, avx512vnni, neon, dotprod, "
        + "i8mm\n")
  }

  /// What OpenBLAS chose for a processor of twenty years ago is not used on one with AVX2.
  @Test func outdatedOpenBLAS() throws {
    if !InstructionSet.avx2.isAvailable { return }
    let inputs = ["embed", "--model", try Models.f32.get(), "--text", "红色的圆", "--json"]
    let old = try Command.run("taiyi", inputs, environment: ["OPENBLAS_CORETYPE": "Prescott"])
    let own = try Command.run("taiyi", inputs + ["--own-kernel"])
    #expect(old.status == 0 && own.status == 0 && old.errors.isEmpty)
    #expect(old.output == own.output)
  }

  /// OpenBLAS tries for ever to get its 128 MiB a thread; it is asked only where they fit, and quantized models never.
  @Test(.enabled(if: !Sanitizer.isActive, "a sanitizer reserves terabytes of addresses"))
  func limitsOfMemory() throws {
    let arguments = ["--text", "一只猫", "--threads", "2"]
    for (model, note) in [
      (
        try Models.f32.get(),
        "OpenBLAS has no room for 2 threads under this limit of memory; the own kernel multiplies\n"
      ),
      (try Models.int8.get(), ""),
    ] {
      let limited = try Command.run(
        "taiyi", ["embed", "--model", model] + arguments, shell: "ulimit -v 300000; exec {}")
      #expect(limited.status == 0 && limited.errors == note)
      let own = try Command.run("taiyi", ["embed", "--own-kernel", "--model", model] + arguments)
      #expect(limited.output == own.output && own.errors == "")
    }
  }
}
