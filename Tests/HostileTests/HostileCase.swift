import Foundation
import TestSupport
import Testing

/// A row of `Fixtures/hostile/manifest.json`; make_corpus.py there says what the fields mean.
struct HostileCase: Decodable, Sendable, CustomTestStringConvertible {
  enum Command: String, Decodable {
    case inspect, check, preprocess, tokenize
  }

  let file: String?
  let recipe: HostileRecipe?
  let command: Command
  let outcome: String
  let sentence: String?
  let read: String?
  let why: String?

  var isFine: Bool { outcome == "ok" }
  var testDescription: String { (file ?? recipe?.path ?? "") + ": " + (why ?? "") }

  enum CodingKeys: CodingKey {
    case file, recipe, command, outcome, sentence, read, why
  }

  static let all: [HostileCase] = {
    do {
      let bytes = try Fixture.bytes(Fixture.path("hostile/manifest.json"))
      return try JSONDecoder().decode([HostileCase].self, from: Data(bytes))
    } catch {
      Issue.record(error)
      return []
    }
  }()

  /// The cases that are files of the repository.
  static let files = all.filter { $0.file != nil }

  /// Where the file is, once it is made.
  ///
  /// - Parameter folder: Where a recipe puts its files.
  func place(in folder: String) throws -> String {
    if let file { return Fixture.path("hostile/" + file) }
    return try #require(recipe).make(in: folder)
  }

  /// The tool and what a user would give it.
  func arguments(_ path: String, output: String) throws -> (tool: String, arguments: [String]) {
    switch command {
    case .inspect, .check: return ("taiyi-convert", [command.rawValue, path])
    case .preprocess:
      let model = try HostileModel.path.get()
      return ("taiyi", ["preprocess", "--model", model, path, "--output", output])
    case .tokenize:
      let model = try HostileModel.path.get()
      return ("taiyi", ["tokenize", "--model", model, "--texts", path, "--json"])
    }
  }
}

extension HostileCase {
  init(from decoder: any Decoder) throws {
    let row = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      file: try row.decodeIfPresent(String.self, forKey: .file),
      recipe: try row.decodeIfPresent(HostileRecipe.self, forKey: .recipe),
      command: try row.decodeIfPresent(Command.self, forKey: .command) ?? .inspect,
      outcome: try row.decode(String.self, forKey: .outcome),
      sentence: try row.decodeIfPresent(String.self, forKey: .sentence),
      read: try row.decodeIfPresent(String.self, forKey: .read),
      why: try row.decodeIfPresent(String.self, forKey: .why))
  }
}

/// The bundled example, converted once by the tool itself.
enum HostileModel {
  private static let folder = NSTemporaryDirectory() + "taiyi-hostile-\(getpid())"

  static let path = Result {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    atexit { try? FileManager.default.removeItem(atPath: HostileModel.folder) }
    let output = folder + "/model.tcm"
    let inputs = [Fixture.path("example/text"), Fixture.path("example/image")]
    let child = try Child.run(
      "taiyi-convert", ["--quant", "int8"] + inputs + [output], in: folder, isLimited: false)
    #expect(child.status == 0, "\(child.errors)")
    return output
  }
}
