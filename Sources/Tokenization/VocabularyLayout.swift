/// Where things are in a vocabulary section; `Formats/vocabulary.md` is the specification.
enum VocabularyLayout {
  /// The only version there is.
  static let version: UInt32 = 1
  /// Bytes of the header.
  static let headerSize = 64
  /// Most tokens a vocabulary may have.
  static let maximumTokenCount = 1_000_000
  /// Most bytes all tokens may have together.
  static let maximumByteCount = 16 << 20
  /// A token is found within this many slots, its home slot counted.
  static let maximumProbeCount = 128

  // Header fields, each a little-endian 32-bit number.
  static let versionOffset = 0
  static let tokenCountOffset = 4
  static let slotCountOffset = 8
  static let byteCountOffset = 12
  static let longestTokenOffset = 16
  static let specialOffset = 20
  static let reservedOffset = 40

  /// The special tokens, in the order of their ids in the header.
  static let specials: [String] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

  /// Slots of the table for a number of tokens: the smallest power of two that is at least twice
  /// it.
  static func slotCount(forTokenCount count: Int) -> Int {
    var result = 1
    while result < 2 * count { result *= 2 }
    return result
  }

  /// Bytes of the section; the arguments are below 2^32 each, so this cannot overflow.
  static func sectionSize(tokenCount: Int, slotCount: Int, byteCount: Int) -> Int {
    headerSize + 4 * (tokenCount + 1) + 4 * slotCount + byteCount
  }
}
