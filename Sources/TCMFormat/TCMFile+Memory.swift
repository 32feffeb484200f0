internal import TensorCore

/// What of a file is in memory.
extension TCMFile {
  /// The place of a section, or an empty range if there is none of that name.
  ///
  /// - Parameter name: For example `image.layers.3`.
  public func extent(ofSection name: String) -> Range<Int> {
    for section in manifest.sections where section.name == name {
      return section.offset..<section.offset + section.byteCount
    }
    return 0..<0
  }

  /// Gives the pages of a part of the file back to the system; they are read again when they are touched again.
  ///
  /// - Parameter extent: Inside the file; outside is misuse and traps.
  public func giveBack(_ extent: Range<Int>) { memory.giveBack(extent) }
}
