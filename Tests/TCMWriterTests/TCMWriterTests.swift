import Foundation
import TCMFormat
import TCMWriter
import TensorCore
import TestSupport
import Testing

/// Layout, order and refusal of whole files.
@Suite struct TCMWriterTests {
  static func block<Element: BitwiseCopyable>(_ values: [Element]) throws -> Block<UInt8> {
    try MutableBlock(copying: values).readOnly.bytes
  }

  static let image = ImageTowerRecord(
    family: "ViT", width: 8, layers: 1, heads: 2, mlpWidth: 16, imageSize: 8, patchSize: 4,
    layerNormEpsilon: 1e-5, activation: .gelu, outputWidth: 8, resize: .squash,
    mean: [0.5, 0.5, 0.5], standardDeviation: [0.25, 0.25, 0.25])
  static let provenance = Provenance(tool: "test", recipe: "f32", sources: [], assumptions: [])

  /// A tensor of `count` numbers, written in two pieces.
  static func tensor(_ writer: TCMWriter, _ name: String, _ count: Int) throws {
    writer.beginTensor(name, .float32, shape: [count])
    try writer.beginPart(.values, byteCount: 4 * count)
    try writer.write(block([Float](repeating: 1, count: 1)))
    try writer.write(block([Float](repeating: 2, count: count - 1)))
  }

  static func finish(
    _ writer: TCMWriter, _ provenance: Provenance = Self.provenance
  ) throws(WriteError) {
    try writer.finish(provenance: provenance, text: nil, image: image, logitScale: 100)
  }

  @Test func placesAndOrder() throws {
    try Fixture.withFolder { folder in
      let path = folder + "/x.tcm"
      for _ in 0..<2 {
        let writer = try TCMWriter(path: path)
        writer.beginSection(.weights, name: "first")
        try Self.tensor(writer, "a", 17)
        try Self.tensor(writer, "b", 16)
        writer.beginSection(.weights, name: "second")
        try Self.tensor(writer, "c", 16_384)
        writer.beginSection(.weights, name: "third")
        try Self.tensor(writer, "d", 2)
        let first = try? Fixture.bytes(path)
        try Self.finish(writer)
        // The same calls give the same bytes.
        if let first { #expect(try Fixture.bytes(path) == first) }
      }
      let file = try TCMFile(path: path)
      try file.check()
      #expect(file.manifest.sections.map(\.name) == ["first", "second", "third"])
      #expect(file.manifest.sections.map(\.offset) == [65_536, 131_072, 196_608])
      #expect(file.manifest.sections.map(\.byteCount) == [192, 65_536, 8])
      #expect(
        file.manifest.tensors.map { $0.parts[0].offset } == [65_536, 65_664, 131_072, 196_608])
      #expect(file.header.manifestOffset == 196_616)
      #expect(try file.floats("a", shape: [17]).array == [1] + [Float](repeating: 2, count: 16))
      #expect(try AtomicFileTests.names(folder) == ["x.tcm"])
    }
  }

