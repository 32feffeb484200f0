internal import Checkpoints
internal import Notation
internal import TensorCore

extension ModelFamilies {
  /// The plan of a vision transformer.
  static func imageTower(
    _ start: TablePlanner, _ input: FamilyInput, _ overrides: FamilyOverrides,
    _ set: inout TensorSet
  ) throws(FamilyError) -> TowerPlan {
    var planner = start
    try planner.learnSizes()
    let width = planner.size(.width)
    planner.set(.threeWidths, to: 3 * width)
    let tensors = try planner.plan()
    set = planner.set

    let positions = planner.size(.positions)
    let grid = Int(Double(positions - 1).squareRoot())
    if grid < 1 || grid * grid != positions - 1 {
      throw .notSquare(
        path: input.path, tensor: planner.prefix + planner.table.positionTable,
        positions: positions)
    }
    let configurations = try ImageConfigurations(input)
    let patch = planner.size(.patch)
    try configurations.check(against: planner)
    let imageSize = try configurations.imageSize(grid: grid, patch: patch)

    var findings: [Finding] = []
    let heads = try imageHeads(configurations, overrides, width, input, &findings)
    let isChineseCLIP = FamilyTable.isChineseCLIP(set)
    let activation = try imageActivation(
      configurations, overrides, isChineseCLIP, tensors, input, &findings)
    let epsilon = try configurations.normEpsilon(&findings)
    let preprocessing = try configurations.preprocessing(
      size: imageSize, isChineseCLIP: isChineseCLIP, &findings)
    return TowerPlan(
      path: input.path, kind: .image, family: planner.table.name,
      hyperParameters: .image(
        ImageHyperParameters(
          layers: planner.layers, width: width, heads: heads, mlpWidth: planner.size(.mlp),
          patchSize: patch, grid: grid, imageSize: imageSize,
          embeddingWidth: planner.size(.embedding), normEpsilon: epsilon, activation: activation,
          preprocessing: preprocessing)),
      findings: findings, tensors: tensors)
  }

  private static func imageHeads(
    _ configurations: ImageConfigurations, _ overrides: FamilyOverrides, _ width: Int,
    _ input: FamilyInput, _ findings: inout [Finding]
  ) throws(FamilyError) -> Int {
    let heads: Int
    if let given = overrides.imageHeads {
      heads = given
      findings.append(Finding("heads", String(heads), "--image-heads"))
    } else if let (configured, evidence) = try configurations.heads(width: width) {
      heads = configured
      findings.append(Finding("heads", String(heads), evidence))
    } else if let known = FamilyTable.visionHeads[width] {
      heads = known
      findings.append(
        Finding(
          "heads", String(heads), "open_clip's number at width \(width)", isAssumed: true))
    } else if FamilyTable.visionWidths64.contains(width) {
      heads = width / 64
      findings.append(
        Finding(
          "heads", String(heads), "64 features a head, as usual at width \(width)",
          isAssumed: true))
    } else {
      throw .headsUnknown(path: input.path, tower: .image, width: width)
    }
    try checkHeads(heads, width, input)
    return heads
  }

  /// The activation, by the order of evidence: the user, a configuration, the values.
  private static func imageActivation(
    _ configurations: ImageConfigurations, _ overrides: FamilyOverrides, _ isChineseCLIP: Bool,
    _ tensors: [PlannedTensor], _ input: FamilyInput, _ findings: inout [Finding]
  ) throws(FamilyError) -> Activation {
    if let given = overrides.activation {
      findings.append(Finding("activation", given.rawValue, "--activation"))
      return given
    }
    if let (activation, evidence, isStated) = try configurations.activation() {
      findings.append(Finding("activation", activation.rawValue, evidence))
      // A configuration that says nothing means GELU, but some were written for OpenAI's weights
      // all the same.
      if !isStated, activation == .gelu, try isSavedFromHalf(tensors, input) {
        findings.append(
          Finding(
            "activation warning", "quickgelu?",
            "every linear of \(lastComponent(of: input.path)) is exactly representable "
              + "as F16, as in OpenAI's weights, which need --activation quickgelu", isAssumed: true
          ))
      }
      return activation
    }
    if isChineseCLIP {
      findings.append(
        Finding(
          "activation", Activation.quickGELU.rawValue,
          "the names are Chinese-CLIP's, which is trained with it", isAssumed: true))
      return .quickGELU
    }
    if input.isTorchScript {
      findings.append(
        Finding(
          "activation", Activation.quickGELU.rawValue,
          "\(lastComponent(of: input.path)) is a TorchScript archive, as OpenAI's weights are",
          isAssumed: true))
      return .quickGELU
    }
    if try isSavedFromHalf(tensors, input) {
      findings.append(
        Finding(
          "activation", Activation.quickGELU.rawValue,
          "every F32 linear of \(lastComponent(of: input.path)) is exactly representable "
            + "as F16, as in OpenAI's weights", isAssumed: true))
      return .quickGELU
    }
    throw .activationUnknown(path: input.path)
  }

  /// Whether the tower's linears are stored as F32 and all came from F16.
  private static func isSavedFromHalf(
    _ tensors: [PlannedTensor], _ input: FamilyInput
  ) throws(FamilyError) -> Bool {
    guard let weights = input.weights else { return false }
    var indices: [Int] = []
    for tensor in tensors {
      guard case .linear = tensor.role else { continue }
      for source in tensor.sources {
        if source.elementType != .float32 { return false }
        indices.append(source.index)
      }
    }
    do { return try weights.isExactlyHalf(indices) } catch { throw .checkpoint(error) }
  }
}
