public import TensorCore

/// What a classifier says: cosines and the softmax over them.
///
/// All in one order and with an exponential of its own, so that an answer has the same bits on every machine.
public enum Probabilities {
  /// The cosines of an embedding with labels' embeddings, both of length 1.
  ///
  /// - Parameters:
  ///   - embedding: Of a picture.
  ///   - labels: `[labels, width]`, where `width` is the embedding's.
  /// - Returns: One a label: the sum of products, in order.
  public static func cosines(of embedding: Block<Float>, with labels: Block<Float>) -> [Float] {
    let width = embedding.count
    precondition(width > 0 && labels.count % width == 0, "labels are as wide as the embedding")
    var result: [Float] = []
    result.reserveCapacity(labels.count / width)
    var start = 0
    while start < labels.count {
      var sum: Float = 0
      for column in 0..<width { sum += labels[start + column] * embedding[column] }
      result.append(sum)
      start += width
    }
    return result
  }

  /// The softmax of logit scale times cosine over all labels.
  ///
  /// - Parameters:
  ///   - cosines: One a label.
  ///   - scale: The model's logit scale.
  /// - Returns: One a label; they add up to 1.
  public static func softmax(_ cosines: [Float], scale: Float) -> [Double] {
    var most = cosines.first ?? 0
    for cosine in cosines where cosine > most { most = cosine }
    var powers: [Double] = []
    powers.reserveCapacity(cosines.count)
    var sum = 0.0
    for cosine in cosines {
      let power = exponential(Double(scale) * Double(cosine - most))
      powers.append(power)
      sum += power
    }
    for index in powers.indices { powers[index] /= sum }
    return powers
  }

  /// e to the power of x, for x of at most 0; within two units in the last place, 0 below −700.
  ///
  /// Cody and Waite's reduction to |r| ≤ ln 2 / 2, then Taylor's series.
  static func exponential(_ x: Double) -> Double {
    // Also where x is not a number.
    if !(x > -700) { return 0 }
    let count = (x * 1.442_695_040_888_963_4).rounded()
    let rest = (x - count * 0.693_147_180_369_123_816_490) - count * 1.908_214_929_270_587_7e-10
    var sum = 1.0
    var term = 13.0
    while term >= 1 {
      sum = 1 + sum * rest / term
      term -= 1
    }
    return sum * Double(bitPattern: UInt64(1023 + Int(count)) << 52)
  }
}
