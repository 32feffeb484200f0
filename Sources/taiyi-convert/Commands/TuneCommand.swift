internal import ArgumentParser
internal import CLIPRuntime
internal import Conversion
internal import Evaluation
internal import Kernels
internal import Notation
internal import ToolSupport

/// `taiyi-convert tune --max-drop P --dataset KIND:PATH INPUT... OUTPUT.tcm`.
struct TuneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tune",
    abstract: "Find the smallest mixture of 4 and 8 bits whose drop on data sets is held.",
    usage: "taiyi-convert tune --max-drop <p> --dataset <kind:path> ... <input> ... <output.tcm>",
    discussion: """
      Calibrates, converts to 8 and to 4 bits, ranks attention and MLP matrices of every layer by what 4 bits do to the \
      cosines between texts and pictures, and finds by bisection how many of them can have 4 bits. Each mixture tried is \
      verified on the data sets, as verify does; the file written is one that was held, and bears its report. Without \
      --calibrate and --calibrate-texts, built-in texts and pictures are used. What is slow is kept in the cache: an \
      interrupted run goes on where it was.

      Exit status: 0 written, 2 nothing is held (the output is left as it was), 1 for errors.
      """)

  @OptionGroup var measurement: MeasurementOptions
  @OptionGroup var calibration: CalibrationOptions
  @OptionGroup var checkpoint: CheckpointOptions
  @Flag(help: "Run the reference with the own kernel, not OpenBLAS.")
  var ownKernel = false
  @OptionGroup var options: ToolOptions
  @Argument(help: ArgumentHelp("Inputs, then the output.", valueName: "path"))
  var paths: [String]

  func validate() throws {
    if paths.count < 2 { throw ValidationError("Expected <input> ... <output.tcm>.") }
    if measurement.dataset.isEmpty {
      throw ValidationError("Expected --dataset: a drop is measured on something.")
    }
  }

  func run() throws {
    var isWritten = false
    try Tool.run(outlivesReader: true) { out in
      let output = paths[paths.count - 1]
      let inputs = Array(paths.dropLast())
      try OutputFile.checkReplaceable(output)
      let datasets = try measurement.open()
      var conversion = checkpoint.settings(options)
      _ = try Converter(inputs: inputs, output: output, options: conversion)
      let items = try calibration.settings(conversion)
      let cache = try calibration.cache.open()
      let reference = try FloatReference.open(inputs, conversion, cache)
      conversion.calibration = try calibration.run(reference, items, cache)
      var settings = VerificationOptions(tool: conversion.tool)
      settings.threads = options.threadCount
      settings.instructionSet = try Tool.instructionSet()
      settings.product = ownKernel ? nil : FloatProduct.openBLAS(threads: options.threadCount)
      measurement.apply(to: &settings)
      var reporter = ProgressReporter()
      defer { reporter.finish() }
      var (report, mixture) = try Tuner(
        inputs: inputs, reference: reference, conversion: conversion, options: settings,
        cache: cache
      ) { reporter.show($0) }.run(datasets)
      reporter.finish()
      if let mixture {
        report.candidate.path = output
        try Stamp.write(report, of: mixture, to: output)
        isWritten = true
      }
      try measurement.show(report, out)
      if !isWritten {
        Tool.note(
          "nothing written: not even all in 8 bits is held within \(measurement.maxDrop) points; "
            + "allow a larger drop, measure on more pictures, or use --quant f16")
      }
    }
    if !isWritten { throw ExitCode(2) }
  }
}
