/// Strict UTF-8 of single scalars (The Unicode Standard, table 3-7).
package enum UTF8Scalar {
  /// The well-formed scalar that starts at `index`, or `nil` if the bytes there are ill-formed.
  ///
  /// - Parameters:
  ///   - bytes: Any bytes.
  ///   - index: A place in `bytes`.
  package static func decode(_ bytes: [UInt8], at index: Int) -> (scalar: UInt32, length: Int)? {
    let first = bytes[index]
    if first < 0x80 { return (scalar: UInt32(first), length: 1) }
    let length: Int
    let smallest: UInt32
    var scalar: UInt32
    switch first {
    case 0xC2...0xDF: (length, smallest, scalar) = (2, 0x80, UInt32(first & 0x1F))
    case 0xE0...0xEF: (length, smallest, scalar) = (3, 0x800, UInt32(first & 0x0F))
    case 0xF0...0xF4: (length, smallest, scalar) = (4, 0x1_0000, UInt32(first & 0x07))
    default: return nil
    }
    if length > bytes.count - index { return nil }
    for place in index + 1..<index + length {
      let byte = bytes[place]
      if byte & 0xC0 != 0x80 { return nil }
      scalar = scalar << 6 | UInt32(byte & 0x3F)
    }
    if scalar < smallest || scalar > 0x10_FFFF || (0xD800...0xDFFF).contains(scalar) { return nil }
    return (scalar: scalar, length: length)
  }

  /// Whether a range of bytes is well-formed.
  package static func isWellFormed(_ bytes: [UInt8], in range: Range<Int>) -> Bool {
    var index = range.lowerBound
    while index < range.upperBound {
      guard let (_, length) = decode(bytes, at: index) else { return false }
      index += length
    }
    // A scalar must not run beyond the range into the bytes after it.
    return index == range.upperBound
  }

  /// Appends the bytes of a scalar, which must be one.
  package static func append(_ scalar: UInt32, to bytes: inout [UInt8]) {
    func continuation(_ shift: UInt32) -> UInt8 { 0x80 | UInt8(scalar >> shift & 0x3F) }
    switch scalar {
    case 0..<0x80:
      bytes.append(UInt8(scalar))
    case 0x80..<0x800:
      bytes.append(0xC0 | UInt8(scalar >> 6))
      bytes.append(continuation(0))
    case 0x800..<0x1_0000:
      bytes.append(0xE0 | UInt8(scalar >> 12))
      bytes.append(continuation(6))
      bytes.append(continuation(0))
    default:
      bytes.append(0xF0 | UInt8(scalar >> 18))
      bytes.append(continuation(12))
      bytes.append(continuation(6))
      bytes.append(continuation(0))
    }
  }
}
