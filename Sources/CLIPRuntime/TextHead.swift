internal import TCMFormat

/// What turns the hidden state of [CLS] into the embedding.
enum TextHead: Sendable {
  /// A linear layer and tanh.
  case pooler(Linear)
  /// Another linear layer after that.
  case classifier(Linear, after: Linear)
  /// A linear layer without a bias.
  case projection(Linear)

  /// Finds the tensors that a tower's pooling asks for.
  init(_ file: TCMFile, _ record: TextTowerRecord) throws(TCMError) {
    let (width, outputs) = (record.width, record.outputWidth)
    switch record.pooling {
    case .pooler:
      self = .pooler(try Linear(file, "text.pooler", outputs: outputs, inputs: width))
    case .classifier:
      let pooler = try Linear(file, "text.pooler", outputs: width, inputs: width)
      self = .classifier(
        try Linear(file, "text.classifier", outputs: outputs, inputs: width), after: pooler)
    case .projection:
      self = .projection(
        try Linear(file, "text.projection", outputs: outputs, inputs: width, hasBias: false))
    }
  }

  /// Most columns of a quantized matrix, or 0.
  var quantizedColumns: Int {
    switch self {
    case .pooler(let linear), .projection(let linear): linear.quantizedColumns
    case .classifier(let last, let first): max(last.quantizedColumns, first.quantizedColumns)
    }
  }
}
