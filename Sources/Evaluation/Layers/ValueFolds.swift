internal import CLIPRuntime
internal import TensorCore

/// Factors that a conversion moved from the rows of V into the columns of the output matrix, found again.
///
/// The two matrices differ by them on purpose, so single steps are compared without them.
struct ValueFolds {
  /// What the candidate's values are of the reference's, a channel each.
  private let factors: [Float]

  /// Finds factors; `nil` where every channel is what it was.
  ///
  /// Whether they were moved, or are errors, the output matrix tells.
  ///
  /// - Parameters:
  ///   - reference: Queries, keys and values, `[rows, 3 · width]`.
  ///   - candidate: The same of the candidate, for the same input.
  ///   - rows: Tokens of all items.
  ///   - width: Channels of the values.
  init?(reference: Block<Float>, candidate: Block<Float>, rows: Int, width: Int) {
    var factors = [Float](repeating: 1, count: width)
    for channel in 0..<width {
      var (both, square) = (0.0, 0.0)
      for row in 0..<rows {
        let place = row * 3 * width + 2 * width + channel
        both += Double(reference[place]) * Double(candidate[place])
        square += Double(reference[place]) * Double(reference[place])
      }
      if square > 0 && both > 0 { factors[channel] = Float(both / square) }
    }
    if factors.allSatisfy({ $0 == 1 }) { return nil }
    self.factors = factors
  }

  /// What the candidate's step is given in place of the reference's input.
  func input(of step: TowerStep, _ block: Block<Float>) throws(SystemError) -> Block<Float> {
    switch step {
    case .attention: try scaled(block, columns: 3 * factors.count) { $0 }
    case .attentionOutput: try scaled(block, columns: factors.count) { $0 }
    default: block
    }
  }

  /// The candidate's output as it would be without the factors.
  func output(of step: TowerStep, _ block: Block<Float>) throws(SystemError) -> Block<Float> {
    switch step {
    case .qkv: try scaled(block, columns: 3 * factors.count) { 1 / $0 }
    case .attention: try scaled(block, columns: factors.count) { 1 / $0 }
    default: block
    }
  }

  /// Multiplies the last channels of each row.
  private func scaled(
    _ block: Block<Float>, columns: Int, by change: (Float) -> Float
  ) throws(SystemError) -> Block<Float> {
    let result = try MutableBlock<Float>(allocating: block.count)
    let first = columns - factors.count
    for index in 0..<block.count {
      let column = index % columns
      result[index] = block[index] * (column < first ? 1 : change(factors[column - first]))
    }
    return result.readOnly
  }
}
