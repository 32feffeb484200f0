/// A name that is compared and hashed byte by byte.
///
/// `String` compares by canonical equivalence, so two names of one file could meet in one
/// dictionary entry.
package struct ExactName: Hashable, Sendable {
  /// The name's UTF-8.
  package let bytes: ArraySlice<UInt8>

  /// The key of a text.
  ///
  /// - Parameter text: Any text.
  package init(_ text: String) {
    self.bytes = Array(text.utf8)[...]
  }

  package init(bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
  }

  /// Feeds the bytes to the hasher, eight at a time.
  ///
  /// - Parameter hasher: Seeded for each process, so a file cannot choose names that collide.
  package func hash(into hasher: inout Hasher) {
    var word: UInt64 = 0
    var filled = 0
    for byte in bytes {
      word = word << 8 | UInt64(byte)
      filled += 1
      if filled == 8 {
        hasher.combine(word)
        word = 0
        filled = 0
      }
    }
    hasher.combine(word)
    hasher.combine(bytes.count)
  }
}
