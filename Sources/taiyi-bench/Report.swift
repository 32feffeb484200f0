internal import Foundation
internal import Kernels
internal import Notation
internal import ToolSupport

/// Measurements with the machine they were made on.
struct Report {
  let context: Context
  let runs: Int
  let measurements: [Measurement]
  let comparisons: [Comparison]

  /// What /proc/cpuinfo calls the processor, or "unknown".
  static var processor: String {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    for line in text.split(separator: "\n") where line.hasPrefix("model name") {
      if let name = line.split(separator: ":", maxSplits: 1).last {
        return name.trimmingCharacters(in: .whitespaces)
      }
    }
    return "unknown"
  }

  /// For people: fastest and median run, the fastest one's rate, and the memory, file pages apart, that the first
  /// run left behind.
  var table: String {
    var lines = [
      "\(Self.processor), \(context.threads) threads, \(context.instructionSet.name), "
        + "\(runs) runs of each case in turn",
      Self.row("", "fastest", "median", "rate", "memory"),
    ]
    for item in measurements {
      let rate = item.work.map { Self.decimal($0.amount / item.fastest) + " " + $0.unit }
      lines.append(
        Self.row(
          item.name, Self.decimal(item.fastest * 1e3) + " ms",
          Self.decimal(item.median * 1e3) + " ms", rate ?? "",
          Self.decimal(Double(item.heapGrowth) * 1e-6) + " MB"))
    }
    for item in comparisons {
      lines.append(
        Self.row(
          item.peer.name + " " + item.peer.caseName, Self.decimal(item.peer.fastest * 1e3) + " ms",
          Self.decimal(item.peer.median * 1e3) + " ms",
          String(format: "ours: %.2f of it", item.ratio)))
    }
    return lines.joined(separator: "\n")
  }

  /// For programs; times in seconds.
  var json: JSONText {
    .object([
      ("processor", .string(Self.processor)), ("threads", .integer(context.threads)),
      ("instruction_set", .string(context.instructionSet.name)), ("runs", .integer(runs)),
      (
        "cases",
        .array(
          measurements.map { item in
            var members: [(String, JSONText)] = [
              ("name", .string(item.name)),
              ("fastest", .float(Float(item.fastest))), ("median", .float(Float(item.median))),
              ("memory", .integer(item.heapGrowth)),
            ]
            if let work = item.work {
              members.append(("rate", .float(Float(work.amount / item.fastest))))
              members.append(("unit", .string(work.unit)))
            }
            return .object(members)
          })
      ),
      (
        "peers",
        .array(
          comparisons.map { item in
            .object([
              ("name", .string(item.peer.name)), ("case", .string(item.peer.caseName)),
              ("fastest", .float(Float(item.peer.fastest))), ("ratio", .float(Float(item.ratio))),
            ])
          })
      ),
    ])
  }

  /// Three figures that matter.
  static func decimal(_ value: Double) -> String {
    let digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3
    return String(format: "%.\(digits)f", value)
  }

  private static func row(_ name: String, _ columns: String...) -> String {
    let first = name.padding(toLength: max(28, name.count), withPad: " ", startingAt: 0)
    let rest = columns.map { String(repeating: " ", count: max(16 - $0.count, 1)) + $0 }
    return first + rest.joined()
  }
}
