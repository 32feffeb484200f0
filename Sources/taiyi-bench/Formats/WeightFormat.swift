/// A way to store weights: what it costs, and what is left of a row.
struct WeightFormat: Sendable {
  /// As its project calls it.
  let name: String
  /// Bits a weight with everything counted, for rows of that many columns.
  let bits: @Sendable (_ columns: Int) -> Double
  /// Rows after quantizing and dequantizing; row-major, `columns` a multiple of 256.
  let round: @Sendable (_ weights: [Float], _ columns: Int) throws -> [Float]

  /// This project's and the ones it is compared with.
  static let all: [WeightFormat] = [
    .int4Group, .q4K, .iq4NL, .q40, .mlxAffine64, .symmetric32, .int8Row,
  ]

  /// A format that treats runs of `size` weights alike, wherever they lie.
  static func blocks(
    _ name: String, bits: Double, of size: Int,
    _ round: @escaping @Sendable (ArraySlice<Float>) -> [Float]
  ) -> WeightFormat {
    WeightFormat(name: name, bits: { _ in bits }) { weights, _ in
      stride(from: 0, to: weights.count, by: size).flatMap { round(weights[$0..<$0 + size]) }
    }
  }

  /// A number as binary16 keeps it.
  static func half(_ x: Float) -> Float { Float(Float16(x)) }
}
