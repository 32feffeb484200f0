internal import ArgumentParser
internal import Conversion
internal import Glibc
internal import ModelFamilies
internal import Quantization
internal import ToolSupport

/// `taiyi-convert [convert] INPUT... OUTPUT.tcm`.
struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Convert and quantize checkpoints into one .tcm file.",
    discussion: """
      Each INPUT is a file or folder as transformers or open_clip write it and holds a text tower, an image \
      tower or both. An existing OUTPUT is replaced in one step; if anything fails it stays as it was.
      """)

  enum Towers: String, ExpressibleByArgument, CaseIterable {
    case text, image, both
  }

  enum ActivationOption: String, ExpressibleByArgument, CaseIterable {
    case quickgelu, gelu
  }

  @Option(help: "How weights are stored: int8, f16 or f32.")
  var quant = "int8"
  @Option(help: "The image tower's activation, where nothing in the input tells.")
  var activation: ActivationOption?
  @Option(help: "Attention heads of the converted tower, where nothing in the input tells.")
  var heads: Int?
  @Option(
    help: "Tokens a text is padded or cut to (default: 77, or what the position table allows).")
  var contextLength: Int?
  @Option(help: "Which towers to take: text, image or both.")
  var towers = Towers.both
  @Option(help: "The text tower's vocabulary, if not the vocab.txt beside it.")
  var vocab: String?
  @OptionGroup var options: ToolOptions
  @Argument(help: "Inputs, then the output.")
  var paths: [String]

  func validate() throws {
    if Recipe.named(quant) == nil {
      let names = Recipe.all.map(\.name).joined(separator: ", ")
      throw ValidationError("--quant takes one of \(names), found \(quant).")
    }
    if paths.count < 2 { throw ValidationError("Expected INPUT... OUTPUT.tcm.") }
    if heads != nil && towers == .both {
      throw ValidationError("--heads belongs to one tower; say --towers text or --towers image.")
    }
  }

  func run() throws {
    Tool.prepare()
    try Tool.run {
      var settings = ConversionOptions(
        recipe: Recipe.named(quant) ?? .int8, tool: "taiyi-convert \(Tool.version)")
      settings.threads = options.threadCount
      settings.vocabularyPath = vocab
      settings.overrides.activation = activation.map { $0 == .gelu ? .gelu : .quickGELU }
      settings.overrides.contextLength = contextLength
      switch towers {
      case .both: break
      case .text:
        settings.overrides.towers = [.text]
        settings.overrides.textHeads = heads
      case .image:
        settings.overrides.towers = [.image]
        settings.overrides.imageHeads = heads
      }
      let output = paths[paths.count - 1]
      let converter = try Converter(
        inputs: Array(paths.dropLast()), output: output, options: settings)
      for tower in converter.towers {
        Tool.note("\(tower.kind.rawValue): \(tower.family) from \(tower.path)")
        for finding in tower.findings { Tool.note("  \(finding)") }
      }
      let isTerminal = isatty(2) == 1
      var shown = -1
      let summary = try converter.run { share in
        let percent = Int(share * 100)
        if isTerminal && percent != shown {
          shown = percent
          Tool.write("\r\(percent) %")
        }
      }
      if isTerminal { Tool.write("\r      \r") }
      for note in summary.notes { Tool.note(note) }
      for (path, names) in summary.unused {
        Tool.note("\(path): \(names.count) tensors unused, for example \(names[0])")
      }
      Tool.note("\(summary.logitScale.finding)")
      print("\(output): \(summary.inputByteCount) bytes in, \(summary.outputByteCount) out")
    }
  }
}
