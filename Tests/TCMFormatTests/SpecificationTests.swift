import Crypto
import Foundation
import Kernels
import TCMFormat
import TCMWriter
import TensorCore
import TestSupport
import Testing

/// `Formats/tcm.md` says what the code does, rule for rule and byte for byte.
@Suite struct SpecificationTests {
  let text: String

  init() throws {
    text = String(decoding: try Fixture.bytes(Fixture.root + "/Formats/tcm.md"), as: UTF8.self)
  }

  /// The bytes of the example with this name: two hexadecimal digits each, in the first 47 columns.
  private func example(_ name: String) throws -> [UInt8] {
    let start = try #require(text.range(of: "<!-- example: \(name) -->\n```text\n"))
    let end = try #require(text.range(of: "```", range: start.upperBound..<text.endIndex))
    var bytes: [UInt8] = []
    for line in text[start.upperBound..<end.lowerBound].split(separator: "\n") {
      for digits in line.prefix(47).split(separator: " ") {
        bytes.append(try #require(UInt8(digits, radix: 16)))
      }
    }
    return bytes
  }

  @Test func everyRuleIsInCodeAndDocument() throws {
    let written = text.matches(of: #/\n\*\*(\d+\.\d+)\*\* /#).map { String($0.1) }
    #expect(Set(written).count == written.count)
    var coded: Set<String> = []
    let sources = Fixture.root + "/Sources/"
    var files = try FileManager.default.contentsOfDirectory(atPath: sources + "TCMFormat")
      .map { "TCMFormat/" + $0 }
    files += ["CLIPRuntime/ModelError.swift", "taiyi-convert/Commands/CheckCommand.swift"]
    for file in files {
      let code = String(decoding: try Fixture.bytes(sources + file), as: UTF8.self)
      coded.formUnion(code.matches(of: #/"(\d+\.\d+)"/#).map { String($0.1) })
      coded.formUnion(code.matches(of: #/\(rule (\d+\.\d+)\)/#).map { String($0.1) })
    }
    #expect(coded.sorted() == Set(written).sorted())
    // And every rule of an error's sentence is asserted by a test, but those of other modules.
    let tests = Fixture.root + "/Tests/TCMFormatTests/"
    var tested: Set<String> = ["2.1", "2.2", "2.6", "2.7", "2.8", "4.10", "6.10", "6.11", "7.2"]
    for file in try FileManager.default.contentsOfDirectory(atPath: tests) {
      let code = String(decoding: try Fixture.bytes(tests + file), as: UTF8.self)
      tested.formUnion(code.matches(of: #/\(rule (\d+\.\d+)\)/#).map { String($0.1) })
    }
    #expect(tested.sorted() == Set(written).sorted())
  }

  @Test func limits() {
    let limits: [(String, Int)] = [
      ("bytes of the manifest", TCMLayout.manifestLimit),
      ("sections", TCMLayout.sectionLimit),
      ("tensors", TCMLayout.tensorLimit),
      ("bytes of a name of a section, tensor or family", TCMLayout.nameLimit),
      ("bytes of any other string", TCMLayout.stringLimit),
      ("a dimension", TCMLayout.dimensionLimit),
      ("columns of an int8-row matrix", TCMLayout.int8ColumnLimit),
      ("a tower's width, MLP width or output width", TCMLayout.widthLimit),
      ("layers of a tower", TCMLayout.layerLimit),
      ("tokens of a sequence", TCMLayout.tokenLimit),
      ("side of an input picture, in pixels", TCMLayout.imageSizeLimit),
      ("labels of a bank", TCMLayout.labelLimit),
      ("templates of a bank", TCMLayout.templateLimit),
    ]
    for (what, limit) in limits {
      var digits = String(limit)
      for place in stride(from: digits.count - 3, to: 0, by: -3) {
        digits.insert(",", at: digits.index(digits.startIndex, offsetBy: place))
      }
      #expect(text.contains("\n| \(what) | \(digits) |\n"), "\(what)")
    }
  }

  @Test func panels() throws {
    let matrix: [Float] = [127, 2, 3, 4, 5, -127, 1, 0, 2, 64, 254, 10, -20, 30, -254]
    let panels = try MutableBlock<Int8>(allocating: 128)
    let scales = try MutableBlock<Float>(allocating: 16)
    let sums = try MutableBlock<Int32>(allocating: 16)
    try Engine().quantizePanels(
      MutableBlock(copying: matrix).readOnly, columnScales: nil, columns: 5, panels: panels,
      scales: scales, sums: sums)
    let bytes = panels.bytes.array + scales.bytes.array + sums.bytes.array
    #expect(try example("panels") == bytes)
  }

  @Test func codes() throws {
    let bytes = try example("codes")
    #expect(bytes.count == 128 + 64 + 16)
    let panels = Int4Panels(
      codes: try MutableBlock(copying: Array(bytes[..<128])).readOnly,
      scales: try MutableBlock<Float>(allocating: 16).readOnly,
      subScales: try MutableBlock(copying: bytes[192...].map { Int8(bitPattern: $0) }).readOnly,
      inputScales: nil)
    let values = try MutableBlock<Int8>(allocating: 256)
    _ = WeightKernels.decode(panels, rows: 2, columns: 16, into: values)
    for row in 0..<2 {
      let line = (0..<16).map { column in
        String(values[column / 4 * 64 + row * 4 + column % 4])
          .replacingOccurrences(of: "-", with: "−")
      }
      #expect(text.contains("\n    " + line.joined(separator: "  ") + "\n"))
    }
  }

  @Test func identity() throws {
    let bytes = try example("identity")
    let digest = SHA256.hash(data: bytes)
    let digits = digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    #expect(text.contains("`\(digits)`"))
    let sample = try SampleFile { writer in
      writer.beginSection(.weights, name: "any")
      writer.beginTensor("w", .float32, shape: [2])
      try SampleFile.write(writer, .values, [1, 2] as [Float])
      try writer.finish(
        provenance: Provenance(tool: "any", recipe: "any", sources: [], assumptions: []),
        text: nil, image: SampleFile.image, logitScale: 100)
    }
    #expect(sample.manifest.identity == Array(digest))
  }

  @Test func checksum() {
    let check = WeightKernels.crc32c(Array("123456789".utf8))
    #expect(text.contains("`\(String(check, radix: 16, uppercase: true))`"))
    #expect(crc32c("123456789".utf8) == check)
  }

  /// The identity an open file gives is that of its bytes, and another one for another weight.
  @Test func identityOfAFile() throws {
    let sample = try SampleFile.full()
    try Fixture.withFolder { folder in
      let path = folder + "/x.tcm"
      let url = URL(fileURLWithPath: path)
      try Data(sample.bytes).write(to: url)
      #expect(ModelIdentity.of(try TCMFile(path: path)) == sample.manifest.identity)
      try Data(sample.with("floats", .values, at: 0, [9])).write(to: url)
      let changed = try TCMFile(path: path)
      try changed.check()
      #expect(ModelIdentity.of(changed) != sample.manifest.identity)
    }
  }
}
