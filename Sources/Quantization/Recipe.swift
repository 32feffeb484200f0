public import TCMFormat

/// How the tensors of a model are stored, by what the runtime does with them.
public struct Recipe: Equatable, Sendable {
  /// The name, as `--quant` and provenance spell it.
  public let name: String
  /// Matrices inside the layers.
  public let layers: Encoding
  /// Tables whose rows are looked up.
  public let tables: Encoding
  /// The patch embedding and what stands at a tower's end (pooler, projection).
  public let ends: Encoding
  /// The share of a channel's range that smoothing moves from activations into weights, or `nil` for none.
  ///
  /// Only of quantized matrices; see `Smoothing`.
  public let smoothing: Float?

  /// Signed bytes with a scale a row; both ends of a tower in f16, 0.4 % of ViT-L/14's weights.
  public static let int8 = Recipe(
    name: "int8", layers: .int8Row, tables: .int8Table, ends: .float16, smoothing: 0.5)
  /// 4-bit codes in the layers; tables and both ends of a tower in signed bytes.
  public static let int4 = Recipe(
    name: "int4", layers: .int4Group, tables: .int8Table, ends: .int8Row, smoothing: 0.5)
  /// Binary16 throughout.
  public static let f16 = Recipe(
    name: "f16", layers: .float16, tables: .float16, ends: .float16, smoothing: nil)
  /// Binary32 throughout: the reference.
  public static let f32 = Recipe(
    name: "f32", layers: .float32, tables: .float32, ends: .float32, smoothing: nil)

  /// The recipe without smoothing, for comparison.
  public var unsmoothed: Recipe {
    Recipe(
      name: name + "-unsmoothed", layers: layers, tables: tables, ends: ends, smoothing: nil)
  }

  /// Every recipe there is; adding one is adding a row.
  public static let all: [Recipe] = [.int8, .int4, .f16, .f32]

  /// The recipe of a name, or `nil`.
  ///
  /// - Parameter name: As `--quant` spells it.
  public static func named(_ name: String) -> Recipe? { all.first { $0.name == name } }
}
