internal import Glibc
internal import Notation
internal import TensorCore

/// The names in a folder, sorted; `nil` if the path leads to something else than a folder.
///
/// Names that are not UTF-8 are left out: no checkpoint is called so.
package func folderEntries(_ path: String, limit: Int) throws(CheckpointError) -> [String]? {
  if path.utf8.contains(0) { throw .file(.nulInPath(path: path)) }
  guard let folder = unsafe opendir(path) else {
    let code = errno
    if code == ENOTDIR { return nil }
    throw .file(.cannotOpen(path: path, SystemError(code: code)))
  }
  defer { unsafe closedir(folder) }
  var names: [String] = []
  var count = 0
  while let entry = unsafe readdir(folder) {
    count += 1
    if count > limit {
      throw .limitExceeded(path: path, .entries, found: count, limit: limit)
    }
    let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
      unsafe String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    if let name, name != ".", name != ".." { names.append(name) }
  }
  return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
}

/// The folder part of a path, as it is written; empty for a bare file name.
package func folderPath(of path: String) -> String {
  guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
  return String(path[..<path.utf8.index(after: slash)])
}

/// A name in a folder.
package func joined(_ folder: String, _ name: String) -> String {
  folder.isEmpty || folder.utf8.last == UInt8(ascii: "/") ? folder + name : folder + "/" + name
}

/// Whether something has that name, be it a link that leads nowhere: that is a mistake to be told of.
func isThere(_ path: String) -> Bool {
  var status = stat()
  return unsafe lstat(path, &status) == 0
}

/// Reads a whole JSON file.
func openJSON(
  _ path: String, limit: Int
) throws(CheckpointError) -> (file: InputFile, document: JSONDocument) {
  let file: InputFile
  do { file = try InputFile(path: path) } catch { throw .file(error) }
  // The size is checked before anything is allocated.
  if file.byteCount > limit {
    throw .invalidJSON(path: path, .tooLarge(byteCount: file.byteCount, limit: limit))
  }
  let bytes: [UInt8]
  do { bytes = try file.bytes(at: 0, count: file.byteCount) } catch { throw .file(error) }
  do {
    return (file, try JSONDocument(bytes, limits: JSONDocument.Limits(byteCount: limit)))
  } catch { throw .invalidJSON(path: path, error) }
}

extension SystemError {
  /// Nothing has that name (ENOENT).
  static let notFound = SystemError(code: ENOENT)
}
