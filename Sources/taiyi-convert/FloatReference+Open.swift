internal import CLIPRuntime
internal import Conversion
internal import Evaluation
internal import Notation
internal import ToolSupport

extension FloatReference {
  /// The float model of checkpoints that are converted, from the cache.
  ///
  /// - Parameters:
  ///   - inputs: The checkpoints.
  ///   - conversion: How they are read; its towers are the model's.
  ///   - cache: Keeps the model.
  static func open(
    _ inputs: [String], _ conversion: ConversionOptions, _ cache: EvaluationCache
  ) throws -> Model {
    var reporter = ProgressReporter()
    defer { reporter.finish() }
    return try FloatReference(
      inputs: inputs, vocabularyPath: conversion.vocabularyPath, tool: conversion.tool,
      threads: conversion.threads, limits: conversion.limits
    ).open(
      conversion.overrides, written: conversion.written, cache: cache,
      began: {
        Tool.note("converting the reference to f32, \(Amount.bytes($0)) in \(cache.folder)")
      },
      progress: {
        reporter.update("converting the reference", done: Int($0 * 100), total: 100)
      })
  }
}
