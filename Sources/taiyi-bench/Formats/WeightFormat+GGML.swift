internal import Foundation

/// Formats of ggml as its reference quantizers make them (ggml-quants.c, MIT licence), without an importance matrix.
extension WeightFormat {
  /// Blocks of 32, an f16 scale, codes -8 to 7 (quantize_row_q4_0_ref).
  static let q40 = blocks("ggml Q4_0", bits: 4.5, of: 32) { block in
    let extreme = block.max { abs($0) < abs($1) } ?? 0
    let scale = extreme / -8
    let inverse = scale == 0 ? 0 : 1 / scale
    return block.map { x in
      (min(15, (x * inverse + 8.5).rounded(.down)) - 8) * half(scale)
    }
  }

  /// The codes of IQ4_NL and IQ4_XS.
  private static let iq4Codes: [Float] = [
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113,
  ]

  private static func nearestCode(_ x: Float) -> Float {
    var best: Float = iq4Codes[0]
    for code in iq4Codes where abs(x - code) < abs(x - best) { best = code }
    return best
  }

  /// Blocks of 32, an f16 scale, 16 non-uniform codes (quantize_row_iq4_nl_impl, 7 tries to either side).
  static let iq4NL = blocks("ggml IQ4_NL", bits: 4.5, of: 32) { block in
    let extreme = block.max { abs($0) < abs($1) } ?? 0
    if abs(extreme) < 1e-15 { return block.map { _ in 0 } }
    func fit(_ inverse: Float) -> (product: Float, square: Float) {
      var (product, square): (Float, Float) = (0, 0)
      for x in block {
        let code = nearestCode(inverse * x)
        product += x * x * code * x
        square += x * x * code * code
      }
      return (product, square)
    }
    let first = fit(1 / (-extreme / iq4Codes[0]))
    var scale = first.product / first.square
    var best = scale * first.product
    for shift in -7...7 {
      let (product, square) = fit((Float(shift) + iq4Codes[0]) / extreme)
      if square > 0 && product * product > best * square {
        scale = product / square
        best = scale * product
      }
    }
    let inverse = scale == 0 ? 0 : 1 / scale
    return block.map { nearestCode(inverse * $0) * half(scale) }
  }

  /// Super-blocks of 256: eight times 32 codes 0 to 15 with 6-bit scales and minima, two f16 factors
  /// (quantize_row_q4_K_ref).
  static let q4K = blocks("ggml Q4_K", bits: 4.5, of: 256) { block in
    let runs = stride(from: block.startIndex, to: block.endIndex, by: 32).map {
      block[$0..<$0 + 32]
    }
    let fits = runs.map(scaleAndMinimum)
    let largestScale = fits.map(\.scale).max() ?? 0
    let largestMinimum = fits.map(\.minimum).max() ?? 0
    let (scaleUnit, minimumUnit) = (half(largestScale / 63), half(largestMinimum / 63))
    return zip(runs, fits).flatMap { run, fit in
      let scaleSteps = largestScale > 0 ? nearest(63 / largestScale * fit.scale) : 0
      let minimumSteps = largestMinimum > 0 ? nearest(63 / largestMinimum * fit.minimum) : 0
      let scale = scaleUnit * min(scaleSteps, 63)
      let minimum = minimumUnit * min(minimumSteps, 63)
      return run.map { x in
        scale == 0
          ? -minimum : scale * min(max(nearest((x + minimum) / scale), 0), 15) - minimum
      }
    }
  }

  private static func nearest(_ x: Float) -> Float { x.rounded(.toNearestOrEven) }

  /// make_qkx2_quants with 15 levels, rmin -1, rdelta 0.1, 20 steps: weights in proportion to magnitude.
  private static func scaleAndMinimum(_ x: ArraySlice<Float>) -> (scale: Float, minimum: Float) {
    let average = (x.reduce(0) { $0 + $1 * $1 } / Float(x.count)).squareRoot()
    let weights = x.map { average + abs($0) }
    var low = x.min() ?? 0
    let high = x.max() ?? 0
    let sumWeights = weights.reduce(0, +)
    let sumX = zip(weights, x).reduce(0) { $0 + $1.0 * $1.1 }
    low = min(low, 0)
    if high == low { return (0, -low) }
    func error(_ levels: [Float], _ scale: Float, _ minimum: Float) -> Float {
      var sum: Float = 0
      for (index, value) in x.enumerated() {
        let difference = scale * levels[index] + minimum - value
        sum += weights[index] * difference * difference
      }
      return sum
    }
    func levels(_ inverse: Float) -> [Float] {
      x.map { min(max(nearest(inverse * ($0 - low)), 0), 15) }
    }
    var scale = (high - low) / 15
    var minimum = low
    var least = error(levels(15 / (high - low)), scale, minimum)
    for step in 0...20 {
      let tried = levels((-1 + 0.1 * Float(step) + 15) / (high - low))
      var (sumL, sumL2, sumXL): (Float, Float, Float) = (0, 0, 0)
      for (index, value) in x.enumerated() {
        sumL += weights[index] * tried[index]
        sumL2 += weights[index] * tried[index] * tried[index]
        sumXL += weights[index] * tried[index] * value
      }
      let determinant = sumWeights * sumL2 - sumL * sumL
      if !(determinant > 0) { continue }
      var triedScale = (sumWeights * sumXL - sumX * sumL) / determinant
      var triedMinimum = (sumL2 * sumX - sumL * sumXL) / determinant
      if triedMinimum > 0 {
        triedMinimum = 0
        triedScale = sumXL / sumL2
      }
      let found = error(tried, triedScale, triedMinimum)
      if found < least { (least, scale, minimum) = (found, triedScale, triedMinimum) }
    }
    return (scale, -minimum)
  }
}
