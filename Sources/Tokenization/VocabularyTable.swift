/// Makes the hash table of a vocabulary, the same one for the same tokens.
enum VocabularyTable {
  /// Inserts every token in the order of the ids, by linear probing.
  ///
  /// - Parameters:
  ///   - bytes: The bytes of all tokens, one after the other.
  ///   - offsets: Where each token begins and, last, where the last one ends: ascending, within
  ///     `bytes`.
  /// - Returns: One number per slot: id + 1, or 0 if the slot is free.
  /// - Throws: `VocabularyError.duplicate` or `.tooManyCollisions`.
  static func build(bytes: [UInt8], offsets: [Int]) throws(VocabularyError) -> [UInt32] {
    let count = offsets.count - 1
    let slotCount = VocabularyLayout.slotCount(forTokenCount: count)
    var table = [UInt32](repeating: 0, count: slotCount)
    for id in 0..<count {
      let token = offsets[id]..<offsets[id + 1]
      var hash = TokenHash()
      for place in token { hash.combine(bytes[place]) }
      var slot = Int(hash.value) & (slotCount - 1)
      var probes = 1
      while table[slot] != 0 {
        let other = Int(table[slot]) - 1
        if isEqual(bytes, token, offsets[other]..<offsets[other + 1]) {
          throw .duplicate(token: text(bytes, token), firstID: other, secondID: id)
        }
        if probes == VocabularyLayout.maximumProbeCount {
          throw .tooManyCollisions(token: text(bytes, token), limit: probes)
        }
        slot = (slot + 1) & (slotCount - 1)
        probes += 1
      }
      table[slot] = UInt32(id + 1)
    }
    return table
  }

  /// A token as text.
  static func text(_ bytes: [UInt8], _ range: Range<Int>) -> String {
    String(decoding: bytes[range], as: UTF8.self)
  }

  private static func isEqual(_ bytes: [UInt8], _ left: Range<Int>, _ right: Range<Int>) -> Bool {
    if left.count != right.count { return false }
    for index in 0..<left.count
    where bytes[left.lowerBound + index] != bytes[right.lowerBound + index] {
      return false
    }
    return true
  }
}
