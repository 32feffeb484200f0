internal import CPlatform
internal import Evaluation
internal import Notation
internal import ToolSupport

/// Progress of long work on standard error: one line that changes on a terminal, a plain line now and then otherwise.
struct ProgressReporter {
  private let isTerminal = Tool.errorsGoToTerminal
  private var stage = ""
  private var began = 0.0
  private var found = 0
  private var shown = 0.0
  private var width = 0

  /// Seconds between plain lines.
  private static let interval = 30.0

  mutating func show(_ event: VerificationEvent) {
    switch event {
    case .estimate(let seconds):
      finish()
      Tool.note("expected time: about \(Amount.duration(seconds))")
    case .note(let sentence):
      finish()
      Tool.note(sentence)
    case .progress(let stage, let done, let total): update(stage, done: done, total: total)
    }
  }

  mutating func update(_ stage: String, done: Int, total: Int) {
    let now = cp_seconds()
    if stage != self.stage {
      finish()
      self.stage = stage
      began = now
      found = done
      shown = now
      if done == total && total > 0 {
        Tool.note("\(stage): \(total) are in the cache")
      } else if done > 0 {
        Tool.note("\(stage): \(done) of \(total) are in the cache")
      }
      return
    }
    if done < total && now - shown < (isTerminal ? 0.2 : ProgressReporter.interval) { return }
    if done == total && !isTerminal && now - began < 1 { return }
    shown = now
    let rate = Double(done - found) / max(now - began, 1e-9)
    var line = "\(stage): \(done) of \(total), \(Amount.fixed(rate, rate < 10 ? 2 : 0)) a second"
    if done < total && rate > 0 {
      line += ", \(Amount.duration(Double(total - done) / rate)) left"
    }
    if isTerminal {
      Tool.write("\r" + line + String(repeating: " ", count: max(width - line.count, 0)))
      width = line.count
    } else {
      Tool.note(line)
    }
  }

  /// Ends the line.
  mutating func finish() {
    if width > 0 { Tool.write("\n") }
    width = 0
    stage = ""
  }
}
