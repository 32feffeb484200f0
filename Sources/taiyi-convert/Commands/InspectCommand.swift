internal import ArgumentParser
internal import Checkpoints
internal import Notation
internal import TCMFormat
internal import TensorCore
internal import ToolSupport

/// `taiyi-convert inspect FILE`.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show what a checkpoint or a .tcm file holds.",
    discussion: "Reads headers only; `check` reads everything.")

  @Flag(help: "Print JSON.")
  var json = false
  @OptionGroup var size: CheckpointLimitOptions
  @OptionGroup var tool: ToolOptions
  @Argument(help: "A checkpoint (file or folder) or a .tcm file.")
  var file: String

  func run() throws {
    try Tool.run { out in
      let description: any Description
      if try isTCM {
        description = TCMDescription(try TCMFile(path: file))
      } else {
        description = try CheckpointDescription(path: file, limits: size.limits)
      }
      if json {
        try out.print(description.json.text)
      } else {
        for line in description.lines { try out.print(line) }
      }
    }
  }

  private var isTCM: Bool {
    get throws {
      guard let input = try? InputFile(path: file), input.byteCount >= TCMLayout.magic.count
      else { return false }
      return try input.bytes(at: 0, count: TCMLayout.magic.count) == TCMLayout.magic
    }
  }
}

/// What `inspect` shows.
protocol Description {
  /// For people.
  var lines: [String] { get }
  /// For programs; keys are stable.
  var json: JSONText { get }
}

/// Columns of text, each as wide as its widest entry.
func columns(_ rows: [[String]]) -> [String] {
  var widths: [Int] = []
  for row in rows {
    for (index, cell) in row.enumerated() {
      if index == widths.count { widths.append(0) }
      widths[index] = max(widths[index], cell.count)
    }
  }
  return rows.map { row in
    let cells = row.enumerated().map { index, cell in
      index == row.count - 1
        ? cell : cell + String(repeating: " ", count: widths[index] - cell.count)
    }
    return "  " + cells.joined(separator: "  ")
  }
}
