internal import ArgumentParser
internal import Foundation
internal import Kernels
internal import Notation
internal import ToolSupport

/// `taiyi-bench [time] [BENCHMARK...]`.
struct TimeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "time",
    abstract: "Time the runtime and the converter on this machine.",
    discussion: """
      Cases are run in turn, so that ratios within one sitting mean something; figures of different sittings do not \
      compare. BENCHMARK is one of:

      \(Benchmark.all.map { "  \($0.name): \($0.summary)" }.joined(separator: "\n"))

      Without one, all run that have what they need.
      """)

  @Option(help: "A .tcm file, for what runs a model.")
  var model: String?
  @Option(help: "A picture, for preprocess.")
  var image: String?
  @Option(name: .customLong("input"), help: "A checkpoint, for convert; may be repeated.")
  var inputs: [String] = []
  @Option(help: "Counted runs of each case.")
  var runs = 7
  @Option(
    name: .customLong("peer"),
    help: "A command that times another program; run between ours. May be repeated.")
  var peers: [String] = []
  @Flag(help: "Print JSON.")
  var json = false
  @Flag(help: "Print Markdown.")
  var markdown = false
  @OptionGroup var options: ToolOptions
  @Argument(help: "What to time.")
  var benchmark: [String] = []

  func validate() throws {
    if !(1...10_000).contains(runs) {
      throw ValidationError("--runs takes 1 to 10000, found \(runs).")
    }
    for name in benchmark where !Benchmark.all.contains(where: { $0.name == name }) {
      let names = Benchmark.all.map(\.name).joined(separator: ", ")
      throw ValidationError("BENCHMARK is one of \(names), found \(name).")
    }
  }

  func run() throws {
    try Tool.run { out in
      let context = Context(
        modelPath: model, imagePath: image, inputs: inputs, threads: options.threadCount,
        instructionSet: try Tool.instructionSet())
      var cases: [Case] = []
      for item in Benchmark.all {
        let isAsked = benchmark.contains(item.name)
        if !isAsked && !benchmark.isEmpty { continue }
        do { cases += try item.cases(context) } catch {
          if isAsked { throw error }
          Tool.note("left out \(item.name): \(error)")
        }
      }
      let measurements = try Measurement.of(cases, runs: runs)
      let comparable = ["text ", "image ", "decode and preprocess ", "tokenize "]
      let compared = cases.filter { item in comparable.contains { item.name.hasPrefix($0) } }
      let report = Report(
        context: context, runs: runs, measurements: measurements,
        comparisons: try Comparison.of(peers.map(Peer.init), compared, runs: runs))
      try out.print(json ? report.json.text : markdown ? report.markdown : report.table)
    }
  }
}
