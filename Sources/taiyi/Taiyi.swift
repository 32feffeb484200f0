internal import ArgumentParser
internal import ToolSupport

/// The runtime tool.
@main
struct Taiyi: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "taiyi",
    abstract: "Runs .tcm models: embeddings of texts and pictures, zero-shot labels.",
    usage: """
      taiyi classify --model <file.tcm> --labels <file> <image> ...
      taiyi embed --model <file.tcm> --text <text> --image <file> ...
      taiyi <subcommand> --help
      """,
    discussion: """
      TAIYI_ISA=scalar|avx2|avxvnni|avx512vnni|neon|dotprod|i8mm chooses the instruction set;
      quantized models give the same bits with each.
      """,
    version: Tool.version,
    subcommands: [
      InfoCommand.self, EmbedCommand.self, ClassifyCommand.self, TokenizeCommand.self,
      PreprocessCommand.self,
    ])

  static func main() {
    Tool.requireTextArguments()
    main(nil)
  }
}
