import TCMFormat
import TCMWriter
import Testing

/// Sections 6 and 7 of `Formats/tcm.md`.
@Suite struct TowerTests {
  let sample: SampleFile

  init() throws { sample = try SampleFile.full() }

  private func refusal(_ change: (inout Manifest) -> Void) throws -> String {
    try TCMFormatTests.refusal(of: sample.changing(change))
  }

  @Test func noTower() throws {
    #expect(
      try refusal {
        $0.text = nil
        $0.image = nil
      } == "PATH: manifest: there is neither a tower nor a label bank (rule 6.1)")
  }

  @Test func vocabularies() throws {
    let sentence = { (count: Int) in
      "PATH: manifest: \(count) vocabularies, expected one with a text tower and none without"
        + " (rule 6.2)"
    }
    #expect(try refusal { $0.text = nil } == sentence(1))
    let small = try SampleFile.small()
    #expect(
      try TCMFormatTests.refusal(of: small.changing { $0.text = SampleFile.text }) == sentence(0))
    let two = try SampleFile { writer in
      try writer.writeVocabulary(SampleFile.block([1]))
      try writer.finish(
        provenance: Provenance(tool: "", recipe: "", sources: [], assumptions: []),
        text: SampleFile.text, image: nil, logitScale: 1)
    }
    let bytes = two.bytes[..<65_537] + [UInt8](repeating: 0, count: 65_535) + [1]
    let longer = SampleFile(bytes: Array(bytes), manifest: two.manifest)
    var manifest = longer.manifest
    manifest.sections.append(
      Section(kind: .vocabulary, name: "second", offset: 131_072, byteCount: 1, checksum: 0))
    let grown = SampleFile(bytes: longer.bytes, manifest: manifest)
    #expect(try TCMFormatTests.refusal(of: grown.changing { _ in }) == sentence(2))
  }

  @Test(arguments: [0, -0.0, -1, .infinity, .nan] as [Float])
  func logitScale(value: Float) throws {
    #expect(
      try refusal { $0.logitScale = value }
        == "PATH: manifest: the logit scale is not a positive number (rule 6.3)")
  }

  @Test func sizes() throws {
    let changes: [(String, (inout Manifest) -> Void)] = [
      ("text tower: a width of 0", { $0.text?.width = 0 }),
      ("text tower: a width of 65537", { $0.text?.mlpWidth = 65_537 }),
      ("image tower: a width of 4294967295", { $0.image?.outputWidth = 4_294_967_295 }),
      ("text tower: 0 layers", { $0.text?.layers = 0 }),
      ("image tower: 1025 layers", { $0.image?.layers = 1_025 }),
      ("text tower: 0 heads on a width of 8", { $0.text?.heads = 0 }),
      ("image tower: 3 heads on a width of 8", { $0.image?.heads = 3 }),
      ("image tower: 16 heads on a width of 8", { $0.image?.heads = 16 }),
      ("text tower: a vocabulary of 0", { $0.text?.vocabularySize = 0 }),
      ("text tower: a vocabulary of 1073741825", { $0.text?.vocabularySize = 1_073_741_825 }),
      ("text tower: 1 positions", { $0.text?.positions = 1 }),
      ("text tower: 16385 positions", { $0.text?.positions = 16_385 }),
    ]
    for (sentence, change) in changes {
      #expect(try refusal(change) == "PATH: \(sentence) (rule 6.4)")
    }
    for epsilon in [0, -1e-5, 1, .nan, .infinity] as [Float] {
      #expect(
        try refusal { $0.image?.layerNormEpsilon = epsilon }
          == "PATH: image tower: the epsilon of its layer norms is not between 0 and 1 (rule 6.4)")
    }
  }

  @Test(arguments: [0, 1, 17, 4_294_967_295])
  func contextLength(value: Int) throws {
    #expect(
      try refusal { $0.text?.contextLength = value }
        == "PATH: text tower: a context of \(value) with 16 positions (rule 6.5)")
  }

  @Test(arguments: [
    (0, 1), (4_097, 1), (8, 0), (8, 3), (8, 16), (4_096, 31), (256, 2), (4_294_967_295, 1),
  ])
  func patches(side: Int, patch: Int) throws {
    #expect(
      try refusal {
        $0.image?.imageSize = side
        $0.image?.patchSize = patch
      } == "PATH: image tower: patches of \(patch) on a side of \(side) (rule 6.6)")
  }

  @Test func preprocessing() throws {
    let changes: [(inout ImageTowerRecord) -> Void] = [
      { $0.mean = [] }, { $0.mean = [0.5, 0.5] }, { $0.mean[1] = .nan },
      { $0.standardDeviation.append(1) }, { $0.standardDeviation[2] = 0 },
      { $0.standardDeviation[0] = -1 }, { $0.standardDeviation[0] = .infinity },
    ]
    for change in changes {
      var image = SampleFile.image
      change(&image)
      #expect(
        try refusal { $0.image = image }
          == "PATH: image tower: mean and standard deviation are not three finite numbers each, the"
          + " latter positive (rule 6.7)")
    }
  }

  @Test func outputWidths() throws {
    #expect(
      try refusal { $0.image?.outputWidth = 16 }
        == "PATH: manifest: text embeddings of 8, image embeddings of 16 (rule 6.8)")
  }

  @Test(arguments: ["", "塔", "a\u{7}", String(repeating: "x", count: 257)])
  func families(name: String) throws {
    #expect(
      try refusal { $0.text?.family = name }
        == "PATH: text tower: its family's name is not 1 to 256 printable ASCII characters"
        + " (rule 6.9)")
    #expect(try refusal { $0.image?.family = "two words" } == "opened")
  }

  @Test func identity() throws {
    #expect(
      try refusal { $0.identity.append(0) }
        == "PATH: manifest: the identity has 32 bytes, found 33 (rule 7.1)")
  }

  @Test func report() throws {
    let stamp = { (change: (inout Report) -> Void) in
      try refusal {
        var report = Report(
          identity: $0.identity, numericsVersion: 1, text: Array("{\"top1\": 0.5}".utf8))
        change(&report)
        $0.report = report
      }
    }
    #expect(try stamp { _ in } == "opened")
    #expect(try stamp { $0.numericsVersion = 2 } == "opened")
    #expect(
      try stamp { $0.identity[31] ^= 1 }
        == "PATH: report: it was made for another model (rule 7.3)")
    #expect(
      try stamp { $0.numericsVersion = 0 }
        == "PATH: report: its numerics version is 0 (rule 7.3)")
    for text in [[0xFF], [0x7B, 0, 0x7D]] as [[UInt8]] {
      #expect(
        try stamp { $0.text = text }
          == "PATH: report: its text is not UTF-8 without NUL (rule 7.3)")
    }
  }
}
