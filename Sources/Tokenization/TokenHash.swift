/// FNV-1a, 32 bits, the hash of the vocabulary's table (Fowler, Noll and Vo).
///
/// It runs byte by byte, so that the hash of a longer string continues that of its prefix.
package struct TokenHash: Equatable {
  /// The hash of the bytes so far.
  package private(set) var value: UInt32 = 0x811C_9DC5

  /// The state after `##`, where the look-up of a continuation piece begins.
  package static let continuation = TokenHash(bytes: [0x23, 0x23])

  /// The state before the first byte.
  package init() {}

  /// The state after some bytes.
  package init(bytes: [UInt8]) {
    for byte in bytes { combine(byte) }
  }

  /// Takes in one more byte.
  package mutating func combine(_ byte: UInt8) {
    value = (value ^ UInt32(byte)) &* 0x0100_0193
  }
}
