internal import ArgumentParser
internal import Conversion
internal import ModelFamilies
internal import ToolSupport

/// What the user says about checkpoints that they do not say themselves.
struct CheckpointOptions: ParsableArguments {
  enum Towers: String, ExpressibleByArgument, CaseIterable {
    case text, image, both
  }

  enum ActivationOption: String, ExpressibleByArgument, CaseIterable {
    case quickgelu, gelu
  }

  @Option(help: "The image tower's activation, where nothing in the input tells.")
  var activation: ActivationOption?
  @Option(help: "Attention heads, where nothing in the input tells; needs --towers text or image.")
  var heads: Int?
  @Option(
    help: "Tokens a text is padded or cut to (default: 77, or what the position table allows).")
  var contextLength: Int?
  @Option(help: "Which towers to take.")
  var towers = Towers.both
  @Option(
    help: ArgumentHelp("The vocabulary, if not the vocab.txt beside it.", valueName: "file"))
  var vocab: String?
  @OptionGroup var size: CheckpointLimitOptions

  func validate() throws {
    if heads != nil && towers == .both {
      throw ValidationError("--heads belongs to one tower; say --towers text or --towers image.")
    }
  }

  /// Options of a conversion, but for its recipe.
  func settings(_ tool: ToolOptions) -> ConversionOptions {
    var settings = ConversionOptions(tool: "taiyi-convert \(Tool.version)")
    settings.threads = tool.threadCount
    settings.vocabularyPath = vocab
    settings.limits = size.limits
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
    return settings
  }
}
