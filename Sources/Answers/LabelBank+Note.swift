public import CLIPRuntime
internal import TCMFormat

extension LabelBank {
  /// What is to be said about a bank that a model did not make itself, if anything is.
  ///
  /// - Parameters:
  ///   - relation: As `relation(to:)` tells.
  ///   - model: The model.
  public func note(_ relation: Relation, _ model: Model) -> String? {
    switch relation {
    case .sameModel: nil
    case .sameCheckpoint: "\(file.path): made by another conversion of the same checkpoint"
    case .unknown:
      "\(file.path): nothing tells whether it belongs to \(model.file.path), which has no text tower"
    }
  }
}
