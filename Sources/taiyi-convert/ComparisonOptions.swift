internal import ArgumentParser
internal import CLIPRuntime
internal import Evaluation
internal import Kernels
internal import ModelFamilies
internal import Notation
internal import ToolSupport

/// What `verify` and `compare` share: a reference made of checkpoints, and how models are run beside one another.
struct ComparisonOptions: ParsableArguments {
  @OptionGroup var cache: CacheOption
  @Option(
    help: ArgumentHelp(
      "The vocabulary, if not the vocab.txt beside the checkpoint.", valueName: "file"))
  var vocab: String?
  @Flag(help: "Run the reference with the own kernel, not OpenBLAS.")
  var ownKernel = false
  @OptionGroup var size: CheckpointLimitOptions
  @OptionGroup var tool: ToolOptions

  private static let name = "taiyi-convert \(Tool.version)"

  /// Opens a model that a candidate is compared with; checkpoints are converted into the cache.
  ///
  /// - Parameters:
  ///   - inputs: Checkpoints, or one `.tcm` file.
  ///   - candidate: Whose towers are looked for.
  ///   - cache: Keeps the conversion.
  ///   - progress: Called during a conversion with the share done.
  func open(
    _ inputs: [String], for candidate: Model, _ cache: EvaluationCache,
    progress: (Double) -> Void
  ) throws -> Model {
    try reference(inputs).open(
      for: candidate, cache: cache, began: { note($0, cache) }, progress: progress)
  }

  /// Opens a model as it is; checkpoints are converted into the cache.
  func open(_ inputs: [String], _ cache: EvaluationCache) throws -> Model {
    try reference(inputs).open(
      FamilyOverrides(), cache: cache, began: { note($0, cache) }, progress: { _ in })
  }

  private func reference(_ inputs: [String]) -> FloatReference {
    FloatReference(
      inputs: inputs, vocabularyPath: vocab, tool: Self.name, threads: tool.threadCount,
      limits: size.limits)
  }

  private func note(_ byteCount: Int, _ cache: EvaluationCache) {
    Tool.note("converting the reference to f32, \(Amount.bytes(byteCount)) in \(cache.folder)")
  }

  /// How the models are run.
  func settings() throws -> VerificationOptions {
    var settings = VerificationOptions(tool: Self.name)
    settings.threads = tool.threadCount
    settings.instructionSet = try Tool.instructionSet()
    settings.product = ownKernel ? nil : FloatProduct.openBLAS(threads: tool.threadCount)
    return settings
  }
}
