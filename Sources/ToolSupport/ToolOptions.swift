public import ArgumentParser
internal import CPlatform

/// Options that every command has.
public struct ToolOptions: ParsableArguments {
  /// Number of threads.
  @Option(help: "Threads to use (default: what affinity and cgroup quota allow).")
  public var threads: Int?

  /// For ArgumentParser.
  public init() {}

  /// Refuses what makes no sense.
  ///
  /// - Throws: `ValidationError`.
  public func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads takes 1 to 1024, found \(threads).")
    }
  }

  /// The number of threads, given or found.
  public var threadCount: Int { threads ?? Int(cp_processor_count()) }
}
