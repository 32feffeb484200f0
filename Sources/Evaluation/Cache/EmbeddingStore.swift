internal import CPlatform
internal import Kernels
internal import TensorCore

/// Rows of floats on disk, written in order, that outlive a killed process.
///
/// The file is a header and blocks of `blockRows` rows, each with its own checksum; what a crash left incomplete is cut
/// off when the file is opened again, and the rows that are whole are not computed twice. One process at a time has it.
///
///     header   64 bytes: "TAIYIROW", version 1, width, total rows (u32, little-endian), key (32 bytes), CRC-32C, zeros
///     block    row count (u32), CRC-32C of the rows (u32), rows of f32; all blocks but the last have `blockRows` rows
final class EmbeddingStore {
  /// Rows of a block: at most that many are lost by a crash.
  static let blockRows = 32
  private static let headerBytes = 64

  /// Elements of a row.
  let width: Int
  /// Rows it will have.
  let total: Int
  /// Rows that are safe on disk or in `pending`.
  private(set) var count: Int
  private let path: String
  private let descriptor: Int32
  private var pending: [Float] = []

  /// Opens or creates the file.
  ///
  /// - Parameters:
  ///   - path: In the cache.
  ///   - key: What the rows depend on, 32 bytes; a file with another key is begun anew.
  ///   - width: Elements of a row.
  ///   - total: Rows it will have.
  /// - Throws: `EvaluationError.cache`, `.cacheInUse`.
  init(path: String, key: [UInt8], width: Int, total: Int) throws(EvaluationError) {
    self.path = path
    self.width = width
    self.total = total
    descriptor = unsafe path.withCString { unsafe cp_open_locked($0) }
    count = 0
    if descriptor == -11 { throw .cacheInUse(path: path) }
    if descriptor < 0 { throw .cache(path: path, SystemError(code: -descriptor)) }
    let header = EmbeddingStore.header(key: key, width: width, total: total)
    if try read(at: 0, count: header.count) == header {
      try findWholeBlocks()
    } else {
      try check(cp_truncate(descriptor, 0))
      try write(header, at: 0)
    }
  }

  deinit { if descriptor >= 0 { cp_close(descriptor) } }

  /// Adds rows after the last.
  ///
  /// - Parameter rows: `[n, width]`, at most as many as are missing.
  func append(_ rows: Block<Float>) throws(EvaluationError) {
    precondition(rows.count % width == 0 && count + rows.count / width <= total, "rows fit")
    for row in 0..<rows.count / width {
      for column in 0..<width { pending.append(rows[row * width + column]) }
      count += 1
      if pending.count == EmbeddingStore.blockRows * width || count == total { try flush() }
    }
  }

  /// Rows that are there.
  ///
  /// - Parameter range: In `0..<count`.
  /// - Returns: `[range.count, width]`.
  func rows(_ range: Range<Int>) throws(EvaluationError) -> MutableBlock<Float> {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "the rows are there")
    let result: MutableBlock<Float>
    do throws(SystemError) { result = try MutableBlock(allocating: range.count * width) } catch {
      throw .system(error)
    }
    let safe = count - pending.count / width
    var row = range.lowerBound
    while row < range.upperBound {
      let place = (row - range.lowerBound) * width
      if row >= safe {
        for column in 0..<width {
          result[place + column] = pending[(row - safe) * width + column]
        }
        row += 1
        continue
      }
      let blockEnd = (row / EmbeddingStore.blockRows + 1) * EmbeddingStore.blockRows
      let end = min(min(range.upperBound, safe), blockEnd)
      let part = result[place..<place + (end - row) * width].bytes
      let inBlock = row % EmbeddingStore.blockRows
      let offset = blockOffset(row / EmbeddingStore.blockRows) + 8 + inBlock * width * 4
      let done = unsafe cp_pread(descriptor, part.pointer, part.count, Int64(offset))
      if done < 0 { throw .cache(path: path, SystemError(code: Int32(-done))) }
      if done < part.count { throw .cache(path: path, SystemError(code: 5)) }
      row = end
    }
    return result
  }

  private func blockOffset(_ block: Int) -> Int {
    EmbeddingStore.headerBytes + block * (8 + EmbeddingStore.blockRows * width * 4)
  }

  private func flush() throws(EvaluationError) {
    let rows = pending.count / width
    let block = (count - rows) / EmbeddingStore.blockRows
    var bytes = [UInt8]()
    bytes.reserveCapacity(pending.count * 4)
    for value in pending { bytes.append(value.bitPattern) }
    var head = [UInt8]()
    head.append(UInt32(rows))
    head.append(WeightKernels.crc32c(bytes))
    try write(head + bytes, at: blockOffset(block))
    pending.removeAll(keepingCapacity: true)
  }

  /// Counts whole blocks from the first; the rest is cut off.
  private func findWholeBlocks() throws(EvaluationError) {
    while count < total {
      let offset = blockOffset(count / EmbeddingStore.blockRows)
      let rows = min(EmbeddingStore.blockRows, total - count)
      let bytes = try read(at: offset, count: 8 + rows * width * 4)
      if bytes.count < 8 + rows * width * 4 { break }
      var head = [UInt8]()
      head.append(UInt32(rows))
      head.append(WeightKernels.crc32c(Array(bytes[8...])))
      if Array(bytes[..<8]) != head { break }
      count += rows
    }
    let end =
      count == total
      ? blockOffset(0) + byteCount(count) : blockOffset(count / EmbeddingStore.blockRows)
    try check(cp_truncate(descriptor, Int64(end)))
  }

  private func byteCount(_ rows: Int) -> Int {
    let blocks = (rows + EmbeddingStore.blockRows - 1) / EmbeddingStore.blockRows
    return blocks * 8 + rows * width * 4
  }

  /// The size of a file with all its rows.
  static func fileSize(width: Int, total: Int) -> Int {
    headerBytes + (total + blockRows - 1) / blockRows * 8 + total * width * 4
  }

  private static func header(key: [UInt8], width: Int, total: Int) -> [UInt8] {
    var bytes = Array("TAIYIROW".utf8)
    for value in [1, width, total] { bytes.append(UInt32(value)) }
    bytes += key
    bytes.append(WeightKernels.crc32c(bytes))
    return bytes + [UInt8](repeating: 0, count: headerBytes - bytes.count)
  }

  private func read(at offset: Int, count: Int) throws(EvaluationError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let done = unsafe bytes.withUnsafeMutableBytes {
      unsafe cp_pread(descriptor, $0.baseAddress, $0.count, Int64(offset))
    }
    if done < 0 { throw .cache(path: path, SystemError(code: Int32(-done))) }
    return Array(bytes.prefix(Int(done)))
  }

  private func write(_ bytes: [UInt8], at offset: Int) throws(EvaluationError) {
    try check(
      unsafe bytes.withUnsafeBytes {
        unsafe cp_pwrite(descriptor, $0.baseAddress, $0.count, Int64(offset))
      })
  }

  private func check(_ result: Int32) throws(EvaluationError) {
    if result < 0 { throw .cache(path: path, SystemError(code: -result)) }
  }
}

extension [UInt8] {
  fileprivate mutating func append(_ value: UInt32) {
    for shift in [0, 8, 16, 24] { append(UInt8(truncatingIfNeeded: value >> UInt32(shift))) }
  }
}
