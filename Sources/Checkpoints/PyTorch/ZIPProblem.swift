/// What is wrong with a ZIP archive.
public enum ZIPProblem: Error, Equatable, Sendable {
  /// The file does not end with an end-of-directory record.
  case noEnd
  /// A record of the directory does not lie where it has to.
  case misplaced(String)
  /// Two copies of a number disagree.
  case disagreement(String)
  /// The archive spans several disks.
  case severalDisks
  /// More of something than is accepted.
  case tooMany(String, found: Int, limit: Int)
  /// The directory does not hold what it announces.
  case truncatedDirectory
  /// A name is no UTF-8, empty, too long or holds NUL.
  case invalidName
  /// Two entries have one name.
  case duplicate(String)
  /// An entry uses something that `torch.save` does not.
  case unsupported(entry: String, String)
  /// An entry's own header contradicts the directory.
  case localHeader(entry: String)
  /// An entry lies in another one, or beyond the data.
  case overlap(entry: String)
  /// Bytes between two entries belong to neither.
  case gap(entry: String, byteCount: Int)
  /// An entry that has to be there is not.
  case missing(entry: String)
  /// An entry's bytes do not have its checksum.
  case checksum(entry: String, stored: UInt32, computed: UInt32)
  /// An entry is longer than accepted.
  case tooLong(entry: String, byteCount: Int, limit: Int)
  /// Not laid out as `torch.save` does it.
  case layout(String)
}
