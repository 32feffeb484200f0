import Foundation
import TestSupport

/// `Fixtures/kernels/references.json`: float64 results of numpy and scipy; inputs are bit patterns.
struct ReferenceGolden: Decodable {
  struct Functions: Decodable {
    let x: [UInt32]
    let exp, erf, tanh, sigmoid, gelu, quickGELU: [Double]
  }

  struct LayerNorm: Decodable {
    let rows: Int
    let x, gain, bias: [UInt32]
    let y, normalized: [Double]
  }

  struct Linear: Decodable {
    let rows, n, k: Int
    let x, w, bias: [UInt32]
    let y: [Double]
  }

  struct Attention: Decodable {
    let items, tokens, heads, headSize: Int
    let qkv: [UInt32]
    let y: [Double]
  }

  struct Checksums: Decodable {
    let toFloat32, fromFloat32: UInt32
  }

  let functions: Functions
  let layerNorm: LayerNorm
  let linear: Linear
  let attention: Attention
  let float16: Checksums

  static func load() throws -> ReferenceGolden {
    let url = URL(fileURLWithPath: Fixture.path("kernels/references.json"))
    return try JSONDecoder().decode(ReferenceGolden.self, from: try Data(contentsOf: url))
  }
}
