internal import Notation
public import TensorCore

/// One safetensors file: eight bytes of length, a JSON header, then the tensors.
///
/// Opening reads and validates the header alone; values are read with `pread`, never mapped, so a
/// file that another process shortens ends in an error and not in a signal.
public struct SafetensorsFile: Checkpoint {
  /// The path as the caller gave it.
  public let path: String
  /// The one file.
  public let files: [InputFile]
  /// The tensors by place in the file.
  public let tensors: [TensorInfo]
  /// The pairs of `__metadata__`.
  public let metadata: [(key: String, value: String)]
  private let file: InputFile
  /// First byte of each tensor in the file.
  private let offsets: [Int]
  private let places: [ExactName: Int]

  /// The format in words.
  public var formatName: String { "safetensors" }

  /// Opens and validates a file.
  ///
  /// - Parameters:
  ///   - path: Any path; links are followed.
  ///   - limits: What to refuse.
  /// - Throws: `CheckpointError`, `.wrongKind` for a file that is something else.
  /// - Complexity: O(n log n) in the number of tensors; no value is read.
  public init(path: String, limits: CheckpointLimits = CheckpointLimits()) throws(CheckpointError) {
    let file: InputFile
    do { file = try InputFile(path: path) } catch { throw .file(error) }
    try self.init(file: file, limits: limits)
  }

  /// Validates an open file.
  init(file: InputFile, limits: CheckpointLimits) throws(CheckpointError) {
    let path = file.path
    let start = try file.start()
    if !Self.isLikely(start), let kind = FileKind.recognise(start) {
      throw .wrongKind(path: path, kind)
    }
    if file.byteCount < 8 { throw .headerMissing(path: path, fileByteCount: file.byteCount) }
    var length: UInt64 = 0
    for byte in start.prefix(8).reversed() { length = length << 8 | UInt64(byte) }
    guard let headerByteCount = Int(exactly: length), headerByteCount <= limits.headerByteCount
    else {
      throw .headerTooLong(
        path: path, headerByteCount: length, limit: limits.headerByteCount)
    }
    if headerByteCount > file.byteCount - 8 {
      throw .headerTruncated(
        path: path, headerByteCount: headerByteCount, fileByteCount: file.byteCount)
    }
    let text: [UInt8]
    do { text = try file.bytes(at: 8, count: headerByteCount) } catch { throw .file(error) }
    let header = try SafetensorsHeader(
      text, dataByteCount: file.byteCount - 8 - headerByteCount, path: path, limits: limits)
    if header.tensors.isEmpty { throw .noTensors(path: path) }

    var places: [ExactName: Int] = [:]
    places.reserveCapacity(header.tensors.count)
    for (index, tensor) in header.tensors.enumerated() {
      places[ExactName(tensor.name)] = index
    }
    self.path = path
    self.file = file
    self.files = [file]
    self.tensors = header.tensors
    // The sum is inside the file: the layout has been checked against its size.
    self.offsets = header.offsets.map { 8 + headerByteCount + $0 }
    self.metadata = header.metadata
    self.places = places
  }

  /// Whether a file starts like safetensors: a length below 4 GiB, then a brace.
  static func isLikely(_ start: [UInt8]) -> Bool {
    start.count > 8 && start[8] == UInt8(ascii: "{") && start[4..<8].allSatisfy { $0 == 0 }
  }

  /// The place of a tensor in `tensors`.
  ///
  /// - Parameter name: Compared byte by byte.
  /// - Returns: The place, or `nil` without such a tensor.
  public func index(of name: String) -> Int? { places[ExactName(name)] }

  /// Reads a part of a tensor; see `Checkpoint` for what is misuse.
  ///
  /// - Parameters:
  ///   - index: A place in `tensors`.
  ///   - range: The bytes wanted.
  ///   - destination: Exactly `range.count` bytes.
  /// - Throws: `CheckpointError.file` if the file has shrunk or cannot be read.
  public func read(
    tensor index: Int, bytes range: Range<Int>, into destination: MutableBlock<UInt8>
  ) throws(CheckpointError) {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= tensors[index].byteCount,
      "a range lies inside its tensor")
    precondition(destination.count == range.count, "the buffer is as long as the range")
    do {
      try file.read(at: offsets[index] + range.lowerBound, into: destination)
    } catch { throw .file(error) }
  }
}

extension InputFile {
  /// The first bytes, for telling what the file is.
  func start() throws(CheckpointError) -> [UInt8] {
    if byteCount == 0 { throw .file(.empty(path: path)) }
    do {
      return try bytes(at: 0, count: min(byteCount, FileKind.prefixByteCount))
    } catch { throw .file(error) }
  }
}
