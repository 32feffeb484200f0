internal import CPlatform
internal import Foundation

/// The times of one case, in seconds.
struct Measurement {
  let name: String
  let work: Work?
  let seconds: [Double]
  /// Bytes of memory, file pages apart, that the first run left behind.
  let heapGrowth: Int

  var fastest: Double { seconds.min() ?? 0 }
  var median: Double {
    let sorted = seconds.sorted()
    let middle = sorted.count / 2
    if sorted.isEmpty { return 0 }
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  /// Times cases.
  ///
  /// - Parameters:
  ///   - cases: Each runs once uncounted first.
  ///   - runs: Counted runs of each.
  ///   - inTurn: One run of each after the other, so that a drift of the machine's clock meets all of them alike; else
  ///     all runs of one, then all of the next, as programs that time a single case do.
  static func of(_ cases: [Case], runs: Int, inTurn: Bool = true) throws -> [Measurement] {
    if !inTurn { return try cases.flatMap { try of([$0], runs: runs) } }
    var growth: [Int] = []
    for item in cases {
      let before = anonymousBytes()
      try item.body()
      growth.append(anonymousBytes() - before)
    }
    var seconds = [[Double]](repeating: [], count: cases.count)
    for _ in 0..<runs {
      for (index, item) in cases.enumerated() {
        let start = cp_seconds()
        try item.body()
        seconds[index].append(cp_seconds() - start)
      }
    }
    return cases.indices.map {
      Measurement(
        name: cases[$0].name, work: cases[$0].work, seconds: seconds[$0], heapGrowth: growth[$0])
    }
  }

  /// Resident memory of this process that is not pages of files, from /proc/self/status.
  private static func anonymousBytes() -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    for line in text.split(separator: "\n") where line.hasPrefix("RssAnon:") {
      return (Int(line.split(separator: " ").dropFirst().first ?? "") ?? 0) * 1024
    }
    return 0
  }
}
