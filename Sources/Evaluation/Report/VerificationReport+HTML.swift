extension VerificationReport {
  /// A page that needs nothing else.
  public var html: String { "" }
}
