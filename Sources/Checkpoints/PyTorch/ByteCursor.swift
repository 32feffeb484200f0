/// Reads little-endian numbers from bytes of a file; every read can fail.
struct ByteCursor {
  private let bytes: [UInt8]
  private(set) var position: Int

  init(_ bytes: [UInt8], at position: Int = 0) {
    self.bytes = bytes
    self.position = position
  }

  /// Bytes that are left.
  var remaining: Int { bytes.count - position }

  /// The next `count` bytes, at least 0, or `nil` beyond the end.
  mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
    if count > remaining { return nil }
    defer { position += count }
    return bytes[position..<position + count]
  }

  /// The next byte, or `nil` at the end.
  mutating func byte() -> UInt8? {
    if position >= bytes.count { return nil }
    defer { position += 1 }
    return bytes[position]
  }

  /// An unsigned number of 1 to 8 bytes.
  mutating func unsigned(_ count: Int) -> UInt64? {
    take(count).map(littleEndian)
  }

  /// The bytes before the next `byte`, which is passed over; `nil` if it is not among the next `limit`.
  mutating func line(endingWith byte: UInt8, limit: Int) -> ArraySlice<UInt8>? {
    let end = min(bytes.count, position + limit + 1)
    guard let index = bytes[position..<end].firstIndex(of: byte) else { return nil }
    defer { position = index + 1 }
    return bytes[position..<index]
  }
}

/// The unsigned number in up to 8 bytes.
func littleEndian(_ bytes: ArraySlice<UInt8>) -> UInt64 {
  bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
}
