internal import Notation
internal import TensorCore

/// Puts a tensor's description and its storage's entry together.
struct TensorBuilder {
  let path: String
  let prefix: String
  let archive: ZIPArchive
  let limits: CheckpointLimits
  /// Entries of the storages, each once.
  private(set) var entries: [ZIPArchive.Entry] = []
  private var places: [ExactName: Int] = [:]

  init(path: String, prefix: String, archive: ZIPArchive, limits: CheckpointLimits) {
    self.path = path
    self.prefix = prefix
    self.archive = archive
    self.limits = limits
  }

  /// How often an element may be repeated by strides of 0, as `expand` makes them.
  private static let repetitionLimit = 16

  /// Validates one tensor.
  ///
  /// - Returns: What it is, the place of its storage in `entries`, and where its elements lie there.
  mutating func build(
    _ name: String, _ tensor: PickledTensor, _ storage: PickledStorage
  ) throws(CheckpointError) -> (info: TensorInfo, entry: Int, layout: StridedLayout) {
    func problem(_ problem: TensorProblem) -> CheckpointError {
      .invalidTensor(path: path, tensor: name, problem)
    }
    let type: ElementType
    switch (storage.type, tensor.elementType) {
    case (.elements(let own), nil): type = own
    case (.elements(let own), .some(let said)) where own == said: type = own
    case (.bytes, .some(let said)): type = said
    case (.unsupported(let kind), _): throw problem(.unsupportedElementType(kind))
    default: throw problem(.noElementType)
    }
    if tensor.shape.count > limits.rank {
      throw problem(.rankTooHigh(found: tensor.shape.count, limit: limits.rank))
    }
    let entryName = prefix + "data/" + storage.key
    guard let entry = archive[name: entryName] else {
      throw .invalidZIP(path: path, .missing(entry: entryName))
    }
    let (byteCount, overflow) = storage.count.multipliedReportingOverflow(
      by: storage.type.byteCount)
    if overflow || byteCount != entry.byteCount {
      throw problem(
        .storageSize(key: storage.key, elements: storage.count, byteCount: entry.byteCount))
    }
    let layout = StridedLayout(
      shape: tensor.shape, strides: tensor.strides, offset: tensor.offset)
    let elementsThere = byteCount / type.byteCount
    guard let count = layout.elementCount(inStorageOf: elementsThere) else {
      throw problem(
        .outsideStorage(
          shape: tensor.shape, strides: tensor.strides, offset: tensor.offset,
          elements: elementsThere))
    }
    let (size, overflow2) = count.multipliedReportingOverflow(by: type.byteCount)
    if overflow2 || size / Self.repetitionLimit > max(entry.byteCount, 4096) {
      throw problem(.repeated(shape: tensor.shape, elements: elementsThere))
    }
    let place: Int
    if let known = places[ExactName(entryName)] {
      place = known
    } else {
      place = entries.count
      places[ExactName(entryName)] = place
      entries.append(entry)
    }
    let info = TensorInfo(name: name, elementType: type, shape: tensor.shape, byteCount: size)
    return (info, place, layout)
  }
}
