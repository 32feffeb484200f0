/// A setting and where it comes from; goes into the `.tcm` as provenance.
public struct Finding: Equatable, Sendable, CustomStringConvertible {
  /// What is set, for example `activation`.
  public let setting: String
  /// What it is set to.
  public let value: String
  /// What says so.
  public let evidence: String
  /// Whether nothing in the input says so.
  public let isAssumed: Bool

  init(_ setting: String, _ value: String, _ evidence: String, isAssumed: Bool = false) {
    self.setting = setting
    self.value = value
    self.evidence = evidence
    self.isAssumed = isAssumed
  }

  /// One line, for example `activation gelu (assumed): BERT's default`.
  public var description: String {
    "\(setting) \(value)\(isAssumed ? " (assumed)" : ""): \(evidence)"
  }
}

/// The last part of a path.
///
/// Findings become part of the output, which must not depend on where the input lay.
func lastComponent(of path: String) -> String {
  String(path[(path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex)...])
}
