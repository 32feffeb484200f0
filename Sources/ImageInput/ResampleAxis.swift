internal import CKernels
internal import TensorCore

/// The fixed-point weights of one axis of Pillow's antialiased bicubic filter, for a window of the
/// outputs.
///
/// Source: `precompute_coeffs` and `normalize_coeffs_8bpc` in Pillow's `src/libImaging/Resample.c`.
/// Everything is plain double arithmetic in Pillow's order (as compiled without fused
/// multiply-add), so the weights are the same everywhere.
struct ResampleAxis {
  private var starts = GrowingBlock<Int32>()
  private var counts = GrowingBlock<Int32>()
  private var weights = GrowingBlock<Int32>()
  private var row = GrowingBlock<Double>()
  /// Inputs that the window needs.
  private(set) var inputs = 0..<0

  /// Computes the weights of outputs `window` when `inputSize` pixels become `outputSize`.
  ///
  /// Their input positions count from `inputs.lowerBound`.
  ///
  /// - Parameters:
  ///   - inputSize: Pixels of the source along this axis, 1 to 65,535.
  ///   - outputSize: Pixels of the whole result, at least 1.
  ///   - window: The outputs that are wanted, inside `0..<outputSize` and not empty.
  /// - Returns: What the kernels take.
  /// - Throws: `SystemError.outOfMemory`.
  mutating func prepare(
    inputSize: Int, outputSize: Int, window: Range<Int>
  ) throws(SystemError) -> AxisWeights {
    let scale = Double(inputSize) / Double(outputSize)
    let filterScale = max(scale, 1)
    let support = 2 * filterScale
    let whole = Int(support)
    let taps = (Double(whole) < support ? whole + 1 : whole) * 2 + 1
    let starts = try self.starts.take(window.count)
    let counts = try self.counts.take(window.count)
    let weights = try self.weights.take(window.count * taps)
    let row = try self.row.take(taps)
    let inverse = 1 / filterScale
    var first = 0
    var last = 0
    for index in 0..<window.count {
      let center = (Double(window.lowerBound + index) + 0.5) * scale
      let start = max(0, Int(center - support + 0.5))
      let end = min(inputSize, Int(center + support + 0.5))
      if index == 0 { first = start }
      last = end
      let count = end - start
      var sum = 0.0
      for tap in 0..<count {
        let weight = Self.cubic((Double(tap + start) - center + 0.5) * inverse)
        row[tap] = weight
        sum += weight
      }
      for tap in 0..<count {
        let weight = sum == 0 ? row[tap] : row[tap] / sum
        weights[index * taps + tap] = Self.fixed(weight)
      }
      starts[index] = Int32(start - first)
      counts[index] = Int32(count)
    }
    inputs = first..<last
    return AxisWeights(
      starts: starts.readOnly, counts: counts.readOnly, weights: weights.readOnly, taps: taps)
  }

  /// The cubic of Keys with a = -0.5.
  private static func cubic(_ position: Double) -> Double {
    let x = position < 0 ? -position : position
    if x < 1 { return (1.5 * x - 2.5) * x * x + 1 }
    if x < 2 { return (((x - 5) * x + 8) * x - 4) * -0.5 }
    return 0
  }

  private static func fixed(_ weight: Double) -> Int32 {
    let scaled = weight * Double(1 << Int(CK_RESAMPLE_BITS))
    return Int32(weight < 0 ? -0.5 + scaled : 0.5 + scaled)
  }
}

/// The weights of an axis as the kernels take them; `weights` holds `taps` for each output.
struct AxisWeights {
  let starts: Block<Int32>
  let counts: Block<Int32>
  let weights: Block<Int32>
  let taps: Int

  /// Number of outputs.
  var count: Int { starts.count }
}
