/// Canonical decomposition and composition of single scalars (Unicode Standard Annex 15).
package enum CanonicalMappings {
  // Hangul, The Unicode Standard, section 3.12.
  private static let syllableBase: UInt32 = 0xAC00
  private static let leadBase: UInt32 = 0x1100
  private static let vowelBase: UInt32 = 0x1161
  private static let trailBase: UInt32 = 0x11A7
  private static let leadCount: UInt32 = 19
  private static let vowelCount: UInt32 = 21
  private static let trailCount: UInt32 = 28
  private static let syllableCount: UInt32 = 11_172

  /// Whether a scalar is a precomposed Hangul syllable.
  package static func isHangulSyllable(_ scalar: UInt32) -> Bool {
    scalar >= syllableBase && scalar - syllableBase < syllableCount
  }

  /// The jamo of a Hangul syllable; `trail` is 0 when there are two.
  package static func jamo(of syllable: UInt32) -> (lead: UInt32, vowel: UInt32, trail: UInt32) {
    let index = syllable - syllableBase
    let trail = index % trailCount
    return (
      lead: leadBase + index / (vowelCount * trailCount),
      vowel: vowelBase + index % (vowelCount * trailCount) / trailCount,
      trail: trail == 0 ? 0 : trailBase + trail
    )
  }

  /// One step of the canonical decomposition, or `nil`; `second` is 0 for a singleton.
  package static func decomposition(of scalar: UInt32) -> (first: UInt32, second: UInt32)? {
    let key = UInt64(scalar) << 42
    let index = lowerBound(of: key, in: UnicodeTables.decompositions)
    guard index < UnicodeTables.decompositions.count else { return nil }
    let entry = UnicodeTables.decompositions[index]
    if entry >> 42 != UInt64(scalar) { return nil }
    return (first: UInt32(entry >> 21 & 0x1F_FFFF), second: UInt32(entry & 0x1F_FFFF))
  }

  /// The primary composite of two scalars, or `nil`.
  package static func composition(of first: UInt32, _ second: UInt32) -> UInt32? {
    if first >= leadBase, first - leadBase < leadCount {
      guard second >= vowelBase, second - vowelBase < vowelCount else { return nil }
      return syllableBase
        + ((first - leadBase) * vowelCount + (second - vowelBase)) * trailCount
    }
    if isHangulSyllable(first) {
      guard (first - syllableBase) % trailCount == 0 else { return nil }
      guard second > trailBase, second - trailBase < trailCount else { return nil }
      return first + (second - trailBase)
    }
    let key = UInt64(first) << 42 | UInt64(second) << 21
    let index = lowerBound(of: key, in: UnicodeTables.compositions)
    guard index < UnicodeTables.compositions.count else { return nil }
    let entry = UnicodeTables.compositions[index]
    return entry >> 21 == key >> 21 ? UInt32(entry & 0x1F_FFFF) : nil
  }

  /// The first index whose value is not below `key`.
  private static func lowerBound(of key: UInt64, in table: [UInt64]) -> Int {
    var low = 0
    var high = table.count
    while low < high {
      let middle = low + (high - low) / 2
      if table[middle] < key { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
