internal import CLIPRuntime

extension Benchmark {
  /// From a path to a model and a session that can encode; the session stays, so that its memory shows.
  static let load = Benchmark(
    name: "load", summary: "open a model and make a session"
  ) { context in
    let path = try context.model(for: "load")
    final class Kept { var session: Session? }
    let kept = Kept()
    return [
      Case("load") {
        kept.session = try Session(
          model: Model(path: path), threads: context.threads,
          instructionSet: context.instructionSet)
      }
    ]
  }
}
