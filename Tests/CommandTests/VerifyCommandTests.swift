import Foundation
import TCMFormat
import TCMWriter
import TensorCore
import TestSupport
import Testing

/// `taiyi-convert verify` on the trained example.
@Suite(.serialized) struct VerifyCommandTests {
  private static let text = Fixture.path("example/text")
  private static let image = Fixture.path("example/image")
  private static let pairs = "webdataset:" + Fixture.path("example/heldout/pairs")
  private static let classes = "webdataset:" + Fixture.path("example/heldout/classes")

  private func convert(_ path: String, encoding: String = "int8") throws {
    let outcome = try Command.run(
      "taiyi-convert", ["--quant", encoding, Self.text, Self.image, path])
    try #require(outcome.status == 0, "\(outcome.errors)")
  }

  private func verify(
    _ file: String, _ more: [String], cache: String, shell: String? = nil
  ) throws -> Command.Outcome {
    try Command.run(
      "taiyi-convert",
      ["verify", file, "--reference", Self.text, Self.image, "--cache", cache] + more,
      shell: shell)
  }

  private func json(_ outcome: Command.Outcome) throws -> [String: Any] {
    try #require(
      JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any],
      "\(outcome.errors)")
  }

  private func figures(_ report: [String: Any], _ dataset: Int) throws -> [[String: Any]] {
    let datasets = try #require(report["datasets"] as? [[String: Any]])
    return try #require(datasets[dataset]["figures"] as? [[String: Any]])
  }

  /// int8 stays within 0.3 points of float; a run that was killed and run again tells the same.
  @Test func int8Holds() throws {
    try Fixture.withFolder { folder in
      let file = folder + "/m.tcm"
      try convert(file)
      let arguments = [
        "--dataset", Self.pairs, "--max-drop", "1", "--json", "--layer-samples", "2",
      ]
      // Killed as soon as some embeddings are on the disk.
      let killed = try verify(
        file, arguments, cache: folder + "/killed",
        shell: """
          {} & process=$!
          for i in $(seq 3000); do
            sleep 0.1
            if [ "$(cat '\(folder)'/killed/rows-*.bin 2>/dev/null | wc -c)" -gt 100000 ]; then break; fi
          done
          kill -9 $process; wait $process
          """)
      #expect(killed.output.isEmpty && killed.status != 0)
      let resumed = try verify(file, arguments, cache: folder + "/killed")
      #expect(resumed.status == 0, "\(resumed.errors)")
      #expect(resumed.errors.contains("in the cache"))
      let whole = try verify(
        file, arguments + ["--report", folder + "/r.html", "--stamp"], cache: folder + "/whole")
      #expect(whole.status == 0, "\(whole.errors)")
      #expect(
        resumed.output.replacingOccurrences(of: "/killed/", with: "/whole/") == whole.output)

      let report = try json(whole)
      #expect(report["verdict"] as? String == "held")
      for figure in try figures(report, 0)
      where (figure["name"] as? String)?.hasPrefix("R@1 ") == true {
        let drop = try #require(figure["drop"] as? Double)
        #expect(abs(drop) < 0.003 && figure["verdict"] as? String == "held")
        // Float R@1 is neither trivial nor hopeless, so that a drop can show.
        #expect((0.3...0.85).contains(try #require(figure["reference"] as? Double)))
      }
      let page = try String(contentsOfFile: folder + "/r.html", encoding: .utf8)
      #expect(page.hasPrefix("<!DOCTYPE html>") && page.contains("<svg"))
      #expect(!page.contains("http://") && !page.contains("https://") && !page.contains("<script"))
      try checkStamp(file, folder)
    }
  }

  /// 4 bits without calibration stay within 0.3 points of float, too.
  @Test func int4Holds() throws {
    try Fixture.withFolder { folder in
      let file = folder + "/m.tcm"
      try convert(file, encoding: "int4")
      let outcome = try verify(
        file, ["--dataset", Self.pairs, "--max-drop", "1", "--json", "--layer-samples", "0"],
        cache: folder + "/cache")
      #expect(outcome.status == 0, "\(outcome.errors)")
      let drops = try figures(json(outcome), 0).filter {
        ($0["name"] as? String)?.hasPrefix("R@1 ") == true
      }
      #expect(drops.count == 2)
      for figure in drops { #expect(abs(try #require(figure["drop"] as? Double)) < 0.003) }
    }
  }

  /// The stamp is shown, leaves the model what it was, and belongs to this very model.
  private func checkStamp(_ file: String, _ folder: String) throws {
    let check = try Command.run("taiyi-convert", ["check", file])
    #expect(check.status == 0 && check.errors.isEmpty, "\(check.errors)")
    let info = try Command.run("taiyi", ["info", "--model", file])
    #expect(info.output.contains("verified: held, a drop of at most 1 points"), "\(info.output)")
    #expect(info.output.contains("R@1 text to image"))
    let inspect = try Command.run("taiyi-convert", ["inspect", file, "--json"])
    let facts = try json(inspect)
    let stamp = try #require(facts["report"] as? [String: Any])
    #expect(stamp["verdict"] as? String == "held")
    let fresh = folder + "/fresh.tcm"
    try convert(fresh)
    #expect(
      try TCMFile(path: fresh).manifest.identity == TCMFile(path: file).manifest.identity)
  }

  /// One tensor's scales times 1.5: violated, and the report points at that tensor first.
  @Test(arguments: ["image.layers.0.attention.qkv.weight", "image.layers.4.attention.qkv.weight"])
  func aBrokenTensorIsFound(tensor: String) throws {
    try Fixture.withFolder { folder in
      let file = folder + "/m.tcm"
      let broken = folder + "/broken.tcm"
      try convert(file)
      try breakScales(of: tensor, in: file, to: broken)
      #expect(try Command.run("taiyi-convert", ["check", broken]).status == 0)
      let outcome = try verify(
        broken, ["--dataset", Self.classes, "--sample", "1000", "--max-drop", "1", "--json"],
        cache: folder + "/cache")
      #expect(outcome.status == 2, "\(outcome.errors)")
      let layers = try #require(try json(outcome)["layers"] as? [String: Any])
      let steps = try #require(layers["steps"] as? [[String: Any]])
      #expect(steps[0]["tensor"] as? String == tensor)
    }
  }

  /// Without a data set, cosines decide.
  @Test func cosinesDecideWithoutADataSet() throws {
    try Fixture.withFolder { folder in
      let file = folder + "/m.tcm"
      try convert(file)
      let held = try verify(file, ["--min-cosine", "0.99"], cache: folder + "/cache")
      #expect(held.status == 0 && held.output.contains("held: cosines of at least 0.99"))
      let violated = try verify(file, ["--min-cosine", "0.9999999"], cache: folder + "/cache")
      #expect(violated.status == 2)
      let nothing = try verify(file, [], cache: folder + "/cache")
      #expect(nothing.status == 0 && nothing.output.contains("nothing was to be decided"))
    }
  }

  /// Twenty pictures cannot show a drop below a tenth of a point.
  @Test func aSmallSampleIsUndecided() throws {
    try Fixture.withFolder { folder in
      let file = folder + "/m.tcm"
      try convert(file)
      let outcome = try verify(
        file,
        [
          "--dataset", Self.classes, "--sample", "20", "--max-drop", "0.1", "--layer-samples", "0",
        ], cache: folder + "/cache")
      #expect(outcome.status == 3, "\(outcome.errors)")
      #expect(outcome.output.contains("more samples of the same kind would decide"))
    }
  }

  /// Embeddings in the cache belong to an identity, so a file with a wrong one is refused.
  @Test func anEditedFileIsRefused() throws {
    try Fixture.withFolder { folder in
      let file = folder + "/m.tcm"
      try convert(file)
      var bytes = try Fixture.bytes(file)
      bytes[300_000] ^= 1
      try Data(bytes).write(to: URL(fileURLWithPath: file))
      let outcome = try verify(file, [], cache: folder + "/cache")
      #expect(outcome.status == 1)
      #expect(
        outcome.errors.hasSuffix(
          "error: \(file): the identity is not that of the weights (rule 7.2); was the file edited or "
            + "damaged?\n"), "\(outcome.errors)")
    }
  }

  @Test func aDifferentModelIsRefused() throws {
    try Fixture.withFolder { folder in
      let reference = folder + "/reference.tcm"
      try convert(reference, encoding: "f32")
      let file = try Models.int8.get()
      let outcome = try Command.run(
        "taiyi-convert", ["verify", file, "--reference", reference, "--cache", folder + "/cache"])
      #expect(outcome.status == 1)
      #expect(
        outcome.errors.hasSuffix(
          "error: \(file): the text tower's width is 128, in the reference \(reference) it is 256\n"
        ),
        "\(outcome.errors)")
    }
  }

  /// Writes a copy of a file in which one tensor's row scales are 1.5 times what they were.
  private func breakScales(of tensor: String, in path: String, to output: String) throws {
    let file = try TCMFile(path: path)
    let manifest = file.manifest
    let writer = try TCMWriter(path: output)
    var found = false
    for section in manifest.sections {
      let end = section.offset + section.byteCount
      if section.kind == .vocabulary {
        try writer.writeVocabulary(file.bytes(at: section.offset, count: section.byteCount))
        continue
      }
      writer.beginSection(section.kind, name: section.name)
      for record in manifest.tensors
      where (section.offset..<end).contains(record.parts[0].offset) {
        writer.beginTensor(record.name, record.encoding, shape: record.shape)
        for part in record.parts {
          try writer.beginPart(part.role, byteCount: part.byteCount)
          var bytes = file.bytes(at: part.offset, count: part.byteCount)
          if record.name == tensor && part.role == .rowScales {
            found = true
            let scales = unsafe bytes.array.withUnsafeBytes {
              unsafe Array($0.bindMemory(to: Float.self))
            }
            bytes = try MutableBlock(copying: scales.map { $0 * 1.5 }).readOnly.bytes
          }
          try writer.write(bytes)
        }
      }
    }
    try #require(found)
    try writer.finish(
      provenance: manifest.provenance, text: manifest.text, image: manifest.image,
      logitScale: manifest.logitScale)
  }
}
