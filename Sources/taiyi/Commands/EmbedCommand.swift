internal import ArgumentParser
internal import CLIPRuntime
internal import ImageInput
internal import TensorCore
internal import ToolSupport

/// `taiyi embed --model M --text T --image F`.
struct EmbedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "embed", abstract: "Embed texts and pictures, one line of JSON each.")

  @Option(help: "A text; may be repeated.")
  var text: [String] = []
  @Option(help: "A file with one text a line.")
  var texts: String?
  @Option(help: "A picture; may be repeated.")
  var image: [String] = []
  @Option(help: "fixed (the model's protocol), longest or none.")
  var textPadding = PaddingOption.fixed
  @Flag(help: "Leave embeddings as the towers give them.")
  var noNormalize = false
  @Flag(help: "Print JSON (the default).")
  var json = false
  @OptionGroup var options: ModelOptions

  func validate() throws {
    if text.isEmpty && texts == nil && image.isEmpty {
      throw ValidationError("Nothing to embed: give --text, --texts or --image.")
    }
  }

  func run() throws {
    Tool.prepare()
    try Tool.run {
      let session = try options.session()
      let all = text + (try texts.map { try Tool.lines($0) } ?? [])
      if !all.isEmpty {
        let rows = try session.embed(
          texts: all, padding: textPadding.padding, normalize: !noNormalize)
        emit(all, "text", rows, session.model.embeddingWidth)
      }
      for path in image {
        let row = try session.embed(image: options.picture(path), normalize: !noNormalize)
        emit([path], "image", row, session.model.embeddingWidth)
      }
    }
  }

  private func emit(_ inputs: [String], _ kind: String, _ rows: MutableBlock<Float>, _ width: Int) {
    for (index, input) in inputs.enumerated() {
      let values = rows[index * width..<(index + 1) * width].array
      print(
        JSONText.object([
          ("input", .string(input)), ("kind", .string(kind)),
          ("embedding", .array(values.map { .float($0) })),
        ]).text)
    }
  }
}
