import Foundation
import Quantization
import TCMFormat
import TensorCore
import TestSupport
import Testing

/// What is stored, against the checkpoint's own numbers.
@Suite struct WeightTests {
  /// The f32 values of a tensor of the fixture `text`.
  private func source(_ name: String) throws -> [Float] {
    let editor = try SafetensorsEditor("text/model.safetensors")
    let tensor = try #require(editor.tensors.first { $0.name == name })
    return floats(tensor.bytes)
  }

  private func floats(_ bytes: [UInt8]) -> [Float] {
    stride(from: 0, to: bytes.count, by: 4).map { at in
      Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[at + $1]) << (8 * $1) })
    }
  }

  private func part(_ file: TCMFile, _ name: String, _ role: TensorRecord.Role) throws -> [UInt8] {
    let part = try #require(try file.tensor(name).part(role))
    return file.bytes(at: part.offset, count: part.byteCount).array
  }

  private static let matrices = [
    ("text.layers.1.mlp.up.weight", ["encoder.layer.1.intermediate.dense.weight"], 512, 128),
    ("text.layers.0.mlp.down.weight", ["encoder.layer.0.output.dense.weight"], 128, 512),
    (
      "text.layers.0.attention.qkv.weight",
      ["query", "key", "value"].map { "encoder.layer.0.attention.self.\($0).weight" }, 384, 128
    ),
  ]

  @Test func float32IsExact() throws {
    try ConversionTests.withFile(["text"], .f32) { file, _ in
      for (name, sources, _, _) in Self.matrices {
        let expected = try sources.flatMap { try source($0) }
        let stored = floats(try part(file, name, .values))
        #expect(stored.map(\.bitPattern) == expected.map(\.bitPattern))
      }
    }
  }

  /// Nearest f16, ties to even: no other f16 value is nearer.
  @Test func float16IsNearest() throws {
    try ConversionTests.withFile(["text"], .f16) { file, _ in
      for (name, sources, _, _) in Self.matrices {
        let expected = try sources.flatMap { try source($0) }
        let bytes = try part(file, name, .values)
        for (index, value) in expected.enumerated() {
          let bits = UInt16(bytes[2 * index]) | UInt16(bytes[2 * index + 1]) << 8
          let error = abs(half(bits) - Double(value))
          let neighbour = min(
            abs(half(bits &+ 1) - Double(value)), abs(half(bits &- 1) - Double(value)))
          #expect(error < neighbour || (error == neighbour && bits & 1 == 0))
        }
      }
    }
  }

  /// binary16 by its definition.
  private func half(_ bits: UInt16) -> Double {
    let (sign, exponent, fraction) = (bits >> 15, Int(bits >> 10 & 31), Double(bits & 1023))
    let magnitude =
      exponent == 0
      ? fraction * pow(2, -24) : (1 + fraction / 1024) * pow(2, Double(exponent - 15))
    return sign == 1 ? -magnitude : magnitude
  }

  /// Panels [N/16][K/4][16][4]: every element within half a step, the row's largest at ±127.
  @Test func int8IsWithinHalfAStep() throws {
    try ConversionTests.withFile(["text"]) { file, _ in
      for (name, sources, rows, columns) in Self.matrices {
        let w = try sources.flatMap { try source($0) }
        let panels = try part(file, name, .values).map { Int8(bitPattern: $0) }
        let scales = floats(try part(file, name, .rowScales))
        let sums = try part(file, name, .rowSums)
        let inputScales =
          try file.tensor(name).part(.inputScales) == nil
          ? [Float](repeating: 1, count: columns) : floats(try part(file, name, .inputScales))
        #expect(
          (try file.tensor(name).part(.inputScales) != nil) == name.hasSuffix("mlp.up.weight"))
        for row in 0..<rows {
          var (largest, sum) = (0, 0)
          for column in 0..<columns {
            let at = ((row / 16) * (columns / 4) + column / 4) * 64 + row % 16 * 4 + column % 4
            let q = Int(panels[at])
            // y = (x·u) q·s: the weight itself is q·s·u.
            let step = Double(scales[row]) * Double(inputScales[column])
            let error = abs(Double(q) * step - Double(w[row * columns + column]))
            #expect(error <= step * 0.50001, "\(name) [\(row), \(column)]")
            largest = max(largest, abs(q))
            sum += q
          }
          #expect(largest == 127)
          let stored = (0..<4).reduce(UInt32(0)) { $0 | UInt32(sums[4 * row + $1]) << (8 * $1) }
          #expect(Int(Int32(bitPattern: stored)) == sum)
        }
      }
    }
  }

  /// A ViT's input scale is folded into the norm: gain·u and W/u multiply to gain·W.
  @Test func foldedScalesCancel() throws {
    let editor = try SafetensorsEditor("image/open_clip_model.safetensors")
    func original(_ name: String) throws -> [Float] {
      floats(try #require(editor.tensors.first { $0.name == name }).bytes)
    }
    let block = "visual.transformer.resblocks.1."
    let (gain, bias, w) = (
      try original(block + "ln_2.weight"), try original(block + "ln_2.bias"),
      try original(block + "mlp.c_fc.weight")
    )
    try ConversionTests.withFile(["image"]) { file, _ in
      let name = "image.layers.1.mlp.up.weight"
      #expect(try file.tensor(name).part(.inputScales) == nil)
      let foldedGain = floats(try part(file, "image.layers.1.norm2.gain", .values))
      let foldedBias = floats(try part(file, "image.layers.1.norm2.bias", .values))
      let panels = try part(file, name, .values).map { Int8(bitPattern: $0) }
      let scales = floats(try part(file, name, .rowScales))
      var changed = 0
      for column in 0..<128 {
        let u = Double(foldedGain[column]) / Double(gain[column])
        #expect(abs(u * Double(bias[column]) - Double(foldedBias[column])) <= abs(u) * 1e-7)
        if abs(u - 1) > 0.01 { changed += 1 }
        for row in 0..<512 {
          let at = ((row / 16) * 32 + column / 4) * 64 + row % 16 * 4 + column % 4
          let step = Double(scales[row])
          let error = abs(Double(panels[at]) * step - Double(w[row * 128 + column]) / u)
          #expect(error <= step * 0.50001)
        }
      }
      #expect(changed > 100)
    }
  }

  /// A row of zeros has scale 0 or any, and stays zeros.
  @Test func zeros() throws {
    try Fixture.withFolder { folder in
      var editor = try SafetensorsEditor("text-f16/model.safetensors")
      editor.change("encoder.layer.0.output.dense.weight") { tensor in
        for index in 0..<256 { tensor.bytes[index] = 0 }
      }
      try FileManager.default.copyItem(
        atPath: Fixture.path("checkpoints/text-f16"), toPath: folder + "/text")
      try Data(editor.file).write(to: URL(fileURLWithPath: folder + "/text/model.safetensors"))
      _ = try ConversionTests.convert([folder + "/text"], to: folder + "/out.tcm")
      let file = try TCMFile(path: folder + "/out.tcm")
      try file.check()
      let panels = try part(file, "text.layers.0.mlp.down.weight", .values)
      // Row 0 lies in the first panel: bytes 0 to 3 of each step of 64.
      for step in 0..<32 { #expect(panels[step * 64..<step * 64 + 4].allSatisfy { $0 == 0 }) }
    }
  }
}
