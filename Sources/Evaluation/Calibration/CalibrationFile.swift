internal import Kernels
internal import Quantization
internal import TCMWriter
internal import TensorCore

/// A calibration on disk, in the cache: what a matrix is given fills a gigabyte for ViT-L/14 and is mapped when needed.
///
///     header   64 bytes: "TAIYICAL", version 1, pictures, texts, matrices (u32, little-endian), key (32 bytes), zeros
///     table    a record of 128 bytes for each matrix: name (96 bytes, zeros behind), columns, samples (u32), offset (u64),
///              CRC-32C of its floats, zeros; then the CRC-32C of header and table
///     floats   for each matrix from its offset, a multiple of 64: ranges, moments, samples
enum CalibrationFile {
  private static let headerBytes = 64
  private static let recordBytes = 128
  private static let nameBytes = 96

  private struct Record {
    let name: String
    let columns: Int
    let samples: Int
    let offset: Int
    let checksum: UInt32

    var floats: Int { columns + columns * (columns + 1) / 2 + samples * columns }
  }

  /// Writes a calibration matrix by matrix.
  final class Writer {
    private let file: AtomicFile
    private let key: [UInt8]
    private let limit: Int
    private var records: [Record] = []
    private var end: Int

    /// Begins a file for at most `limit` matrices.
    init(path: String, key: [UInt8], limit: Int) throws(WriteError) {
      file = try AtomicFile(path: path)
      self.key = key
      self.limit = limit
      end = CalibrationFile.aligned(CalibrationFile.headerBytes + recordBytes * limit + 4)
    }

    /// Adds a matrix.
    func add(_ name: String, _ statistics: InputStatistics) throws(WriteError) {
      precondition(records.count < limit && name.utf8.count < nameBytes, "there is room")
      let start = end
      var checksum: UInt32 = 0
      for part in [statistics.ranges, statistics.moments, statistics.samples] {
        try file.write(part.bytes, at: end)
        checksum = WeightKernels.crc32c(part.bytes, continuing: checksum)
        end += part.count * 4
      }
      records.append(
        Record(
          name: name, columns: statistics.columns,
          samples: statistics.samples.count / statistics.columns, offset: start,
          checksum: checksum))
      end = CalibrationFile.aligned(end)
    }

    /// Puts the file in its place.
    func finish(pictures: Int, texts: Int) throws(WriteError) {
      var bytes = Array("TAIYICAL".utf8)
      for number in [1, pictures, texts, records.count] { append(number, 4, to: &bytes) }
      bytes += key
      pad(&bytes, to: headerBytes)
      for (index, record) in records.enumerated() {
        bytes += Array(record.name.utf8)
        pad(&bytes, to: headerBytes + index * recordBytes + nameBytes)
        append(record.columns, 4, to: &bytes)
        append(record.samples, 4, to: &bytes)
        append(record.offset, 8, to: &bytes)
        append(Int(record.checksum), 4, to: &bytes)
        pad(&bytes, to: headerBytes + (index + 1) * recordBytes)
      }
      append(Int(WeightKernels.crc32c(bytes)), 4, to: &bytes)
      try file.write(bytes, at: 0)
      // The last matrix may end before a multiple of 64.
      try file.write([0], at: end)
      try file.commit()
    }

    private func append(_ number: Int, _ count: Int, to bytes: inout [UInt8]) {
      for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: number >> (8 * index))) }
    }

    private func pad(_ bytes: inout [UInt8], to count: Int) {
      bytes += [UInt8](repeating: 0, count: count - bytes.count)
    }
  }

  /// Opens a calibration.
  ///
  /// - Returns: `nil` where there is none, or one that is damaged or of another key: it is then made again.
  static func read(path: String, key: [UInt8]) -> Calibration? {
    guard let file = try? InputFile(path: path), let memory = try? file.map() else { return nil }
    let bytes = memory.block(at: 0, count: memory.byteCount, of: UInt8.self)
    func number(_ place: Int, _ count: Int) -> Int {
      (0..<count).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
    }
    guard bytes.count >= headerBytes, bytes[0..<8].array == Array("TAIYICAL".utf8),
      number(8, 4) == 1, bytes[24..<56].array == key
    else { return nil }
    let tableEnd = headerBytes + number(20, 4) * recordBytes
    guard tableEnd + 4 <= bytes.count,
      number(tableEnd, 4) == Int(WeightKernels.crc32c(bytes[0..<tableEnd]))
    else { return nil }
    var inputs: [String: InputStatistics] = [:]
    for place in stride(from: headerBytes, to: tableEnd, by: recordBytes) {
      let name = bytes[place..<place + nameBytes].array.prefix { $0 != 0 }
      let record = Record(
        name: String(decoding: name, as: UTF8.self), columns: number(place + 96, 4),
        samples: number(place + 100, 4), offset: number(place + 104, 8),
        checksum: UInt32(number(place + 112, 4)))
      guard (1...(1 << 16)).contains(record.columns), record.samples <= 1 << 16,
        record.offset >= 0, record.offset % 64 == 0,
        record.offset <= bytes.count - min(record.floats * 4, bytes.count),
        WeightKernels.crc32c(bytes[record.offset..<record.offset + record.floats * 4])
          == record.checksum
      else { return nil }
      let floats = memory.block(at: record.offset, count: record.floats, of: Float.self)
      let moments = record.columns * (record.columns + 1) / 2
      inputs[record.name] = InputStatistics(
        ranges: floats[0..<record.columns],
        moments: floats[record.columns..<record.columns + moments],
        samples: floats[record.columns + moments..<record.floats])
    }
    return Calibration(
      pictures: number(12, 4), texts: number(16, 4), identity: key, inputs: inputs)
  }

  private static func aligned(_ offset: Int) -> Int { (offset + 63) / 64 * 64 }
}
