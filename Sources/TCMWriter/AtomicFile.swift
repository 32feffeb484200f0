internal import CPlatform
package import TensorCore

/// A file that appears whole or not at all.
///
/// Bytes go to a file without a name in the output's folder; `commit` syncs it, names it, renames it over the output and
/// syncs the folder. Without a commit, or after any failure before the renaming, it is gone and the output stays what it
/// was, even if the process is killed. Where the file system has no files without a name it has a temporary one from the
/// start, which a killed process leaves behind. A link is followed, as `cp` does: the file it leads to is replaced, the
/// link stays.
package final class AtomicFile {
  /// The output as the caller named it.
  let path: String
  private let target: String
  private let folder: String
  /// What temporary files of this output are called, but for what is added.
  private let stem: String
  /// The temporary file, while it has a name.
  private var temporary: String?
  private let fault: (FileStep) -> Int32
  private var descriptor: Int32

  /// Creates the temporary file, with the permissions of the file it will replace; else those that umask leaves.
  ///
  /// - Parameters:
  ///   - path: The output.
  ///   - hasName: For tests: whether the temporary file has a name from the start.
  ///   - fault: For tests: the errno value a step fails with, negative, or 0 to let it happen.
  package init(
    path: String, hasName: Bool = false, fault: @escaping (FileStep) -> Int32 = { _ in 0 }
  ) throws(WriteError) {
    if path.utf8.contains(0) { throw .nulInPath(path: path) }
    try AtomicFile.checkReplaceable(path)
    let target = AtomicFile.realPath(path) ?? path
    let bytes = Array(target.utf8)
    let slash = bytes.lastIndex(of: UInt8(ascii: "/"))
    folder = slash.map { $0 == 0 ? "/" : String(decoding: bytes[..<$0], as: UTF8.self) } ?? "."
    // Cut, so that the name with what is added stays below the 255 bytes of most file systems.
    let name = bytes[(slash.map { $0 + 1 } ?? 0)...].prefix(200)
    stem = folder + "/." + String(decoding: name, as: UTF8.self) + "."
    self.path = path
    self.target = target
    self.fault = fault
    descriptor = -1
    var result = fault(.create)
    if result == 0 {
      result =
        hasName
        ? -AtomicFile.notSupported
        : unsafe folder.withCString { unsafe cp_create_unnamed($0, 0o666) }
      if result == -AtomicFile.notSupported {
        let created = unsafe withFreshName("\(cp_process())-") { unsafe cp_create($0, 0o666) }
        result = created.result
        temporary = created.name
      }
    }
    if result < 0 { throw .cannotCreate(path: path, SystemError(code: -result)) }
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
    if temporary == nil {
      try perform(.name) {
        let named = unsafe withFreshName("") { unsafe cp_name(descriptor, $0) }
        temporary = named.name
        return named.result
      }
      // At once, so that hardly a process is killed between the two.
      try replace()
      cp_close(descriptor)
      descriptor = -1
    } else {
      try perform(.close) {
        let result = cp_close_written(descriptor)
        descriptor = -1
        return result
      }
      try replace()
    }
    let synced = outcome(.syncFolder) {
      unsafe folder.withCString { unsafe cp_sync_folder($0) }
    }
    // A folder one may write to but not read cannot be opened; its entry is then written in the system's own time.
    if synced != 0 && synced != -AtomicFile.permissionDenied {
      throw .notDurable(path: path, SystemError(code: -synced))
    }
  }

  private func replace() throws(WriteError) {
    let renamed = outcome(.rename) {
      unsafe (temporary ?? "").withCString { from in
        unsafe target.withCString { unsafe cp_rename(from, $0) }
      }
    }
    if renamed != 0 {
      discard()
      throw .cannotReplace(path: path, SystemError(code: -renamed))
    }
    temporary = nil
  }

  /// Removes the temporary file; nothing can be written any more.
  package func discard() {
    if descriptor >= 0 { cp_close(descriptor) }
    descriptor = -1
    if let temporary { _ = unsafe temporary.withCString { unsafe cp_remove($0) } }
    temporary = nil
  }

  /// Tries names until one is free: another conversion may have the first.
  ///
  /// A file without a name gets one only to be renamed in the next moment; where such a name has been there for a minute,
  /// its process was killed between the two, and it is removed.
  private func withFreshName(
    _ owner: String, _ create: (UnsafePointer<CChar>) -> Int32
  ) -> (result: Int32, name: String?) {
    var result: Int32 = 0
    for attempt in 0..<100 {
      let name = stem + owner + "\(attempt).tmp"
      result = unsafe name.withCString { unsafe create($0) }
      if result == -AtomicFile.fileExists, owner.isEmpty,
        unsafe name.withCString({ unsafe cp_age($0) }) > AtomicFile.staleSeconds
      {
        _ = unsafe name.withCString { unsafe cp_remove($0) }
        result = unsafe name.withCString { unsafe create($0) }
      }
      if result >= 0 { return (result, name) }
      if result != -AtomicFile.fileExists { break }
    }
    return (result, nil)
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

  private static let staleSeconds: Int64 = 60
  private static let notSupported: Int32 = 95
  private static let fileExists: Int32 = 17
  private static let permissionDenied: Int32 = 13
}
