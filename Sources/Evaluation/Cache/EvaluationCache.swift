internal import CPlatform
internal import Crypto
internal import Notation
internal import TensorCore

/// A folder for what is slow to make and can be made again: float references and embeddings.
///
/// Files are named by what they depend on, so nothing in it goes stale; it may be deleted at any time.
public struct EvaluationCache: Sendable {
  /// Its path.
  public let folder: String

  /// Opens the folder, and creates it and the folders above it if they are missing.
  ///
  /// - Parameter folder: Any path.
  /// - Throws: `EvaluationError.cache`.
  public init(folder: String) throws(EvaluationError) {
    self.folder = folder
    var end = folder.utf8.startIndex
    // Every prefix that ends before a slash, then the whole.
    while end < folder.utf8.endIndex {
      end = folder.utf8.index(after: end)
      let isEnd = end == folder.utf8.endIndex
      if !isEnd && folder.utf8[end] != UInt8(ascii: "/") { continue }
      let path = String(folder[..<end])
      let result = unsafe path.withCString { unsafe cp_make_folder($0) }
      var status = cp_file_status()
      let isFolder =
        unsafe path.withCString { unsafe cp_status_at($0, &status) } == 0
        && status.is_directory == 1
      if !isFolder { throw .cache(path: path, SystemError(code: result == 0 ? 20 : -result)) }
    }
  }

  /// The path of a file that depends on nothing but the key.
  func path(_ kind: String, _ key: [UInt8], _ suffix: String) -> String {
    "\(folder)/\(kind)-\(Amount.hex(Array(key.prefix(16)))).\(suffix)"
  }

  /// Refuses to begin what cannot end.
  func require(_ byteCount: Int) throws(EvaluationError) {
    let free = unsafe folder.withCString { unsafe cp_free_space($0) }
    if free >= 0 && free < byteCount {
      throw .noSpace(folder: folder, needed: byteCount, free: Int(free))
    }
  }
}

/// A SHA-256 over named values; the same values in the same order give the same key.
struct CacheKey {
  private var hash = SHA256()

  /// Begins a key of a kind.
  init(_ kind: String) { add(kind) }

  /// Adds a string with its length, so that no two lists of strings give the same bytes.
  mutating func add(_ text: String) { add(Array(text.utf8)) }

  /// Adds bytes with their count.
  mutating func add(_ bytes: [UInt8]) {
    add(bytes.count)
    hash.update(data: bytes)
  }

  /// Adds a number.
  mutating func add(_ number: Int) {
    let value = UInt64(bitPattern: Int64(number))
    hash.update(data: (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) })
  }

  /// The 32 bytes.
  consuming func finish() -> [UInt8] { Array(hash.finalize()) }
}
