public import Kernels
public import TensorCore

/// An open `.tcm` file: its manifest, checked, and its weights, mapped.
///
/// Opening reads the header and the manifest and checks every structural rule of `Formats/tcm.md`; it touches no
/// weight. The weights' checksums are `check()`'s business.
public final class TCMFile: Sendable {
  /// The path as the caller gave it, for messages.
  public let path: String
  /// The size in bytes.
  public let byteCount: Int
  /// The header.
  public let header: TCMHeader
  /// The manifest.
  public let manifest: Manifest
  let memory: Memory
  private let index: [String: Int]

  /// Opens and checks a file.
  ///
  /// - Parameter path: Any path.
  /// - Throws: `TCMError` naming the rule that is broken.
  /// - Complexity: O(manifest), whatever the size of the weights.
  public convenience init(path: String) throws(TCMError) {
    let file = try reading { () throws(FileError) in try InputFile(path: path) }
    try self.init(
      path: path, byteCount: file.byteCount,
      bytes: { (offset, count) throws(TCMError) in
        try reading { () throws(FileError) in try file.bytes(at: offset, count: count) }
      },
      memory: { () throws(TCMError) in
        try reading { () throws(FileError) in
          let memory = try file.map()
          try file.checkUnchanged()
          return memory
        }
      })
  }

  /// The same of a file that lies in memory already.
  ///
  /// - Parameters:
  ///   - memory: Aligned to 64 bytes at least; else it is misuse and traps.
  ///   - name: For messages.
  /// - Throws: `TCMError` naming the rule that is broken.
  /// - Complexity: O(manifest).
  public convenience init(memory: Memory, name: String) throws(TCMError) {
    try self.init(
      path: name, byteCount: memory.byteCount,
      bytes: { (offset, count) throws(TCMError) in memory.block(at: offset, count: count).array },
      memory: { () throws(TCMError) in memory })
  }

  /// - Parameters:
  ///   - bytes: Bytes inside the file, by offset and count.
  ///   - memory: The whole file.
  private init(
    path: String, byteCount: Int, bytes: (Int, Int) throws(TCMError) -> [UInt8],
    memory: () throws(TCMError) -> Memory
  ) throws(TCMError) {
    let first = try bytes(0, min(byteCount, TCMLayout.headerByteCount))
    let header = try TCMHeader(first, byteCount: byteCount, path: path)
    let manifestBytes = try bytes(Int(header.manifestOffset), Int(header.manifestLength))
    let computed = WeightKernels.crc32c(manifestBytes)
    if computed != header.manifestChecksum {
      throw .checksum(
        path: path, place: "manifest", stored: header.manifestChecksum, computed: computed)
    }
    let manifest = try Manifest(decoding: manifestBytes, path: path)
    if manifest.version > header.readVersion {
      throw .malformed(
        path: path, rule: "3.7", place: "manifest",
        problem: "it has what read version \(manifest.version) added, the header says "
          + "\(header.readVersion)")
    }
    self.index = try manifest.validate(manifestOffset: Int(header.manifestOffset), path: path)
    self.memory = try memory()
    self.path = path
    self.byteCount = byteCount
    self.header = header
    self.manifest = manifest
  }

  /// The record of a tensor.
  ///
  /// - Parameter name: The full name.
  /// - Throws: `TCMError.missingTensor`.
  public func tensor(_ name: String) throws(TCMError) -> TensorRecord {
    guard let position = index[name] else { throw .missingTensor(path: path, name: name) }
    return manifest.tensors[position]
  }

  /// The bytes of the vocabulary, if there is one.
  public var vocabulary: Block<UInt8>? {
    for section in manifest.sections where section.kind == .vocabulary {
      return memory.block(at: section.offset, count: section.byteCount)
    }
    return nil
  }

  /// A run of the file as bytes; outside is misuse and traps.
  public func bytes(at offset: Int, count: Int) -> Block<UInt8> {
    memory.block(at: offset, count: count)
  }

  /// An f32 tensor whose shape must be `shape`.
  ///
  /// - Throws: `TCMError.missingTensor`, `.wrongShape` or `.wrongEncoding`.
  public func floats(_ name: String, shape: [Int]) throws(TCMError) -> Block<Float> {
    let record = try tensor(name, shape: shape)
    guard record.encoding == .float32 else { throw wrongEncoding(record) }
    return block(record, .values)
  }

  /// A weight matrix of `rows` outputs and `columns` inputs.
  ///
  /// - Throws: `TCMError.missingTensor`, `.wrongShape` or `.wrongEncoding`.
  public func matrix(_ name: String, rows: Int, columns: Int) throws(TCMError) -> Matrix {
    let record = try tensor(name, shape: [rows, columns])
    let storage: Matrix.Storage
    switch record.encoding {
    case .float32: storage = .float32(block(record, .values))
    case .float16: storage = .float16(block(record, .values))
    case .int8Row:
      let inputScales: Block<Float>? =
        record.part(.inputScales) == nil ? nil : block(record, .inputScales)
      storage = .int8(
        Int8Panels(
          values: block(record, .values), scales: block(record, .rowScales),
          sums: block(record, .rowSums), inputScales: inputScales))
    case .int4Group: storage = .int4(int4Panels(record))
    case .int8Table: throw wrongEncoding(record)
    }
    return Matrix(rows: rows, columns: columns, storage: storage)
  }

  /// A table of `rows` rows that are looked up.
  ///
  /// - Throws: `TCMError.missingTensor`, `.wrongShape` or `.wrongEncoding`.
  public func table(_ name: String, rows: Int, columns: Int) throws(TCMError) -> Table {
    let record = try tensor(name, shape: [rows, columns])
    let storage: Table.Storage
    switch record.encoding {
    case .float32: storage = .float32(block(record, .values))
    case .float16: storage = .float16(block(record, .values))
    case .int8Table:
      storage = .int8(values: block(record, .values), scales: block(record, .rowScales))
    case .int8Row, .int4Group: throw wrongEncoding(record)
    }
    return Table(rows: rows, columns: columns, storage: storage)
  }

  func int4Panels(_ record: TensorRecord) -> Int4Panels {
    Int4Panels(
      codes: block(record, .values), scales: block(record, .rowScales),
      subScales: block(record, .subScales),
      inputScales: record.part(.inputScales) == nil ? nil : block(record, .inputScales))
  }

  private func tensor(_ name: String, shape: [Int]) throws(TCMError) -> TensorRecord {
    let record = try tensor(name)
    if record.shape != shape {
      throw .wrongShape(path: path, name: name, found: record.shape, expected: shape)
    }
    return record
  }

  private func wrongEncoding(_ record: TensorRecord) -> TCMError {
    .wrongEncoding(path: path, name: record.name, found: record.encoding.name)
  }

  /// A part's elements; validation has made sure that it is there and in the file.
  func block<Element: BitwiseCopyable>(
    _ record: TensorRecord, _ role: TensorRecord.Role
  ) -> Block<Element> {
    guard let part = record.part(role) else { preconditionFailure("a checked file has the part") }
    return memory.block(
      at: part.offset, count: part.byteCount / MemoryLayout<Element>.stride)
  }
}

/// Runs `body`, turning its error into this module's.
private func reading<Result>(
  _ body: () throws(FileError) -> Result
) throws(TCMError) -> Result {
  do throws(FileError) { return try body() } catch { throw .file(error) }
}
