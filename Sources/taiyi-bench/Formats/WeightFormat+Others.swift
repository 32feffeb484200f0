/// Formats of other projects.
extension WeightFormat {
  /// Groups of 64, 4 bits, an f16 scale and an f16 bias (mlx.core.quantize; mlx/backend/common, affine mode).
  static let mlxAffine64 = blocks("MLX affine g64", bits: 4.5, of: 64) { block in
    let (low, high) = (block.min() ?? 0, block.max() ?? 0)
    let isLowFar = abs(low) > abs(high)
    var scale = max((high - low) / 15, 1e-7)
    if !isLowFar { scale = -scale }
    let edge = isLowFar ? low : high
    let steps = (edge / scale).rounded(.toNearestOrEven)
    let bias = steps == 0 ? 0 : edge
    if steps != 0 { scale = edge / steps }
    let (storedScale, storedBias) = (half(scale), half(bias))
    return block.map { x in
      let level = min(max(((x - bias) / scale).rounded(.toNearestOrEven), 0), 15)
      return level * storedScale + storedBias
    }
  }

  /// Groups of 32, codes -8 to 7, the f16 scale with the least squared error of 200 tried: the best such a format can do.
  static let symmetric32 = blocks("symmetric g32, MSE-searched", bits: 4.5, of: 32) { block in
    let most = block.map(abs).max() ?? 0
    if most == 0 { return Array(block) }
    var best: (error: Float, rounded: [Float]) = (.infinity, [])
    for step in 0..<100 {
      for sign in [Float(1), -1] {
        let scale = half(sign * most / 8 * (0.6 + 0.006 * Float(step)))
        if scale == 0 { continue }
        let rounded = block.map {
          min(max(($0 / scale).rounded(.toNearestOrEven), -8), 7) * scale
        }
        let error = zip(block, rounded).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        if error < best.error { best = (error, rounded) }
      }
    }
    return best.rounded
  }
}
