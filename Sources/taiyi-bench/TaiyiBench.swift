internal import ArgumentParser
internal import ToolSupport

/// Measures what the project does.
@main
struct TaiyiBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "taiyi-bench",
    abstract: "Measures the runtime, the converter and weight formats on this machine.",
    version: Tool.version,
    subcommands: [TimeCommand.self, FormatsCommand.self],
    defaultSubcommand: TimeCommand.self)

  static func main() {
    Tool.requireTextArguments()
    main(nil)
  }
}
