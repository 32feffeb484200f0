import TCMFormat
import Testing

/// Section 4 of `Formats/tcm.md`.
@Suite struct SectionTests {
  let sample: SampleFile

  init() throws { sample = try SampleFile.full() }

  private func refusal(_ change: (inout Manifest) -> Void) throws -> String {
    try TCMFormatTests.refusal(of: sample.changing(change))
  }

  @Test func tooMany() throws {
    #expect(
      try refusal { $0.sections += Array(repeating: $0.sections[0], count: 4_094) }
        == "PATH: manifest: 4097 sections, at most 4096 (rule 4.1)")
  }

  @Test(arguments: ["", "a b", "猫", "a\n", "\u{7F}", String(repeating: "x", count: 257)])
  func names(name: String) throws {
    #expect(
      try refusal { $0.sections[0].name = name }
        == "PATH: manifest: a section's name is not 1 to 256 printable ASCII characters (rule 4.2)")
  }

  @Test func longestName() throws {
    let name = String(repeating: "~", count: 255) + "!"
    #expect(try refusal { $0.sections[0].name = name } == "opened")
  }

  @Test func alignment() throws {
    #expect(
      try refusal { $0.sections[1].offset += 64 }
        == "PATH: text.embeddings: offset 131136 is not a multiple of 65536 (rule 4.3)")
  }

  @Test func empty() throws {
    #expect(
      try refusal { $0.sections[1].byteCount = 0 }
        == "PATH: text.embeddings: the section is empty (rule 4.4)")
  }

  @Test func orderOverlapsAndHoles() throws {
    let sentence = { (name: String, found: Int, free: Int) in
      "PATH: \(name): begins at \(found), not at the first multiple of 65536 after \(free)"
        + " (rule 4.5)"
    }
    #expect(
      try refusal { $0.sections[0].offset = 0 } == sentence("vocabulary", 0, 64))
    #expect(
      try refusal { $0.sections.swapAt(0, 1) } == sentence("text.embeddings", 131_072, 64))
    #expect(
      try refusal { $0.sections[1].offset = 65_536 }
        == sentence("text.embeddings", 65_536, 65_546))
    #expect(
      try refusal { $0.sections.remove(at: 1) } == sentence("image.layers.0", 196_608, 65_546))
    #expect(
      try refusal { $0.sections[2].offset = .max - 65_535 }
        == sentence("image.layers.0", .max - 65_535, 131_072 + 148))
  }

  @Test func beyondTheManifest() throws {
    let end = sample.manifestOffset
    #expect(
      try refusal { $0.sections[2].byteCount += 1 }
        == "PATH: image.layers.0: reaches beyond the manifest at \(end) (rule 4.6)")
    #expect(
      try refusal { $0.sections[1].byteCount = .max }
        == "PATH: text.embeddings: reaches beyond the manifest at \(end) (rule 4.6)")
  }

  @Test func nameTwice() throws {
    #expect(
      try refusal { $0.sections[2].name = "vocabulary" }
        == "PATH: vocabulary: the section's name stands twice (rule 4.8)")
  }

  @Test func bytesBeforeTheManifest() throws {
    let end = sample.manifestOffset
    #expect(
      try refusal { $0.sections[2].byteCount -= 1 }
        == "PATH: manifest: begins at \(end), not at \(end - 1) after the last section (rule 4.9)")
    #expect(
      try refusal { $0.sections = [] }
        == "PATH: manifest: begins at \(end), not at 64 after the last section (rule 4.9)")
  }

  @Test func padding() throws {
    for (offset, name) in [
      (64, "vocabulary"), (65_535, "vocabulary"), (65_546, "text.embeddings"),
      (196_607, "image.layers.0"),
    ] {
      #expect(
        try TCMFormatTests.refusal(of: sample.with(byte: offset, [4]), checking: true)
          == "PATH: \(name): byte \(offset) of the padding before it is not zero (rule 4.7)")
    }
  }

  @Test func damage() throws {
    for section in sample.manifest.sections {
      for offset in [0, section.byteCount - 1] {
        var bytes = sample.bytes
        bytes[section.offset + offset] ^= 0x10
        #expect(try TCMFormatTests.refusal(of: bytes) == "opened")
        let sentence = try TCMFormatTests.refusal(of: bytes, checking: true)
        let prefix = "PATH: the section \(section.name) is damaged: its CRC-32C is 0x"
        #expect(sentence.hasPrefix(prefix))
      }
    }
  }
}
