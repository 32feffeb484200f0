extension Manifest {
  /// The oldest version of the format that has everything in this manifest.
  ///
  /// Version 2 added the pooling `projection`, masked padding and straight quotes, and a label bank
  /// beside an image tower.
  package var version: UInt32 {
    if let text, text.pooling == .projection || text.masksPadding || text.straightensQuotes {
      return 2
    }
    guard let labels else { return 1 }
    return labels.masksPadding || image != nil ? 2 : 1
  }
}
