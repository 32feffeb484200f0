internal import ArgumentParser
internal import Conversion
internal import Evaluation
internal import ModelFamilies
internal import Notation
internal import Quantization
internal import TCMFormat
internal import TensorCore
internal import ToolSupport

/// `taiyi-convert [convert] INPUT... OUTPUT.tcm`.
struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Convert and quantize checkpoints into one .tcm file.",
    usage: "taiyi-convert [convert] [options] <input> ... <output.tcm>",
    discussion: """
      Each input is a safetensors or PyTorch file, an index of several, or a folder, as transformers or open_clip \
      write them, and holds a text tower (BERT), an image tower (CLIP vision transformer) or both. Nothing in a PyTorch \
      file is executed. config.json, open_clip_config.json and vocab.txt are looked up beside it. What was found out about the model goes to standard error.

      With --towers image and --labels the output is a classifier of its own, for devices that always ask for the \
      same labels: taiyi classify needs nothing else. The inputs still hold a text tower; it is run in f32, and what it \
      makes of the labels is kept in the cache.

      The output appears whole or not at all. An existing .tcm file is replaced in one step.
      """)

  @Option(
    help: ArgumentHelp(
      "How weights are stored: \(Recipe.all.map(\.name).joined(separator: ", ")).",
      valueName: "scheme"))
  var quant = "int8"
  @Option(
    help: ArgumentHelp(
      "A recipe of your own instead of --quant; inspect shows the one a file was made with.",
      valueName: "file"))
  var recipe: String?
  @Flag(help: "Do not even out channels before they are quantized; for comparison.")
  var noSmoothing = false
  @OptionGroup var label: LabelOptions
  @OptionGroup var calibration: CalibrationOptions
  @OptionGroup var checkpoint: CheckpointOptions
  @OptionGroup var options: ToolOptions
  @Argument(help: ArgumentHelp("Inputs, then the output.", valueName: "path"))
  var paths: [String]

  func validate() throws {
    if Recipe.named(quant) == nil {
      let names = Recipe.all.map(\.name).joined(separator: ", ")
      throw ValidationError("--quant takes one of \(names), found \(quant).")
    }
    if label.labels != nil && checkpoint.towers != .image {
      throw ValidationError(
        "--labels stores embeddings instead of the text tower; say --towers image.")
    }
    if paths.count < 2 { throw ValidationError("Expected <input> ... <output.tcm>.") }
  }

  func run() throws {
    try Tool.run(outlivesReader: true) { out in
      let output = paths[paths.count - 1]
      try OutputFile.checkReplaceable(output)
      var settings = try settings()
      // What is wrong with the inputs is said before anything slow begins.
      let texts = try label.texts(for: output)
      let checked = try Converter(inputs: inputs, output: output, options: settings)
      if texts != nil && !checked.towers.contains(where: { $0.kind == .text }) {
        throw ToolError("no input holds a text tower, which --labels needs")
      }
      if calibration.isGiven {
        if !settings.recipe.rules.contains(where: { $0.scheme == .int8 || $0.scheme == .int4 }) {
          throw ToolError(
            "nothing is quantized by \(settings.recipe.name), so there is nothing to calibrate")
        }
        let items = try calibration.settings(settings)
        let cache = try calibration.cache.open()
        let reference = try FloatReference.open(inputs, settings, cache)
        settings.calibration = try calibration.run(reference, items, cache)
      }
      if settings.calibration == nil
        && settings.recipe.rules.contains(where: { $0.scheme == .int4 })
      {
        Tool.note(
          "4 bits without calibration: --calibrate with pictures like yours, or "
            + "--calibrate-built-in, keeps embeddings nearer to float")
      }
      let converter = try Converter(inputs: inputs, output: output, options: settings)
      for tower in converter.towers {
        Tool.note("\(tower.kind.rawValue): \(tower.family) from \(tower.path)")
        for finding in tower.findings { Tool.note("  \(finding)") }
      }
      let labels = try texts.map {
        try label.embed($0, inputs, settings, calibration.cache.open())
      }
      var progress = Progress()
      defer { progress.finish() }
      let summary = try converter.run(labels: labels) { progress.update($0) }
      progress.finish()
      for note in summary.notes { Tool.note(note) }
      for (path, names) in summary.unused {
        Tool.note("\(path): \(names.count) tensors unused, for example \(printable(names[0]))")
      }
      Tool.note("\(summary.logitScale.finding)")
      if let texts {
        let count = texts.templates.isEmpty ? "" : " in \(texts.templates.count) templates"
        Tool.note("\(texts.labels.count) labels\(count) instead of the text tower")
      }
      try out.print(
        "\(output): \(Amount.bytes(summary.outputByteCount)) from "
          + Amount.bytes(summary.inputByteCount))
    }
  }

  private var inputs: [String] { Array(paths.dropLast()) }

  private func settings() throws -> ConversionOptions {
    let recipe = try chosenRecipe
    var settings = checkpoint.settings(options)
    settings.recipe = noSmoothing ? recipe.unsmoothed : recipe
    if label.labels != nil {
      // Both are looked at: their widths, the text tower's files and what was assumed of it belong to the file.
      settings.overrides.towers = [.text, .image]
      settings.written = [.image]
    }
    return settings
  }

  private var chosenRecipe: Recipe {
    get throws {
      guard let recipe else { return Recipe.named(quant) ?? .int8 }
      let lines = try TextFile.lines(recipe)
      do throws(RecipeError) { return try Recipe(parsing: lines) } catch {
        throw ToolError("\(printable(recipe)): \(error)")
      }
    }
  }
}
