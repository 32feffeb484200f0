public import Notation
public import TensorCore

/// What `embed` says about one text or picture.
public enum EmbeddingAnswer {
  /// One line for programs.
  ///
  /// - Parameters:
  ///   - input: The text, or the picture as it was named.
  ///   - kind: `text` or `image`.
  ///   - embedding: Its embedding.
  public static func json(input: String, kind: String, embedding: Block<Float>) -> JSONText {
    .object([
      ("input", .string(input)), ("kind", .string(kind)),
      ("embedding", .array(embedding.array.map { .float($0) })),
    ])
  }
}
