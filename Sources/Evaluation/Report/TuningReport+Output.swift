internal import Notation

/// For people, on a terminal.
extension TuningReport {
  /// The frontier of size and drop as lines of text.
  var lines: [String] {
    let rows = points.map { point in
      [
        "\(point.units)", Amount.bytes(point.byteCount), signed(point.drop),
        "\(signed(point.bounds.lower)) .. \(signed(point.bounds.upper))", point.verdict.name,
        point.isChosen ? "chosen" : "",
      ]
    }
    return ["", "sizes and the worst drop of top-1 and R@1, \(calibration)"]
      + aligned([["in 4 bits", "size", "drop", "95 % bounds", "", ""]] + rows)
      + ["  of \(units.count) units; the last to stay in 8 bits: " + lastUnits]
  }

  /// The units that cost most for what they save.
  private var lastUnits: String { units.suffix(4).reversed().map(\.name).joined(separator: ", ") }
}

/// For programs.
extension TuningReport {
  var json: JSONText {
    .object([
      ("calibration", .string(calibration)),
      (
        "points",
        .array(
          points.map { point in
            .object([
              ("units", .integer(point.units)), ("bytes", .integer(point.byteCount)),
              ("drop", .double(point.drop)), ("lower_bound", .double(point.bounds.lower)),
              ("upper_bound", .double(point.bounds.upper)),
              ("verdict", .string(point.verdict.name)), ("chosen", .bool(point.isChosen)),
            ])
          })
      ),
      (
        "units",
        .array(
          units.map { unit in
            .object([
              ("name", .string(unit.name)), ("saved_bytes", .integer(unit.saving)),
              ("effect", .double(unit.effect)), ("small", .bool(unit.isSmall)),
            ])
          })
      ),
    ])
  }
}

/// For people, in a browser.
extension TuningReport {
  func html(maxDrop: Double) -> String {
    let frontier = points.map { point in
      """
      <tr><td>\(point.units)</td><td>\(Amount.bytes(point.byteCount))</td><td>\(signed(point.drop))</td>
      <td>\(signed(point.bounds.lower)) … \(signed(point.bounds.upper))</td><td>\(badge(point.verdict))</td>
      <td>\(point.isChosen ? "chosen" : "")</td></tr>

      """
    }
    let rows = units.map { unit in
      """
      <tr><td><code>\(HTMLText.escaped(unit.name))</code></td><td>\(Amount.bytes(unit.saving))</td>
      <td>\(Amount.fixed(unit.effect * 1e4, 3))</td><td>\(unit.isSmall ? "small" : "")</td></tr>

      """
    }
    return """
      <h2>Size and drop</h2>
      <p>Of \(units.count) units the first so many, in the order of the list below, have 4 bits (the ends of a tower: 8
      instead of 16). \(HTMLText.escaped(calibration.prefix(1).uppercased() + calibration.dropFirst())).</p>
      \(Chart.frontier(points, maxDrop: maxDrop))
      <div class="scroll"><table><tr><th>in 4 bits</th><th>size</th><th>worst drop</th><th>95 % bounds</th><th></th><th></th></tr>
      \(frontier.joined())</table></div>
      <details><summary>The units, those that save most for what they cost first</summary>
      <div class="scroll"><table><tr><th>unit</th><th>saves</th><th>change of cosines, 10⁻⁴</th><th></th></tr>
      \(rows.joined())</table></div></details>

      """
  }
}

extension Chart {
  /// Drops with their bounds over sizes.
  static func frontier(_ points: [TuningReport.Point], maxDrop: Double) -> String {
    let (left, right, top, bottom) = (52.0, 624.0, 10.0, 180.0)
    let sizes = points.map { Double($0.byteCount) }
    let (least, most) = (sizes.min() ?? 0, sizes.max() ?? 1)
    let room = max((most - least) * 0.06, most * 0.005)
    let reached: [Double] = points.flatMap { [$0.bounds.lower, $0.bounds.upper] }
    let drops = reached + [0, maxDrop / 100]
    let (low, high) = (drops.min() ?? 0, drops.max() ?? 1)
    let reach = max(high - low, 1e-4)
    func x(_ size: Double) -> Double {
      left + (size - least + room) / (most - least + 2 * room) * (right - left)
    }
    func y(_ drop: Double) -> Double { bottom - (drop - low) / reach * (bottom - top) }
    func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ name: String) -> String {
      "<line x1=\"\(number(x1))\" y1=\"\(number(y1))\" x2=\"\(number(x2))\" y2=\"\(number(y2))\" class=\"\(name)\"/>"
    }
    func label(_ x: Double, _ y: Double, _ anchor: String, _ text: String) -> String {
      "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\">\(text)</text>"
    }
    var marks = line(left, y(0), right, y(0), "grid") + label(left - 6, y(0) + 4, "end", "0")
    marks += line(left, y(maxDrop / 100), right, y(maxDrop / 100), "limit")
    marks += label(left - 6, y(maxDrop / 100) + 4, "end", Amount.fixed(maxDrop, 2))
    for size in Set([least, most]) {
      marks += label(x(size), bottom + 20, "middle", Amount.bytes(Int(size)))
    }
    for point in points {
      let at = x(Double(point.byteCount))
      let name = point.verdict == .held ? "first" : "second"
      marks += line(at, y(point.bounds.lower), at, y(point.bounds.upper), "axis")
      marks +=
        "<circle cx=\"\(number(at))\" cy=\"\(number(y(point.drop)))\" r=\"\(point.isChosen ? 6 : 4)\" class=\"\(name)\"/>"
    }
    return """
      <figure><div class="scroll"><svg class="wide" viewBox="0 0 640 206" role="img" aria-label="drop over size">\(marks)</svg></div>
      <figcaption>The worst drop in points, with 95 % bounds, over the size of the file; dashed: the tolerance; large: chosen.</figcaption></figure>

      """
  }
}
