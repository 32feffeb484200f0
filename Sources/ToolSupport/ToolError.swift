/// An error of a tool itself, in one sentence.
public struct ToolError: Error, Equatable, CustomStringConvertible {
  /// The sentence.
  public let description: String

  /// Wraps a sentence.
  ///
  /// - Parameter description: Without `error:` before it.
  public init(_ description: String) { self.description = description }
}
