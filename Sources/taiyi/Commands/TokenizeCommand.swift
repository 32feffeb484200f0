internal import ArgumentParser
internal import CLIPRuntime
internal import TCMFormat
internal import Tokenization
internal import ToolSupport

/// `taiyi tokenize --model M --text T`.
struct TokenizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenize", abstract: "Show the token ids of texts.")

  @Option(help: "A text; may be repeated.")
  var text: [String] = []
  @Option(help: "A file with one text a line.")
  var texts: String?
  @Flag(help: "Pad to the model's context length.")
  var padded = false
  @Flag(help: "Print JSON.")
  var json = false
  @Option(help: "A .tcm file.")
  var model: String

  func run() throws {
    Tool.prepare()
    try Tool.run {
      let model = try Model(path: model)
      guard let tokenizer = model.tokenizer, let tower = model.textTower else {
        throw ModelError.noTextTower(path: model.file.path)
      }
      for line in text + (try texts.map { try Tool.lines($0) } ?? []) {
        let ids =
          padded
          ? tokenizer.encodePadded(line, length: tower.contextLength)
          : tokenizer.encode(line, maximumLength: tower.contextLength)
        let record = JSONText.object([
          ("text", .string(line)), ("ids", .array(ids.map { .integer(Int($0)) })),
        ])
        print(json ? record.text : ids.map(String.init).joined(separator: " "))
      }
    }
  }
}
