import Quantization
import Testing

/// Input scales, by worked examples.
@Suite struct SmoothingTests {
  /// √(weight/activation) for α = ½; 1 where a range is zero.
  @Test func halfAndHalf() {
    #expect(
      Smoothing.inputScales(activations: [4, 16, 0, 1], weights: [1, 4, 1, 0], alpha: 0.5)
        == [0.5, 0.5, 1, 1])
    #expect(Smoothing.inputScales(activations: [16], weights: [4], alpha: 1) == [0.0625])
    #expect(Smoothing.inputScales(activations: [16], weights: [4], alpha: 0) == [4])
    // 2^(6·¾)/2^(4·¼) = 2^3.5
    let quarter = Smoothing.inputScales(activations: [16], weights: [64], alpha: 0.25)[0]
    #expect(abs(quarter - 11.313708) < 1e-5)
    #expect(Smoothing.inputScales(activations: [1e10], weights: [1e-10], alpha: 0.5) == [0x1p-10])
  }

  /// Four standard deviations and the bias.
  @Test func ranges() {
    #expect(Smoothing.ranges(gain: [1, -2], bias: [0.5, -3]) == [4.5, 11])
  }

  @Test func outliers() {
    let flat: [Float] = [1, 2, 1, 8, 2]
    #expect(Smoothing.outlierScales(ranges: flat, weights: [1, 1, 1, 1, 1]) == nil)
    // Large because its weights are small: brought back wholly, 1/64.
    #expect(
      Smoothing.outlierScales(ranges: [1, 1, 64, 1, 1], weights: [1, 1, 1 / 64, 1, 1])
        == [1, 1, 0.015625, 1, 1])
    // A true outlier: √(1/64).
    #expect(
      Smoothing.outlierScales(ranges: [1, 64, 1, 1, 1], weights: [1, 1, 1, 1, 1])
        == [1, 0.125, 1, 1, 1])
    // Never more than 1, and nothing to do for a channel nobody reads.
    #expect(
      Smoothing.outlierScales(ranges: [1, 16, 1, 1, 1], weights: [1, 100, 1, 1, 1])
        == [1, 1, 1, 1, 1])
    #expect(Smoothing.outlierScales(ranges: [1, 64, 1, 1, 1], weights: [1, 0, 1, 1, 1]) == nil)
    #expect(Smoothing.outlierScales(ranges: [0, 64, 0], weights: [1, 1, 1]) == nil)
  }
}
