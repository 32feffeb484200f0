import Foundation
import Kernels
import TCMFormat
import TCMWriter
import TensorCore
import TestSupport

/// A small valid file that tests change, one thing at a time.
///
/// One tensor of each encoding, two towers, a vocabulary. The towers' own tensors are not there: only the runtime
/// looks for them.
struct SampleFile {
  var bytes: [UInt8]
  var manifest: Manifest

  /// Puts a sample together.
  init(bytes: [UInt8], manifest: Manifest) {
    self.bytes = bytes
    self.manifest = manifest
  }

  /// Writes `build`'s tensors through the writer and reads the file back.
  init(_ build: (TCMWriter) throws -> Void) throws {
    (bytes, manifest) = try Fixture.withFolder { folder in
      let path = folder + "/sample.tcm"
      let writer = try TCMWriter(path: path)
      try build(writer)
      return (try Fixture.bytes(path), try TCMFile(path: path).manifest)
    }
  }

  static let panels: [Int8] = SampleFile.panels(of: [
    [127, 2, 3, 4, 5], [-127, 1, 0, 2, 64], [127, 5, -10, 15, -127],
  ])

  /// Both towers, a vocabulary, one tensor of each encoding in two sections.
  static func full() throws -> SampleFile {
    try SampleFile { writer in
      try writer.writeVocabulary(block(Array("vocabulary".utf8)))
      writer.beginSection(.weights, name: "text.embeddings")
      writer.beginTensor("table", .int8Table, shape: [3, 5])
      try write(writer, .values, (0..<15).map { Int8($0) - 7 })
      try write(writer, .rowScales, [1, 2, 0.5] as [Float])
      writer.beginTensor("floats", .float32, shape: [5])
      try write(writer, .values, [1, -2, 3.5, 0, 1e-30] as [Float])
      writer.beginSection(.weights, name: "image.layers.0")
      writer.beginTensor("panels", .int8Row, shape: [3, 5])
      try write(writer, .values, panels)
      try write(writer, .rowScales, [1, 2, 0.5] + [Float](repeating: 0, count: 13))
      try write(writer, .rowSums, [141, -60, 10] + [Int32](repeating: 0, count: 13))
      try write(writer, .inputScales, [1, 1, 2, 1, 4] as [Float])
      writer.beginTensor("halves", .float16, shape: [2, 3])
      try write(writer, .values, [0x3C00, 0xC000, 0, 1, 0x7BFF, 0x8000] as [UInt16])
      try writer.finish(
        provenance: Provenance(
          tool: "test 1", recipe: "int8",
          sources: [
            Provenance.Source(
              name: "a.safetensors", byteCount: 12, sha256: [UInt8](repeating: 7, count: 32))
          ], assumptions: ["The logit scale is 100."]), text: text, image: image, logitScale: 100)
    }
  }

  /// One tower, one tensor: as small as a file gets.
  static func small() throws -> SampleFile {
    try SampleFile { writer in
      writer.beginSection(.weights, name: "image.head")
      writer.beginTensor("panels", .int8Row, shape: [3, 5])
      try write(writer, .values, panels)
      try write(writer, .rowScales, [1, 2, 0.5] + [Float](repeating: 0, count: 13))
      try write(writer, .rowSums, [141, -60, 10] + [Int32](repeating: 0, count: 13))
      writer.beginTensor("bias", .float32, shape: [3])
      try write(writer, .values, [1, -2, 3] as [Float])
      writer.beginTensor("gain", .float16, shape: [3])
      try write(writer, .values, [0x3C00, 0, 1] as [UInt16])
      try writer.finish(
        provenance: Provenance(tool: "test 1", recipe: "int8", sources: [], assumptions: []),
        text: nil, image: image, logitScale: 100)
    }
  }

  static let text = TextTowerRecord(
    family: "BERT", width: 8, layers: 1, heads: 2, mlpWidth: 16, vocabularySize: 6, positions: 16,
    layerNormEpsilon: 1e-12, activation: .gelu, outputWidth: 8, contextLength: 12, lowercases: true)
  static let image = ImageTowerRecord(
    family: "ViT", width: 8, layers: 1, heads: 2, mlpWidth: 16, imageSize: 8, patchSize: 4,
    layerNormEpsilon: 1e-5, activation: .quickGELU, outputWidth: 8, resize: .shortest,
    mean: [0.5, 0.5, 0.5], standardDeviation: [0.25, 0.25, 0.25])

