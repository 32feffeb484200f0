internal import Answers
internal import CLIPRuntime
internal import Kernels
internal import Notation
internal import TCMFormat
internal import TensorCore

/// The commands; what they print is what `taiyi` prints.
enum EdgeCommands {
  /// `info`.
  static func info(_ words: [String], _ out: inout EdgeOutput) throws(EdgeError) {
    let arguments = try parsed(
      words, .init(options: ["--model", "--threads"], flags: ["--json"]))
    let path = try EdgeModel.path(arguments)
    let threads = try EdgeModel.threads(arguments)
    let model: Model
    do throws(ModelError) { model = try Model(path: path) } catch {
      throw .answer(.model(error))
    }
    let set = try EdgeModel.instructionSet()
    let facts = ModelFacts(model)
    if arguments.has("--json") {
      let here: [(String, JSONText)] = [
        ("instruction_set", .string(set.name)), ("threads", .integer(threads)),
      ]
      try print(JSONText.object(facts.members + here).text, &out)
    } else {
      for line in facts.lines { try print(line, &out) }
      try print("here: instruction set \(set.name), \(threads) threads", &out)
    }
  }

  /// `embed`.
  static func embed(_ words: [String], _ out: inout EdgeOutput) throws(EdgeError) {
    let arguments = try parsed(
      words,
      .init(
        options: EdgeModel.options + ["--text", "--texts", "--image", "--text-padding"],
        flags: ["--json", "--no-normalize"]))
    let padding = try padding(arguments)
    let normalizes = !arguments.has("--no-normalize")
    if ["--text", "--texts", "--image"].allSatisfy({ arguments.values($0).isEmpty }) {
      throw .usage(UsageError("nothing to embed: give --text, --texts or --image"))
    }
    let model = try EdgeModel(arguments)
    for case .option(let name, let value) in arguments.words {
      switch name {
      case "--text":
        try embed([value], padding, normalizes, model, &out)
      case "--texts":
        try embed(
          try answering { () throws(AnswerError) in try TextLines.lines(value) }, padding,
          normalizes, model, &out)
      case "--image":
        let embedding = try model.embed(image: value, normalize: normalizes)
        try print(
          EmbeddingAnswer.json(input: value, kind: "image", embedding: embedding).text, &out)
      default: break
      }
    }
  }

  /// `classify`.
  static func classify(_ words: [String], _ out: inout EdgeOutput) throws(EdgeError) {
    let arguments = try parsed(
      words,
      .init(
        options: EdgeModel.options + [
          "--labels", "--label", "--templates", "--bank", "--top", "--text-padding",
        ], flags: ["--json"], takesOperands: true))
    let top: Int
    do throws(UsageError) {
      top = try arguments.number("--top", in: 1...Int.max, default: 5)
    } catch { throw .usage(error) }
    if arguments.operands.isEmpty { throw .usage(UsageError("no picture to classify")) }
    let others = ["--labels", "--label", "--templates", "--text-padding"]
    if arguments.value("--bank") != nil, others.contains(where: { arguments.value($0) != nil }) {
      throw .usage(UsageError("--bank has its own labels, templates and padding"))
    }
    let padding = try padding(arguments)
    let model = try EdgeModel(arguments)
    let (names, labels) = try self.labels(arguments, padding, model)
    for path in arguments.operands {
      let answer = ClassificationAnswer(
        image: path, embedding: try model.embed(image: path), names: names, labels: labels,
        scale: model.session.model.logitScale)
      if arguments.has("--json") {
        try print(answer.json(top: top).text, &out)
      } else {
        for line in answer.lines(top: top) { try print(line, &out) }
      }
    }
  }
}

/// Their parts.
extension EdgeCommands {
  private static func labels(
    _ arguments: Arguments, _ padding: TextPadding, _ model: EdgeModel
  ) throws(EdgeError) -> ([String], Block<Float>) {
    let files = arguments.values("--labels")
    let given = arguments.values("--label")
    if let path = arguments.value("--bank") { return try stored(path, model.session.model) }
    var names: [String] = []
    for file in files {
      names += try answering { () throws(AnswerError) in
        try TextLines.items(file, what: "label")
      }
    }
    names += given
    if names.isEmpty {
      guard arguments.value("--templates") == nil, let own = model.session.model.labels else {
        throw .usage(UsageError("give --labels, --label or --bank"))
      }
      return (own.record.labels, own.embeddings)
    }
    var templates: [String] = []
    if let file = arguments.value("--templates") {
      templates = try answering { () throws(AnswerError) in try TextLines.templates(file) }
    }
    do throws(ModelError) {
      return (
        names,
        try model.session.embed(labels: names, templates: templates, padding: padding).readOnly
      )
    } catch { throw .answer(.model(error)) }
  }

  private static func stored(
    _ path: String, _ model: Model
  ) throws(EdgeError) -> ([String], Block<Float>) {
    do throws(ModelError) {
      let bank = try LabelBank(path: path)
      if let note = bank.note(try bank.relation(to: model), model) { EdgeOutput.note(note) }
      return (bank.record.labels, bank.embeddings)
    } catch { throw .answer(.model(error)) }
  }

  private static func embed(
    _ texts: [String], _ padding: TextPadding, _ normalizes: Bool, _ model: EdgeModel,
    _ out: inout EdgeOutput
  ) throws(EdgeError) {
    let width = model.session.model.embeddingWidth
    let step = 32
    for start in stride(from: 0, to: texts.count, by: step) {
      let some = Array(texts[start..<min(start + step, texts.count)])
      let rows: Block<Float>
      do throws(ModelError) {
        rows = try model.session.embed(texts: some, padding: padding, normalize: normalizes)
          .readOnly
      } catch { throw .answer(.model(error)) }
      for index in some.indices {
        let answer = EmbeddingAnswer.json(
          input: some[index], kind: "text", embedding: rows[index * width..<(index + 1) * width])
        try print(answer.text, &out)
      }
    }
  }

  private static func padding(_ arguments: Arguments) throws(EdgeError) -> TextPadding {
    switch arguments.value("--text-padding") {
    case nil, "fixed": return .fixed
    case "none": return .none
    default: throw .usage(UsageError("--text-padding takes fixed or none"))
    }
  }

  private static func parsed(
    _ words: [String], _ grammar: Arguments.Grammar
  ) throws(EdgeError) -> Arguments {
    do throws(UsageError) { return try Arguments(words, grammar) } catch { throw .usage(error) }
  }

  private static func answering<Result>(
    _ body: () throws(AnswerError) -> Result
  ) throws(EdgeError) -> Result {
    do throws(AnswerError) { return try body() } catch { throw .answer(error) }
  }

  private static func print(_ line: String, _ out: inout EdgeOutput) throws(EdgeError) {
    do throws(AnswerError) { try out.print(line) } catch { throw .answer(error) }
  }
}
