/// Numbers as people read them.
public enum Amount {
  /// A number of bytes, for example `415.5 MB`; powers of 1000.
  ///
  /// - Parameter count: Not negative.
  /// - Returns: Three or four digits and a unit.
  public static func bytes(_ count: Int) -> String {
    var value = Double(count)
    for unit in ["bytes", "kB", "MB", "GB"] {
      if value < 999.95 || unit == "GB" {
        return unit == "bytes" ? "\(count) bytes" : "\(fixed(value, 1)) \(unit)"
      }
      value /= 1000
    }
    return "\(count) bytes"
  }

  /// A number with a fixed count of decimals.
  ///
  /// - Parameters:
  ///   - value: What is not finite, or beyond 9 · 10^15 once scaled, is written as it comes.
  ///   - decimals: 0 to 9.
  /// - Returns: For example `0.0700`.
  public static func fixed(_ value: Double, _ decimals: Int) -> String {
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    // Also where it is not a number.
    if !(value.magnitude * scale < 9e15) { return "\(value)" }
    let rounded = Int((value.magnitude * scale).rounded())
    let whole = rounded / Int(scale)
    var fraction = String(rounded % Int(scale))
    while fraction.count < decimals { fraction = "0" + fraction }
    let sign = value < 0 && rounded != 0 ? "-" : ""
    return decimals == 0 ? "\(sign)\(whole)" : "\(sign)\(whole).\(fraction)"
  }

  /// A span of time as people say it, for example `2 h 5 min`.
  ///
  /// - Parameter seconds: Not negative.
  /// - Returns: One or two units.
  public static func duration(_ seconds: Double) -> String {
    let whole = Int(min(seconds, 1e12).rounded())
    if whole < 60 { return "\(max(whole, 1)) s" }
    if whole < 3_600 {
      return whole < 600 ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 60) min"
    }
    return "\(whole / 3_600) h \(whole % 3_600 / 60) min"
  }

  /// Lowercase hexadecimal digits.
  ///
  /// - Parameter bytes: For example a SHA-256.
  /// - Returns: Two digits a byte.
  public static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
