internal import Foundation
internal import ToolSupport

/// Another program that times the same work.
///
/// It prints lines such as `ov_int8  image 1x224x224: 301.2 / 295.0 ms` or `ov_int8  text 32x77: 690.1 / 680.4 ms`: median and
/// fastest. Other work is called as the cases here are: `tokenizers  tokenize 1000 texts: 31.2 / 30.8 ms`.
struct Peer {
  /// A line of its output.
  struct Line: Equatable {
    let name: String
    /// As the cases here are called: `image ×1`, `text 32×77`.
    let caseName: String
    /// Seconds.
    let median: Double
    /// Seconds.
    let fastest: Double
  }

  /// Run by `sh -c`.
  let command: String

  /// Runs the command and reads what it printed; lines of another form are passed over.
  ///
  /// - Throws: `ToolError` where the command fails or prints no such line.
  func run() throws -> [Line] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", command]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    let lines = output.split(separator: "\n").compactMap(Self.line)
    if process.terminationStatus != 0 || lines.isEmpty {
      throw ToolError(
        "\(command): exit status \(process.terminationStatus), \(lines.count) lines of times")
    }
    return lines
  }

  /// Reads a line, or `nil` if it is of another form.
  static func line(_ text: Substring) -> Line? {
    guard
      let match = text.wholeMatch(of: /(\S+)\s+([^:]+): ([0-9.]+) \/ ([0-9.]+) ms.*/),
      let median = Double(match.3), let fastest = Double(match.4)
    else { return nil }
    var caseName = String(match.2)
    if let shape = match.2.wholeMatch(of: /(image|text) (\d+)x([0-9x]+)/) {
      caseName = "\(shape.1) " + (shape.1 == "image" ? "×\(shape.2)" : "\(shape.2)×\(shape.3)")
    }
    return Line(
      name: String(match.1), caseName: caseName, median: median * 1e-3, fastest: fastest * 1e-3)
  }
}

/// A peer's time beside ours, taken right before and right after it.
struct Comparison {
  let peer: Peer.Line
  /// The fastest of our runs around it, in seconds.
  let ours: Double

  /// Our time as a share of the peer's.
  var ratio: Double { ours / peer.fastest }

  /// Runs peers and our cases in turn: ours, a peer, ours, the next peer, ours.
  ///
  /// - Parameters:
  ///   - peers: What to run.
  ///   - cases: Ours; those that no peer has are not looked at.
  ///   - runs: Counted runs of each case each time.
  static func of(_ peers: [Peer], _ cases: [Case], runs: Int) throws -> [Comparison] {
    var result: [Comparison] = []
    var before = try Measurement.of(cases, runs: runs, inTurn: false)
    for peer in peers {
      let lines = try peer.run()
      let after = try Measurement.of(cases, runs: runs, inTurn: false)
      for line in lines {
        guard let index = cases.firstIndex(where: { $0.name == line.caseName }) else { continue }
        result.append(
          Comparison(peer: line, ours: min(before[index].fastest, after[index].fastest)))
      }
      before = after
    }
    return result
  }
}
