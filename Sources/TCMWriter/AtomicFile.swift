internal import CPlatform
package import TensorCore

/// A file that appears whole or not at all.
///
/// Bytes go to a temporary file in the output's folder; `commit` syncs it, renames it over the output and syncs the
/// folder. Without a commit, or after any failure before the renaming, the temporary file is removed and the output
/// stays what it was. A link is followed, as `cp` does: the file it leads to is replaced, the link stays.
package final class AtomicFile {
  /// The output as the caller named it.
  let path: String
  private let target: String
  private let temporary: String
  private let folder: String
  private let fault: (FileStep) -> Int32
  private var descriptor: Int32
  private var isRemoved = false

  /// Creates the temporary file, with the permissions of the file it will replace; else those that umask leaves.
  ///
  /// - Parameters:
  ///   - path: The output.
  ///   - fault: For tests: the errno value a step fails with, negative, or 0 to let it happen.
  package init(
    path: String, fault: @escaping (FileStep) -> Int32 = { _ in 0 }
  ) throws(WriteError) {
    if path.utf8.contains(0) { throw .nulInPath(path: path) }
    try AtomicFile.checkReplaceable(path)
    let target = AtomicFile.realPath(path) ?? path
    let bytes = Array(target.utf8)
    let slash = bytes.lastIndex(of: UInt8(ascii: "/"))
    folder = slash.map { $0 == 0 ? "/" : String(decoding: bytes[..<$0], as: UTF8.self) } ?? "."
    // Cut, so that the name with what is added stays below the 255 bytes of most file systems.
    let name = bytes[(slash.map { $0 + 1 } ?? 0)...].prefix(200)
    var attempt = 0
    var result = -AtomicFile.fileExists
    var candidate = ""
    // Another conversion, or a killed one, may have the name.
    while result == -AtomicFile.fileExists && attempt < 100 {
      candidate =
        folder + "/." + String(decoding: name, as: UTF8.self) + ".\(cp_process())-\(attempt).tmp"
      result = fault(.create)
      if result == 0 { result = unsafe candidate.withCString { unsafe cp_create($0, 0o666) } }
      attempt += 1
    }
    if result < 0 { throw .cannotCreate(path: path, SystemError(code: -result)) }
    self.path = path
    self.target = target
    self.fault = fault
    temporary = candidate
    descriptor = result
    let mode = unsafe target.withCString { unsafe cp_mode($0) }
    if mode >= 0 { try perform(.setMode) { cp_set_mode(descriptor, UInt32(mode)) } }
  }

  deinit { discard() }

  /// Writes bytes at an offset; gaps read as zeros.
  package func write(_ bytes: Block<UInt8>, at offset: Int) throws(WriteError) {
    try perform(.write) {
      unsafe cp_pwrite(descriptor, bytes.pointer, bytes.count, Int64(offset))
    }
  }

  /// Writes bytes at an offset; gaps read as zeros.
  package func write(_ bytes: [UInt8], at offset: Int) throws(WriteError) {
    try perform(.write) {
      unsafe bytes.withUnsafeBytes {
        unsafe cp_pwrite(descriptor, $0.baseAddress, $0.count, Int64(offset))
      }
    }
  }

  /// Puts the file in its place.
  package func commit() throws(WriteError) {
    try perform(.sync) { cp_sync(descriptor) }
    try perform(.close) {
      let result = cp_close_written(descriptor)
      descriptor = -1
      return result
    }
    let renamed = outcome(.rename) {
      unsafe temporary.withCString { from in
        unsafe target.withCString { unsafe cp_rename(from, $0) }
      }
    }
    if renamed != 0 {
      discard()
      throw .cannotReplace(path: path, SystemError(code: -renamed))
    }
    isRemoved = true
    let synced = outcome(.syncFolder) {
      unsafe folder.withCString { unsafe cp_sync_folder($0) }
    }
    // A folder one may write to but not read cannot be opened; its entry is then written in the system's own time.
    if synced != 0 && synced != -AtomicFile.permissionDenied {
      throw .notDurable(path: path, SystemError(code: -synced))
    }
  }

  /// Removes the temporary file; nothing can be written any more.
  package func discard() {
    if descriptor >= 0 { cp_close(descriptor) }
    descriptor = -1
    if !isRemoved { _ = unsafe temporary.withCString { unsafe cp_remove($0) } }
    isRemoved = true
  }

  private func outcome(_ step: FileStep, _ call: () -> Int32) -> Int32 {
    let result = fault(step)
    return result == 0 ? call() : result
  }

  private func perform(_ step: FileStep, _ call: () -> Int32) throws(WriteError) {
    let result = outcome(step, call)
    if result == 0 { return }
    discard()
    throw .cannotWrite(path: path, SystemError(code: -result))
  }

  /// A folder, a device or a pipe is never replaced.
  private static func checkReplaceable(_ path: String) throws(WriteError) {
    var status = cp_file_status()
    let result = unsafe path.withCString { unsafe cp_status_at($0, &status) }
    if result == 0 && status.is_regular != 1 { throw .notRegularFile(path: path) }
  }

  /// Where a path leads to, or `nil` if nothing is there.
  private static func realPath(_ path: String) -> String? {
    var buffer = [CChar](repeating: 0, count: 4_096)
    let length = unsafe path.withCString { path in
      unsafe buffer.withUnsafeMutableBufferPointer {
        unsafe cp_real_path(path, $0.baseAddress, $0.count)
      }
    }
    if length < 0 { return nil }
    // A path that is not UTF-8 cannot be held in a string; the link is then replaced itself.
    return String(
      validating: buffer[..<Int(length)].lazy.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static let fileExists: Int32 = 17
  private static let permissionDenied: Int32 = 13
}
