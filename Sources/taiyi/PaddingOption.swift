internal import ArgumentParser
internal import CLIPRuntime

/// `--text-padding`.
enum PaddingOption: String, ExpressibleByArgument, CaseIterable {
  case fixed, longest, none

  static let help: ArgumentHelp = """
    Pad texts to the model's fixed length, to the longest text of this call (as the model card's snippet does), or \
    not at all.
    """

  /// The padding for all texts of an invocation, also where they are encoded a few at a time.
  ///
  /// - Parameter texts: Every text of the invocation.
  func padding(for texts: some Sequence<String>, _ session: Session) throws -> TextPadding {
    switch self {
    case .fixed: return .fixed
    case .none: return .none
    case .longest:
      var longest = 1
      for text in texts { longest = max(longest, try session.tokenize(text).count) }
      return .length(longest)
    }
  }
}
