internal import Answers
internal import ArgumentParser
internal import CLIPRuntime
internal import ImageInput
internal import Kernels
internal import Notation
internal import TCMFormat
internal import TensorCore
internal import ToolSupport

/// `taiyi info --model M`.
struct InfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info", abstract: "Show what a model is and what it would run on here.")

  @Flag(help: "Print JSON.")
  var json = false
  @Option(help: ArgumentHelp("The model.", valueName: "file.tcm"))
  var model: String
  @OptionGroup var tool: ToolOptions

  func run() throws {
    try Tool.run { out in
      let model = try Model(path: model)
      let set = try Tool.instructionSet()
      let facts = ModelFacts(model)
      let here: [(String, JSONText)] = [
        ("instruction_set", .string(set.name)), ("threads", .integer(tool.threadCount)),
      ]
      if json {
        try out.print(JSONText.object(facts.members + here).text)
      } else {
        for line in facts.lines { try out.print(line) }
        try out.print("here: instruction set \(set.name), \(tool.threadCount) threads")
      }
    }
  }
}
