import Foundation
import TestSupport
import Testing

/// `taiyi-convert tune` on the trained example.
@Suite(.serialized) struct TuneCommandTests {
  private static let inputs = [Fixture.path("example/text"), Fixture.path("example/image")]
  private static let data = [
    "--calibrate", Fixture.path("example/calibration/pictures"), "--calibrate-texts",
    Fixture.path("example/calibration/texts.txt"),
  ]

  private func tune(
    _ folder: String, maxDrop: String, _ more: [String] = []
  ) throws -> Command.Outcome {
    try Command.run(
      "taiyi-convert",
      [
        "tune", "--max-drop", maxDrop, "--dataset",
        "webdataset:" + Fixture.path("example/heldout/pairs"), "--cache", folder + "/cache",
        "--json",
      ] + more + Self.data + Self.inputs + [folder + "/m.tcm"])
  }

  private struct Report: Decodable {
    struct Point: Decodable {
      var units, bytes: Int
      var verdict: String
      var chosen: Bool
    }
    struct Unit: Decodable {
      var name: String
      var saved_bytes: Int
      var effect: Double
      var small: Bool
    }
    struct Tuning: Decodable {
      var points: [Point]
      var units: [Unit]
    }
    var verdict: String
    var tuning: Tuning
  }

  private func report(_ outcome: Command.Outcome) throws -> Report {
    try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
  }

  private func size(_ path: String) throws -> Int {
    try Data(contentsOf: URL(fileURLWithPath: path)).count
  }

  private func identity(_ path: String) throws -> String {
    let shown = try Command.run("taiyi-convert", ["inspect", path])
    return try #require(shown.lines.first { $0.hasPrefix("identity ") })
  }

  /// The whole way: a mixture smaller than all in 8 bits that is held, whose recipe gives the same model again, and that
  /// is found again from the cache.
  @Test func aMixtureHolds() throws {
    try Fixture.withFolder { folder in
      let file = folder + "/m.tcm"
      let outcome = try tune(folder, maxDrop: "0.4", ["--report", folder + "/r.html"])
      #expect(outcome.status == 0, "\(outcome.errors)")
      let found = try report(outcome)
      #expect(found.verdict == "held")
      let points = found.tuning.points
      let units = found.tuning.units
      #expect(units.count == 3 * 3 + 1 + 5 * 3 + 2)
      let chosen = try #require(points.first { $0.chosen })
      #expect(points.count { $0.chosen } == 1 && chosen.verdict == "held")
      // Neither end of the frontier, so that bisection was needed; nothing smaller was held.
      #expect(chosen.units > 0 && chosen.units < units.count && points.count > 2)
      #expect(points.filter { $0.units > chosen.units }.allSatisfy { $0.verdict != "held" })
      #expect(units.map(\.small) == units.indices.map { $0 < chosen.units })
      #expect(units.allSatisfy { $0.effect > 0 && $0.saved_bytes > 0 })
      let costs = units.map { $0.effect * $0.effect / Double($0.saved_bytes) }
      #expect(costs == costs.sorted())
      let whole = try #require(points.first { $0.units == 0 })
      #expect(try size(file) < whole.bytes)

      let shown = try Command.run("taiyi-convert", ["inspect", file])
      #expect(shown.output.contains("recipe tuned"))
      #expect(try Command.run("taiyi-convert", ["check", file]).status == 0)
      let info = try Command.run("taiyi", ["info", "--model", file])
      #expect(info.output.contains("held"), "\(info.output)")
      let page = try String(contentsOfFile: folder + "/r.html", encoding: .utf8)
      #expect(page.contains("Size and drop") && page.contains("aria-label=\"drop over size\""))
      #expect(page.components(separatedBy: "<circle").count - 1 >= points.count)

      // The recipe the file bears, with the same calibration.
      let lines = shown.lines.filter {
        let text = $0.trimmingCharacters(in: .whitespaces)
        return text.hasPrefix("name ") || text.hasPrefix("smoothing ") || text.hasPrefix("store ")
      }
      try lines.joined(separator: "\n").write(
        toFile: folder + "/recipe.txt", atomically: true, encoding: .utf8)
      let again = try Command.run(
        "taiyi-convert",
        ["--recipe", folder + "/recipe.txt", "--cache", folder + "/cache"] + Self.data
          + Self.inputs + [folder + "/again.tcm"])
      #expect(again.status == 0, "\(again.errors)")
      #expect(try identity(folder + "/again.tcm") == identity(file))

      let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
      let resumed = try tune(folder, maxDrop: "0.4")
      #expect(resumed.output == outcome.output)
      #expect(!resumed.errors.contains("ranking"))
      #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == bytes)
    }
  }

  /// No mixture can hold a hundredth of a point: the output stays what it was.
  @Test func nothingHolds() throws {
    try Fixture.withFolder { folder in
      let outcome = try tune(folder, maxDrop: "0.01", ["--sample", "300"])
      #expect(outcome.status == 2)
      #expect(outcome.errors.contains("not even all in 8 bits is held within 0.01 points"))
      #expect(!FileManager.default.fileExists(atPath: folder + "/m.tcm"))
      #expect(try report(outcome).tuning.points.map(\.units) == [27, 0])
      let missing = try Command.run(
        "taiyi-convert", ["tune", "--max-drop", "1"] + Self.inputs + [folder + "/m.tcm"])
      #expect(missing.status == 64 && missing.errors.contains("Expected --dataset"))
    }
  }
}
