/// Bounds on what opening a checkpoint may read and allocate.
public struct CheckpointLimits: Equatable, Sendable {
  /// Longest safetensors header, pickle or archive directory, in bytes.
  public var headerByteCount = 16 << 20
  /// Most tensors in one file.
  public var tensorCount = 100_000
  /// Longest tensor name, in bytes.
  public var nameByteCount = 4096
  /// Most dimensions of a tensor.
  public var rank = 32
  /// Longest index of a sharded checkpoint, in bytes.
  public var indexByteCount = 16 << 20
  /// Most entries of an archive.
  public var entryCount = 200_000
  /// Most shards of one checkpoint.
  public var shardCount = 1000
  /// Longest configuration file, in bytes.
  public var configurationByteCount = 16 << 20
  /// Most entries of a folder.
  public var folderEntryCount = 100_000

  /// The default bounds.
  public init() {}
}
