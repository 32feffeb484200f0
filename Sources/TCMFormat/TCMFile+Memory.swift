internal import TensorCore

/// What of a file is in memory.
extension TCMFile {
  /// From the first byte of some tensors to the last, with what lies between them.
  ///
  /// - Parameter names: Of tensors.
  /// - Throws: `TCMError.missingTensor`.
  public func extent(of names: [String]) throws(TCMError) -> Range<Int> {
    var (start, end) = (byteCount, 0)
    for name in names {
      for part in try tensor(name).parts {
        start = min(start, part.offset)
        end = max(end, part.offset + part.byteCount)
      }
    }
    return start < end ? start..<end : 0..<0
  }

  /// Gives the pages of a part of the file back to the system; they are read again when they are touched again.
  ///
  /// - Parameter extent: Inside the file; outside is misuse and traps.
  public func giveBack(_ extent: Range<Int>) { memory.giveBack(extent) }
}
