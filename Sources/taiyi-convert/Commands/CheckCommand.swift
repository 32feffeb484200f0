internal import ArgumentParser
internal import CLIPRuntime
internal import TCMFormat
internal import TCMWriter
internal import Tokenization
internal import ToolSupport

/// `taiyi-convert check FILE.tcm`.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Verify every checksum and every rule of the format.")

  @Argument(help: "A .tcm file.")
  var file: String

  func run() throws {
    Tool.prepare()
    try Tool.run {
      let opened = try TCMFile(path: file)
      try opened.check()
      let model = try Model(path: file)
      do { try model.tokenizer?.vocabulary.validate() } catch {
        throw ToolError("\(file): vocabulary: \(error)")
      }
      if ModelIdentity.of(opened) != opened.manifest.identity {
        throw ToolError("\(file): the identity differs from that of the weights (rule 7.2)")
      }
      print("\(file): ok, \(opened.manifest.tensors.count) tensors, \(opened.byteCount) bytes")
    }
  }
}
