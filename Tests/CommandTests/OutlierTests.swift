import Foundation
import TestSupport
import Testing

/// Checkpoints whose float function is that of the trained example, with channels 64 times as large as others.
///
/// Real models have such channels; without smoothing they take the range of everything beside them.
@Suite(.serialized) struct OutlierTests {
  static let example = Fixture.path("example")
  static let pairs = "webdataset:" + example + "/heldout/pairs"

  /// A safetensors file in memory, in f32.
  private struct Weights {
    var tensors: [String: (shape: [Int], values: [Float])] = [:]

    init(path: String) throws {
      let bytes = try Fixture.bytes(path)
      let count = (0..<8).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
      let header = try #require(
        try JSONSerialization.jsonObject(with: Data(bytes[8..<8 + count])) as? [String: Any])
      for (name, value) in header where name != "__metadata__" {
        let record = try #require(value as? [String: Any])
        let offsets = try #require(record["data_offsets"] as? [Int])
        try #require(record["dtype"] as? String == "F16")
        let data = bytes[8 + count + offsets[0]..<8 + count + offsets[1]]
        let values = stride(from: data.startIndex, to: data.endIndex, by: 2).map { at in
          Float(Float16(bitPattern: UInt16(data[at]) | UInt16(data[at + 1]) << 8))
        }
        tensors[name] = (try #require(record["shape"] as? [Int]), values)
      }
    }

    /// Multiplies rows, or single elements of a vector.
    mutating func scale(_ name: String, rows: [Int], by factor: Float) throws {
      let tensor = try #require(tensors[name])
      let columns = tensor.shape.dropFirst().reduce(1, *)
      for row in rows {
        for place in row * columns..<(row + 1) * columns { tensors[name]?.values[place] *= factor }
      }
    }

    /// Multiplies columns.
    mutating func scale(_ name: String, columns: [Int], by factor: Float) throws {
      let tensor = try #require(tensors[name])
      for row in 0..<tensor.shape[0] {
        for column in columns {
          tensors[name]?.values[row * tensor.shape[1] + column] *= factor
        }
      }
    }

