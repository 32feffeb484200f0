import Conversion
import Crypto
import Foundation
import Kernels
import ModelFamilies
import Quantization
import TCMFormat
import TensorCore
import TestSupport
import Testing
import Tokenization

/// The reader in Python, written from the specification alone, and this one: the same elements, bit for bit.
@Suite struct SecondReaderTests {
  private static func python(_ arguments: [String]) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3"] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }

  /// `.ci/setup` installs it; without, these tests are skipped.
  static let hasNumPy = (try? python(["-c", "import numpy"]).status) == 0

  /// The elements of a tensor as f32, row-major.
  private func elements(_ file: TCMFile, _ record: TensorRecord) throws -> [Float] {
    func part(_ role: TensorRecord.Role) throws -> [UInt8] {
      let part = try #require(record.part(role))
      return file.bytes(at: part.offset, count: part.byteCount).array
    }
    func floats(_ bytes: [UInt8]) -> [Float] {
      stride(from: 0, to: bytes.count, by: 4).map { at in
        Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[at + $1]) << (8 * $1) })
      }
    }
    let values = try part(.values)
    switch record.encoding {
    case .float32: return floats(values)
    case .float16:
      let halves = try MutableBlock(copying: values)
      let result = try MutableBlock<Float>(allocating: values.count / 2)
      WeightKernels.toFloat32(halves.readOnly, .float16, into: result)
      return result.array
    case .int4Group:
      // By the formula of the specification.
      let numbers = [-127, -107, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 88, 113]
      let scales = floats(try part(.rowScales))
      let subScales = try part(.subScales)
      let (rows, columns) = (record.shape[0], record.shape[1])
      var result: [Float] = []
      for row in 0..<rows {
        for column in 0..<columns {
          let place = row % 16 * 4 + column % 4
          let pair = values[row / 16 * columns * 8 + column / 4 * 32 + place % 32]
          let number = numbers[Int(place < 32 ? pair & 15 : pair >> 4)]
          let subScale = Int8(
            bitPattern: subScales[row / 16 * columns + column / 16 * 16 + row % 16])
          let byte = (number * Int(subScale) + 64) >> 7
          result.append(Float(byte) * scales[row])
        }
      }
      return result
    case .int8Table, .int8Row:
      let scales = floats(try part(.rowScales))
      let (rows, columns) = (record.shape[0], record.shape[1])
      let steps = (columns + 3) / 4
      var result: [Float] = []
      for row in 0..<rows {
        for column in 0..<columns {
          let place =
            record.encoding == .int8Table
            ? row * columns + column
            : (row / 16 * steps + column / 4) * 64 + row % 16 * 4 + column % 4
          result.append(Float(Int8(bitPattern: values[place])) * scales[row])
        }
      }
      return result
    }
  }

  @Test(
    .enabled(if: hasNumPy),
    arguments: [
      (["text", "image"], Recipe.int8), (["text", "image"], .f16), (["text-classifier"], .f32),
      (["text-classifier"], .int8), (["text", "image"], .int4), (["text", "image"], .mixed),
    ])
  func sameElements(inputs: [String], recipe: Recipe) throws {
    try ConversionTests.withFile(inputs, recipe) { file, _ in
      let script = Fixture.root + "/Formats/reference/tcm.py"
      let dump = try Self.python([script, "dump", file.path])
      try #require(dump.status == 0, "\(dump.output)")
      var lines = dump.output.split(separator: "\n").map(String.init)
      if let section = file.vocabulary {
        let vocabulary = try Vocabulary(section: section)
        var tokens: [UInt8] = []
        for id in 0..<vocabulary.count {
          tokens += Array(try #require(vocabulary.token(Int32(id))).utf8) + [0x0A]
        }
        let digest = SHA256.hash(data: tokens).map { String(format: "%02x", $0) }.joined()
        #expect(lines.removeFirst() == "tokens \(vocabulary.count) \(digest)")
      }
      #expect(lines.count == file.manifest.tensors.count)
      for (line, record) in zip(lines, file.manifest.tensors) {
        let bytes = try elements(file, record).flatMap { value in
          (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
        }
        let digest = SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined()
        let shape = record.shape.map(String.init).joined(separator: "x")
        #expect(line == "\(record.name) \(record.encoding.name) \(shape) \(digest)")
      }
    }
  }

  /// Labels instead of a text tower: what this writes, that reads.
  @Test(.enabled(if: hasNumPy)) func classifier() throws {
    try Fixture.withFolder { folder in
      let output = folder + "/classifier.tcm"
      // More than are written at a time.
      let names = (0..<1_500).map { "标签\($0)" }
      let record = LabelBankRecord(
        textIdentity: [UInt8](0..<32), width: 64, contextLength: 32, labels: names,
        templates: ["一张{}的照片"])
      var values = [Float](repeating: 0, count: 1_500 * 64)
      for row in 0..<1_500 { values[row * 64 + row % 64] = row % 3 == 0 ? -1 : 1 }
      let expected = values
      var options = ConversionOptions(recipe: .int4, tool: "test 1.0")
      options.written = [.image]
      let inputs = ["text-f16", "image-mixed"].map { Fixture.path("checkpoints/" + $0) }
      let summary = try Converter(inputs: inputs, output: output, options: options).run(
        labels: LabelRows(record: record) { (range) throws(ConversionError) in
          do throws(SystemError) {
            return try MutableBlock(
              copying: Array(expected[range.lowerBound * 64..<range.upperBound * 64])
            ).readOnly
          } catch { throw .system(error) }
        })
      #expect(summary.towers.map(\.kind) == [.text, .image])
      let file = try TCMFile(path: output)
      try file.check()
      #expect(file.manifest.labels == record && file.manifest.text == nil)
      let rows = try #require(file.manifest.tensors.last)
      #expect(rows.name == "labels.embeddings" && rows.shape == [1_500, 64])
      #expect(try elements(file, rows) == expected)
      let script = Fixture.root + "/Formats/reference/tcm.py"
      let reader = try Self.python([script, output])
      #expect(reader.status == 0, "\(reader.output)")
      let identity = file.manifest.identity.map { String(format: "%02x", $0) }.joined()
      #expect(reader.output.contains("identity \(identity)"))
    }
  }

  /// What one refuses, the other does too: a flipped bit in each section and in the manifest.
  @Test(.enabled(if: hasNumPy)) func sameRefusals() throws {
    try ConversionTests.withFile(["text-classifier"]) { file, _ in
      let script = Fixture.root + "/Formats/reference/tcm.py"
      let bytes = try Fixture.bytes(file.path)
      let places =
        file.manifest.sections.map { $0.offset + $0.byteCount / 2 } + [9, 30, 70, bytes.count - 9]
      for place in places {
        var changed = bytes
        changed[place] ^= 4
        let path = file.path + ".changed"
        try Data(changed).write(to: URL(fileURLWithPath: path))
        #expect(try Self.python([script, path]).status == 1)
        #expect(throws: TCMError.self) { try TCMFile(path: path).check() }
      }
    }
  }
}
