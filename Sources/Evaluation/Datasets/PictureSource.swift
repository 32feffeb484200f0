public import TensorCore

/// The pictures of a data set, in a fixed order, read one at a time and never all.
public protocol PictureSource: Sendable {
  /// The number of pictures.
  var count: Int { get }

  /// What a picture is called in messages and reports: its path within the data set.
  ///
  /// - Parameter index: In `0..<count`; outside is misuse and traps.
  /// - Returns: A name that no other picture of the set has.
  func name(_ index: Int) -> String

  /// The size of a picture as stored, in bytes.
  ///
  /// - Parameter index: In `0..<count`; outside is misuse and traps.
  func byteCount(_ index: Int) -> Int

  /// A picture as stored (JPEG or PNG, told by its content).
  ///
  /// - Parameter index: In `0..<count`; outside is misuse and traps.
  /// - Returns: The encoded bytes.
  /// - Throws: `DatasetError` naming the file, and the place inside an archive.
  func bytes(_ index: Int) throws(DatasetError) -> Block<UInt8>
}
