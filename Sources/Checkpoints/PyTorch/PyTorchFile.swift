internal import CZlib
internal import Notation
internal import Synchronization
public import TensorCore

/// A checkpoint that `torch.save` wrote: a ZIP archive with a pickle that describes tensors and a file for each storage.
///
/// Opening reads the directory and the pickle and validates every tensor against its storage; nothing is executed.
/// Values are read with `pread`; the first time a storage is read, its CRC-32 is compared.
public final class PyTorchFile: Checkpoint {
  /// The path as the caller gave it.
  public let path: String
  /// The one file.
  public let files: [InputFile]
  /// The tensors in the order of the state dict.
  public let tensors: [TensorInfo]
  /// Keys that led to the state dict, outermost first.
  let wrappers: [String]
  /// Entries of the state dict that are no tensors.
  let ignored: [String]
  private let file: InputFile
  private let sources: [Source]
  private let entries: [ZIPArchive.Entry]
  private let places: [ExactName: Int]
  private let isBigEndian: Bool
  /// Storages whose checksum has been compared.
  private let verified: Mutex<Set<Int>>

  private struct Source: Sendable {
    /// A place in `entries`.
    let entry: Int
    let layout: StridedLayout
  }

  /// The format in words.
  public var formatName: String { "PyTorch checkpoint" }
  /// PyTorch files carry none.
  public var metadata: [(key: String, value: String)] { [] }

  /// Opens and validates a file.
  ///
  /// - Parameters:
  ///   - path: Any path; links are followed.
  ///   - limits: What to refuse.
  /// - Throws: `CheckpointError`.
  /// - Complexity: O(archive directory + pickle); no value is read.
  public init(path: String, limits: CheckpointLimits = CheckpointLimits()) throws(CheckpointError) {
    let file: InputFile
    do { file = try InputFile(path: path) } catch { throw .file(error) }
    let archive = try ZIPArchive(file, limits: limits)
    let prefix = try Self.prefix(archive, path)
    if archive[name: prefix + "constants.pkl"] != nil {
      throw .notReadableYet(path: path, format: "TorchScript archive")
    }
    func content(_ name: String, limit: Int) throws(CheckpointError) -> [UInt8]? {
      guard let entry = archive[name: prefix + name] else { return nil }
      if entry.byteCount > limit {
        throw .invalidZIP(
          path: path, .tooLong(entry: entry.name, byteCount: entry.byteCount, limit: limit))
      }
      try Self.verify(entry, file)
      do throws(FileError) {
        return try file.bytes(at: entry.offset, count: entry.byteCount)
      } catch { throw .file(error) }
    }
    let order = try content("byteorder", limit: 16) ?? Array("little".utf8)
    switch String(decoding: order, as: UTF8.self) {
    case "little": isBigEndian = false
    case "big": isBigEndian = true
    case let other:
      throw .invalidZIP(path: path, .layout("the byte order is \"\(printable(other))\""))
    }
    guard let program = try content("data.pkl", limit: limits.headerByteCount) else {
      throw .invalidZIP(path: path, .missing(entry: prefix + "data.pkl"))
    }
    let (arena, root): (PickleArena, PickleValue)
    do throws(PickleFailure) { (arena, root) = try PickleMachine.run(program) } catch {
      throw .invalidPickle(path: path, place: error.place, error.problem)
    }
    let state: StateDict
    do throws(PickleProblem) {
      state = try StateDict(arena, root: root, limits: limits)
    } catch { throw .invalidPickle(path: path, place: nil, error) }
    if state.tensors.isEmpty { throw .noTensors(path: path) }

    var builder = TensorBuilder(path: path, prefix: prefix, archive: archive, limits: limits)
    var sources: [Source] = []
    var tensors: [TensorInfo] = []
    var places: [ExactName: Int] = [:]
    for (name, index) in state.tensors {
      let tensor = arena.tensors[index]
      let built = try builder.build(name, tensor, arena.storages[tensor.storage])
      places[ExactName(name)] = tensors.count
      tensors.append(built.info)
      sources.append(Source(entry: built.entry, layout: built.layout))
    }
    self.path = path
    self.file = file
    self.files = [file]
    self.tensors = tensors
    self.sources = sources
    self.entries = builder.entries
    self.places = places
    self.wrappers = state.wrappers
    self.ignored = state.ignored
    self.verified = Mutex([])
  }

