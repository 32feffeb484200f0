internal import CPlatform

/// A regular file open for reading; closed when the last reference goes away.
///
/// Reads are positional (`pread`), so any number of threads may share one.
public final class InputFile: Sendable {
  /// The path as the caller gave it, for messages.
  public let path: String
  /// The size in bytes when the file was opened.
  public let byteCount: Int
  /// Device and inode: two paths name the same file if these are equal.
  public let identity: FileIdentity
  private let descriptor: Int32
  /// The time of the last modification when it was opened, in nanoseconds since 1970.
  package let modified: Int64

  /// Opens a file.
  ///
  /// - Parameter path: Any path; links are followed.
  /// - Throws: `FileError.cannotOpen`, `.notRegularFile` or `.nulInPath`.
  public init(path: String) throws(FileError) {
    if path.utf8.contains(0) { throw .nulInPath(path: path) }
    let descriptor = unsafe path.withCString { unsafe cp_open_read($0) }
    if descriptor < 0 { throw .cannotOpen(path: path, SystemError(code: -descriptor)) }
    var status = cp_file_status()
    let result = unsafe cp_status(descriptor, &status)
    // A status that the system did not give is all zeros.
    guard status.is_regular == 1 else {
      cp_close(descriptor)
      if result != 0 { throw .cannotRead(path: path, SystemError(code: -result)) }
      throw .notRegularFile(path: path)
    }
    self.path = path
    self.byteCount = Int(status.size)
    self.identity = FileIdentity(device: status.device, inode: status.inode)
    self.descriptor = descriptor
    self.modified = status.modified
  }

  deinit { cp_close(descriptor) }

  /// Fills `destination` from the file.
  ///
  /// - Parameters:
  ///   - offset: First byte; `offset + destination.byteCount` must lie within the file.
  ///   - destination: Overwritten whole.
  /// - Throws: `FileError.truncated` when the file ends early, `.cannotRead` on an input error.
  public func read(at offset: Int, into destination: MutableBlock<UInt8>) throws(FileError) {
    let count = destination.count
    if count == 0 { return }
    let found = unsafe cp_pread(descriptor, destination.pointer, count, Int64(offset))
    if found < 0 { throw .cannotRead(path: path, SystemError(code: Int32(-found))) }
    if found < count {
      throw .truncated(
        path: path, offset: offset, expectedByteCount: count, foundByteCount: Int(found))
    }
  }

  /// A small piece of the file as an array.
  ///
  /// - Parameters:
  ///   - offset: First byte.
  ///   - count: Number of bytes; the caller bounds it, this allocates it.
  /// - Returns: Exactly `count` bytes.
  /// - Throws: `FileError.truncated` when the file ends early, `.cannotRead` on an input error.
  public func bytes(at offset: Int, count: Int) throws(FileError) -> [UInt8] {
    if count == 0 { return [] }
    if offset < 0 || count > byteCount - offset {
      throw .truncated(
        path: path, offset: offset, expectedByteCount: count,
        foundByteCount: max(0, byteCount - max(0, offset)))
    }
    var result = [UInt8](repeating: 0, count: count)
    let found = unsafe result.withUnsafeMutableBytes { buffer in
      unsafe cp_pread(descriptor, buffer.baseAddress, buffer.count, Int64(offset))
    }
    if found < 0 { throw .cannotRead(path: path, SystemError(code: Int32(-found))) }
    if found < count {
      throw .truncated(
        path: path, offset: offset, expectedByteCount: count, foundByteCount: Int(found))
    }
    return result
  }

  /// Throws if the file's size or modification time is no longer what it was when it was opened.
  ///
  /// - Throws: `FileError.changedWhileReading`, or `.cannotRead` if the system cannot tell.
  public func checkUnchanged() throws(FileError) {
    var status = cp_file_status()
    let result = unsafe cp_status(descriptor, &status)
    if result != 0 { throw .cannotRead(path: path, SystemError(code: -result)) }
    if Int(status.size) != byteCount || status.modified != modified {
      throw .changedWhileReading(path: path)
    }
  }

  /// Maps the whole file read-only; the pages are shared with every other process that maps it.
  ///
  /// - Returns: Memory of exactly `byteCount` bytes, valid after this file is closed.
  /// - Throws: `FileError.empty` for a file without bytes, `.cannotRead` if the system refuses.
  public func map() throws(FileError) -> Memory {
    if byteCount == 0 { throw .empty(path: path) }
    var code: Int32 = 0
    guard let base = unsafe cp_map(descriptor, byteCount, &code) else {
      throw .cannotRead(path: path, SystemError(code: code))
    }
    return unsafe Memory(mapped: base, byteCount: byteCount)
  }
}

/// Device and inode number of a file.
public struct FileIdentity: Equatable, Hashable, Sendable {
  /// The file system's device number.
  public let device: UInt64
  /// The inode number on it.
  public let inode: UInt64

  /// The identity of what a path leads to, or `nil` if nothing is there.
  ///
  /// - Parameter path: Any path; links are followed.
  public init?(path: String) {
    var status = cp_file_status()
    let result = unsafe path.withCString { unsafe cp_status_at($0, &status) }
    if result != 0 { return nil }
    self.init(device: status.device, inode: status.inode)
  }

  init(device: UInt64, inode: UInt64) {
    self.device = device
    self.inode = inode
  }
}
