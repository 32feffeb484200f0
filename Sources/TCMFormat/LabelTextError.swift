/// A label and a template that make too long a text.
public struct LabelTextError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The label, from 0.
  public let label: Int
  /// The template, from 0.
  public let template: Int
  /// Bytes of the text they make.
  public let byteCount: Int

  /// One sentence; counts begin at 1.
  public var description: String {
    "label \(label + 1) in template \(template + 1) makes a text of \(byteCount) bytes, at most "
      + "\(LabelTemplate.textLimit) are taken"
  }
}
