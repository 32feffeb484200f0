internal import CPlatform
internal import Glibc

/// Progress on standard error: only on a terminal, only for work over a second.
public struct Progress {
  private let isTerminal = isatty(2) == 1
  private let start = cp_seconds()
  private var shown = -1

  /// Starts the clock.
  public init() {}

  /// Shows the share done.
  ///
  /// - Parameter share: 0 to 1.
  public mutating func update(_ share: Double) {
    let percent = Int(share * 100)
    if !isTerminal || percent == shown || cp_seconds() - start < 1 { return }
    shown = percent
    let filled = percent * 30 / 100
    Tool.write(
      "\r[" + String(repeating: "=", count: filled) + String(repeating: " ", count: 30 - filled)
        + "] \(percent) %")
  }

  /// Takes the bar away.
  public mutating func finish() {
    if shown >= 0 { Tool.write("\r" + String(repeating: " ", count: 40) + "\r") }
    shown = -1
  }
}
