internal import TensorCore

/// The entry: opens any checkpoint there is a reader for.
public enum Checkpoints {
  /// Opens a file or a folder, recognised by its contents.
  ///
  /// In a folder the best file of the first format of the registry is taken (safetensors:
  /// `open_clip_model.safetensors`, `model.safetensors`, `model.safetensors.index.json`, else the
  /// only other index, else the only other file); the rest is named in `notes`.
  ///
  /// - Parameters:
  ///   - path: A file or folder; links are followed, but side files are looked up beside the link.
  ///   - limits: What to refuse.
  /// - Returns: The validated checkpoint; no tensor has been read.
  /// - Throws: `CheckpointError`.
  public static func open(
    path: String, limits: CheckpointLimits = CheckpointLimits()
  ) throws(CheckpointError) -> OpenedCheckpoint {
    guard let names = try folderEntries(path, limit: limits.folderEntryCount) else {
      let checkpoint = try openFile(path, limits)
      return OpenedCheckpoint(
        checkpoint: checkpoint,
        sideFiles: try SideFiles(folder: folderPath(of: path), limits: limits),
        notes: notes(of: checkpoint))
    }
    let name = try choose(from: names, folder: path)
    let checkpoint = try openFile(joined(path, name), limits)
    let read = Set(
      checkpoint.files.map { String($0.path.dropFirst(folderPath(of: $0.path).count)) })
    let others = names.filter { isWeights($0) && !read.contains($0) && $0 != name }
    var notes = notes(of: checkpoint)
    if !others.isEmpty { notes.append(.ignored(folder: path, names: others, used: name)) }
    return OpenedCheckpoint(
      checkpoint: checkpoint, sideFiles: try SideFiles(folder: path, limits: limits), notes: notes)
  }

  private static func openFile(
    _ path: String, _ limits: CheckpointLimits
  ) throws(CheckpointError) -> any Checkpoint {
    let file: InputFile
    do { file = try InputFile(path: path) } catch { throw .file(error) }
    let start = try file.start()
    for format in CheckpointFormat.all where format.recognises(start, path) {
      return try format.open(path, limits)
    }
    if let kind = FileKind.recognise(start) { throw .wrongKind(path: path, kind) }
    if file.byteCount < 8 { throw .headerMissing(path: path, fileByteCount: file.byteCount) }
    throw .unknownKind(path: path, start: Array(start.prefix(8)))
  }

  /// The file of a folder to read.
  private static func choose(
    from names: [String], folder: String
  ) throws(CheckpointError) -> String {
    for format in CheckpointFormat.all {
      if let name = format.preferredNames.first(where: names.contains) { return name }
      for suffix in format.suffixes {
        let candidates = names.filter { $0.hasSuffix(suffix) }
        guard let name = candidates.first else { continue }
        if candidates.count > 1 { throw .ambiguousFolder(path: folder, names: candidates) }
        return name
      }
    }
    throw .nothingInFolder(path: folder)
  }

  private static func isWeights(_ name: String) -> Bool {
    CheckpointFormat.all.contains { $0.claims(name) }
      || CheckpointFormat.foreignSuffixes.contains { name.hasSuffix($0) }
  }

  private static func notes(of checkpoint: any Checkpoint) -> [CheckpointNote] {
    if let sharded = checkpoint as? ShardedCheckpoint {
      return sharded.unlisted.map {
        .unlistedTensor(path: sharded.path, tensor: $0.tensor, shard: $0.shard)
      }
    }
    guard let file = checkpoint as? PyTorchFile else { return [] }
    var notes: [CheckpointNote] = []
    if !file.wrappers.isEmpty { notes.append(.unwrapped(path: file.path, keys: file.wrappers)) }
    if !file.ignored.isEmpty { notes.append(.notTensors(path: file.path, names: file.ignored)) }
    return notes
  }
}
