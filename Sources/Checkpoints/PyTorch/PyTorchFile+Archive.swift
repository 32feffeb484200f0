internal import Notation
internal import TensorCore

/// ZIP archives: of `torch.save` since PyTorch 1.6, and of `torch.jit.save`.
extension PyTorchFile {
  /// Opens and validates an archive.
  ///
  /// - Parameters:
  ///   - file: The open file.
  ///   - limits: What to refuse.
  /// - Throws: `CheckpointError`.
  convenience init(archive file: InputFile, limits: CheckpointLimits) throws(CheckpointError) {
    let path = file.path
    let archive = try ZIPArchive(file, limits: limits)
    let prefix = try Self.prefix(archive, path)
    let isScript = archive[name: prefix + "constants.pkl"] != nil
    let isBigEndian: Bool
    let order =
      try Self.content(
        "byteorder", prefix, archive, file, limit: 16) ?? Array("little".utf8)
    switch String(decoding: order, as: UTF8.self) {
    case "little": isBigEndian = false
    case "big": isBigEndian = true
    case let other:
      throw .invalidZIP(path: path, .layout("the byte order is \"\(printable(other))\""))
    }
    guard
      let program = try Self.content(
        "data.pkl", prefix, archive, file, limit: limits.headerByteCount)
    else { throw .invalidZIP(path: path, .missing(entry: prefix + "data.pkl")) }
    let (arena, root): (PickleArena, PickleValue)
    do throws(PickleFailure) {
      (arena, root) = try PickleMachine.run(program, isScript ? .script : .archive)
    } catch { throw .invalidPickle(path: path, place: error.place, error.problem) }
    let state: StateDict
    do throws(PickleProblem) {
      state =
        isScript
        ? try StateDict(module: root, arena, limits: limits)
        : try StateDict(arena, root: root, limits: limits)
    } catch { throw .invalidPickle(path: path, place: nil, error) }
    let contents = Contents(
      formatName: isScript ? "TorchScript archive" : "PyTorch checkpoint", isScript: isScript,
      arena: arena, state: state, isBigEndian: isBigEndian)
    try self.init(file, contents, limits: limits) { (storage) throws(CheckpointError) in
      let name = prefix + "data/" + storage.key
      guard let entry = archive[name: name] else {
        throw .invalidZIP(path: path, .missing(entry: name))
      }
      return try Self.extent(of: entry, path)
    }
  }

  /// What an entry holds; `nil` without it.
  private static func content(
    _ name: String, _ prefix: String, _ archive: ZIPArchive, _ file: InputFile, limit: Int
  ) throws(CheckpointError) -> [UInt8]? {
    guard let entry = archive[name: prefix + name] else { return nil }
    if entry.byteCount > limit {
      throw .invalidZIP(
        path: file.path, .tooLong(entry: entry.name, byteCount: entry.byteCount, limit: limit))
    }
    try verify(try extent(of: entry, file.path), file)
    do throws(FileError) { return try file.bytes(at: entry.offset, count: entry.byteCount) } catch {
      throw .file(error)
    }
  }

  /// Where an entry's bytes lie, which must not be compressed.
  private static func extent(
    of entry: ZIPArchive.Entry, _ path: String
  ) throws(CheckpointError) -> StorageExtent {
    if !entry.isStored {
      throw .invalidZIP(path: path, .unsupported(entry: entry.name, "is compressed"))
    }
    return StorageExtent(
      name: entry.name, offset: entry.offset, byteCount: entry.byteCount, checksum: entry.checksum)
  }

  /// The folder that all entries lie in, with its slash.
  private static func prefix(
    _ archive: ZIPArchive, _ path: String
  ) throws(CheckpointError) -> String {
    var prefixes: [String] = []
    for entry in archive.entries where entry.name.hasSuffix("/data.pkl") {
      let prefix = String(entry.name.dropLast("data.pkl".count))
      if prefix.utf8.count(where: { $0 == UInt8(ascii: "/") }) == 1 { prefixes.append(prefix) }
    }
    if prefixes.count != 1 {
      throw .invalidZIP(
        path: path,
        .layout("expected one NAME/data.pkl, found \(prefixes.count); it may be no checkpoint"))
    }
    for entry in archive.entries where !entry.name.hasPrefix(prefixes[0]) {
      throw .invalidZIP(
        path: path,
        .layout("\"\(printable(entry.name))\" does not lie in \(printable(prefixes[0]))"))
    }
    return prefixes[0]
  }
}
