internal import CPlatform

/// The times of one case, in seconds.
struct Measurement {
  let name: String
  let work: Work?
  let seconds: [Double]

  var fastest: Double { seconds.min() ?? 0 }
  var median: Double {
    let sorted = seconds.sorted()
    let middle = sorted.count / 2
    if sorted.isEmpty { return 0 }
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  /// Times cases in turn, so that a drift of the machine's clock meets all of them alike.
  ///
  /// - Parameters:
  ///   - cases: Each runs once uncounted first.
  ///   - runs: Counted runs of each.
  static func of(_ cases: [Case], runs: Int) throws -> [Measurement] {
    for item in cases { try item.body() }
    var seconds = [[Double]](repeating: [], count: cases.count)
    for _ in 0..<runs {
      for (index, item) in cases.enumerated() {
        let start = cp_seconds()
        try item.body()
        seconds[index].append(cp_seconds() - start)
      }
    }
    return zip(cases, seconds).map { Measurement(name: $0.name, work: $0.work, seconds: $1) }
  }
}
