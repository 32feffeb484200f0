internal import ArgumentParser
internal import ToolSupport

/// The workstation tool.
@main
struct TaiyiConvert: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "taiyi-convert",
    abstract: "Turns Taiyi-CLIP and open_clip checkpoints into compact .tcm files.",
    usage: """
      taiyi-convert [convert] [--quant <scheme>] <input> ... <output.tcm>
      taiyi-convert inspect <file>
      taiyi-convert check <file.tcm>
      taiyi-convert verify <file.tcm> --reference <input> ... [--dataset <kind:path>] ...
      taiyi-convert tune --max-drop <p> --dataset <kind:path> ... <input> ... <output.tcm>
      taiyi-convert compare <input> ... <file.tcm>
      taiyi-convert labels --model <file.tcm> --labels <file> [--templates <file>] <output.tcm>
      """,
    version: Tool.version,
    subcommands: [
      ConvertCommand.self, InspectCommand.self, CheckCommand.self, VerifyCommand.self,
      TuneCommand.self, CompareCommand.self, LabelsCommand.self,
    ],
    defaultSubcommand: ConvertCommand.self)

  static func main() {
    Tool.requireTextArguments()
    main(nil)
  }
}
