internal import ArgumentParser
internal import CLIPRuntime
internal import Evaluation
internal import Notation
internal import TCMWriter
internal import TensorCore
internal import ToolSupport

/// `taiyi-convert verify FILE.tcm --reference INPUT...`.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Measure a model against the checkpoints it was made from.",
    discussion: """
      Runs the float reference and the model side by side. With data sets, the drop of top-1 and of R@1 in both \
      directions is held against --max-drop by its one-sided 95 % bounds: held, violated, or undecided. Without one, \
      embeddings of --texts and --images, or of built-in ones, are compared.

      A data set is KIND:PATH[,option=value]...; kinds:
      \(DatasetKind.all.map(MeasurementOptions.help).joined(separator: "\n"))

      Exit status: 0 held (or nothing to decide), 2 violated, 3 undecided, 1 for errors.
      """)

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "The checkpoints the file was made from, as convert takes them, or one f32 .tcm file.",
      valueName: "input"))
  var reference: [String]
  @OptionGroup var measurement: MeasurementOptions
  @Option(help: "The lowest cosine accepted between the embeddings of an item; without data sets.")
  var minCosine: Double?
  @Option(help: ArgumentHelp("Texts to compare without a data set, one a line.", valueName: "file"))
  var texts: String?
  @Option(help: ArgumentHelp("Pictures to compare without a data set.", valueName: "folder"))
  var images: String?
  @Option(help: "Texts and pictures that layers are compared on; 0 leaves that out.")
  var layerSamples = 8
  @Flag(help: "Store the figures in the file, bound to what it is.")
  var stamp = false
  @OptionGroup var textSize: TextLimitOption
  @OptionGroup var comparison: ComparisonOptions
  @Argument(help: "The model to measure, a .tcm file.")
  var file: String

  func validate() throws {
    if let minCosine, !(-1...1).contains(minCosine) {
      throw ValidationError("--min-cosine takes -1 to 1, found \(minCosine).")
    }
    if layerSamples < 0 {
      throw ValidationError("--layer-samples takes at least 0, found \(layerSamples).")
    }
    if !measurement.dataset.isEmpty && (minCosine != nil || texts != nil || images != nil) {
      throw ValidationError(
        "--min-cosine, --texts and --images are for a verification without --dataset.")
    }
  }

  func run() throws {
    var status: Int32 = 0
    try Tool.run { out in
      // What is wrong with the arguments is said before anything slow begins.
      let datasets = try measurement.open()
      let candidate = try Model(path: file)
      let cache = try comparison.cache.open()
      var reporter = ProgressReporter()
      defer { reporter.finish() }
      let reference = try comparison.open(reference, for: candidate, cache) {
        reporter.update("converting the reference", done: Int($0 * 100), total: 100)
      }
      reporter.finish()
      let verification = try Verification(
        candidate: candidate, reference: reference, options: try settings(), cache: cache
      ) { reporter.show($0) }
      let found = try verification.run(datasets)
      reporter.finish()
      if stamp { try Stamp.write(found, of: file) }
      try measurement.show(found, out)
      switch found.verdict {
      case .violated: status = 2
      case .undecided: status = 3
      case .held, nil: status = 0
      }
    }
    if status != 0 { throw ExitCode(status) }
  }

  private func settings() throws -> VerificationOptions {
    var settings = try comparison.settings()
    measurement.apply(to: &settings)
    settings.minCosine = minCosine
    settings.layerSamples = layerSamples
    settings.texts =
      try texts.map { try TextFile.items($0, what: "text", limit: textSize.maxText) } ?? []
    settings.pictures = try images.map { try Dataset.pictures(in: $0) }
    return settings
  }
}
