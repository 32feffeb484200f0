internal import CLIPRuntime
internal import TCMFormat

/// What of a model is stored in 4 or 8 bits by itself.
struct TuningUnit {
  /// Where it lies.
  enum Place {
    /// A part of a layer.
    case layer(Int, LayerPart)
    /// The matrix before the layers.
    case start
    /// Those behind them.
    case end
  }

  let tower: TowerProbe.Kind
  let place: Place

  /// Every unit of a model, tower by tower from its start.
  static func all(of model: Model) -> [TuningUnit] {
    var units: [TuningUnit] = []
    for (tower, layers) in [
      (TowerProbe.Kind.text, model.textTower?.layers), (.image, model.imageTower?.layers),
    ] {
      guard let layers else { continue }
      if tower == .image { units.append(TuningUnit(tower: tower, place: .start)) }
      for layer in 0..<layers {
        for part in LayerPart.allCases {
          units.append(TuningUnit(tower: tower, place: .layer(layer, part)))
        }
      }
      units.append(TuningUnit(tower: tower, place: .end))
    }
    return units
  }

  private var prefix: String { tower == .text ? "text." : "image." }

  /// For people.
  var name: String {
    switch place {
    case .layer(let layer, let part): prefix + "layers.\(layer)." + part.name
    case .start: prefix + "patch_embedding"
    case .end: tower == .text ? prefix + "pooler" : prefix + "projection"
    }
  }

  /// The matrices that are stored one way or the other.
  var matrices: [String] {
    switch place {
    case .layer(let layer, let part):
      let stem = prefix + "layers.\(layer)."
      return part.matrices.map { stem + $0 + ".weight" }
    case .start: return [prefix + "patch_embedding.weight"]
    case .end:
      return tower == .text
        ? [prefix + "pooler.weight", prefix + "classifier.weight"]
        : [prefix + "projection.weight"]
    }
  }

  /// Whether a tensor goes with it: its matrices, and what smoothing multiplies for their sake.
  func owns(_ tensor: String) -> Bool {
    if case .layer(let layer, let part) = place {
      let stem = prefix + "layers.\(layer)."
      let norm = tower == .text ? nil : part == .attention ? "norm1." : part == .up ? "norm2." : nil
      return (part.matrices.map { $0 + "." } + [norm].compactMap { $0 }).contains {
        tensor.hasPrefix(stem + $0)
      }
    }
    return matrices.contains(tensor)
  }
}

extension LayerPart {
  fileprivate var name: String {
    switch self {
    case .attention: "attention"
    case .up: "mlp.up"
    case .down: "mlp.down"
    }
  }

  fileprivate var matrices: [String] {
    switch self {
    case .attention: ["attention.qkv", "attention.output"]
    case .up: ["mlp.up"]
    case .down: ["mlp.down"]
    }
  }
}
