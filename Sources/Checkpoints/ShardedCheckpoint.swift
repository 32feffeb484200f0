internal import Notation
public import TensorCore

/// Several files and the index, `*.index.json`, that says which tensor is in which.
public struct ShardedCheckpoint: Checkpoint {
  /// The path as the caller gave it.
  public let path: String
  /// The shards by name, then the index.
  public let files: [InputFile]
  /// The tensors by place in the file.
  public let tensors: [TensorInfo]
  /// The pairs of `__metadata__`.
  public let metadata: [(key: String, value: String)]
  /// Tensors that a shard holds and the index does not name; they are not in `tensors`.
  public let unlisted: [(tensor: String, shard: String)]
  private let shards: [any Checkpoint]
  private let sources: [(shard: Int, tensor: Int)]
  private let places: [ExactName: Int]

  /// The format in words.
  public let formatName: String

  /// Opens an index of safetensors files and every shard it names.
  ///
  /// - Parameters:
  ///   - path: The index.
  ///   - limits: What to refuse.
  /// - Throws: `CheckpointError`.
  public init(path: String, limits: CheckpointLimits = CheckpointLimits()) throws(CheckpointError) {
    try self.init(path: path, format: "sharded safetensors", limits: limits) {
      (path) throws(CheckpointError) in try SafetensorsFile(path: path, limits: limits)
    }
  }

  /// Opens an index and every shard it names.
  ///
  /// Shards are looked up beside the index, by plain file names only, so an index cannot lead
  /// elsewhere.
  ///
  /// - Parameters:
  ///   - path: The index.
  ///   - format: The format in words.
  ///   - limits: What to refuse.
  ///   - open: Opens a shard.
  /// - Throws: `CheckpointError`.
  init(
    path: String, format: String, limits: CheckpointLimits,
    open: (String) throws(CheckpointError) -> any Checkpoint
  ) throws(CheckpointError) {
    let (file, document) = try openJSON(path, limit: limits.indexByteCount)
    let map = try Self.weightMap(document, path: path, limits: limits)
    let folder = folderPath(of: path)

    var names: Set<String> = []
    for entry in map { names.insert(entry.shard) }
    if names.count > limits.shardCount {
      throw .limitExceeded(
        path: path, .shards, found: names.count, limit: limits.shardCount)
    }
    let shardNames = names.sorted()
    var shards: [any Checkpoint] = []
    for name in shardNames {
      do {
        shards.append(try open(joined(folder, name)))
      } catch {
        if case .file(.cannotOpen(_, let system)) = error, system == .notFound {
          throw .missingShard(path: path, shard: name)
        }
        throw error
      }
    }

    let mapped = try Self.check(map, shardNames, shards, path)
    var tensors: [TensorInfo] = []
    var sources: [(shard: Int, tensor: Int)] = []
    var places: [ExactName: Int] = [:]
    var metadata: [(key: String, value: String)] = []
    var known: Set<[ExactName]> = []
    var unlisted: [(tensor: String, shard: String)] = []
    for (shardIndex, shard) in shards.enumerated() {
      for (tensorIndex, tensor) in shard.tensors.enumerated() {
        let name = ExactName(tensor.name)
        guard let home = mapped[name] else {
          unlisted.append((tensor.name, shardNames[shardIndex]))
          continue
        }
        if home != shardNames[shardIndex] {
          throw .tensorInTwoShards(
            path: path, tensor: tensor.name, mapped: home, other: shardNames[shardIndex])
        }
        places[name] = tensors.count
        tensors.append(tensor)
        sources.append((shardIndex, tensorIndex))
      }
      for pair in shard.metadata
      where known.insert([ExactName(pair.key), ExactName(pair.value)]).inserted {
        metadata.append(pair)
      }
    }
    self.path = path
    formatName = format
    self.files = shards.flatMap(\.files) + [file]
    self.tensors = tensors
    self.metadata = metadata
    self.unlisted = unlisted
    self.shards = shards
    self.sources = sources
    self.places = places
  }

  /// Tensor and shard of every entry of `weight_map`.
  private static func weightMap(
    _ document: JSONDocument, path: String, limits: CheckpointLimits
  ) throws(CheckpointError) -> [(tensor: String, shard: String)] {
    guard let members = document.root["weight_map"]?.members else {
      throw .noWeightMap(path: path)
    }
    if members.isEmpty { throw .noTensors(path: path) }
    if members.count > limits.tensorCount {
      throw .limitExceeded(
        path: path, .tensors, found: members.count, limit: limits.tensorCount)
    }
    var result: [(tensor: String, shard: String)] = []
    result.reserveCapacity(members.count)
    for member in members {
      let name = member.value.string
      guard let name, isPlainFileName(name) else {
        throw .invalidShardName(path: path, tensor: member.key, name: name)
      }
      result.append((member.key, name))
    }
    return result
  }

  /// The shard of each tensor, once every tensor is known to be in its shard.
  private static func check(
    _ map: [(tensor: String, shard: String)], _ names: [String], _ shards: [any Checkpoint],
    _ path: String
  ) throws(CheckpointError) -> [ExactName: String] {
    var byName: [String: any Checkpoint] = [:]
    for (index, name) in names.enumerated() { byName[name] = shards[index] }
    var result: [ExactName: String] = [:]
    result.reserveCapacity(map.count)
    for entry in map {
      guard byName[entry.shard]?.index(of: entry.tensor) != nil else {
        throw .tensorNotInShard(path: path, tensor: entry.tensor, shard: entry.shard)
      }
      result[ExactName(entry.tensor)] = entry.shard
    }
    return result
  }

  /// The place of a tensor in `tensors`.
  ///
  /// - Parameter name: Compared byte by byte.
  /// - Returns: The place, or `nil` without such a tensor.
  public func index(of name: String) -> Int? { places[ExactName(name)] }

  /// Reads a part of a tensor; see `Checkpoint` for what is misuse.
  ///
  /// - Parameters:
  ///   - index: A place in `tensors`.
  ///   - range: The bytes wanted.
  ///   - destination: Exactly `range.count` bytes.
  /// - Throws: `CheckpointError.file` if the file has shrunk or cannot be read.
  public func read(
    tensor index: Int, bytes range: Range<Int>, into destination: MutableBlock<UInt8>
  ) throws(CheckpointError) {
    let source = sources[index]
    try shards[source.shard].read(tensor: source.tensor, bytes: range, into: destination)
  }
}

/// Whether a name matches `^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$`: nothing outside a folder can be
/// named so.
package func isPlainFileName(_ name: String) -> Bool {
  guard let first = name.utf8.first, name.utf8.count <= 255 else { return false }
  func isAlphanumeric(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
  }
  return isAlphanumeric(first)
    && name.utf8.allSatisfy {
      isAlphanumeric($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_")
        || $0 == UInt8(ascii: "-")
    }
}
