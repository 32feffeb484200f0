internal import Checkpoints
internal import TensorCore

/// Matches one family's table with the tensors under one prefix.
struct TablePlanner {
  /// The table.
  let table: FamilyTable
  /// What stands before every name.
  let prefix: String
  /// The input; grows its set of used tensors.
  var set: TensorSet
  /// The sizes known so far.
  private(set) var sizes: [TowerSize: Int] = [.channels: 3]
  /// The number of blocks.
  private(set) var layers = 0

  /// Larger sizes are refused, so that products of sizes cannot overflow.
  static let maximumSize = 1 << 24

  /// A planner that knows no size yet.
  init(table: FamilyTable, prefix: String, set: TensorSet) {
    self.table = table
    self.prefix = prefix
    self.set = set
  }

  // MARK: Sizes

  /// The tensor of a name, which must be there.
  private func tensor(_ name: String) throws(FamilyError) -> TensorInfo {
    guard let index = try set.index(of: prefix + name, synonyms: table.synonyms) else {
      throw .missingTensor(path: set.path, tensor: prefix + name, family: table.name)
    }
    return set.tensors[index]
  }

  /// Learns what the table's shapes tell, and counts the blocks.
  mutating func learnSizes() throws(FamilyError) {
    for shape in table.shapes { try learn(shape.sizes, from: try tensor(shape.name)) }
    try countLayers()
    try learn(table.layerShape.sizes, from: try tensor(table.layerShape.name))
  }

  /// Learns the sizes of `tail` from its first tensor.
  mutating func learnTail() throws(FamilyError) {
    guard let rule = table.tail.first, let index = set.index(of: outerPrefix + rule.sources[0])
    else { return }
    try learn(rule.shape, from: set.tensors[index])
  }

  /// Learns sizes from the shape of a tensor; what is known already must agree.
  private mutating func learn(
    _ sizes: [TowerSize], from tensor: TensorInfo
  ) throws(FamilyError) {
    var learned = self.sizes
    var agrees = tensor.shape.count == sizes.count
    if agrees {
      for (size, found) in zip(sizes, tensor.shape) {
        if found < 1 || found > Self.maximumSize || learned[size, default: found] != found {
          agrees = false
        }
        learned[size] = found
      }
    }
    if !agrees {
      throw .wrongShape(
        path: set.path, tensor: tensor.name, found: tensor.shape,
        expected: sizes.map { expectation($0) })
    }
    self.sizes = learned
  }

  /// Sets a size that follows from others.
  mutating func set(_ size: TowerSize, to value: Int) { sizes[size] = value }

  /// A size that has been learned or set; 0 otherwise.
  func size(_ size: TowerSize) -> Int { sizes[size, default: 0] }

  private func expectation(_ size: TowerSize) -> ExpectedSize {
    sizes[size].map { .exactly($0) } ?? .any(size.rawValue)
  }

  /// Counts the blocks, whose numbers must have no gap.
  private mutating func countLayers() throws(FamilyError) {
    let start = prefix + table.layerPrefix
    var numbers: Set<Int> = []
    for tensor in set.tensors where tensor.name.hasPrefix(start) {
      let digits = tensor.name.dropFirst(start.count).prefix { $0 != "." }
      guard let number = Int(digits), number >= 0, String(number) == digits else {
        throw .unexpectedTensor(path: set.path, tensor: tensor.name, family: table.name)
      }
      numbers.insert(number)
    }
    let highest = numbers.max() ?? 0
    if let missing = (0...numbers.count).first(where: { !numbers.contains($0) }),
      missing < highest || numbers.isEmpty
    {
      if numbers.isEmpty {
        let name = start + "0"
        throw .missingTensor(path: set.path, tensor: name, family: table.name)
      }
      throw .missingLayer(path: set.path, prefix: start, layer: missing, highest: highest)
    }
    layers = numbers.count
  }

  // MARK: Tensors

  /// Every tensor of the tower, once all sizes and the number of blocks are known.
  mutating func plan() throws(FamilyError) -> [PlannedTensor] {
    var result: [PlannedTensor] = []
    for rule in table.embeddings {
      result.append(try plan(rule, layer: nil, section: .embeddings(table.kind)))
    }
    for layer in 0..<layers {
      for rule in table.layer {
        result.append(try plan(rule, layer: layer, section: .layer(table.kind, layer)))
      }
    }
    for rule in table.head {
      result.append(try plan(rule, layer: nil, section: .head(table.kind)))
    }
    if hasTail {
      for rule in table.tail {
        result.append(try plan(rule, layer: nil, section: .head(table.kind), prefix: outerPrefix))
      }
    }
    for name in table.dropped {
      if let index = set.index(of: prefix + name) { set.use(index) }
    }
    try refuseUnknown()
    return result
  }

