internal import Answers
internal import ArgumentParser
internal import CLIPRuntime
internal import Notation
internal import TensorCore
internal import ToolSupport

/// `taiyi embed --model M --text T --image F`.
struct EmbedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "embed",
    abstract: "Embed texts and pictures.",
    discussion: """
      Prints one JSON object a line, in the order of the command line:
      {"input": ..., "kind": "text" or "image", "embedding": [...]}. A picture that cannot be read ends the command; \
      lines printed before are complete.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case json, npy
  }

  @Option(help: ArgumentHelp("A text. May be repeated.", valueName: "text"))
  var text: [String] = []
  @Option(
    help: ArgumentHelp("A UTF-8 file with one text a line. May be repeated.", valueName: "file"))
  var texts: [String] = []
  @Option(help: ArgumentHelp("A picture, JPEG or PNG. May be repeated.", valueName: "file"))
  var image: [String] = []
  @Option(help: "Texts or pictures encoded at a time; more is faster, up to a point.")
  var batch = 32
  @Option(help: PaddingOption.help)
  var textPadding = PaddingOption.fixed
  @Flag(help: "Leave embeddings as the towers give them, not of length 1.")
  var noNormalize = false
  @Flag(help: "Print JSON (the default).")
  var json = false
  @Option(help: "json, or npy: one f32 array [inputs, width], which needs --output.")
  var format: Format?
  @Option(help: ArgumentHelp("Where the npy file goes.", valueName: "file.npy"))
  var output: String?
  @OptionGroup var options: ModelOptions
  @OptionGroup var pictures: PictureOptions
  @OptionGroup var size: TextLimitOption

  func validate() throws {
    if text.isEmpty && texts.isEmpty && image.isEmpty {
      throw ValidationError("Nothing to embed: give --text, --texts or --image.")
    }
    if batch < 1 || batch > 4096 {
      throw ValidationError("--batch takes 1 to 4096, found \(batch).")
    }
    if format == .npy && json {
      throw ValidationError("--json and --format npy exclude each other.")
    }
    if (format == .npy) != (output != nil) {
      throw ValidationError("--format npy and --output go together.")
    }
  }

  func run() throws {
    try Tool.run { out in
      if let output {
        try Tool.check(output: output, isNoneOf: [options.model] + texts + image)
      }
      let session = try options.session()
      let inputs = try self.inputs(arguments: CommandLine.arguments)
      let allTexts = inputs.lazy.filter { $0.kind == "text" }.map(\.value)
      let encoder = Encoder(
        session: session, pictures: pictures, batch: batch,
        padding: try textPadding.padding(for: allTexts, session), normalizes: !noNormalize)
      let width = session.model.embeddingWidth
      if let output {
        let file = try NPYFile(path: output, shape: [inputs.count, width])
        try encoder.embed(inputs) { _, embeddings in try file.write(embeddings) }
        try file.finish()
        return
      }
      try encoder.embed(inputs) { run, embeddings in
        for (index, input) in run.enumerated() {
          let answer = EmbeddingAnswer.json(
            input: input.value, kind: input.kind,
            embedding: embeddings[index * width..<(index + 1) * width])
          try out.print(answer.text)
        }
      }
    }
  }

  /// All inputs in the order of the command line.
  private func inputs(arguments: [String]) throws -> [Input] {
    var result: [Input] = []
    var (text, texts, image) = (self.text[...], self.texts[...], self.image[...])
    for name in OptionOrder.of(["--text", "--texts", "--image"], in: arguments) {
      switch name {
      case "--text": if let value = text.popFirst() { result.append(.text(value)) }
      case "--image": if let path = image.popFirst() { result.append(.image(path)) }
      default:
        if let path = texts.popFirst() {
          result += try TextFile.lines(path, limit: size.maxText).map { .text($0) }
        }
      }
    }
    precondition(text.isEmpty && texts.isEmpty && image.isEmpty, "every option was found again")
    return result
  }
}
