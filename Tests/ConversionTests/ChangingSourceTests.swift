import Conversion
import Crypto
import Foundation
import Quantization
import TCMFormat
import TestSupport
import Testing

/// Files that another process changes, cuts short or replaces while they are read.
@Suite struct ChangingSourceTests {
  /// Converts a copy of `text-f16`; `change` is called in its folder when a part of the weights is written.
  private func convert(
    _ change: (String) throws -> Void, check: (String, String) throws -> Void
  ) throws {
    try Fixture.withFolder { folder in
      let text = folder + "/text"
      try FileManager.default.copyItem(
        atPath: Fixture.path("checkpoints/text-f16"), toPath: text)
      let old = Array("what was there before".utf8)
      try Data(old).write(to: URL(fileURLWithPath: folder + "/out.tcm"))
      var sentence = "converted"
      var isChanged = false
      do {
        _ = try Converter(
          inputs: [text], output: folder + "/out.tcm",
          options: ConversionOptions(recipe: .int8, tool: "test")
        ).run { share in
          if isChanged || share < 0.3 { return }
          isChanged = true
          do { try change(text) } catch { Issue.record(error) }
        }
      } catch { sentence = "\(error)" }
      #expect(isChanged)
      if sentence != "converted" {
        #expect(try Fixture.bytes(folder + "/out.tcm") == old)
        #expect(
          try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
            == ["out.tcm", "text"])
      }
      try check(sentence.replacingOccurrences(of: folder, with: "FOLDER"), folder + "/out.tcm")
    }
  }

  @Test(arguments: ["model.safetensors", "vocab.txt"])
  func changedInPlace(_ file: String) throws {
    for grows in [true, false] {
      try convert { folder in
        let handle = try #require(FileHandle(forUpdatingAtPath: folder + "/" + file))
        if grows { _ = try handle.seekToEnd() }
        try handle.write(contentsOf: [0x0A])
        try handle.close()
      } check: { sentence, _ in
        #expect(sentence == "FOLDER/text/\(file): the file changed while it was being read")
      }
    }
  }

  @Test func cutShort() throws {
    try convert { folder in
      #expect(unsafe truncate(folder + "/model.safetensors", 40_000) == 0)
    } check: { sentence, _ in
      #expect(sentence.hasPrefix("FOLDER/text/model.safetensors: "))
      #expect(sentence.contains("expected"), "\(sentence)")
    }
  }

  /// A file that is replaced or removed by name stays what it was for whoever has it open.
  @Test func replaced() throws {
    let expected = try Data(
      contentsOf: URL(fileURLWithPath: Fixture.path("checkpoints/text-f16/model.safetensors")))
    for removes in [false, true] {
      try convert { folder in
        let path = folder + "/model.safetensors"
        try FileManager.default.removeItem(atPath: path)
        if !removes { try Data("another".utf8).write(to: URL(fileURLWithPath: path)) }
      } check: { sentence, output in
        #expect(sentence == "converted")
        let file = try TCMFile(path: output)
        try file.check()
        #expect(
          file.manifest.provenance.sources[0].sha256 == Array(SHA256.hash(data: expected)))
        try Fixture.withFolder { folder in
          _ = try Converter(
            inputs: [Fixture.path("checkpoints/text-f16")], output: folder + "/x.tcm",
            options: ConversionOptions(recipe: .int8, tool: "test")
          ).run()
          #expect(try TCMFile(path: folder + "/x.tcm").manifest == file.manifest)
        }
      }
    }
  }
}
