public import ArgumentParser

/// How large a file of texts may be; see docs/LIMITS.md.
public struct TextLimitOption: ParsableArguments {
  /// Most bytes of a text file.
  @Option(help: ArgumentHelp("Largest file of texts that is read.", valueName: "bytes"))
  public var maxText = TextFile.byteLimit

  /// For ArgumentParser.
  public init() {}

  /// Refuses what makes no sense.
  ///
  /// - Throws: `ValidationError`.
  public func validate() throws {
    if maxText < 1 { throw ValidationError("--max-text takes at least 1, found \(maxText).") }
  }
}
