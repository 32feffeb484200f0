extension Manifest {
  /// The oldest version of the format that has everything in this manifest.
  ///
  /// Version 2 added the pooling `projection`, masked padding and straight quotes.
  package var version: UInt32 {
    if let text, text.pooling == .projection || text.masksPadding || text.straightensQuotes {
      return 2
    }
    return labels?.masksPadding ?? false ? 2 : 1
  }
}
