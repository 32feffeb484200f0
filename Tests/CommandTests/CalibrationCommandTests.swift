import Foundation
import TestSupport
import Testing

/// `taiyi-convert --calibrate`.
@Suite(.serialized) struct CalibrationCommandTests {
  private static let inputs = [Fixture.path("example/text"), Fixture.path("example/image")]
  private static let data = [
    "--calibrate", Fixture.path("example/calibration/pictures"), "--calibrate-texts",
    Fixture.path("example/calibration/texts.txt"),
  ]

  private func convert(
    _ options: [String], _ output: String, environment: [String: String] = [:]
  ) throws -> Command.Outcome {
    let outcome = try Command.run(
      "taiyi-convert", options + Self.inputs + [output], environment: environment)
    try #require(outcome.status == 0, "\(outcome.errors)")
    return outcome
  }

  /// The mean distances of embeddings from the float model's, of texts and pictures nobody calibrated on.
  private func distances(_ file: String, cache: String) throws -> [Double] {
    let outcome = try Command.run(
      "taiyi-convert",
      ["verify", file, "--reference"] + Self.inputs + [
        "--cache", cache, "--layer-samples", "0", "--json",
      ])
    let found = try #require(
      try object(outcome.output)["embeddings"] as? [String: Any], "\(outcome.errors)")
    return try ["text_cosines", "picture_cosines"].map { what in
      let summary = try #require(found[what] as? [String: Any])
      return 1 - (try #require(summary["mean"] as? Double))
    }
  }

  /// What calibration is there for.
  @Test func errorsShrink() throws {
    try Fixture.withFolder { folder in
      let cache = folder + "/cache"
      for (quant, limit) in [("int4", 0.5), ("int8", 0.75)] {
        let plain = folder + "/plain.tcm"
        let calibrated = folder + "/calibrated.tcm"
        _ = try convert(["--quant", quant], plain)
        _ = try convert(["--quant", quant, "--cache", cache] + Self.data, calibrated)
        let without = try distances(plain, cache: cache)
        let with = try distances(calibrated, cache: cache)
        for (small, large) in zip(with, without) {
          #expect(small < limit * large, "\(quant): \(with), without calibration \(without)")
        }
      }
    }
  }

  /// One thread and the smallest instruction set give the file that all of the machine gives; so does the cache.
  @Test func theSameFileEverywhere() throws {
    try Fixture.withFolder { folder in
      let options = ["--quant", "int4-int8-mixed"] + Self.data
      let first = folder + "/a.tcm"
      let outcome = try convert(
        options + ["--cache", folder + "/one", "--threads", "2"], first)
      #expect(outcome.errors.contains("calibrated on 128 pictures and 256 texts"))
      let other = folder + "/b.tcm"
      _ = try convert(
        options + ["--cache", folder + "/two", "--threads", "1"], other,
        environment: ["TAIYI_ISA": "avx2"])
      let bytes = try Data(contentsOf: URL(fileURLWithPath: first))
      #expect(try Data(contentsOf: URL(fileURLWithPath: other)) == bytes)
      _ = try convert(options + ["--cache", folder + "/one"], other)
      #expect(try Data(contentsOf: URL(fileURLWithPath: other)) == bytes)
      let shown = try Command.run("taiyi-convert", ["inspect", first])
      #expect(shown.output.contains("# calibrated on 128 pictures and 256 texts"))
      #expect(try Command.run("taiyi-convert", ["check", first]).status == 0)
    }
  }

  /// Matrices are compared without what the search moved between them, by whatever factors.
  @Test func comparisonLooksThroughCalibration() throws {
    try Fixture.withFolder { folder in
      let file = folder + "/m.tcm"
      _ = try convert(["--quant", "int8", "--cache", folder + "/cache"] + Self.data, file)
      let report = try Command.run(
        "taiyi-convert",
        ["compare", "--json", "--samples", "2", "--cache", folder + "/cache"] + Self.inputs + [file]
      )
      let layers = try #require(try object(report.output)["layers"] as? [[String: Any]])
      for tensor in layers.flatMap({ $0["tensors"] as? [[String: Any]] ?? [] }) {
        #expect(try #require(tensor["isolated"] as? Double) < 0.03, "\(tensor)")
      }
    }
  }

  /// Texts alone calibrate the text tower; the image tower is converted as without.
  @Test func oneTower() throws {
    try Fixture.withFolder { folder in
      let file = folder + "/m.tcm"
      _ = try convert(
        ["--quant", "int4", "--cache", folder + "/cache"] + Array(Self.data.suffix(2)), file)
      let plain = folder + "/plain.tcm"
      _ = try convert(["--quant", "int4"], plain)
      let report = try Command.run(
        "taiyi-convert", ["compare", "--json", "--samples", "2", "--cache", folder, plain, file])
      let layers = try #require(try object(report.output)["layers"] as? [[String: Any]])
      for layer in layers {
        let isText = layer["tower"] as? String == "text"
        let isLayer = (layer["name"] as? String)?.hasPrefix("layers.") == true
        let isolated = try #require(layer["isolated"] as? Double)
        #expect((isolated > 0) == (isText && isLayer), "\(layer)")
      }
    }
  }

  @Test func refusals() throws {
    try Fixture.withFolder { folder in
      let output = folder + "/m.tcm"
      func refusal(_ options: [String], status: Int32 = 1) throws -> String {
        let outcome = try Command.run(
          "taiyi-convert", options + ["--cache", folder + "/cache"] + Self.inputs + [output])
        #expect(outcome.status == status && outcome.output.isEmpty)
        #expect(!FileManager.default.fileExists(atPath: output))
        return outcome.errors
      }
      #expect(
        try refusal(["--calibrate", folder + "/none"]).hasPrefix(
          "error: \(folder)/none: cannot open: No such file or directory"))
      #expect(
        try refusal(["--quant", "f16", "--calibrate-built-in"])
          == "error: nothing is quantized by f16, so there is nothing to calibrate\n")
      try FileManager.default.createDirectory(
        atPath: folder + "/empty", withIntermediateDirectories: true)
      #expect(
        try refusal(["--calibrate", folder + "/empty"]).contains("pictures (.jpg, .jpeg, .png)"))
      try Data("no picture".utf8).write(to: URL(fileURLWithPath: folder + "/empty/a.jpg"))
      #expect(try refusal(["--calibrate", folder + "/empty"]).contains("a.jpg"))
      #expect(
        try refusal(["--calibrate-built-in"] + Self.data, status: 64)
          .contains("--calibrate-built-in is instead of"))
    }
  }
}
