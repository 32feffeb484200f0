/// The recipes there are; adding one is adding a row to `all`.
extension Recipe {
  /// Both ends of a tower: the patch embedding, and what makes the embedding of its last hidden state.
  private static func ends(_ scheme: Scheme) -> [Rule] {
    [
      "image.patch_embedding.weight", "image.projection.weight", "text.pooler.weight",
      "text.classifier.weight", "text.projection.weight",
    ].map { Rule($0, scheme) }
  }

  /// Signed bytes; both ends of a tower in f16, 0.4 % of ViT-L/14's weights.
  public static let int8 = Recipe(
    name: "int8", smoothing: 0.5, rules: [Rule("*", .int8)] + ends(.f16))

  /// 4-bit codes in the layers; tables and both ends of a tower in signed bytes.
  public static let int4 = Recipe(
    name: "int4", smoothing: 0.5, rules: [Rule("*", .int4)] + ends(.int8))

  /// 4-bit codes in the MLPs, two thirds of a layer's weights; as `int8` elsewhere.
  public static let mixed = Recipe(
    name: "int4-int8-mixed", smoothing: 0.5,
    rules: [Rule("*", .int8), Rule("*.mlp.*.weight", .int4)] + ends(.f16))

  /// Binary16 throughout.
  public static let f16 = Recipe(name: "f16", smoothing: nil, rules: [Rule("*", .f16)])

  /// Binary32 throughout: the reference.
  public static let f32 = Recipe(name: "f32", smoothing: nil, rules: [Rule("*", .f32)])

  /// Every recipe there is.
  public static let all: [Recipe] = [.int8, .int4, .mixed, .f16, .f32]

  /// The recipe of a name, or `nil`.
  ///
  /// - Parameter name: As `--quant` spells it.
  public static func named(_ name: String) -> Recipe? { all.first { $0.name == name } }
}
