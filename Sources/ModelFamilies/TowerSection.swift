/// A group of tensors that are used together.
public enum TowerSection: Equatable, Hashable, Sendable, CustomStringConvertible {
  /// What is done before the first block.
  case embeddings(TowerKind)
  /// A block, counted from 0.
  case layer(TowerKind, Int)
  /// What is done after the last block.
  case head(TowerKind)

  /// The name, for example `text.layers.3`.
  public var description: String {
    switch self {
    case .embeddings(let kind): "\(kind.rawValue).embeddings"
    case .layer(let kind, let index): "\(kind.rawValue).layers.\(index)"
    case .head(let kind): "\(kind.rawValue).head"
    }
  }
}
