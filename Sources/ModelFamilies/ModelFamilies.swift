internal import Checkpoints
internal import Glibc
internal import Notation
internal import TensorCore

/// The entry: recognises towers by their tensors.
public enum ModelFamilies {
  /// Recognises the towers of one input and plans every tensor of theirs.
  ///
  /// - Parameters:
  ///   - input: Names, shapes, configurations; values are only looked at where those do not decide.
  ///   - overrides: What the user said.
  /// - Returns: The plan. Every tensor it names exists, has the shape it says and is a float.
  /// - Throws: `FamilyError`.
  /// - Complexity: O(tensors), unless the activation has to be told from values.
  public static func recognise(
    _ input: FamilyInput, overrides: FamilyOverrides = FamilyOverrides()
  ) throws(FamilyError) -> FamilyMatch {
    var set = TensorSet(path: input.path, tensors: input.tensors)
    for family in UnsupportedFamily.table where !family.kinds.isDisjoint(with: overrides.towers) {
      try family.check(set)
    }
    var towers: [TowerPlan] = []
    if overrides.towers.contains(.text) {
      for table in FamilyTable.textTowers where towers.isEmpty {
        guard let prefix = try prefix(of: table, in: set) else { continue }
        let planner = TablePlanner(table: table, prefix: prefix, set: set)
        if table.needsTail, !planner.hasTail { continue }
        towers.append(try textTower(planner, input, overrides, &set))
      }
    }
    if overrides.towers.contains(.image) {
      for table in [FamilyTable.visionTransformer, .huggingFaceVision] {
        guard let prefix = try prefix(of: table, in: set) else { continue }
        let planner = TablePlanner(table: table, prefix: prefix, set: set)
        towers.append(try imageTower(planner, input, overrides, &set))
      }
      try checkDistinct(towers)
    }
    if towers.isEmpty {
      for family in UnsupportedFamily.fallbacks { try family.check(set) }
      throw .unrecognised(
        path: input.path, wanted: overrides.towers, tensors: input.tensors.prefix(3).map(\.name))
    }
    let scale = try logitScale(input, &set)
    let unused = input.tensors.indices.filter { !set.used.contains($0) }
    return FamilyMatch(
      towers: towers, logitScale: scale, unused: unused.map { input.tensors[$0].name })
  }

  /// Throws if two plans, of one input or several, are of one kind.
  ///
  /// - Parameter towers: All plans of a conversion.
  /// - Throws: `FamilyError.twoTowers` naming both inputs.
  public static func checkDistinct(_ towers: [TowerPlan]) throws(FamilyError) {
    for kind in TowerKind.allCases {
      let same = towers.filter { $0.kind == kind }
      if same.count > 1 {
        throw .twoTowers(kind, first: same[0].path, second: same[1].path)
      }
    }
  }

  /// What stands before the names of a family, or `nil` if it is not there.
  private static func prefix(
    of table: FamilyTable, in set: TensorSet
  ) throws(FamilyError) -> String? {
    let found = table.prefixes.filter { prefix in
      table.markers.contains { set.index(of: prefix + $0) != nil }
    }
    guard let first = found.first else { return nil }
    if found.count > 1 {
      throw .twoTowers(
        table.kind, first: "\(set.path), \(first)*", second: "\(set.path), \(found[1])*")
    }
    return first
  }

  private static func logitScale(
    _ input: FamilyInput, _ set: inout TensorSet
  ) throws(FamilyError) -> LogitScale? {
    for name in [LogitScale.tensorName, "module." + LogitScale.tensorName] {
      guard let index = set.index(of: name) else { continue }
      set.use(index)
      let tensor = input.tensors[index]
      guard tensor.shape.isEmpty || tensor.shape == [1], tensor.elementType.isFloat else {
        throw .invalidLogitScale(path: input.path, tensor: name)
      }
      guard let weights = input.weights else { return nil }
      let logarithm: Double
      do { logarithm = try weights.scalar(index) } catch { throw .checkpoint(error) }
      let scale = exp(logarithm)
      guard scale.isFinite, scale > 0 else {
        throw .invalidLogitScale(path: input.path, tensor: name)
      }
      return LogitScale(
        logarithm: logarithm, scale: scale,
        finding: Finding(
          "logit scale", String(scale), "\(name) of \(lastComponent(of: input.path))"))
    }
    return nil
  }
}
