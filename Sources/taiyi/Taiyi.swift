internal import ArgumentParser
internal import ToolSupport

/// The runtime tool.
@main
struct Taiyi: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "taiyi",
    abstract: "Runs .tcm models: embeddings of texts and pictures, zero-shot labels.",
    version: Tool.version,
    subcommands: [
      InfoCommand.self, EmbedCommand.self, ClassifyCommand.self, TokenizeCommand.self,
      PreprocessCommand.self,
    ])
}
