import Foundation
import ImageInput
import TensorCore
import TestSupport
import Testing

/// tokenize, preprocess and info.
@Suite struct OtherCommandTests {
  struct Row: Decodable {
    var text: String
    var ids: [Int]
    var ids_padded_77: [Int]
  }

  /// Hugging Face's ids for the bundled vocabulary; texts with line ends cannot stand in a file of lines.
  @Test func tokenize() throws {
    let golden = try String(contentsOfFile: Fixture.path("tokenizer/golden.jsonl"), encoding: .utf8)
    let rows = try golden.split(separator: "\n").map {
      try JSONDecoder().decode(Row.self, from: Data($0.utf8))
    }.filter { row in !row.text.unicodeScalars.contains { $0 == "\n" || $0 == "\r" } }
    #expect(rows.count > 200)
    try Fixture.withFolder { folder in
      let file = folder + "/texts.txt"
      let text = rows.map { $0.text + "\n" }.joined()
      try Data(text.utf8).write(to: URL(fileURLWithPath: file))
      func ids(_ arguments: [String]) throws -> [[Int]] {
        try Command.run(
          "taiyi", ["tokenize", "--model", Models.int8.get(), "--texts", file] + arguments
        ).lines.map { try #require(try object($0)["ids"] as? [Int]) }
      }
      let plain = try ids(["--json"])
      #expect(plain.count == rows.count)
      for (row, found) in zip(rows, plain) where row.ids.count <= 77 { #expect(found == row.ids) }
      #expect(try ids(["--json", "--padded"]) == rows.map(\.ids_padded_77))
    }
    let line = try Command.run(
      "taiyi", ["tokenize", "--model", Models.int8.get(), "--text", "一只猫"])
    #expect(line.output == "101 279 294 378 102\n")
  }

  /// torchvision's crop of the picture.
  @Test func preprocess() throws {
    try Fixture.withFolder { folder in
      let output = folder + "/crop.png"
      let outcome = try Command.run(
        "taiyi",
        [
          "preprocess", "--model", Models.int8.get(), Fixture.path("demo/cat.jpg"), "--output",
          output,
        ])
      #expect(outcome == .init(status: 0, output: "", errors: ""))
      func pixels(_ path: String) throws -> [UInt8] {
        let bytes = try MutableBlock(copying: Fixture.bytes(path))
        return try ImageDecoder.decode(bytes.readOnly, name: path).rgb().array
      }
      #expect(try pixels(output) == pixels(Fixture.path("goldens/cat.56.png")))
      let tensor = folder + "/crop.npy"
      _ = try Command.run(
        "taiyi",
        [
          "preprocess", "--model", Models.int8.get(), Fixture.path("demo/cat.jpg"), "--output",
          tensor,
        ])
      let bytes = try Fixture.bytes(tensor)
      #expect(String(decoding: bytes[10..<80], as: UTF8.self).contains("'shape': (3, 56, 56)"))
      #expect(bytes.count == 128 + 3 * 56 * 56 * 4)
      #expect(try ConvertCommandTests.contents(folder) == ["crop.npy", "crop.png"])
    }
  }

  @Test func info() throws {
    let outcome = try Command.run("taiyi", ["info", "--model", Models.int8.get(), "--json"])
    let record = try object(outcome.output)
    #expect(
      record.keys.sorted() == [
        "assumptions", "bytes", "embedding_width", "identity", "image", "instruction_set", "labels",
        "logit_scale", "model", "numerics_version", "quantized", "recipe", "report", "sources",
        "text", "threads", "tool",
      ])
    #expect(record["quantized"] as? Bool == true)
    let text = try #require(record["text"] as? [String: Any])
    #expect(text["context_length"] as? Int == 77)
    #expect(text["attention_mask"] as? Bool == false)
    let image = try #require(record["image"] as? [String: Any])
    #expect(image["activation"] as? String == "quickgelu")
    #expect(image["image_size"] as? Int == 56)
    let forced = try Command.run(
      "taiyi", ["info", "--model", Models.int8.get(), "--threads", "3"],
      environment: ["TAIYI_ISA": "scalar"])
    #expect(forced.lines.last == "here: instruction set scalar, 3 threads")
  }

  @Test(arguments: ["taiyi", "taiyi-convert"])
  func version(tool: String) throws {
    #expect(try Command.run(tool, ["--version"]).output == "0.1.0\n")
  }
}
