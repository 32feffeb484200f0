import Foundation

/// Every way to cut a file short, and every way to change one bit of it.
struct Damage {
  let sample: [UInt8]

  /// Calls `body` with each prefix of the sample, from none of it to all but the last byte.
  func forEachTruncation(_ body: ([UInt8]) throws -> Void) rethrows {
    for count in 0..<sample.count { try body(Array(sample.prefix(count))) }
  }

  /// Calls `body` with the sample and one bit of it changed, for each bit.
  func forEachFlip(_ body: (_ byte: Int, _ bit: Int, [UInt8]) throws -> Void) rethrows {
    var copy = sample
    for byte in sample.indices {
      for bit in 0..<8 {
        copy[byte] ^= 1 << UInt8(bit)
        try body(byte, bit, copy)
        copy[byte] ^= 1 << UInt8(bit)
      }
    }
  }
}

/// A file that is changed in place, for readers that take a path.
final class DamagedFile {
  let path: String
  private let handle: FileHandle

  init(_ bytes: [UInt8], at path: String) throws {
    self.path = path
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
  }

  deinit { try? handle.close() }

  func truncate(to count: Int) throws { try handle.truncate(atOffset: UInt64(count)) }

  func write(_ byte: UInt8, at offset: Int) throws {
    try handle.seek(toOffset: UInt64(offset))
    try handle.write(contentsOf: [byte])
  }
}
