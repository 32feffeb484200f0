internal import Answers
internal import ArgumentParser
internal import CLIPRuntime
internal import Notation
internal import TCMFormat
internal import TCMWriter
internal import Tokenization
internal import ToolSupport

/// `taiyi-convert check FILE.tcm`.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Verify every checksum and every rule of the format.",
    discussion: "Reads the whole file. The rules are those of Formats/tcm.md.")

  @OptionGroup var tool: ToolOptions
  @Argument(help: "A .tcm file.")
  var file: String

  func run() throws {
    try Tool.run { out in
      let opened = try TCMFile(path: file)
      try opened.check()
      if opened.manifest.hasTower {
        let model = try Model(path: file)
        do throws(VocabularyError) { try model.tokenizer?.vocabulary.validate() } catch {
          throw ModelError.vocabulary(path: file, error)
        }
      }
      if ModelIdentity.of(opened) != opened.manifest.identity {
        throw ToolError("\(file): the identity is not that of the weights (rule 7.2)")
      }
      if opened.header.numericsVersion != TCMLayout.numericsVersion {
        Tool.note(
          "\(file): made under numerics version \(opened.header.numericsVersion), this tool "
            + "computes with version \(TCMLayout.numericsVersion); last bits may differ")
      }
      if let report = opened.manifest.report, let sentence = StampText(report).numerics {
        Tool.note("\(file): \(sentence)")
      }
      try out.print(
        "\(file): ok, \(opened.manifest.tensors.count) tensors, \(Amount.bytes(opened.byteCount))")
    }
  }
}
