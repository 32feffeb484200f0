import CZlib

/// A ZIP archive around a pickle, with the checksums it needs to be looked at.
enum FuzzArchive {
  private static let storages = (0..<2).map {
    ("x/data/\($0)", [UInt8](repeating: UInt8($0), count: 64))
  }
  private static let constants: [(String, [UInt8])] = [("x/constants.pkl", [0x80, 2, 0x29, 0x2E])]

  /// Storages 0 and 1 hold 64 bytes each.
  ///
  /// Few allocations: under the address sanitizer they are what an execution costs.
  static func file(pickle: [UInt8], isScript: Bool) -> [UInt8] {
    let entries = [("x/data.pkl", pickle)] + (isScript ? constants : []) + storages
    var data: [UInt8] = []
    var directory: [UInt8] = []
    data.reserveCapacity(pickle.count + 1024)
    directory.reserveCapacity(512)
    for (name, bytes) in entries {
      let start = data.count
      let sum = bytes.withUnsafeBytes {
        crc32_z(0, $0.baseAddress?.assumingMemoryBound(to: UInt8.self), $0.count)
      }
      put(0x0403_4B50, 4, &data)
      put(20, 2, &data)
      // Flags, method, time and date; sizes; the name's length, nothing more.
      put(0, 8, &data)
      put(Int(sum), 4, &data)
      put(bytes.count, 4, &data)
      put(bytes.count, 4, &data)
      put(name.utf8.count, 4, &data)
      put(0x0201_4B50, 4, &directory)
      put(20, 2, &directory)
      directory.append(contentsOf: data[start + 4..<start + 30])
      // No comment, first disk, no attributes.
      put(0, 10, &directory)
      put(start, 4, &directory)
      data.append(contentsOf: name.utf8)
      directory.append(contentsOf: name.utf8)
      data.append(contentsOf: bytes)
    }
    let start = data.count
    data.append(contentsOf: directory)
    put(0x0605_4B50, 4, &data)
    put(0, 4, &data)
    put(entries.count, 2, &data)
    put(entries.count, 2, &data)
    put(directory.count, 4, &data)
    put(start, 4, &data)
    put(0, 2, &data)
    return data
  }

  private static func put(_ value: Int, _ count: Int, _ bytes: inout [UInt8]) {
    for byte in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * byte))) }
  }
}
