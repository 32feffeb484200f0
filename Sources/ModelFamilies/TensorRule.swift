/// A size of a tower; what rules give shapes in.
enum TowerSize: String, Sendable {
  case width
  case threeWidths = "3 × width"
  case mlp = "mlp width"
  case vocabulary
  case positions
  case tokenTypes = "token types"
  case patch = "patch size"
  case channels
  case patchInput = "channels × patch size²"
  case embedding = "embedding width"
}

/// One tensor of a family.
struct TensorRule: Sendable {
  /// The LayerNorm that feeds a linear.
  enum Norm: Sendable {
    /// A norm of the same block.
    case here(String, isFoldable: Bool, tellsRanges: Bool)
    /// A norm of the block before, or for the first block, another one.
    case previous(String, first: String)
    /// A norm of the last block.
    case last(String)
  }

  /// A role whose norm is still a pattern.
  enum Role: Sendable {
    case linear(Norm?)
    case embedding, patchEmbedding, projection, vector
  }

  /// The name in the `.tcm`.
  let target: String
  /// The names after the prefix; several are stacked.
  let sources: [String]
  /// The shape of each source.
  let shape: [TowerSize]
  /// What happens to the stacked values.
  let transform: TensorTransform
  /// What the runtime does with it.
  let role: Role

  /// A rule.
  init(
    _ target: String, _ sources: [String], _ shape: [TowerSize],
    _ role: Role = .vector, _ transform: TensorTransform = .none
  ) {
    self.target = target
    self.sources = sources
    self.shape = shape
    self.transform = transform
    self.role = role
  }

  /// The gain and bias of a LayerNorm.
  static func norm(_ target: String, _ source: String) -> [TensorRule] {
    [
      TensorRule(target + ".gain", [source + ".weight"], [.width]),
      TensorRule(target + ".bias", [source + ".bias"], [.width]),
    ]
  }

  /// The weight and bias of a linear, stacked from one or several.
  static func linear(
    _ target: String, _ sources: [String], outputs: TowerSize, inputs: TowerSize, _ norm: Norm?
  ) -> [TensorRule] {
    [
      TensorRule(
        target + ".weight", sources.map { $0 + ".weight" }, [outputs, inputs], .linear(norm)),
      TensorRule(target + ".bias", sources.map { $0 + ".bias" }, [outputs]),
    ]
  }
}
