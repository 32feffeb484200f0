internal import ArgumentParser
internal import CLIPRuntime
internal import Evaluation
internal import Kernels
internal import Notation
internal import TCMFormat
internal import TCMWriter
internal import TensorCore
internal import ToolSupport

/// `taiyi-convert labels --model M --labels F OUTPUT.tcm`.
struct LabelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "labels",
    abstract: "Store embeddings of class names, for devices without a text tower.",
    discussion: """
      `taiyi classify --bank OUTPUT.tcm` takes the place of --labels and --templates. Embeddings of several templates \
      are averaged as CLIP does it. Texts are padded as the model was evaluated.
      """)

  @Option(help: ArgumentHelp("A model with a text tower.", valueName: "file.tcm"))
  var model: String
  @Option(
    help: ArgumentHelp(
      "A text file with one label a line, or a JSON file with a list.", valueName: "file"))
  var labels: String
  @Option(
    help: ArgumentHelp(
      "A text file with one template a line, {} or {c} where the label goes, or a JSON file with a list.",
      valueName: "file"))
  var templates: String?
  @Flag(help: "Run f32 models with the own kernel, not OpenBLAS.")
  var ownKernel = false
  @OptionGroup var tool: ToolOptions
  @Argument(help: "The label bank to write.")
  var output: String

  func run() throws {
    try Tool.run { _ in
      let labels = try TextList.classNames(labels)
      let templates = try templates.map { try TextList.templates($0) } ?? []
      try LabelEmbeddings.check(labels, templates: templates, for: output)
      let model = try Model(path: model)
      guard let text = model.textTower else {
        throw ModelError.noTextTower(path: model.file.path)
      }
      try OutputFile.checkReplaceable(output)
      try Tool.check(output: output, isNoneOf: [model.file.path])
      let record = LabelBankRecord(
        textIdentity: model.file.manifest.identity, width: model.embeddingWidth,
        contextLength: text.contextLength, masksPadding: text.masksPadding, labels: labels,
        templates: templates)
      let writer = try TCMWriter(path: output)
      writer.beginSection(.weights, name: "labels")
      writer.beginTensor(
        LabelBankRecord.tensorName, .float32, shape: [labels.count, record.width])
      try writer.beginPart(.values, byteCount: labels.count * record.width * 4)
      try embed(record, model) { try writer.write($0.bytes) }
      var provenance = model.file.manifest.provenance
      provenance.tool = "taiyi-convert \(Tool.version)"
      try writer.finish(
        provenance: provenance, labels: record, logitScale: model.logitScale)
      let count = templates.isEmpty ? "" : " in \(templates.count) templates"
      Tool.note(
        "\(output): \(labels.count) labels\(count), "
          + Amount.bytes(try InputFile(path: output).byteCount))
    }
  }

  /// Embeds a few labels at a time, so that memory does not grow with their number.
  private func embed(
    _ record: LabelBankRecord, _ model: Model, into write: (Block<Float>) throws -> Void
  ) throws {
    let threads = tool.threadCount
    let session = try Session(
      model: model, threads: threads, instructionSet: Tool.instructionSet(),
      product: ownKernel || model.isQuantized ? nil : FloatProduct.openBLAS(threads: threads))
    var progress = Progress()
    defer { progress.finish() }
    let step = max(256 / max(record.templates.count, 1), 1)
    var start = 0
    while start < record.labels.count {
      let end = min(start + step, record.labels.count)
      try write(
        session.embed(labels: Array(record.labels[start..<end]), templates: record.templates)
          .readOnly)
      start = end
      progress.update(Double(start) / Double(record.labels.count))
    }
  }
}
