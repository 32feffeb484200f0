internal import TensorCore

extension Vocabulary {
  /// Checks everything that opening does not.
  ///
  /// Afterwards every token is valid UTF-8, is there once and is found at its own id, the special
  /// tokens are where the header says, and the section is the very one `VocabularyBuilder` makes of
  /// these tokens.
  ///
  /// - Throws: The first problem: `VocabularyError.wrongOffset`, `.lineBreak`, `.invalidUTF8`,
  ///   `.wrongField`, `.specialMismatch`, `.duplicate`, `.tooManyCollisions` or `.wrongSlot`.
  /// - Complexity: O(size of the section).
  public func validate() throws(VocabularyError) {
    let bytes = section[bytesStart..<bytesStart + byteCount].array
    let offsets = try checkedOffsets()
    var longest = 0
    for id in 0..<count {
      let token = offsets[id]..<offsets[id + 1]
      longest = max(longest, token.count)
      if bytes[token].contains(where: { $0 == 0x0A || $0 == 0x0D }) { throw .lineBreak(id: id) }
      if !UTF8Scalar.isWellFormed(bytes, in: token) { throw .invalidUTF8(id: id) }
    }
    if longestToken != longest {
      throw .wrongField(
        name: "length of the longest token", found: longestToken, expected: longest)
    }
    for (id, special) in zip(specials, VocabularyLayout.specials) {
      let found = offsets[Int(id)]..<offsets[Int(id) + 1]
      if !special.utf8.elementsEqual(bytes[found]) {
        let text = VocabularyTable.text(bytes, found)
        throw .specialMismatch(token: special, id: Int(id), found: text)
      }
    }
    for (slot, expected) in try VocabularyTable.build(bytes: bytes, offsets: offsets).enumerated() {
      let found = Self.number(in: section, at: tableStart + 4 * slot)
      if found != expected {
        throw .wrongSlot(slot: slot, found: Int(found), expected: Int(expected))
      }
    }
  }

  /// The offsets, once they are known to ascend from 0 to `byteCount`.
  private func checkedOffsets() throws(VocabularyError) -> [Int] {
    var offsets: [Int] = []
    offsets.reserveCapacity(count + 1)
    for index in 0...count {
      offsets.append(Int(Self.number(in: section, at: offsetsStart + 4 * index)))
    }
    for id in 0..<count {
      let (start, end) = (offsets[id], offsets[id + 1])
      let isFirst = id == 0
      let isLast = id == count - 1
      if start > end || isFirst && start != 0 || isLast && end != byteCount {
        throw .wrongOffset(id: id, start: start, end: end, byteCount: byteCount)
      }
    }
    return offsets
  }
}