  /// What a reader would refuse is not put in place.
  @Test func unreadable() throws {
    let builds: [(String, (TCMWriter) throws -> Void)] = [
      (
        "a: the tensor's name stands twice (rule 5.3)",
        {
          $0.beginSection(.weights, name: "s")
          try Self.tensor($0, "a", 2)
          try Self.tensor($0, "a", 2)
        }
      ),
      (
        "a: a dimension of 0, expected 1 to 1073741824 (rule 5.4)",
        {
          $0.beginSection(.weights, name: "s")
          try Self.tensor($0, "b", 2)
          $0.beginTensor("a", .float32, shape: [0])
          try $0.beginPart(.values, byteCount: 0)
        }
      ),
      (
        "a: a part of role 1 with 8 bytes, expected role 1 with 12 (rule 5.6)",
        {
          $0.beginSection(.weights, name: "s")
          $0.beginTensor("a", .float32, shape: [3])
          try $0.beginPart(.values, byteCount: 8)
          try $0.write(Self.block([1, 2] as [Float]))
        }
      ),
      ("s: the section is empty (rule 4.4)", { $0.beginSection(.weights, name: "s") }),
      (
        "manifest: 1 vocabularies, expected one with a text tower and none without (rule 6.2)",
        { try $0.writeVocabulary(Self.block([1] as [UInt8])) }
      ),
    ]
    for (problem, build) in builds {
      try Fixture.withFolder { folder in
        let path = folder + "/x.tcm"
        try AtomicFileTests.put([1, 2, 3], path)
        let writer = try TCMWriter(path: path)
        try build(writer)
        #expect {
          try Self.finish(writer)
        } throws: {
          "\($0)" == "nothing is written: \(path): \(problem)"
        }
        #expect(try AtomicFileTests.names(folder) == ["x.tcm"])
        #expect(try Fixture.bytes(path) == [1, 2, 3])
      }
    }
  }

  @Test func tooMuchProvenance() throws {
    try Fixture.withFolder { folder in
      let path = folder + "/x.tcm"
      let writer = try TCMWriter(path: path)
      var provenance = Self.provenance
      provenance.assumptions = Array(
        repeating: String(repeating: "x", count: 4_096), count: 1_024)
      #expect {
        try Self.finish(writer, provenance)
      } throws: {
        "\($0)" == "\(path): the manifest has 4197491 bytes, at most 4194304 can be read"
      }
      #expect(try AtomicFileTests.names(folder).isEmpty)
    }
  }

  /// A disk that fills up at any write leaves the old file and nothing else.
  @Test func everyWriteFails() throws {
    try Fixture.withFolder { folder in
      let path = folder + "/x.tcm"
      try AtomicFileTests.put([1, 2, 3], path)
      var writes = 0
      var failing = Int.max
      func attempt() throws {
        writes = 0
        let writer = TCMWriter(
          try AtomicFile(path: path) { step in
            if step == .write { writes += 1 }
            return step == .write && writes == failing ? -ENOSPC : 0
          })
        writer.beginSection(.weights, name: "s")
        try Self.tensor(writer, "a", 2)
        try Self.tensor(writer, "b", 2)
        try Self.finish(writer)
      }
      try attempt()
      // Two pieces of each tensor, the padding between, manifest and header.
      #expect(writes == 7)
      try AtomicFileTests.put([1, 2, 3], path)
      for number in 1...7 {
        failing = number
        #expect(throws: WriteError.cannotWrite(path: path, SystemError(code: ENOSPC))) {
          try attempt()
        }
        #expect(try Fixture.bytes(path) == [1, 2, 3])
        #expect(try AtomicFileTests.names(folder) == ["x.tcm"])
      }
    }
  }

  @Test func misuse() async {
    await #expect(processExitsWith: .failure) {
      try Fixture.withFolder { folder in
        let writer = try TCMWriter(path: folder + "/x")
        writer.beginTensor("outside a section", .float32, shape: [1])
      }
    }
    await #expect(processExitsWith: .failure) {
      try Fixture.withFolder { folder in
        let writer = try TCMWriter(path: folder + "/x")
        writer.beginSection(.weights, name: "s")
        writer.beginTensor("a", .float32, shape: [1])
        try writer.beginPart(.values, byteCount: 4)
        // More than was announced.
        try writer.write(Self.block([1, 2, 3, 4, 5] as [UInt8]))
      }
    }
    await #expect(processExitsWith: .failure) {
      try Fixture.withFolder { folder in
        let writer = try TCMWriter(path: folder + "/x")
        writer.beginSection(.weights, name: "s")
        writer.beginTensor("a", .float32, shape: [1])
        try writer.beginPart(.values, byteCount: 4)
        // Less than was announced.
        writer.beginTensor("b", .float32, shape: [1])
      }
    }
  }
}