  /// The folder that all entries lie in, with its slash.
  private static func prefix(
    _ archive: ZIPArchive, _ path: String
  ) throws(CheckpointError) -> String {
    var prefixes: [String] = []
    for entry in archive.entries where entry.name.hasSuffix("/data.pkl") {
      let prefix = String(entry.name.dropLast("data.pkl".count))
      if prefix.utf8.count(where: { $0 == UInt8(ascii: "/") }) == 1 { prefixes.append(prefix) }
    }
    if prefixes.count != 1 {
      throw .invalidZIP(
        path: path,
        .layout("expected one NAME/data.pkl, found \(prefixes.count); it may be no checkpoint"))
    }
    for entry in archive.entries where !entry.name.hasPrefix(prefixes[0]) {
      throw .invalidZIP(
        path: path,
        .layout("\"\(printable(entry.name))\" does not lie in \(printable(prefixes[0]))"))
    }
    return prefixes[0]
  }

  /// Compares an entry's CRC-32.
  private static func verify(
    _ entry: ZIPArchive.Entry, _ file: InputFile
  ) throws(CheckpointError) {
    if !entry.isStored {
      throw .invalidZIP(path: file.path, .unsupported(entry: entry.name, "is compressed"))
    }
    let buffer: MutableBlock<UInt8>
    do throws(SystemError) {
      buffer = try MutableBlock(allocating: min(max(entry.byteCount, 1), 1 << 20))
    } catch { throw .file(.cannotRead(path: file.path, error)) }
    var computed: UInt = 0
    var done = 0
    while done < entry.byteCount {
      let part = buffer[0..<min(buffer.count, entry.byteCount - done)]
      do { try file.read(at: entry.offset + done, into: part) } catch { throw .file(error) }
      computed = unsafe crc32_z(computed, part.pointer, part.count)
      done += part.count
    }
    if UInt32(truncatingIfNeeded: computed) != entry.checksum {
      throw .invalidZIP(
        path: file.path,
        .checksum(
          entry: entry.name, stored: entry.checksum,
          computed: UInt32(truncatingIfNeeded: computed)))
    }
  }

  /// The place of a tensor in `tensors`.
  ///
  /// - Parameter name: Compared byte by byte.
  /// - Returns: The place, or `nil` without such a tensor.
  public func index(of name: String) -> Int? { places[ExactName(name)] }

  /// Reads a part of a tensor, gathered from its strides, in little-endian order; see `Checkpoint` for what is misuse.
  ///
  /// - Parameters:
  ///   - index: A place in `tensors`.
  ///   - range: The bytes wanted.
  ///   - destination: Exactly `range.count` bytes.
  /// - Throws: `CheckpointError`, also where the storage does not have its checksum.
  public func read(
    tensor index: Int, bytes range: Range<Int>, into destination: MutableBlock<UInt8>
  ) throws(CheckpointError) {
    let info = tensors[index]
    precondition(
      range.lowerBound >= 0 && range.upperBound <= info.byteCount, "a range lies inside its tensor")
    precondition(destination.count == range.count, "the buffer is as long as the range")
    if range.isEmpty { return }
    let source = sources[index]
    let entry = entries[source.entry]
    if verified.withLock({ !$0.contains(source.entry) }) {
      try Self.verify(entry, file)
      _ = verified.withLock { $0.insert(source.entry) }
    }
    let size = info.elementType.byteCount
    let gatherer = StridedReader(
      file: file, offset: entry.offset, elementByteCount: size,
      swaps: isBigEndian && size > 1)
    let elements = range.lowerBound / size..<(range.upperBound + size - 1) / size
    if elements.count * size == range.count && range.lowerBound == elements.lowerBound * size {
      try gatherer.read(source.layout, elements, into: destination)
      return
    }
    // A range that cuts elements: they are read whole beside it.
    let whole: MutableBlock<UInt8>
    do throws(SystemError) { whole = try MutableBlock(allocating: elements.count * size) } catch {
      throw .file(.cannotRead(path: path, error))
    }
    try gatherer.read(source.layout, elements, into: whole)
    let start = range.lowerBound - elements.lowerBound * size
    for place in 0..<range.count { destination[place] = whole[start + place] }
  }
}
