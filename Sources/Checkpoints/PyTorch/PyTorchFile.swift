internal import CZlib
internal import Notation
internal import Synchronization
public import TensorCore

/// A checkpoint that `torch.save` or `torch.jit.save` wrote: pickles that describe tensors, and their storages, in a ZIP
/// archive or, before PyTorch 1.6, one after another.
///
/// Opening reads the descriptions and validates every tensor against its storage; nothing is executed.
/// Values are read with `pread`; the first time a storage of an archive is read, its CRC-32 is compared.
public final class PyTorchFile: Checkpoint {
  /// The path as the caller gave it.
  public let path: String
  /// The one file.
  public let files: [InputFile]
  /// The tensors in the order of the state dict.
  public let tensors: [TensorInfo]
  /// The format in words.
  public let formatName: String
  /// Whether it is a compiled model, not a state dict.
  let isScript: Bool
  /// Keys that led to the state dict, outermost first.
  let wrappers: [String]
  /// Entries of the state dict that are no tensors.
  let ignored: [String]
  private let file: InputFile
  private let sources: [Source]
  private let storages: [StorageExtent]
  private let places: [ExactName: Int]
  private let isBigEndian: Bool
  /// Storages whose checksum has been compared.
  private let verified: Mutex<Set<Int>>

  private struct Source: Sendable {
    /// A place in `storages`.
    let storage: Int
    let layout: StridedLayout
  }

  /// PyTorch files carry none.
  public var metadata: [(key: String, value: String)] { [] }

  /// Opens and validates a file of any of the formats.
  ///
  /// - Parameters:
  ///   - path: Any path; links are followed.
  ///   - limits: What to refuse.
  /// - Throws: `CheckpointError`.
  /// - Complexity: O(archive directory + pickles); no value is read.
  public static func open(
    path: String, limits: CheckpointLimits = CheckpointLimits()
  ) throws(CheckpointError) -> PyTorchFile {
    let file: InputFile
    do { file = try InputFile(path: path) } catch { throw .file(error) }
    let kind = FileKind.recognise(try file.start())
    switch kind?.name {
    case FileKind.pickle.name: return try PyTorchFile(legacy: file, limits: limits)
    case FileKind.zip.name, nil: return try PyTorchFile(archive: file, limits: limits)
    default: throw .wrongKind(path: path, kind ?? .zip)
    }
  }

  /// What a file's pickles leave, before tensors are compared with their storages.
  struct Contents {
    let formatName: String
    var isScript = false
    let arena: PickleArena
    let state: StateDict
    let isBigEndian: Bool
  }

  /// Validates every tensor.
  ///
  /// - Parameters:
  ///   - file: The open file.
  ///   - contents: Its pickles.
  ///   - limits: What to refuse.
  ///   - find: Where a storage lies.
  init(
    _ file: InputFile, _ contents: Contents, limits: CheckpointLimits,
    find: (PickledStorage) throws(CheckpointError) -> StorageExtent
  ) throws(CheckpointError) {
    let (arena, state) = (contents.arena, contents.state)
    if state.tensors.isEmpty { throw .noTensors(path: file.path) }
    let builder = TensorBuilder(path: file.path, limits: limits)
    var sources: [Source] = []
    var tensors: [TensorInfo] = []
    var places: [ExactName: Int] = [:]
    var storages: [StorageExtent] = []
    var storagePlaces: [Int: Int] = [:]
    for (name, index) in state.tensors {
      let tensor = arena.tensors[index]
      let storage = arena.storages[tensor.storage]
      let place = storagePlaces[tensor.storage] ?? storages.count
      let extent = place < storages.count ? storages[place] : try find(storage)
      let built = try builder.build(name, tensor, storage, in: extent)
      if place == storages.count {
        storages.append(extent)
        storagePlaces[tensor.storage] = place
      }
      places[ExactName(name)] = tensors.count
      tensors.append(built.info)
      sources.append(Source(storage: place, layout: built.layout))
    }
    path = file.path
    formatName = contents.formatName
    isScript = contents.isScript
    isBigEndian = contents.isBigEndian
    self.file = file
    self.files = [file]
    self.tensors = tensors
    self.sources = sources
    self.storages = storages
    self.places = places
    self.wrappers = state.wrappers
    self.ignored = state.ignored
    self.verified = Mutex([])
  }

  /// Compares a storage's or an entry's CRC-32.
  static func verify(
    _ extent: StorageExtent, _ file: InputFile
  ) throws(CheckpointError) {
    guard let checksum = extent.checksum else { return }
    let buffer: MutableBlock<UInt8>
    do throws(SystemError) {
      buffer = try MutableBlock(allocating: min(max(extent.byteCount, 1), 1 << 20))
    } catch { throw .file(.cannotRead(path: file.path, error)) }
    var computed: UInt = 0
    var done = 0
    while done < extent.byteCount {
      let part = buffer[0..<min(buffer.count, extent.byteCount - done)]
      do { try file.read(at: extent.offset + done, into: part) } catch { throw .file(error) }
      computed = unsafe crc32_z(computed, part.pointer, part.count)
      done += part.count
    }
    if UInt32(truncatingIfNeeded: computed) != checksum {
      throw .invalidZIP(
        path: file.path,
        .checksum(
          entry: extent.name, stored: checksum, computed: UInt32(truncatingIfNeeded: computed)))
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
    let storage = storages[source.storage]
    if verified.withLock({ !$0.contains(source.storage) }) {
      try Self.verify(storage, file)
      _ = verified.withLock { $0.insert(source.storage) }
    }
    let size = info.elementType.byteCount
    let gatherer = StridedReader(
      file: file, offset: storage.offset, elementByteCount: size,
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
