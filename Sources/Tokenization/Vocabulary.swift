public import TensorCore

/// A read-only view of a WordPiece vocabulary that is stored ready to use.
///
/// Nothing is parsed or copied: tokens are looked up in the mapped file. Opening checks the
/// structure in O(1); look-ups are memory-safe and end whatever the bytes are; `validate()` is the
/// complete check. The layout is `Formats/vocabulary.md`.
public struct Vocabulary: Sendable {
  /// The number of tokens; ids are `0..<count`.
  public let count: Int
  /// The id of `[PAD]`.
  public let padding: Int32
  /// The id of `[UNK]`.
  public let unknown: Int32
  /// The id of `[CLS]`.
  public let classification: Int32
  /// The id of `[SEP]`.
  public let separator: Int32
  /// The id of `[MASK]`.
  public let mask: Int32

  let section: Block<UInt8>
  let slotCount: Int
  let byteCount: Int
  let longestToken: Int

  /// Opens a vocabulary section.
  ///
  /// - Parameter section: The bytes of the section, no more and no fewer.
  /// - Throws: `VocabularyError.wrongSize`, `.unsupportedVersion`, `.empty`, `.tooManyTokens`,
  ///   `.tooManyBytes`, `.wrongField`, `.reservedNotZero` or `.specialOutOfRange`.
  /// - Complexity: O(1).
  public init(section: Block<UInt8>) throws(VocabularyError) {
    typealias Layout = VocabularyLayout
    if section.count < Layout.headerSize {
      throw .wrongSize(found: section.count, expected: Layout.headerSize)
    }
    let version = Self.number(in: section, at: Layout.versionOffset)
    if version != Layout.version { throw .unsupportedVersion(found: Int(version)) }
    let count = Int(Self.number(in: section, at: Layout.tokenCountOffset))
    if count == 0 { throw .empty }
    if count > Layout.maximumTokenCount {
      throw .tooManyTokens(count: count, limit: Layout.maximumTokenCount)
    }
    let byteCount = Int(Self.number(in: section, at: Layout.byteCountOffset))
    if byteCount > Layout.maximumByteCount {
      throw .tooManyBytes(count: byteCount, limit: Layout.maximumByteCount)
    }
    let slotCount = Int(Self.number(in: section, at: Layout.slotCountOffset))
    let expectedSlotCount = Layout.slotCount(forTokenCount: count)
    if slotCount != expectedSlotCount {
      throw .wrongField(name: "number of slots", found: slotCount, expected: expectedSlotCount)
    }
    let size = Layout.sectionSize(tokenCount: count, slotCount: slotCount, byteCount: byteCount)
    if section.count != size { throw .wrongSize(found: section.count, expected: size) }
    for offset in Layout.reservedOffset..<Layout.headerSize where section[offset] != 0 {
      throw .reservedNotZero(offset: offset)
    }
    for (index, token) in Layout.specials.enumerated() {
      let id = Int(Self.number(in: section, at: Layout.specialOffset + 4 * index))
      if id >= count { throw .specialOutOfRange(token: token, id: id, count: count) }
    }
    func special(_ index: Int) -> Int32 {
      Int32(truncatingIfNeeded: Self.number(in: section, at: Layout.specialOffset + 4 * index))
    }
    self.count = count
    self.padding = special(0)
    self.unknown = special(1)
    self.classification = special(2)
    self.separator = special(3)
    self.mask = special(4)
    self.section = section
    self.slotCount = slotCount
    self.byteCount = byteCount
    self.longestToken = Int(Self.number(in: section, at: Layout.longestTokenOffset))
  }

  /// The ids of the special tokens, in the order of `VocabularyLayout.specials`.
  var specials: [Int32] { [padding, unknown, classification, separator, mask] }

  /// Where the offsets begin.
  var offsetsStart: Int { VocabularyLayout.headerSize }
  /// Where the hash table begins.
  var tableStart: Int { offsetsStart + 4 * (count + 1) }
  /// Where the bytes of the tokens begin.
  var bytesStart: Int { tableStart + 4 * slotCount }

  /// The little-endian 32-bit number at an offset that is known to lie within the section.
  static func number(in section: Block<UInt8>, at offset: Int) -> UInt32 {
    UInt32(section[offset]) | UInt32(section[offset + 1]) << 8
      | UInt32(section[offset + 2]) << 16 | UInt32(section[offset + 3]) << 24
  }
}
