internal import TensorCore

/// Something about a checkpoint that is worth a line on standard error.
public enum CheckpointNote: Equatable, Sendable, CustomStringConvertible {
  /// A folder holds other checkpoints than the one that is read.
  case ignored(folder: String, names: [String], used: String)
  /// A shard holds a tensor that the index does not name; it is not read.
  case unlistedTensor(path: String, tensor: String, shard: String)

  /// The state dict lies in other dictionaries, under these keys.
  case unwrapped(path: String, keys: [String])
  /// Entries of a state dict that are no tensors.
  case notTensors(path: String, names: [String])

  /// One sentence.
  public var description: String {
    switch self {
    case .ignored(let folder, let names, let used):
      "\(printable(folder)): reading \(printable(used)), not "
        + names.prefix(8).map(printable).joined(separator: ", ") + (names.count > 8 ? ", …" : "")
    case .unlistedTensor(let path, let tensor, let shard):
      "\(printable(path)): tensor \"\(printable(tensor))\" in \(printable(shard)) "
        + "is not in weight_map and not read"
    case .unwrapped(let path, let keys):
      "\(printable(path)): reading the tensors under "
        + keys.map { "\"\(printable($0))\"" }.joined(separator: ", ")
    case .notTensors(let path, let names):
      "\(printable(path)): \(names.count) entries are no tensors, for example "
        + printable(names.first ?? "")
    }
  }
}