    func write(_ path: String) throws {
      var header: [String: Any] = [:]
      var data = Data()
      for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
        let start = data.count
        for value in tensor.values {
          for shift in [0, 8, 16, 24] {
            data.append(UInt8(truncatingIfNeeded: value.bitPattern >> UInt32(shift)))
          }
        }
        header[name] = [
          "dtype": "F32", "shape": tensor.shape, "data_offsets": [start, data.count],
        ]
      }
      let text = try JSONSerialization.data(withJSONObject: header)
      var file = Data((0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) })
      file.append(text)
      file.append(data)
      try file.write(to: URL(fileURLWithPath: path))
    }
  }

  /// Copies the example with outliers: in the image tower's layer norms and in the values of both towers' attention.
  private func transform(into folder: String) throws {
    let channels = Array(stride(from: 5, to: 256, by: 37))
    let values = Array(stride(from: 11, to: 256, by: 41))
    for name in ["text", "image"] {
      try FileManager.default.copyItem(
        atPath: Self.example + "/" + name, toPath: folder + "/" + name)
    }
    let imagePath = folder + "/image/open_clip_model.safetensors"
    var image = try Weights(path: imagePath)
    for layer in 0..<5 {
      let block = "visual.transformer.resblocks.\(layer)."
      for (norm, next) in [("ln_1", "attn.in_proj_weight"), ("ln_2", "mlp.c_fc.weight")] {
        try image.scale(block + norm + ".weight", rows: channels, by: 64)
        try image.scale(block + norm + ".bias", rows: channels, by: 64)
        try image.scale(block + next, columns: channels, by: 1 / 64)
      }
      try image.scale(block + "attn.in_proj_weight", rows: values.map { 512 + $0 }, by: 64)
      try image.scale(block + "attn.in_proj_bias", rows: values.map { 512 + $0 }, by: 64)
      try image.scale(block + "attn.out_proj.weight", columns: values, by: 1 / 64)
    }
    try image.write(imagePath)
    let textPath = folder + "/text/model.safetensors"
    var text = try Weights(path: textPath)
    for layer in 0..<3 {
      let block = "encoder.layer.\(layer).attention."
      try text.scale(block + "self.value.weight", rows: values, by: 64)
      try text.scale(block + "self.value.bias", rows: values, by: 64)
      try text.scale(block + "output.dense.weight", columns: values, by: 1 / 64)
    }
    try text.write(textPath)
  }

  /// The drops of R@1 in points, text to image and image to text.
  private func drops(_ folder: String, _ options: [String]) throws -> [Double] {
    let file = folder + "/m.tcm"
    let converted = try Command.run(
      "taiyi-convert", options + [folder + "/text", folder + "/image", file])
    try #require(converted.status == 0, "\(converted.errors)")
    let verified = try Command.run(
      "taiyi-convert",
      [
        "verify", file, "--reference", Self.example + "/text", Self.example + "/image", "--cache",
        folder + "/cache", "--dataset", Self.pairs, "--layer-samples", "0", "--json",
      ])
    let report = try object(verified.output)
    let sets = try #require(report["datasets"] as? [[String: Any]], "\(verified.errors)")
    let figures = try #require(sets[0]["figures"] as? [[String: Any]])
    return try figures.filter { ($0["name"] as? String)?.hasPrefix("R@1 ") == true }
      .map { 100 * (try #require($0["drop"] as? Double)) }
  }

  /// Matrices are compared without what was moved between them.
  @Test func comparisonLooksThroughSmoothing() throws {
    try Fixture.withFolder { folder in
      try transform(into: folder)
      let file = folder + "/m.tcm"
      let converted = try Command.run(
        "taiyi-convert", ["--quant", "int8", folder + "/text", folder + "/image", file])
      #expect(converted.status == 0)
      let outcome = try Command.run(
        "taiyi-convert",
        [
          "compare", "--json", "--samples", "2", "--cache", folder + "/cache", folder + "/text",
          folder + "/image", file,
        ])
      let layers = try #require(try object(outcome.output)["layers"] as? [[String: Any]])
      var count = 0
      for tensor in layers.flatMap({ $0["tensors"] as? [[String: Any]] ?? [] }) {
        let error = try #require(tensor["isolated"] as? Double)
        #expect(error < 0.03, "\(tensor)")
        count += 1
      }
      #expect(count == 4 + 8 * 5 + 2)
    }
  }

  /// Factors of any size are looked through if the output matrix takes them back, and shown if it does not.
  @Test(arguments: [true, false]) func movedFactors(isTakenBack: Bool) throws {
    try Fixture.withFolder { folder in
      try FileManager.default.copyItem(
        atPath: Self.example + "/image", toPath: folder + "/image")
      let path = folder + "/image/open_clip_model.safetensors"
      var image = try Weights(path: path)
      let block = "visual.transformer.resblocks.1.attn."
      for (values, factor) in [(Array(0..<64), Float(0.75)), (Array(100..<256), 1.5)] {
        try image.scale(block + "in_proj_weight", rows: values.map { 512 + $0 }, by: factor)
        try image.scale(block + "in_proj_bias", rows: values.map { 512 + $0 }, by: factor)
        if isTakenBack {
          try image.scale(block + "out_proj.weight", columns: values, by: 1 / factor)
        }
      }
      try image.write(path)
      let outcome = try Command.run(
        "taiyi-convert",
        [
          "compare", "--json", "--samples", "2", "--cache", folder + "/cache",
          Self.example + "/image", folder + "/image",
        ])
      let layers = try #require(
        try object(outcome.output)["layers"] as? [[String: Any]], "\(outcome.errors)")
      let errors = try layers.flatMap { $0["tensors"] as? [[String: Any]] ?? [] }
        .map { try #require($0["isolated"] as? Double) }
      let largest = try #require(errors.max())
      #expect(isTakenBack ? largest < 1e-5 : largest > 0.1, "\(largest)")
    }
  }

  @Test func smoothingUndoesOutliers() throws {
    try Fixture.withFolder { folder in
      try transform(into: folder)
      let float = try drops(folder, ["--quant", "f32"])
      #expect(float.allSatisfy { abs($0) < 0.1 }, "\(float)")
      let int8 = try drops(folder, ["--quant", "int8"])
      #expect(int8.allSatisfy { $0 < 0.5 }, "\(int8)")
      let calibrated = try drops(
        folder,
        [
          "--quant", "int8", "--cache", folder + "/cache", "--calibrate",
          Self.example + "/calibration/pictures", "--calibrate-texts",
          Self.example + "/calibration/texts.txt",
        ])
      #expect(calibrated.allSatisfy { $0 < 0.4 }, "\(calibrated)")
      let int4 = try drops(folder, ["--quant", "int4"])
      #expect(int4.allSatisfy { $0 < 1 }, "\(int4)")
      // What smoothing is there for.
      let plain = try drops(folder, ["--quant", "int8", "--no-smoothing"])
      #expect(plain.contains { $0 > 2 }, "\(plain)")
    }
  }
}
