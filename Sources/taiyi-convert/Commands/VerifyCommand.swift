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
      \(DatasetKind.all.map(Self.help).joined(separator: "\n"))

      Exit status: 0 held (or nothing to decide), 2 violated, 3 undecided, 1 for errors.
      """)

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "The checkpoints the file was made from, as convert takes them, or one f32 .tcm file.",
      valueName: "input"))
  var reference: [String]
  @Option(help: ArgumentHelp("A data set. May be repeated.", valueName: "kind:path"))
  var dataset: [String] = []
  @Option(help: "The largest drop accepted, in percentage points.")
  var maxDrop = 1.0
  @Option(help: "The lowest cosine accepted between the embeddings of an item; without data sets.")
  var minCosine: Double?
  @Option(help: ArgumentHelp("Draw that many pictures of each data set.", valueName: "n"))
  var sample: Int?
  @Option(help: "The seed of the draw.")
  var seed: UInt64 = 0
  @Option(help: ArgumentHelp("Texts to compare without a data set, one a line.", valueName: "file"))
  var texts: String?
  @Option(help: ArgumentHelp("Pictures to compare without a data set.", valueName: "folder"))
  var images: String?
  @Option(help: "Texts and pictures that layers are compared on; 0 leaves that out.")
  var layerSamples = 8
  @Option(help: ArgumentHelp("Write a self-contained HTML report.", valueName: "out.html"))
  var report: String?
  @Flag(help: "Store the figures in the file, bound to what it is.")
  var stamp = false
  @Flag(help: "Print JSON.")
  var json = false
  @OptionGroup var comparison: ComparisonOptions
  @Argument(help: "The model to measure, a .tcm file.")
  var file: String

  private static func help(_ kind: DatasetKind) -> String {
    let options = kind.options.map { option in
      option.isRequired ? "\(option.name)=" : "[\(option.name)=]"
    }
    return "  \(kind.name): \(kind.summary). \(options.joined(separator: " "))"
  }

  func validate() throws {
    if !(0...100).contains(maxDrop) {
      throw ValidationError("--max-drop takes 0 to 100 points, found \(maxDrop).")
    }
    if let minCosine, !(-1...1).contains(minCosine) {
      throw ValidationError("--min-cosine takes -1 to 1, found \(minCosine).")
    }
    if let sample, sample < 1 {
      throw ValidationError("--sample takes at least 1, found \(sample).")
    }
    if layerSamples < 0 {
      throw ValidationError("--layer-samples takes at least 0, found \(layerSamples).")
    }
    if !dataset.isEmpty && (minCosine != nil || texts != nil || images != nil) {
      throw ValidationError(
        "--min-cosine, --texts and --images are for a verification without --dataset.")
    }
  }

  func run() throws {
    var status: Int32 = 0
    try Tool.run { out in
      // What is wrong with the arguments is said before anything slow begins.
      let datasets = try dataset.map { try Dataset.open($0) }
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
      if let report {
        let page = try AtomicFile(path: report)
        try page.write(Array(found.html.utf8), at: 0)
        try page.commit()
      }
      if stamp { try Stamp.write(found, to: file) }
      if json {
        try out.print(found.json.text)
      } else {
        for line in found.lines { try out.print(line) }
      }
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
    settings.maxDrop = maxDrop
    settings.minCosine = minCosine
    settings.sample = sample
    settings.seed = seed
    settings.layerSamples = layerSamples
    settings.texts = try texts.map { try TextFile.items($0, what: "text") } ?? []
    settings.pictures = try images.map { try Dataset.pictures(in: $0) }
    return settings
  }
}
