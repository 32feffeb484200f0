import Foundation
import TestSupport
import Testing

@Suite struct ClassifyCommandTests {
  struct Card: Decodable {
    var pictures: [String]
    var queries: [String]
    var probabilities: [[Double]]
    var cosines: [[Double]]
  }

  /// The model card's example: PyTorch's probabilities for five queries padded to the longest.
  @Test func modelCard() throws {
    let url = URL(fileURLWithPath: Fixture.path("goldens/card.json"))
    let card = try JSONDecoder().decode(Card.self, from: Data(contentsOf: url))
    let outcome = try Command.run(
      "taiyi",
      ["classify", "--model", Models.f32.get(), "--text-padding", "longest", "--json"]
        + card.queries.flatMap { ["--label", $0] } + card.pictures.map(Fixture.path))
    #expect(outcome.status == 0)
    #expect(outcome.lines.count == card.pictures.count)
    for (index, line) in outcome.lines.enumerated() {
      let record = try object(line)
      #expect(record["image"] as? String == Fixture.path(card.pictures[index]))
      let labels = try #require(record["labels"] as? [[String: Any]])
      #expect(labels.count == card.queries.count)
      let probabilities = try labels.map { try #require($0["probability"] as? Double) }
      #expect(probabilities == probabilities.sorted(by: >))
      for label in labels {
        let query = try #require(card.queries.firstIndex(of: label["label"] as? String ?? ""))
        let probability = try #require(label["probability"] as? Double)
        #expect(abs(probability - card.probabilities[index][query]) < 1e-4)
        let cosine = try #require(label["cosine"] as? Double)
        #expect(abs(cosine - card.cosines[index][query]) < 1e-5)
      }
    }
  }

  private func embeddings(_ arguments: [String]) throws -> [[Double]] {
    try Command.run("taiyi", ["embed", "--model", Models.int8.get()] + arguments).lines.map {
      try #require(try object($0)["embedding"] as? [Double])
    }
  }

  /// CLIP's ensemble, computed here from single embeddings: normalise, mean, normalise.
  @Test func templates() throws {
    try Fixture.withFolder { folder in
      let (templates, labels) = (folder + "/templates.txt", folder + "/labels.txt")
      try "一张{}的照片\n{c}\n\n许多{c}。\n".write(toFile: templates, atomically: true, encoding: .utf8)
      try "猫\n\n狗\n山\n".write(toFile: labels, atomically: true, encoding: .utf8)
      let cat = Fixture.path("demo/cat.jpg")
      let image = try embeddings(["--image", cat])[0]
      var expected: [String: Double] = [:]
      for label in ["猫", "狗", "山"] {
        let rows = try embeddings(
          ["一张\(label)的照片", label, "许多\(label)。"].flatMap { ["--text", $0] })
        let mean = (0..<128).map { column in rows.reduce(0) { $0 + $1[column] } }
        let length = mean.reduce(0) { $0 + $1 * $1 }.squareRoot()
        expected[label] = zip(mean, image).reduce(0) { $0 + $1.0 * $1.1 } / length
      }
      let outcome = try Command.run(
        "taiyi",
        [
          "classify", "--model", Models.int8.get(), "--labels", labels, "--templates", templates,
          "--json", cat,
        ])
      let rows = try #require(try object(outcome.output)["labels"] as? [[String: Any]])
      #expect(rows.count == 3)
      for row in rows {
        let label = try #require(row["label"] as? String)
        let cosine = try #require(row["cosine"] as? Double)
        #expect(abs(cosine - (expected[label] ?? 9)) < 1e-6)
      }
    }
  }

  @Test func top() throws {
    let outcome = try Command.run(
      "taiyi",
      [
        "classify", "--model", Models.int8.get(), "--labels", Fixture.path("demo/labels.txt"),
        "--top", "2", Fixture.path("demo/cat.jpg"),
      ])
    #expect(outcome.lines.count == 3)
    #expect(outcome.lines[0] == Fixture.path("demo/cat.jpg"))
  }

  @Test func badFiles() throws {
    try Fixture.withFolder { folder in
      let file = folder + "/file.txt"
      func errors(_ text: String, _ arguments: [String]) throws -> String {
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        let outcome = try Command.run(
          "taiyi",
          ["classify", "--model", Models.int8.get()] + arguments + [Fixture.path("demo/cat.jpg")])
        #expect(outcome.status == 1)
        return outcome.errors
      }
      let noLabel = try errors("\n \n", ["--labels", file])
      #expect(noLabel == "error: \(file): expected one label a line, found none\n")
      let noPlace = try errors("一张{}\n照片\n", ["--label", "猫", "--templates", file])
      #expect(
        noPlace == "error: \(file): expected {} or {c} where the label goes, found 照片\n")
      let nul = try errors("猫\n\n狗\0\n", ["--labels", file])
      #expect(nul == "error: \(file): line 3 holds a NUL byte\n")
      let bomb = try errors(
        String(repeating: "{}", count: 5_000), ["--labels", file, "--templates", file])
      #expect(
        bomb == "error: label 1 in template 1 makes a text of 50000000 bytes, at most 65536 are "
          + "taken\n")
      let list = folder + "/labels.json"
      try FileManager.default.moveItem(atPath: file, toPath: list)
      let json = try errors("猫\n", ["--labels", list])
      #expect(
        json == "error: \(list): expected one label a line; only taiyi-convert reads JSON lists\n")
    }
  }

  /// What comes before a bad picture stands; the rest is not done.
  @Test func badPictureAmongOthers() throws {
    let cat = Fixture.path("demo/cat.jpg")
    let outcome = try Command.run(
      "taiyi",
      ["classify", "--model", Models.int8.get(), "--label", "猫", "--json", cat, "/none.jpg", cat])
    #expect(outcome.status == 1)
    #expect(outcome.errors == "error: /none.jpg: cannot open: No such file or directory\n")
  }
}
