internal import ArgumentParser
internal import CLIPRuntime
internal import Notation
internal import TCMFormat
internal import Tokenization
internal import ToolSupport

/// `taiyi tokenize --model M --text T`.
struct TokenizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenize",
    abstract: "Show the token ids of texts.",
    discussion: """
      Ids include [CLS] and [SEP] and are cut to the model's length. With --json one object a line: \
      {"text": ..., "ids": [...]}.
      """)

  @Option(help: ArgumentHelp("A text. May be repeated.", valueName: "text"))
  var text: [String] = []
  @Option(
    help: ArgumentHelp("A UTF-8 file with one text a line. May be repeated.", valueName: "file"))
  var texts: [String] = []
  @Flag(help: "Pad to the model's length.")
  var padded = false
  @Flag(help: "Print JSON.")
  var json = false
  @Option(help: ArgumentHelp("The model.", valueName: "file.tcm"))
  var model: String
  @OptionGroup var size: TextLimitOption
  @OptionGroup var tool: ToolOptions

  func validate() throws {
    if text.isEmpty && texts.isEmpty {
      throw ValidationError("Nothing to tokenize: give --text or --texts.")
    }
  }

  func run() throws {
    try Tool.run { out in
      let model = try Model(path: model)
      guard let tokenizer = model.tokenizer, let tower = model.textTower else {
        throw ModelError.noTextTower(path: model.file.path)
      }
      var (text, texts) = (self.text[...], self.texts[...])
      for name in OptionOrder.of(["--text", "--texts"], in: CommandLine.arguments) {
        let lines =
          try name == "--text"
          ? [text.popFirst()].compactMap(\.self)
          : texts.popFirst().map { try TextFile.lines($0, limit: size.maxText) } ?? []
        for line in lines {
          let ids =
            padded
            ? tokenizer.encodePadded(line, length: tower.contextLength)
            : tokenizer.encode(line, maximumLength: tower.contextLength)
          let record = JSONText.object([
            ("text", .string(line)), ("ids", .array(ids.map { .integer(Int($0)) })),
          ])
          try out.print(json ? record.text : ids.map(String.init).joined(separator: " "))
        }
      }
    }
  }
}
