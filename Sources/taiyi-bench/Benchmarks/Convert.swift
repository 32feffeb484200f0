internal import Conversion
internal import Foundation
internal import Quantization
internal import ToolSupport

extension Benchmark {
  /// Checkpoints to int8, written to a temporary folder beside nothing else; the final fsync is in it.
  static let convert = Benchmark(
    name: "convert", summary: "convert --input checkpoints to int8"
  ) { context in
    if context.inputs.isEmpty { throw ToolError("convert needs --input CHECKPOINT") }
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("taiyi-bench-\(ProcessInfo.processInfo.processIdentifier)")
    let output = folder.appendingPathComponent("out.tcm").path
    func run() throws -> Int {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      var options = ConversionOptions(recipe: .int8, tool: "taiyi-bench")
      options.threads = context.threads
      return try Converter(inputs: context.inputs, output: output, options: options).run()
        .inputByteCount
    }
    let bytes = try run()
    return [
      Case("convert to int8", Work(amount: Double(bytes) * 1e-9, unit: "GB/s")) { _ = try run() }
    ]
  }
}