  static func write<Element: BitwiseCopyable>(
    _ writer: TCMWriter, _ role: TensorRecord.Role, _ values: [Element]
  ) throws {
    let block = try MutableBlock(copying: values).readOnly.bytes
    try writer.beginPart(role, byteCount: block.count)
    try writer.write(block)
  }

  /// Bytes in memory of their own.
  static func block(_ bytes: [UInt8]) throws -> Block<UInt8> {
    try MutableBlock(copying: bytes).readOnly
  }

  /// The panels of a matrix, put together as `Formats/numerics.md` §7.2 says.
  static func panels(of rows: [[Int8]]) -> [Int8] {
    let columns = (rows[0].count + 3) / 4 * 4
    var panels = [Int8](repeating: 0, count: (rows.count + 15) / 16 * 16 * columns)
    for (n, row) in rows.enumerated() {
      for (k, value) in row.enumerated() {
        panels[n / 16 * 16 * columns + k / 4 * 64 + n % 16 * 4 + k % 4] = value
      }
    }
    return panels
  }
}

/// Changes, after which everything else is made to fit again.
extension SampleFile {
  /// The file with another manifest.
  func changing(_ change: (inout Manifest) -> Void) -> [UInt8] {
    var manifest = manifest
    change(&manifest)
    return with(manifest: manifest.encoded) {
      $0.readVersion = manifest.version
      $0.writeVersion = manifest.version
    }
  }

  /// The file with these bytes for a manifest, and a header changed at last.
  func with(manifest encoded: [UInt8], _ change: (inout TCMHeader) -> Void = { _ in }) -> [UInt8] {
    let offset = manifestOffset
    var header = TCMHeader(
      version: 1, manifestOffset: UInt64(offset), manifestLength: UInt64(encoded.count),
      manifestChecksum: WeightKernels.crc32c(encoded))
    change(&header)
    return header.bytes + bytes[64..<offset] + encoded
  }

  /// The file with another header.
  func with(header change: (inout TCMHeader) -> Void) -> [UInt8] {
    with(manifest: Array(bytes[manifestOffset...]), change)
  }

  /// The file with other bytes of the header, and its checksum made to fit.
  func with(headerBytes change: (inout [UInt8]) -> Void) -> [UInt8] {
    var header = Array(bytes[..<60])
    change(&header)
    var sum: [UInt8] = []
    WeightKernels.crc32c(header).append(to: &sum)
    return header + sum + bytes[64...]
  }

  /// The file with other bytes somewhere before the manifest, and the checksums of sections made to fit.
  func with(byte offset: Int, _ value: [UInt8]) -> [UInt8] {
    var copy = self
    copy.bytes.replaceSubrange(offset..<offset + value.count, with: value)
    for index in manifest.sections.indices {
      let section = manifest.sections[index]
      copy.manifest.sections[index].checksum = WeightKernels.crc32c(
        Array(copy.bytes[section.offset..<section.offset + section.byteCount]))
    }
    return copy.changing { _ in }
  }

  /// The file with other bytes at a place of a tensor's part.
  func with(
    _ tensor: String, _ role: TensorRecord.Role, at offset: Int, _ value: [UInt8]
  ) -> [UInt8] {
    let record = manifest.tensors.first { $0.name == tensor }
    return with(byte: (record?.part(role)?.offset ?? 0) + offset, value)
  }

  var manifestOffset: Int {
    manifest.sections.map { $0.offset + $0.byteCount }.max() ?? 64
  }
}

/// What opening, or opening and checking, says about bytes; `PATH` stands for the file.
func refusal(of bytes: [UInt8], checking: Bool = false) throws -> String {
  try Fixture.withFolder { folder in
    let path = folder + "/x.tcm"
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    do {
      let file = try TCMFile(path: path)
      if !checking { return "opened" }
      try file.check()
      return "valid"
    } catch let error as TCMError {
      return error.description.replacing(path, with: "PATH")
    }
  }
}
