internal import Foundation
internal import Kernels

/// For docs/PERFORMANCE.md.
extension Report {
  /// Tables with machine and date.
  var markdown: String {
    let date = ISO8601DateFormatter.string(
      from: Date(), timeZone: .gmt, formatOptions: [.withFullDate])
    var lines = [
      "\(Self.processor), \(context.threads) threads, \(context.instructionSet.name), \(date); "
        + "\(runs) runs of each case in turn.",
      "", "| case | fastest, ms | median, ms | rate |", "|---|---:|---:|---:|",
    ]
    for item in measurements {
      let rate = item.work.map { Self.decimal($0.amount / item.fastest) + " " + $0.unit } ?? ""
      lines.append(
        "| \(item.name) | \(Self.decimal(item.fastest * 1e3)) | "
          + "\(Self.decimal(item.median * 1e3)) | \(rate) |")
    }
    if !comparisons.isEmpty { lines += ["", comparisonTable] }
    return lines.joined(separator: "\n")
  }

  /// A row a peer, a column a case: the peer's fastest run and ours as a share of it.
  private var comparisonTable: String {
    var names: [String] = []
    var cases: [String] = []
    for item in comparisons {
      if !names.contains(item.peer.name) { names.append(item.peer.name) }
      if !cases.contains(item.peer.caseName) { cases.append(item.peer.caseName) }
    }
    var lines = [
      "| peer: its fastest run, ms (ours as a share of it) | " + cases.joined(separator: " | ")
        + " |",
      "|---|" + cases.map { _ in "---:|" }.joined(),
    ]
    for name in names {
      let cells = cases.map { caseName in
        comparisons.first { $0.peer.name == name && $0.peer.caseName == caseName }
          .map { item in
            Self.decimal(item.peer.fastest * 1e3) + " (" + String(format: "%.2f", item.ratio) + ")"
          } ?? ""
      }
      lines.append("| \(name) | " + cells.joined(separator: " | ") + " |")
    }
    return lines.joined(separator: "\n")
  }
}
