/// Input scales: ranges moved from activations, which are quantized per token, into weights, quantized per row.
///
/// Channel k of the activations is multiplied by u[k] and column k of the weights divided by it, so the product stays
/// what it was. With u[k] = (weight range)^(1−α) / (activation range)^α outlier channels no longer widen the whole
/// row's range. After SmoothQuant (Xiao et al., ICML 2023, arXiv 2211.10438), whose s is 1/u.
public enum Smoothing {
  /// The range a layer norm gives a channel when there is no data: four standard deviations of its input.
  ///
  /// - Parameters:
  ///   - gain: The norm's gains.
  ///   - bias: The norm's biases, as many.
  /// - Returns: 4·|gain| + |bias| for each channel.
  public static func ranges(gain: [Float], bias: [Float]) -> [Float] {
    zip(gain, bias).map { 4 * $0.magnitude + $1.magnitude }
  }

  /// What activations are multiplied by, one factor a channel.
  ///
  /// - Parameters:
  ///   - activations: The range of each channel.
  ///   - weights: The largest magnitude of each column of W.
  ///   - alpha: 0 leaves the ranges to the activations, 1 moves all of them into the weights.
  /// - Returns: u, positive and finite; 1 where a range is zero. Factors lie in 2^−10...2^10.
  public static func inputScales(
    activations: [Float], weights: [Float], alpha: Float
  ) -> [Float] {
    precondition(activations.count == weights.count, "one range a channel on both sides")
    precondition(alpha >= 0 && alpha <= 1, "alpha is a share")
    return zip(activations, weights).map { activation, weight in
      if !(activation > 1e-20 && weight > 1e-20) { return 1 }
      let scale = power(weight, 1 - alpha) / power(activation, alpha)
      return min(max(scale, 0x1p-10), 0x1p10)
    }
  }

  /// How many times the median range a channel must reach to count as an outlier.
  static let outlierFactor: Float = 8

  /// Factors that bring outlier channels back to the others, where ranges are guesses too rough for `inputScales`.
  ///
  /// Channels up to 8 times the median range keep 1. Others get √(weight/median weight · median range/range), at most
  /// 1: a channel that is large only because its weights are small is brought back wholly, a true outlier half way on
  /// a logarithmic scale.
  ///
  /// - Parameters:
  ///   - ranges: The range of each channel, in any unit.
  ///   - weights: The largest magnitude of each column of W.
  /// - Returns: Factors of 2^−10...1, or `nil` where no channel is an outlier.
  public static func outlierScales(ranges: [Float], weights: [Float]) -> [Float]? {
    precondition(ranges.count == weights.count, "one range a channel on both sides")
    let middle = median(ranges)
    let weight = median(weights)
    if !(middle > 1e-20 && weight > 1e-20) { return nil }
    var isNeeded = false
    let scales = zip(ranges, weights).map { range, column -> Float in
      if !(range > outlierFactor * middle && column > 1e-20) { return 1 }
      isNeeded = true
      let scale = ((column / weight) * (middle / range)).squareRoot()
      return min(max(scale, 0x1p-10), 1)
    }
    return isNeeded ? scales : nil
  }

  private static func median(_ values: [Float]) -> Float {
    values.isEmpty ? 0 : values.sorted()[values.count / 2]
  }

  /// x^p by square roots for multiples of 1/8, so that every machine makes the same file.
  private static func power(_ x: Float, _ p: Float) -> Float {
    let eighths = Int((p * 8).rounded())
    let half = x.squareRoot()
    let quarter = half.squareRoot()
    var result: Float = eighths & 8 == 0 ? 1 : x
    if eighths & 4 != 0 { result *= half }
    if eighths & 2 != 0 { result *= quarter }
    if eighths & 1 != 0 { result *= quarter.squareRoot() }
    return result
  }
}
