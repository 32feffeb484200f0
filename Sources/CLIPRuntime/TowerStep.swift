/// A piece of a tower whose input and output can be looked at on their own.
package enum TowerStep: Hashable, Sendable {
  /// The rows of the word table.
  case words
  /// The rows of the position table of texts.
  case positions
  /// The rows of the token type table.
  case types
  /// The patch embedding of pictures.
  case patches
  /// Queries, keys and values of a layer, with the norm before them if there is one.
  case qkv(Int)
  /// What attention makes of them; it has no weights.
  case attention(Int)
  /// The linear layer after attention.
  case attentionOutput(Int)
  /// The first linear layer of the MLP with its activation, and the norm before it if there is one.
  case up(Int)
  /// The second linear layer of the MLP.
  case down(Int)
  /// BERT's pooler with its activation.
  case pooler
  /// What follows the pooler.
  case classifier
  /// The projection, of pictures with the norm before it.
  case projection

  /// The layer it belongs to, or `nil` for what is before and after the layers.
  package var layer: Int? {
    switch self {
    case .qkv(let layer), .attention(let layer), .attentionOutput(let layer), .up(let layer),
      .down(let layer):
      layer
    default: nil
    }
  }

  /// The tensor it computes with, as the file names it; of attention, the name it would have.
  package func tensor(of tower: TowerProbe.Kind) -> String {
    let prefix = tower == .text ? "text." : "image."
    switch self {
    case .words: return prefix + "embeddings.word"
    case .positions: return prefix + "embeddings.position"
    case .types: return prefix + "embeddings.token_type"
    case .patches: return prefix + "patch_embedding.weight"
    case .qkv(let layer): return prefix + "layers.\(layer).attention.qkv.weight"
    case .attention(let layer): return prefix + "layers.\(layer).attention"
    case .attentionOutput(let layer): return prefix + "layers.\(layer).attention.output.weight"
    case .up(let layer): return prefix + "layers.\(layer).mlp.up.weight"
    case .down(let layer): return prefix + "layers.\(layer).mlp.down.weight"
    case .pooler: return prefix + "pooler.weight"
    case .classifier: return prefix + "classifier.weight"
    case .projection: return prefix + "projection.weight"
    }
  }
}
