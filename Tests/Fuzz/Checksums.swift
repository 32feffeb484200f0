import CZlib

/// Files with their checksums made right, so that what is behind them is reached.
enum Checksums {
  /// The chunks of a PNG behind its signature.
  static func repaired(png: [UInt8]) -> [UInt8] {
    var png = png
    var start = 0
    while start + 12 <= png.count {
      let length = png[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
      let end = start + 8 + length
      guard end + 4 <= png.count else { break }
      let sum = crc(png[start + 4..<end])
      for byte in 0..<4 { png[end + byte] = UInt8(truncatingIfNeeded: sum >> UInt(24 - 8 * byte)) }
      start = end + 4
    }
    return png
  }

  /// The entries of a ZIP archive that are stored as they are and whose headers stand where the directory says.
  static func repaired(archive: [UInt8]) -> [UInt8] {
    var zip = archive
    func number(at offset: Int, _ count: Int) -> Int {
      (0..<count).reduce(0) { $0 | Int(zip[offset + $1]) << (8 * $1) }
    }
    guard zip.count >= 22 else { return zip }
    var entry = number(at: zip.count - 22 + 16, 4)
    while entry + 46 <= zip.count, zip[entry..<entry + 4].elementsEqual([0x50, 0x4B, 1, 2]) {
      let (size, local) = (number(at: entry + 20, 4), number(at: entry + 42, 4))
      if local + 30 <= zip.count {
        let start = local + 30 + number(at: local + 26, 2) + number(at: local + 28, 2)
        if start + size <= zip.count {
          let sum = crc(zip[start..<start + size])
          for byte in 0..<4 {
            let value = UInt8(truncatingIfNeeded: sum >> UInt(8 * byte))
            zip[entry + 16 + byte] = value
            // Behind a descriptor's flag the local header holds none.
            if zip[local + 6] & 8 == 0 { zip[local + 14 + byte] = value }
          }
        }
      }
      entry += 46 + [28, 30, 32].reduce(0) { $0 + number(at: entry + $1, 2) }
    }
    return zip
  }

  private static func crc(_ bytes: ArraySlice<UInt8>) -> UInt {
    UInt(
      bytes.withUnsafeBytes {
        crc32_z(0, $0.baseAddress?.assumingMemoryBound(to: UInt8.self), $0.count)
      })
  }
}
