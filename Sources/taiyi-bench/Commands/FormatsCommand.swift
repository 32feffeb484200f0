internal import ArgumentParser
internal import Foundation
internal import Notation
internal import TCMFormat
internal import TCMWriter
internal import TensorCore
internal import ToolSupport

/// `taiyi-bench formats`.
struct FormatsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "formats",
    abstract: "Compare what weight formats leave of weights.",
    discussion: """
      The relative error |w - w'| / |w| in percent, of Gaussian and Student-t5 rows of 1024 and of the matrices in an f32 \
      model's layers, beside the bits of a weight with everything counted. Other projects' formats are implemented from \
      their published definitions. --write makes f32 models of the rounded weights, to be compared by taiyi-convert \
      verify.
      """)

  @Option(help: ArgumentHelp("An f32 model whose layers are rounded, too.", valueName: "file.tcm"))
  var model: String?
  @Option(help: ArgumentHelp("A folder for f32 models with rounded layers.", valueName: "folder"))
  var write: String?
  @Option(help: "Rows of 1024 numbers of each kind.")
  var rows = 256
  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    if !(1...65_536).contains(rows) {
      throw ValidationError("--rows takes 1 to 65536, found \(rows).")
    }
    if write != nil && model == nil { throw ValidationError("--write needs --model.") }
  }

  func run() throws {
    try Tool.run { out in
      let file = try model.map { try RoundedModel(path: $0) }
      let gaussian = Self.gaussian(rows * 1024)
      let student = Self.student(rows * 1024)
      var lines: [[(String, JSONText)]] = []
      for format in WeightFormat.all {
        var row: [(String, JSONText)] = [
          ("format", .string(format.name)), ("bits", .float(Float(format.bits(1024)))),
          ("gaussian", .float(try Self.error(format, gaussian))),
          ("student_t5", .float(try Self.error(format, student))),
        ]
        if let file { row.append(("model", .float(try file.error(format)))) }
        lines.append(row)
        if let write, let file { try file.write(format, to: write + "/" + Self.fileName(format)) }
      }
      if json {
        try out.print(JSONText.array(lines.map { .object($0) }).text)
      } else {
        for line in Self.table(lines) { try out.print(line) }
      }
    }
  }

  private static func fileName(_ format: WeightFormat) -> String {
    String(format.name.lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: "-"))
      + ".tcm"
  }

  private static func table(_ rows: [[(String, JSONText)]]) -> [String] {
    let names = ["format", "bits", "Gaussian", "Student-t5", "model"]
    let cells = rows.map { row in
      row.enumerated().map { index, member in
        index == 0
          ? member.1.text.replacingOccurrences(of: "\"", with: "")
          : Amount.fixed(Double(member.1.text) ?? 0, 2) + (index > 1 ? " %" : "")
      }
    }
    return ([Array(names.prefix(cells[0].count))] + cells).map { row in
      row.enumerated().map { index, cell in
        let width = index == 0 ? 30 : 12
        let space = String(repeating: " ", count: max(width - cell.count, 0))
        return index == 0 ? cell + space : space + cell
      }.joined()
    }
  }

  private static func error(_ format: WeightFormat, _ weights: [Float]) throws -> Float {
    Float(100 * (try SquaredError(format.round(weights, 1024), weights).relative))
  }

  /// Box and Muller's method on seeded numbers.
  private static func gaussian(_ count: Int, seed: UInt64 = 1) -> [Float] {
    var numbers = SeededNumbers(seed: seed)
    return (0..<count).map { _ in normal(&numbers) }
  }

  /// Five degrees of freedom: a normal number over the root of the mean of five squares.
  private static func student(_ count: Int) -> [Float] {
    var numbers = SeededNumbers(seed: 2)
    return (0..<count).map { _ in
      let squares = (0..<5).reduce(Float(0)) { sum, _ in
        let x = normal(&numbers)
        return sum + x * x
      }
      return normal(&numbers) / (squares / 5).squareRoot()
    }
  }

  private static func normal(_ numbers: inout SeededNumbers) -> Float {
    let first = (Double(numbers.next() >> 11) + 1) * 0x1p-53
    let second = Double(numbers.next() >> 11) * 0x1p-53
    return Float((-2 * log(first)).squareRoot() * cos(2 * .pi * second))
  }
}

/// Squared error and squares, summed.
struct SquaredError {
  var error = 0.0
  var whole = 0.0

  init() {}

  init(_ rounded: [Float], _ weights: [Float]) { add(rounded, weights) }

  mutating func add(_ rounded: [Float], _ weights: [Float]) {
    for (found, exact) in zip(rounded, weights) {
      error += Double(found - exact) * Double(found - exact)
      whole += Double(exact) * Double(exact)
    }
  }

  var relative: Double { (error / whole).squareRoot() }
}
