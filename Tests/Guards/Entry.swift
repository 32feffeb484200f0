import Foundation

/// Runs cases of the hostile corpus, one a line of standard input, and prints what became of each; `.ci/guards` builds it.
///
/// A line is a number, a command and a path between tabs; the answer is that number, the error's case or "ok", what came of
/// reading every tensor, milliseconds and the sentence. The number also goes to the log of refusals, so that each is known by
/// the case it belongs to.
@main enum Entry {
  static func main() {
    let log = ProcessInfo.processInfo.environment["TAIYI_GUARD_LOG"].flatMap {
      FileHandle(forWritingAtPath: $0)
    }
    while let line = readLine() {
      let fields = line.split(separator: "\t").map(String.init)
      if let log {
        _ = try? log.seekToEnd()
        try? log.write(contentsOf: Data("case \(fields[0])\n".utf8))
      }
      let start = Date()
      let found = Outcome(fields[1], fields[2])
      let isRead = found.kind == "ok" && fields[1] == "inspect"
      let reading = isRead ? Outcome.reading(fields[2]) : "ok"
      let time = Int(Date().timeIntervalSince(start) * 1_000)
      let sentence = found.sentence.split(whereSeparator: \.isNewline).joined(separator: " ")
      print(fields[0], found.kind, reading, time, sentence, separator: "\t")
      // A crash must not take earlier answers with it.
      _ = unsafe fflush(nil)
    }
  }
}
