public import Notation

/// A JSON file found beside a checkpoint.
public struct ConfigurationFile: Sendable {
  /// Where it is.
  public let path: String
  /// What it says.
  public let document: JSONDocument

  /// Pairs a path with its contents.
  ///
  /// - Parameters:
  ///   - path: For messages.
  ///   - document: The parsed text.
  public init(path: String, document: JSONDocument) {
    self.path = path
    self.document = document
  }
}
