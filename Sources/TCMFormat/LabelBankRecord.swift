/// Embeddings of class names: what they are of and how they were made.
public struct LabelBankRecord: Equatable, Sendable {
  /// The identity of the model whose text tower made the embeddings, 32 bytes.
  public var textIdentity: [UInt8]
  /// Elements of an embedding.
  public var width: Int
  /// Tokens that texts were cut to and, unless `masksPadding`, padded to.
  public var contextLength: Int
  /// Whether texts were encoded at their own length.
  public var masksPadding: Bool
  /// In the order of the embeddings.
  public var labels: [String]
  /// Texts with `{c}` or `{}` where the label goes; without any, labels were taken as they are.
  public var templates: [String]

  /// The tensor of the embeddings, f32 `[labels.count, width]`.
  public static let tensorName = "labels.embeddings"

  /// Puts a record together.
  public init(
    textIdentity: [UInt8], width: Int, contextLength: Int, masksPadding: Bool = false,
    labels: [String], templates: [String]
  ) {
    self.textIdentity = textIdentity
    self.width = width
    self.contextLength = contextLength
    self.masksPadding = masksPadding
    self.labels = labels
    self.templates = templates
  }
}
