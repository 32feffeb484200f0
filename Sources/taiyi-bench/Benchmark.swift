/// One thing that is timed.
struct Case {
  /// What it is called in the table, for example `text 32×77`.
  let name: String
  /// What one run works through, for a rate.
  let work: Work?
  /// One run.
  let body: () throws -> Void

  init(_ name: String, _ work: Work? = nil, body: @escaping () throws -> Void) {
    self.name = name
    self.work = work
    self.body = body
  }
}

/// An amount of work of one run.
struct Work {
  let amount: Double
  /// What the rate is given in, for example `GMAC/s`; `amount` is in that unit.
  let unit: String
}

/// A group of cases, one file each in Benchmarks/.
struct Benchmark: Sendable {
  /// The name on the command line.
  let name: String
  /// One line for `--help`.
  let summary: String
  /// Prepares the cases; nothing of this is timed.
  let cases: @Sendable (Context) throws -> [Case]

  /// Every benchmark; adding one is adding a row.
  static let all: [Benchmark] = [
    .peak, .gemm, .attention, .load, .text, .image, .stages, .preprocess, .tokenize, .convert,
  ]
}
