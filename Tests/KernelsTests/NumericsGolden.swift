import Foundation
import TestSupport

/// `Fixtures/kernels/numerics.json`, made by `Formats/reference/kernels.py`.
///
/// Floats are bit patterns.
struct NumericsGolden: Decodable {
  struct Functions: Decodable {
    let x, exp, erf, tanh, sigmoid, gelu, quickGELU: [UInt32]
  }

  struct Row: Decodable {
    let x, gain, bias, inputScales, layerNorm, normalized, scale, scaledScale: [UInt32]
    let quantized, scaledQuantized: [UInt8]
    let zero, scaledZero: Int32
  }

  struct Linear: Decodable {
    let rows, n, k: Int
    let activation: String
    let x, w, scales, float32, float16, int8: [UInt32]
    let bias, residual, inputScales, columnScales: [UInt32]?
    let panels: [Int8]
    let sums: [Int32]
    let f16: [UInt16]
  }

  struct Attention: Decodable {
    let tokens, heads, headSize: Int
    let qkv, y: [UInt32]
  }

  let functions: Functions
  let rows: [Row]
  let linear: [Linear]
  let attention: Attention
  let quantizedAttention: [Attention]

  static func load() throws -> NumericsGolden {
    let url = URL(fileURLWithPath: Fixture.path("kernels/numerics.json"))
    return try JSONDecoder().decode(NumericsGolden.self, from: try Data(contentsOf: url))
  }
}
