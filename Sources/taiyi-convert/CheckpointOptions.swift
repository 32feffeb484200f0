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
  @Option(help: "The text tower's attention heads, where nothing in the input tells.")
  var textHeads: Int?
  @Option(help: "The image tower's attention heads, where nothing in the input tells.")
  var imageHeads: Int?
  @Option(
    help: "Tokens a text is padded or cut to (default: 77, or what the position table allows).")
  var contextLength: Int?
  @Option(help: "Which towers to take.")
  var towers = Towers.both
  @Option(
    help: ArgumentHelp("The vocabulary, if not the vocab.txt beside it.", valueName: "file"))
  var vocab: String?
  @OptionGroup var size: CheckpointLimitOptions

  /// Options of a conversion, but for its recipe.
  func settings(_ tool: ToolOptions) -> ConversionOptions {
    var settings = ConversionOptions(tool: "taiyi-convert \(Tool.version)")
    settings.threads = tool.threadCount
    settings.vocabularyPath = vocab
    settings.limits = size.limits
    settings.overrides.activation = activation.map { $0 == .gelu ? .gelu : .quickGELU }
    settings.overrides.contextLength = contextLength
    settings.overrides.textHeads = textHeads
    settings.overrides.imageHeads = imageHeads
    switch towers {
    case .both: break
    case .text: settings.overrides.towers = [.text]
    case .image: settings.overrides.towers = [.image]
    }
    return settings
  }
}
