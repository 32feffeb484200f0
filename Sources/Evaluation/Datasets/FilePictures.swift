internal import CPlatform
internal import Checkpoints
internal import TensorCore

/// Pictures that are files below a folder.
struct FilePictures: PictureSource {
  /// Largest picture file, in bytes.
  static let byteLimit = 256 << 20

  let folder: String
  /// Paths below the folder.
  var names = NameArena()

  init(folder: String) { self.folder = folder }

  /// Takes the pictures of a folder below this one, by name.
  ///
  /// - Returns: How many there are.
  mutating func append(from part: String) throws(DatasetError) -> Int {
    let before = count
    for name in try FilePictures.entries(joined(folder, part))
    where FilePictures.isPicture(name) { names.append(joined(part, name)) }
    return count - before
  }

  var count: Int { names.count }

  func name(_ index: Int) -> String { names[index] }

  func byteCount(_ index: Int) -> Int {
    var status = cp_file_status()
    let result = unsafe joined(folder, names[index]).withCString {
      unsafe cp_status_at($0, &status)
    }
    return result == 0 ? Int(status.size) : 0
  }

  func bytes(_ index: Int) throws(DatasetError) -> Block<UInt8> {
    let path = joined(folder, names[index])
    let byteCount: Int
    do throws(FileError) {
      let file = try InputFile(path: path)
      byteCount = file.byteCount
      if byteCount <= FilePictures.byteLimit { return try read(file, at: 0, count: byteCount) }
    } catch { throw .file(error) }
    throw .limit(path: path, what: "bytes", found: byteCount, limit: FilePictures.byteLimit)
  }

  /// Whether a name is that of a picture, by its ending.
  static func isPicture(_ name: String) -> Bool {
    if name.hasPrefix(".") { return false }
    let lower = name.lowercased()
    return lower.hasSuffix(".jpg") || lower.hasSuffix(".jpeg") || lower.hasSuffix(".png")
  }

  /// Whether something is a folder.
  static func isFolder(_ path: String) -> Bool {
    var status = cp_file_status()
    return unsafe path.withCString { unsafe cp_status_at($0, &status) } == 0
      && status.is_directory == 1
  }

  /// Whether something is a file.
  static func isFile(_ path: String) -> Bool {
    var status = cp_file_status()
    return unsafe path.withCString { unsafe cp_status_at($0, &status) } == 0
      && status.is_regular == 1
  }

  /// The entries of a folder, sorted.
  static func entries(_ folder: String) throws(DatasetError) -> [String] {
    do throws(CheckpointError) {
      return try folderEntries(folder, limit: 10_000_000) ?? []
    } catch { throw .folder(error) }
  }
}

/// Bytes of a file as a block.
func read(_ file: InputFile, at offset: Int, count: Int) throws(FileError) -> Block<UInt8> {
  let block: MutableBlock<UInt8>
  do throws(SystemError) { block = try MutableBlock(allocating: count) } catch {
    throw .cannotRead(path: file.path, error)
  }
  try file.read(at: offset, into: block)
  return block.readOnly
}
