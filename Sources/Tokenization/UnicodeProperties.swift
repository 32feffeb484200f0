/// What the tokenizer needs to know of one Unicode scalar, as of Unicode 14.0.0.
///
/// The Swift library's own properties are not used: they follow the library's Unicode version, and
/// a token sequence must not.
package struct UnicodeProperties {
  /// How the rules of BERT sort scalars; each scalar has one kind.
  package enum Kind: UInt8 {
    /// A letter, digit, symbol, spacing mark or separator (U+2028, U+2029).
    case other = 0
    /// Removed by `clean_text`: U+0000, U+FFFD and categories C* but for tab, line feed and return.
    case dropped = 1
    /// Space, tab, line feed, return and category Zs.
    case space = 2
    /// ASCII 33-47, 58-64, 91-96, 123-126 and categories P*.
    case punctuation = 3
    /// Category Mn.
    case nonspacingMark = 4
  }

  private let record: UInt64

  /// Looks a scalar up; O(1).
  ///
  /// - Parameter scalar: Any value; those beyond U+10FFFF count as unassigned.
  package init(_ scalar: UInt32) {
    if scalar >= UnicodeTables.tail {
      let isVariationSelector = (0xE0100...0xE01EF).contains(scalar)
      record = UInt64(isVariationSelector ? Kind.nonspacingMark.rawValue : Kind.dropped.rawValue)
      return
    }
    let block = Int(scalar >> 6)
    let row = UInt16(truncatingIfNeeded: UnicodeTables.blocks[block >> 2] >> ((block & 3) * 16))
    let place = Int(row) << 6 | Int(scalar & 63)
    let number = UInt8(truncatingIfNeeded: UnicodeTables.rows[place >> 3] >> ((place & 7) * 8))
    record = UnicodeTables.records[Int(number)]
  }

  /// The kind.
  package var kind: Kind { Kind(rawValue: UInt8(record & 7)) ?? .other }

  /// Whether `UnicodeTables.decompositions` has an entry; Hangul syllables have none.
  package var hasDecomposition: Bool { record & 8 != 0 }

  /// The canonical combining class; 0 for a starter.
  package var combiningClass: UInt8 { UInt8(truncatingIfNeeded: record >> 8) }

  /// The lower-case scalar minus this one.
  ///
  /// U+0130, whose lower case is two scalars, has 0 here and is left to the caller.
  package var lowercaseOffset: Int32 { Int32(truncatingIfNeeded: Int64(bitPattern: record) >> 32) }
}
