import CZlib

/// A ZIP archive around a pickle, with the checksums it needs to be looked at.
enum FuzzArchive {
  /// Storages 0 and 1 hold 64 bytes each.
  static func file(pickle: [UInt8], isScript: Bool) -> [UInt8] {
    var data: [UInt8] = []
    var directory: [UInt8] = []
    var entries = [("x/data.pkl", pickle)]
    if isScript { entries.append(("x/constants.pkl", [0x80, 2, 0x29, 0x2E])) }
    for index in 0..<2 {
      entries.append(("x/data/\(index)", [UInt8](repeating: UInt8(index), count: 64)))
    }
    for (name, bytes) in entries {
      let sum = bytes.withUnsafeBytes {
        crc32_z(0, $0.baseAddress?.assumingMemoryBound(to: UInt8.self), $0.count)
      }
      let numbers =
        le(0, 2) + le(0, 2) + le(0, 4) + le(Int(sum), 4) + le(bytes.count, 4) + le(bytes.count, 4)
      directory += [0x50, 0x4B, 1, 2] + le(20, 2) + le(20, 2) + numbers + le(name.utf8.count, 2)
      directory += le(0, 2) + le(0, 2) + le(0, 2) + le(0, 2) + le(0, 4) + le(data.count, 4)
      directory += Array(name.utf8)
      data += [0x50, 0x4B, 3, 4] + le(20, 2) + numbers + le(name.utf8.count, 2) + le(0, 2)
      data += Array(name.utf8) + bytes
    }
    let end =
      [0x50, 0x4B, 5, 6] + le(0, 2) + le(0, 2) + le(entries.count, 2) + le(entries.count, 2)
      + le(directory.count, 4) + le(data.count, 4) + le(0, 2)
    return data + directory + end
  }

  private static func le(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
