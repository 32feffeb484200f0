internal import ArgumentParser
internal import CLIPRuntime
internal import Kernels
internal import TCMFormat
internal import ToolSupport

/// `taiyi info --model M`.
struct InfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info", abstract: "Show a model's towers and the instruction set in use.")

  @Flag(help: "Print JSON.")
  var json = false
  @Option(help: "A .tcm file.")
  var model: String
  @OptionGroup var tool: ToolOptions

  func run() throws {
    Tool.prepare()
    try Tool.run {
      let model = try Model(path: model)
      let set = try Tool.instructionSet()
      let record: [(String, JSONText)] = [
        ("model", .string(model.file.path)), ("bytes", .integer(model.file.byteCount)),
        ("recipe", .string(model.file.manifest.provenance.recipe)),
        ("text", .bool(model.textTower != nil)), ("image", .bool(model.imageTower != nil)),
        ("embedding_width", .integer(model.embeddingWidth)),
        ("logit_scale", .float(model.logitScale)),
        ("context_length", .integer(model.textTower?.contextLength ?? 0)),
        ("image_size", .integer(model.imageTower?.imageSize ?? 0)),
        ("instruction_set", .string(set.name)), ("threads", .integer(tool.threadCount)),
      ]
      if json {
        print(JSONText.object(record).text)
      } else {
        for (key, value) in record { print("\(key): \(value.text)") }
      }
    }
  }
}
