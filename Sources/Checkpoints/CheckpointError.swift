public import Notation
public import TensorCore

/// Why a checkpoint was refused.
///
/// Paths are as the caller gave them; numbers are in bytes unless said otherwise.
public enum CheckpointError: Error, Equatable, Sendable {
  /// A bound of `CheckpointLimits`.
  public enum Limit: String, Equatable, Sendable {
    /// `CheckpointLimits.tensorCount`.
    case tensors
    /// `CheckpointLimits.shardCount`.
    case shards
    /// `CheckpointLimits.folderEntryCount`.
    case entries = "folder entries"
  }

  /// The system could not open or read a file, or it changed meanwhile.
  case file(FileError)
  /// The file is of another kind than its place asks for.
  case wrongKind(path: String, FileKind)
  /// The bytes are of no known kind; the first few of them.
  case unknownKind(path: String, start: [UInt8])
  /// A file or folder holds more of something than the limits allow.
  case limitExceeded(path: String, Limit, found: Int, limit: Int)
  /// There is not a single tensor in the file.
  case noTensors(path: String)

  /// Fewer than the eight bytes of a safetensors length.
  case headerMissing(path: String, fileByteCount: Int)
  /// The safetensors header is longer than the limit allows.
  case headerTooLong(path: String, headerByteCount: UInt64, limit: Int)
  /// The file ends inside the safetensors header.
  case headerTruncated(path: String, headerByteCount: Int, fileByteCount: Int)
  /// The safetensors header does not start with `{`.
  case headerNotObject(path: String, found: UInt8?)
  /// The safetensors header is not JSON.
  case invalidHeader(path: String, JSONError)
  /// `__metadata__` is no object of strings; the key at fault, if there is one.
  case invalidMetadata(path: String, key: String?)
  /// Something is wrong with one tensor of a safetensors header.
  case invalidTensor(path: String, tensor: String, TensorProblem)
  /// The file goes on after the last tensor, or ends before it.
  case dataSizeMismatch(path: String, expected: Int, found: Int)

  /// A configuration file or an index is not JSON.
  case invalidJSON(path: String, JSONError)
  /// A configuration file is JSON, but no object.
  case notAnObject(path: String)
  /// The index has no object `weight_map`.
  case noWeightMap(path: String)
  /// `weight_map` maps a tensor to something else than a plain file name.
  case invalidShardName(path: String, tensor: String, name: String?)
  /// A shard that the index names does not exist.
  case missingShard(path: String, shard: String)
  /// The index places a tensor in a shard that does not hold it.
  case tensorNotInShard(path: String, tensor: String, shard: String)
  /// A tensor is in another shard as well as in the one the index names.
  case tensorInTwoShards(path: String, tensor: String, mapped: String, other: String)

  /// A PyTorch file's archive is damaged or not what `torch.save` writes.
  case invalidZIP(path: String, ZIPProblem)
  /// A PyTorch file's pickle; the place of the instruction at fault, if it is one, in `data.pkl` or in
  /// a file of the old format.
  case invalidPickle(path: String, place: Int?, PickleProblem)

  /// A folder holds no checkpoint.
  case nothingInFolder(path: String)
  /// A folder holds several checkpoints of equal rank.
  case ambiguousFolder(path: String, names: [String])
}
