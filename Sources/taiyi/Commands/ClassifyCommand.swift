internal import Answers
internal import ArgumentParser
internal import CLIPRuntime
internal import Notation
internal import TCMFormat
internal import TensorCore
internal import ToolSupport

/// `taiyi classify --model M [--labels F] IMAGE...`.
struct ClassifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "classify",
    abstract: "Label pictures with the best of a list of texts.",
    discussion: """
      Probabilities are the softmax over all labels of logit scale x cosine. A model that was converted with labels \
      needs none here. A picture that cannot be read ends the \
      command; what was printed before stands.
      """)

  @Option(help: ArgumentHelp("A UTF-8 file with one label a line.", valueName: "file"))
  var labels: [String] = []
  @Option(help: ArgumentHelp("A label. May be repeated.", valueName: "text"))
  var label: [String] = []
  @Option(
    help: ArgumentHelp(
      "A file with one template a line, {} or {c} where the label goes; their embeddings are averaged.",
      valueName: "file"))
  var templates: String?
  @Option(
    help: ArgumentHelp(
      "A file of embedded labels that taiyi-convert labels made, instead of labels and templates.",
      valueName: "file.tcm"))
  var bank: String?
  @Option(help: "How many labels to show, the best ones first.")
  var top = 5
  @Option(help: PaddingOption.help)
  var textPadding = PaddingOption.fixed
  @Flag(help: "Print JSON, one object a picture.")
  var json = false
  @OptionGroup var options: ModelOptions
  @OptionGroup var pictures: PictureOptions
  @OptionGroup var size: TextLimitOption
  @Argument(help: ArgumentHelp("Pictures, JPEG or PNG.", valueName: "image"))
  var images: [String]

  func validate() throws {
    if bank != nil {
      if !(label.isEmpty && labels.isEmpty && templates == nil && textPadding == .fixed) {
        throw ValidationError(
          "--bank has its own labels, templates and padding; leave --labels, --label, --templates and --text-padding out."
        )
      }
    } else if label.isEmpty && labels.isEmpty && (templates != nil || textPadding != .fixed) {
      throw ValidationError("--templates and --text-padding are for --labels and --label.")
    }
    if top < 1 { throw ValidationError("--top takes at least 1, found \(top).") }
  }

  func run() throws {
    try Tool.run { out in
      let session = try options.session()
      let (names, embeddings) = try answers(session)
      let encoder = Encoder(session: session, pictures: pictures, batch: 32, padding: .fixed)
      for path in images {
        let answer = ClassificationAnswer(
          image: path, embedding: try encoder.images([path]), names: names, labels: embeddings,
          scale: session.model.logitScale)
        try out.print(
          json ? answer.json(top: top).text : answer.lines(top: top).joined(separator: "\n"))
      }
    }
  }

  /// Labels and their embeddings, from wherever they are to come.
  private func answers(_ session: Session) throws -> ([String], Block<Float>) {
    if let bank { return try stored(bank, session.model) }
    if !(label.isEmpty && labels.isEmpty) { return try embed(session) }
    guard let own = session.model.labels else {
      throw ValidationError(
        "\(printable(session.model.file.path)) holds no labels of its own; give --labels, --label or --bank."
      )
    }
    return (own.record.labels, own.embeddings)
  }

  /// Labels and their embeddings from a bank.
  private func stored(_ path: String, _ model: Model) throws -> ([String], Block<Float>) {
    let bank = try LabelBank(path: path)
    if let note = bank.note(try bank.relation(to: model), model) { Tool.note(note) }
    return (bank.record.labels, bank.embeddings)
  }

  /// Labels given, and their embeddings.
  private func embed(_ session: Session) throws -> ([String], Block<Float>) {
    let names =
      try labels.flatMap { try TextFile.items($0, what: "label", limit: size.maxText) } + label
    let templates = try templates.map { try TextFile.templates($0, limit: size.maxText) } ?? []
    try LabelTemplate.check(names, templates)
    // One after the other, as there can be very many.
    let texts = names.lazy.flatMap { name in
      (templates.isEmpty ? ["{}"] : templates).lazy.map { LabelTemplate.text(of: name, in: $0) }
    }
    let embeddings = try session.embed(
      labels: names, templates: templates, padding: textPadding.padding(for: texts, session))
    return (names, embeddings.readOnly)
  }
}
