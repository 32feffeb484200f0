internal import Checkpoints
internal import Notation

extension ModelFamilies {
  /// The plan of a BERT text tower.
  static func textTower(
    _ start: TablePlanner, _ input: FamilyInput, _ overrides: FamilyOverrides,
    _ set: inout TensorSet
  ) throws(FamilyError) -> TowerPlan {
    var planner = start
    try planner.learnSizes()
    try planner.learnTail()
    let tensors = try planner.plan()
    set = planner.set

    guard let texts = planner.table.textProtocol else { preconditionFailure("a text tower") }
    let feature = planner.hasTail ? texts.feature : .pooler
    var findings = findings(of: feature, texts)
    let configuration = try bertConfiguration(input, &findings)
    try check(configuration, against: planner)
    let width = planner.size(.width)
    let heads = try textHeads(configuration, overrides, width, input, &findings)
    let activation = try textActivation(configuration, &findings)
    let epsilon = try configuration?["layer_norm_eps"].positiveNumber()
    findings.append(
      Finding(
        "layer norm epsilon", String(epsilon ?? 1e-12),
        evidence(configuration, "layer_norm_eps", or: "BERT's default", epsilon != nil),
        isAssumed: epsilon == nil))
    let context = try contextLength(
      overrides, texts, planner.size(.positions), input, &findings)
    let names = ["text_projection", "module.text_projection"]
    if feature != .projection, names.contains(where: { set.index(of: $0) != nil }) {
      findings.append(
        Finding(
          "text projection", "none",
          "there is a text_projection, but the feature of a BERT tower is its pooler's output",
          isAssumed: true))
    }
    return TowerPlan(
      path: input.path, kind: .text, family: planner.table.name,
      hyperParameters: .text(
        TextHyperParameters(
          layers: planner.layers, width: width, heads: heads, mlpWidth: planner.size(.mlp),
          vocabularySize: planner.size(.vocabulary), positions: planner.size(.positions),
          tokenTypes: planner.size(.tokenTypes), contextLength: context,
          normEpsilon: epsilon ?? 1e-12, activation: activation,
          embeddingWidth: planner.hasTail ? planner.size(.embedding) : width,
          feature: feature, masksPadding: texts.masksPadding,
          straightensQuotes: texts.straightensQuotes)),
      findings: findings, tensors: tensors)
  }

  /// What the names alone tell about texts.
  private static func findings(
    of feature: TextFeature, _ texts: FamilyTable.TextProtocol
  ) -> [Finding] {
    var findings: [Finding] = []
    switch feature {
    case .pooler: break
    case .classifier:
      findings.append(
        Finding("text feature", "the classifier's output", "there is a classifier after the pooler")
      )
    case .projection:
      findings.append(
        Finding("text feature", "the projected state of [CLS]", "the names are \(texts.owner)'s"))
    }
    if texts.masksPadding {
      findings.append(Finding("padding", "masked", "as \(texts.owner) does", isAssumed: true))
    }
    if texts.straightensQuotes {
      findings.append(
        Finding("quotes", "straightened", "as \(texts.owner)'s code does", isAssumed: true))
    }
    return findings
  }

  /// The configuration, if it is a BERT's; one of an image model beside it is passed over.
  private static func bertConfiguration(
    _ input: FamilyInput, _ findings: inout [Finding]
  ) throws(FamilyError) -> Setting? {
    guard let root = Setting(input.configuration) else { return nil }
    guard let type = try root["model_type"].string(), type != "bert" else { return root }
    if type == "chinese_clip" {
      return root["text_config"].exists ? root["text_config"] : nil
    }
    if type.hasPrefix("clip") {
      findings.append(
        Finding("configuration", "none", "\(root.fileName) is of a \(type) model", isAssumed: true))
      return nil
    }
    throw root["model_type"].unsupported(type, ["bert"])
  }

  private static func check(
    _ configuration: Setting?, against planner: TablePlanner
  ) throws(FamilyError) {
    guard let configuration else { return }
    try configuration["hidden_size"].check(planner.size(.width))
    try configuration["num_hidden_layers"].check(planner.layers)
    try configuration["intermediate_size"].check(planner.size(.mlp))
    try configuration["vocab_size"].check(planner.size(.vocabulary))
    try configuration["max_position_embeddings"].check(planner.size(.positions))
    try configuration["type_vocab_size"].check(planner.size(.tokenTypes))
    try configuration["position_embedding_type"].check(supported: ["absolute"])
    try configuration["is_decoder"].check(supported: [])
  }

  private static func textHeads(
    _ configuration: Setting?, _ overrides: FamilyOverrides, _ width: Int, _ input: FamilyInput,
    _ findings: inout [Finding]
  ) throws(FamilyError) -> Int {
    let heads: Int
    if let given = overrides.textHeads {
      heads = given
      findings.append(Finding("heads", String(heads), "--text-heads"))
    } else if let configured = try configuration?["num_attention_heads"].positive() {
      heads = configured
      findings.append(
        Finding("heads", String(heads), evidence(configuration, "num_attention_heads")))
    } else if let known = FamilyTable.bertHeads[width] {
      heads = known
      findings.append(
        Finding("heads", String(heads), "the usual number at width \(width)", isAssumed: true))
    } else {
      throw .headsUnknown(path: input.path, tower: .text, width: width)
    }
    try checkHeads(heads, width, input)
    return heads
  }

  /// Throws unless a width can be shared out among heads.
  static func checkHeads(_ heads: Int, _ width: Int, _ input: FamilyInput) throws(FamilyError) {
    if heads < 1 || !width.isMultiple(of: heads) {
      throw .headsDoNotDivide(path: input.path, heads: heads, width: width)
    }
  }

  private static func textActivation(
    _ configuration: Setting?, _ findings: inout [Finding]
  ) throws(FamilyError) -> Activation {
    let name = try configuration?["hidden_act"].string()
    if let name, name != "gelu", let setting = configuration?["hidden_act"] {
      throw setting.unsupported(name, ["gelu"])
    }
    findings.append(
      Finding(
        "activation", Activation.gelu.rawValue,
        evidence(configuration, "hidden_act", or: "BERT's default", name != nil),
        isAssumed: name == nil))
    return .gelu
  }

  private static func contextLength(
    _ overrides: FamilyOverrides, _ texts: FamilyTable.TextProtocol, _ positions: Int,
    _ input: FamilyInput, _ findings: inout [Finding]
  ) throws(FamilyError) -> Int {
    let asked = overrides.contextLength
    let length = asked ?? min(texts.contextLength, positions)
    // [CLS] and [SEP] are always there.
    if length < 2 || length > positions {
      throw .invalidContextLength(path: input.path, asked: length, positions: positions)
    }
    let evidence =
      asked != nil
      ? "--context-length"
      : length == texts.contextLength
        ? "the length \(texts.owner) is evaluated with" : "the length of the position table"
    findings.append(
      Finding("context length", String(length), evidence, isAssumed: asked == nil))
    return length
  }

  /// `config.json: key`, or a reason for assuming.
  static func evidence(
    _ setting: Setting?, _ key: String, or reason: String = "", _ isGiven: Bool = true
  ) -> String {
    guard isGiven, let setting else { return reason }
    return "\(setting.fileName): \(setting[key].key)"
  }
}
