internal import ArgumentParser
internal import CLIPRuntime
internal import Conversion
internal import Evaluation
internal import Kernels
internal import ModelFamilies
internal import ToolSupport

/// Labels whose embeddings a file holds instead of a text tower.
struct LabelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Labels that the file classifies with, one a line or a JSON list: their embeddings are stored instead of the text tower. Needs --towers image.",
      valueName: "file"))
  var labels: String?
  @Option(
    help: ArgumentHelp(
      "Templates for --labels, one a line or a JSON list, {} or {c} where the label goes; their embeddings are averaged.",
      valueName: "file"))
  var templates: String?
  @Flag(help: "Run the text tower for --labels with the own kernel, not OpenBLAS.")
  var ownKernel = false

  func validate() throws {
    if labels == nil && templates != nil { throw ValidationError("--templates needs --labels.") }
    if labels == nil && ownKernel { throw ValidationError("--own-kernel needs --labels.") }
  }

  /// Reads labels and templates, before anything slow begins.
  ///
  /// - Parameter output: The file they are meant for.
  /// - Returns: `nil` if none are asked for.
  func texts(for output: String) throws -> (labels: [String], templates: [String])? {
    guard let labels else { return nil }
    let names = try TextList.classNames(labels)
    let sentences = try templates.map { try TextList.templates($0) } ?? []
    try LabelEmbeddings.check(names, templates: sentences, for: output)
    return (names, sentences)
  }

  /// Embeds labels with the float text tower.
  ///
  /// - Parameters:
  ///   - texts: Labels and templates.
  ///   - inputs: Checkpoints, a text tower among them.
  ///   - conversion: How they are read.
  ///   - cache: Keeps the float model and the embeddings.
  func embed(
    _ texts: (labels: [String], templates: [String]), _ inputs: [String],
    _ conversion: ConversionOptions, _ cache: EvaluationCache
  ) throws -> LabelRows {
    var conversion = conversion
    conversion.written = [.text]
    let model = try FloatReference.open(inputs, conversion, cache)
    var options = VerificationOptions(tool: conversion.tool)
    options.threads = conversion.threads
    options.instructionSet = try Tool.instructionSet()
    options.product = ownKernel ? nil : FloatProduct.openBLAS(threads: conversion.threads)
    var reporter = ProgressReporter()
    defer { reporter.finish() }
    return try LabelEmbeddings(
      of: texts.labels, templates: texts.templates, by: model, options: options, cache: cache
    ) { reporter.show($0) }.run()
  }
}
