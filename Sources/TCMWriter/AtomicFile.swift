internal import CPlatform
internal import TensorCore

/// A file that appears whole or not at all.
///
/// Bytes go to a temporary file in the output's folder; `commit` syncs it, renames it over the output and syncs the
/// folder. Without a commit the temporary file is removed and the output stays what it was.
final class AtomicFile {
  let path: String
  private let temporary: String
  private let folder: String
  private var descriptor: Int32
  private var isCommitted = false

  /// Creates the temporary file, with the permissions of the file it will replace.
  init(path: String) throws(WriteError) {
    if path.utf8.contains(0) { throw .nulInPath(path: path) }
    try AtomicFile.checkReplaceable(path)
    let bytes = Array(path.utf8)
    let slash = bytes.lastIndex(of: UInt8(ascii: "/"))
    folder = slash.map { $0 == 0 ? "/" : String(decoding: bytes[..<$0], as: UTF8.self) } ?? "."
    let name = String(decoding: bytes[(slash.map { $0 + 1 } ?? 0)...], as: UTF8.self)
    let mode = unsafe path.withCString { unsafe cp_mode($0) }
    var attempt = 0
    var result: Int32 = -17
    var candidate = ""
    // EEXIST: another conversion, or a killed one, has the name.
    while result == -17 && attempt < 100 {
      candidate = folder + "/." + name + ".\(cp_process())-\(attempt).tmp"
      result = unsafe candidate.withCString {
        unsafe cp_create($0, mode >= 0 ? UInt32(mode) : 0o666)
      }
      attempt += 1
    }
    if result < 0 { throw .cannotCreate(path: path, SystemError(code: -result)) }
    self.path = path
    temporary = candidate
    descriptor = result
  }

  deinit { discard() }

  /// Writes bytes at an offset; gaps read as zeros.
  func write(_ bytes: Block<UInt8>, at offset: Int) throws(WriteError) {
    try check(unsafe cp_pwrite(descriptor, bytes.pointer, bytes.count, Int64(offset)))
  }

  /// Writes bytes at an offset; gaps read as zeros.
  func write(_ bytes: [UInt8], at offset: Int) throws(WriteError) {
    try check(
      unsafe bytes.withUnsafeBytes {
        unsafe cp_pwrite(descriptor, $0.baseAddress, $0.count, Int64(offset))
      })
  }

  /// Puts the file in its place.
  func commit() throws(WriteError) {
    try check(cp_sync(descriptor))
    let closing = cp_close_written(descriptor)
    descriptor = -1
    if closing != 0 {
      discard()
      throw .cannotWrite(path: path, SystemError(code: -closing))
    }
    let result = unsafe temporary.withCString { from in
      unsafe path.withCString { to in unsafe cp_rename(from, to) }
    }
    if result != 0 {
      discard()
      throw .cannotReplace(path: path, SystemError(code: -result))
    }
    isCommitted = true
    let synced = unsafe folder.withCString { unsafe cp_sync_folder($0) }
    if synced != 0 { throw .cannotWrite(path: path, SystemError(code: -synced)) }
  }

  private func check(_ result: Int32) throws(WriteError) {
    if result != 0 { throw .cannotWrite(path: path, SystemError(code: -result)) }
  }

  private func discard() {
    if descriptor >= 0 { cp_close(descriptor) }
    descriptor = -1
    if !isCommitted { _ = unsafe temporary.withCString { unsafe cp_remove($0) } }
  }

  /// A folder, a device or a pipe is never replaced.
  private static func checkReplaceable(_ path: String) throws(WriteError) {
    var status = cp_file_status()
    let result = unsafe path.withCString { unsafe cp_status_at($0, &status) }
    if result == 0 && status.is_regular != 1 { throw .notRegularFile(path: path) }
  }
}
