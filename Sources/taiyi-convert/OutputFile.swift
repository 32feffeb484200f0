internal import TCMFormat
internal import TensorCore
internal import ToolSupport

/// What is looked at before an output is written.
enum OutputFile {
  /// A forgotten output would otherwise replace the last input.
  static func checkReplaceable(_ output: String) throws {
    guard let file = try? InputFile(path: output), file.byteCount > 0 else { return }
    let count = min(file.byteCount, TCMLayout.magic.count)
    if try file.bytes(at: 0, count: count) != TCMLayout.magic {
      throw ToolError(
        "\(output): exists and is not a .tcm file, so it is not replaced; is the output missing?")
    }
  }
}
