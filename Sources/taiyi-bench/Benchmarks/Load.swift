internal import CLIPRuntime

extension Benchmark {
  /// From a path to a model and a session that can encode.
  static let load = Benchmark(
    name: "load", summary: "open a model and make a session"
  ) { context in
    let path = try context.model(for: "load")
    return [
      Case("load") {
        _ = try Session(
          model: Model(path: path), threads: context.threads,
          instructionSet: context.instructionSet)
      }
    ]
  }
}
