/// Makes the vocabulary section of a `.tcm` file out of a `vocab.txt`.
public enum VocabularyBuilder {
  /// Most bytes of a `vocab.txt` that can be one: those of tokens and a carriage return and newline after each.
  public static let fileByteLimit =
    VocabularyLayout.maximumByteCount + 2 * VocabularyLayout.maximumTokenCount

  /// Lays a vocabulary out as `Formats/vocabulary.md` says.
  ///
  /// Lines end at byte 0x0A only (a token may be U+2028); the newline after the last line is
  /// optional, and if every newline has a carriage return before it, that one is taken off. A
  /// line's number from 0 is the token's id. One line may be empty: it keeps its id and is never
  /// found in a text.
  ///
  /// - Parameter text: The bytes of the file.
  /// - Returns: The section; the same tokens always give the same bytes.
  /// - Throws: The first problem: `VocabularyError.empty`, `.tooManyTokens`, `.tooManyBytes`,
  ///   `.lineBreak`, `.invalidUTF8`, `.duplicate`, `.tooManyCollisions` or `.missingSpecial`.
  /// - Complexity: O(bytes).
  public static func build(text: [UInt8]) throws(VocabularyError) -> [UInt8] {
    let (bytes, offsets) = try tokens(of: text)
    let table = try VocabularyTable.build(bytes: bytes, offsets: offsets)
    let count = offsets.count - 1
    var longest = 0
    var specials: [Int?] = VocabularyLayout.specials.map { _ in nil }
    for id in 0..<count {
      let token = offsets[id]..<offsets[id + 1]
      longest = max(longest, token.count)
      for (index, special) in VocabularyLayout.specials.enumerated()
      where special.utf8.elementsEqual(bytes[token]) {
        specials[index] = id
      }
    }
    var section: [UInt8] = []
    section.reserveCapacity(
      VocabularyLayout.sectionSize(
        tokenCount: count, slotCount: table.count, byteCount: bytes.count))
    append(Int(VocabularyLayout.version), to: &section)
    append(count, to: &section)
    append(table.count, to: &section)
    append(bytes.count, to: &section)
    append(longest, to: &section)
    for (index, id) in specials.enumerated() {
      guard let id else { throw .missingSpecial(token: VocabularyLayout.specials[index]) }
      append(id, to: &section)
    }
    while section.count < VocabularyLayout.headerSize { section.append(0) }
    for offset in offsets { append(offset, to: &section) }
    for entry in table { append(Int(entry), to: &section) }
    section += bytes
    return section
  }

  /// How many tokens a `vocab.txt` has.
  ///
  /// - Parameter text: The bytes of the file.
  /// - Returns: The number of lines.
  /// - Complexity: O(bytes), no memory.
  public static func tokenCount(of text: [UInt8]) -> Int {
    text.count { $0 == 0x0A } + (text.last == 0x0A || text.isEmpty ? 0 : 1)
  }

  /// The tokens without their line ends, and where each begins and the last one ends.
  private static func tokens(
    of text: [UInt8]
  ) throws(VocabularyError) -> (bytes: [UInt8], offsets: [Int]) {
    if text.isEmpty { throw .empty }
    // Before anything is kept of them: there may be as many as bytes.
    let count = tokenCount(of: text)
    let limits = (tokens: VocabularyLayout.maximumTokenCount, VocabularyLayout.maximumByteCount)
    if count > limits.tokens { throw .tooManyTokens(count: count, limit: limits.tokens) }
    var lines: [Range<Int>] = []
    lines.reserveCapacity(count)
    var start = 0
    var returns = 0
    for (index, byte) in text.enumerated() where byte == 0x0A {
      if index > start, text[index - 1] == 0x0D { returns += 1 }
      lines.append(start..<index)
      start = index + 1
    }
    let hasReturns = returns > 0 && returns == lines.count
    if hasReturns { lines = lines.map { $0.lowerBound..<$0.upperBound - 1 } }
    if start < text.count { lines.append(start..<text.count) }

    let byteCount = lines.reduce(0) { $0 + $1.count }
    if byteCount > limits.1 { throw .tooManyBytes(count: byteCount, limit: limits.1) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(byteCount)
    var offsets = [0]
    offsets.reserveCapacity(lines.count + 1)
    for (id, line) in lines.enumerated() {
      if text[line].contains(0x0D) { throw .lineBreak(id: id) }
      if !UTF8Scalar.isWellFormed(text, in: line) { throw .invalidUTF8(id: id) }
      bytes += text[line]
      offsets.append(bytes.count)
    }
    return (bytes: bytes, offsets: offsets)
  }

  /// Appends a number as 32 bits, little-endian; it is below 2^32.
  private static func append(_ number: Int, to section: inout [UInt8]) {
    let value = UInt32(number)
    for shift in [0, 8, 16, 24] as [UInt32] {
      section.append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }
}
