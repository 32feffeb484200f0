internal import ArgumentParser
internal import CLIPRuntime
internal import Conversion
internal import Evaluation
internal import Quantization
internal import ToolSupport

/// Pictures and texts that the float model is run on before it is quantized.
struct CalibrationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Pictures to run the float model on, so that quantization errs least where it matters.",
      valueName: "folder"))
  var calibrate: String?
  @Option(
    help: ArgumentHelp("Texts for the same, one a line, for the text tower.", valueName: "file"))
  var calibrateTexts: String?
  @Flag(help: "Run it on built-in texts and pictures, where there are none at hand.")
  var calibrateBuiltIn = false
  @OptionGroup var textSize: TextLimitOption
  @OptionGroup var cache: CacheOption

  func validate() throws {
    if calibrateBuiltIn && (calibrate != nil || calibrateTexts != nil) {
      throw ValidationError(
        "--calibrate-built-in is instead of --calibrate and --calibrate-texts.")
    }
  }

  /// Whether there is anything to run the float model on.
  var isGiven: Bool { calibrate != nil || calibrateTexts != nil || calibrateBuiltIn }

  /// Opens texts and pictures, before anything slow begins.
  func settings(_ conversion: ConversionOptions) throws -> VerificationOptions {
    var settings = VerificationOptions(tool: conversion.tool)
    settings.threads = conversion.threads
    settings.instructionSet = try Tool.instructionSet()
    settings.texts =
      try calibrateTexts.map { try TextFile.items($0, what: "text", limit: textSize.maxText) } ?? []
    settings.pictures = try calibrate.map { try Dataset.pictures(in: $0) }
    return settings
  }

  /// Runs the float model.
  ///
  /// - Parameters:
  ///   - reference: The float model.
  ///   - settings: With texts and pictures, or neither for built-in ones.
  ///   - cache: Keeps the statistics.
  func run(
    _ reference: Model, _ settings: VerificationOptions, _ cache: EvaluationCache
  ) throws -> Calibration {
    var reporter = ProgressReporter()
    defer { reporter.finish() }
    let found = try Calibrator(reference: reference, options: settings, cache: cache) {
      reporter.show($0)
    }.run()
    reporter.finish()
    Tool.note(found.description)
    return found
  }
}