  /// What stands before the names of `tail`: they lie beside the model, not in it.
  var outerPrefix: String {
    for inner in ["bert.", "text_model."] where prefix.hasSuffix(inner) {
      return String(prefix.dropLast(inner.count))
    }
    return prefix
  }

  /// Whether the first tensor of `tail` is there.
  var hasTail: Bool {
    guard let name = table.tail.first?.sources.first else { return false }
    return set.index(of: outerPrefix + name) != nil
  }

  private mutating func plan(
    _ rule: TensorRule, layer: Int?, section: TowerSection, prefix: String? = nil
  ) throws(FamilyError) -> PlannedTensor {
    let prefix = prefix ?? self.prefix
    let shape = rule.shape.map { size($0) }
    var sources: [SourceTensor] = []
    for pattern in rule.sources {
      let name = prefix + numbered(pattern, layer)
      guard let index = try set.index(of: name, synonyms: table.synonyms) else {
        throw .missingTensor(path: set.path, tensor: name, family: table.name)
      }
      let tensor = set.tensors[index]
      if tensor.shape != shape {
        throw .wrongShape(
          path: set.path, tensor: tensor.name, found: tensor.shape,
          expected: shape.map { .exactly($0) })
      }
      if !tensor.elementType.isFloat {
        throw .wrongElementType(
          path: set.path, tensor: tensor.name, found: tensor.elementType)
      }
      set.use(index)
      sources.append(
        SourceTensor(
          name: tensor.name, index: index, elementType: tensor.elementType, shape: tensor.shape))
    }
    return PlannedTensor(
      name: numbered(rule.target, layer), role: role(rule.role, layer), section: section,
      shape: target(shape, stacked: sources.count, rule.transform), sources: sources,
      transform: rule.transform)
  }

  /// The shape after stacking and transforming; sizes are bounded, so nothing overflows.
  private func target(_ shape: [Int], stacked count: Int, _ transform: TensorTransform) -> [Int] {
    var result = shape
    if let first = result.first { result[0] = first * count }
    switch transform {
    case .none: return result
    case .transpose: return result.reversed()
    case .flatten: return Array(result.prefix(1)) + [result.dropFirst().reduce(1, *)]
    }
  }

  private func role(_ role: TensorRule.Role, _ layer: Int?) -> TensorRole {
    switch role {
    case .embedding: .embedding
    case .patchEmbedding: .patchEmbedding
    case .projection: .projection
    case .vector: .vector
    case .linear(.none): .linear(smoothing: nil)
    case .linear(.here(let norm, let isFoldable, let tellsRanges)):
      .linear(smoothing: source(numbered(norm, layer), isFoldable, tellsRanges))
    case .linear(.previous(let norm, let first)):
      if let layer, layer > 0 {
        .linear(smoothing: source(numbered(norm, layer - 1)))
      } else {
        .linear(smoothing: source(first))
      }
    case .linear(.last(let norm)):
      .linear(smoothing: source(numbered(norm, layers - 1)))
    }
  }

  private func source(
    _ norm: String, _ isFoldable: Bool = false, _ tellsRanges: Bool = false
  ) -> SmoothingSource {
    SmoothingSource(
      gain: norm + ".gain", bias: norm + ".bias", isFoldable: isFoldable,
      tellsRanges: tellsRanges)
  }

  private func numbered(_ pattern: String, _ layer: Int?) -> String {
    guard let layer, let place = pattern.firstIndex(of: "#") else { return pattern }
    return pattern[..<place] + String(layer) + pattern[pattern.index(after: place)...]
  }

  /// A tensor that the table does not know would change what the model computes, so it is not
  /// passed over.
  private func refuseUnknown() throws(FamilyError) {
    for (index, tensor) in set.tensors.enumerated() where !set.used.contains(index) {
      guard tensor.name.hasPrefix(prefix) else { continue }
      let rest = tensor.name.dropFirst(prefix.count)
      if rest == LogitScale.tensorName { continue }
      if table.roots.contains(where: { rest.hasPrefix($0) }) {
        throw .unexpectedTensor(path: set.path, tensor: tensor.name, family: table.name)
      }
    }
  }
}
