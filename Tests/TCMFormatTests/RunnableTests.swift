import CLIPRuntime
import Kernels
import TCMFormat
import TCMWriter
import TensorCore
import TestSupport
import Testing

/// A file that opens is safe to run, whatever its weights are and however encodings are mixed.
@Suite struct RunnableTests {
  /// Numbers that are always the same, of any bits: infinities, NaN, −128, wrong sums.
  struct Bits {
    var state: UInt64

    mutating func bytes(_ count: Int) -> [UInt8] {
      (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 56)
      }
    }
  }

  /// An image tower whose matrices are stored as `encodings` says, in turn, filled with arbitrary bits.
  static func write(_ path: String, _ encodings: [Encoding], seed: UInt64) throws {
    let tower = ImageTowerRecord(
      family: "ViT", width: 16, layers: 2, heads: 2, mlpWidth: 20, imageSize: 12, patchSize: 6,
      layerNormEpsilon: 1e-5, activation: .quickGELU, outputWidth: 5, resize: .shortest,
      mean: [0.5, 0.5, 0.5], standardDeviation: [0.25, 0.25, 0.25])
    var bits = Bits(state: seed)
    var matrices = 0
    let writer = try TCMWriter(path: path)
    writer.beginSection(.weights, name: "all")
    func tensor(_ name: String, _ shape: [Int]) throws {
      var encoding = Encoding.float32
      if name.hasSuffix(".weight") {
        encoding = encodings[matrices % encodings.count]
        if encoding == .int4Group && shape[1] % 16 != 0 { encoding = .int8Row }
        matrices += 1
      }
      writer.beginTensor(name, encoding, shape: shape)
      let parts = TensorRecord.expectedParts(
        encoding, shape: shape,
        hasInputScales: [.int8Row, .int4Group].contains(encoding) && matrices % 2 == 0)
      for part in try #require(parts) {
        try SampleFile.write(writer, part.role, bits.bytes(part.byteCount))
      }
    }
    func linear(_ name: String, _ outputs: Int, _ inputs: Int) throws {
      try tensor(name + ".weight", [outputs, inputs])
      try tensor(name + ".bias", [outputs])
    }
    func norm(_ name: String) throws {
      try tensor(name + ".gain", [16])
      try tensor(name + ".bias", [16])
    }
    try tensor("image.patch_embedding.weight", [16, 108])
    try tensor("image.class_embedding", [16])
    try tensor("image.position_embedding", [5, 16])
    try norm("image.pre_norm")
    for layer in 0..<2 {
      try linear("image.layers.\(layer).attention.qkv", 48, 16)
      try linear("image.layers.\(layer).attention.output", 16, 16)
      try linear("image.layers.\(layer).mlp.up", 20, 16)
      try linear("image.layers.\(layer).mlp.down", 16, 20)
      try norm("image.layers.\(layer).norm1")
      try norm("image.layers.\(layer).norm2")
    }
    try norm("image.post_norm")
    try tensor("image.projection.weight", [5, 16])
    try writer.finish(
      provenance: Provenance(tool: "", recipe: "", sources: [], assumptions: []), text: nil,
      image: tower, logitScale: 100)
  }

  @Test(arguments: [
    [Encoding.int8Row], [.int4Group], [.int4Group, .int8Row, .float32], [.float32], [.float16],
    [.int8Row, .float32], [.float32, .int8Row],
    [.float16, .float32, .int8Row], [.float32, .float32, .float32, .float32, .int8Row],
  ])
  func mixedEncodings(encodings: [Encoding]) throws {
    try Fixture.withFolder { folder in
      let path = folder + "/x.tcm"
      for seed in 1...4 as ClosedRange<UInt64> {
        try Self.write(path, encodings, seed: seed)
        let model = try Model(path: path)
        for set in InstructionSet.allCases where set.isAvailable {
          let session = try Session(model: model, threads: 2, instructionSet: set)
          let pixels = try MutableBlock(copying: (0..<864).map { Float($0 % 13) - 6 })
          let embeddings = try MutableBlock<Float>(allocating: 10)
          try session.encode(pixels: pixels.readOnly, items: 2, into: embeddings)
          #expect(embeddings.count == 10)
        }
      }
    }
  }

  /// A matrix stored as a table, and a tensor that is not there, are refused when the model opens.
  @Test func notAModel() throws {
    try Fixture.withFolder { folder in
      let path = folder + "/x.tcm"
      try Self.write(path, [.int8Table], seed: 1)
      #expect {
        _ = try Model(path: path)
      } throws: {
        "\($0)"
          == "\(path): the tensor image.patch_embedding.weight cannot be stored as int8-table"
      }
      let writer = try TCMWriter(path: path)
      try writer.finish(
        provenance: Provenance(tool: "", recipe: "", sources: [], assumptions: []), text: nil,
        image: SampleFile.image, logitScale: 1)
      #expect {
        _ = try Model(path: path)
      } throws: {
        "\($0)" == "\(path): the tensor image.patch_embedding.weight is missing"
      }
    }
  }
}
