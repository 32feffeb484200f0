internal import Notation

/// Charts as inline SVG; colours are those of the page.
enum Chart {
  /// The distribution of 1 − cosine, on a logarithmic axis.
  static func histogram(_ what: String, _ summary: CosineSummary) -> String {
    let width = 640.0
    let (left, right, top, bottom) = (8.0, 632.0, 8.0, 96.0)
    let most = Double(summary.histogram.max() ?? 1)
    let step = (right - left) / Double(CosineSummary.bins)
    var bars = ""
    for (bin, count) in summary.histogram.enumerated() where count > 0 {
      // At least visible, however few they are.
      let height = max(Double(count) / max(most, 1) * (bottom - top), 2)
      bars +=
        "<rect x=\"\(number(left + Double(bin) * step + 1))\" y=\"\(number(bottom - height))\" "
        + "width=\"\(number(step - 2))\" height=\"\(number(height))\" class=\"first\"/>"
    }
    var ticks = ""
    for power in 0...6 {
      let x = left + Double(power) / 6 * (right - left)
      let anchor = power == 0 ? "start" : power == 6 ? "end" : "middle"
      let label = power == 6 ? "1" : "10⁻" + ["⁶", "⁵", "⁴", "³", "²", "¹"][power]
      ticks +=
        "<line x1=\"\(number(x))\" y1=\"\(number(bottom))\" x2=\"\(number(x))\" y2=\"\(number(bottom + 4))\" class=\"axis\"/>"
        + "<text x=\"\(number(x))\" y=\"\(number(bottom + 18))\" text-anchor=\"\(anchor)\">\(label)</text>"
    }
    return """
      <figure><div class="scroll"><svg class="wide" viewBox="0 0 \(Int(width)) 120" role="img" aria-label="distribution of cosines of \(what)">\
      \(bars)<line x1="\(number(left))" y1="\(number(bottom))" x2="\(number(right))" y2="\(number(bottom))" class="axis"/>\(ticks)</svg></div>
      <figcaption>1 − cosine between the two models' embeddings of \(summary.count) \(what): \(summary.line).</figcaption></figure>

      """
  }

  /// Accumulated error as a line and isolated error as bars, layer by layer.
  static func layers(_ tower: String, _ rows: [LayerRow]) -> String {
    let (left, right, top, bottom) = (52.0, 632.0, 10.0, 130.0)
    let finite = rows.flatMap { [$0.accumulated, $0.isolated] }.filter(\.isFinite)
    let most = max(finite.max() ?? 1, 1e-6) * 1.1
    let step = (right - left) / Double(rows.count)
    func y(_ value: Double) -> Double {
      bottom - min(value.isFinite ? value / most : 1, 1) * (bottom - top)
    }
    var marks = ""
    for part in 0...2 {
      let value = most * Double(part) / 2
      marks +=
        "<line x1=\"\(number(left))\" y1=\"\(number(y(value)))\" x2=\"\(number(right))\" y2=\"\(number(y(value)))\" class=\"grid\"/>"
        + "<text x=\"\(number(left - 6))\" y=\"\(number(y(value) + 4))\" text-anchor=\"end\">\(Amount.fixed(value * 100, value < 0.1 ? 2 : 0)) %</text>"
    }
    var points: [String] = []
    // Labels of many layers would run into each other.
    let every = max((rows.count + 15) / 16, 1)
    for (index, row) in rows.enumerated() {
      let x = left + (Double(index) + 0.5) * step
      let height = bottom - y(row.isolated)
      marks +=
        "<rect x=\"\(number(x - step * 0.3))\" y=\"\(number(y(row.isolated)))\" width=\"\(number(step * 0.6))\" "
        + "height=\"\(number(height))\" class=\"second\"/>"
      points.append("\(number(x)),\(number(y(row.accumulated)))")
      let name =
        row.name == "embeddings" ? "in" : row.name == "head" ? "out" : String(row.name.dropFirst(7))
      if index % every == 0 || index == rows.count - 1 {
        marks +=
          "<text x=\"\(number(x))\" y=\"\(number(bottom + 16))\" text-anchor=\"middle\">\(HTMLText.escaped(name))</text>"
      }
    }
    marks += "<polyline points=\"\(points.joined(separator: " "))\" class=\"first path\"/>"
    for point in points {
      let parts = point.split(separator: ",")
      marks += "<circle cx=\"\(parts[0])\" cy=\"\(parts[1])\" r=\"3\" class=\"first\"/>"
    }
    return """
      <figure><div class="scroll"><svg class="wide" viewBox="0 0 640 156" role="img" aria-label="error of the \(tower) tower by layer">\(marks)</svg></div>
      <figcaption>\(tower == "text" ? "Text" : "Image") tower, layer by layer.</figcaption></figure>

      """
  }

  static func number(_ value: Double) -> String { Amount.fixed(value, 2) }
}
