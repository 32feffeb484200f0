internal import Notation
internal import TensorCore

/// Where the bytes of a storage lie in a file.
struct StorageExtent: Equatable, Sendable {
  /// For messages: the entry of an archive, or the storage's key.
  let name: String
  let offset: Int
  let byteCount: Int
  /// Compared the first time the bytes are read; the old format has none.
  let checksum: UInt32?
}

/// Puts a tensor's description and its storage's extent together.
struct TensorBuilder {
  let path: String
  let limits: CheckpointLimits

  /// How often an element may be repeated by strides of 0, as `expand` makes them.
  private static let repetitionLimit = 16

  /// Validates one tensor.
  ///
  /// - Returns: What it is, and where its elements lie in its storage.
  func build(
    _ name: String, _ tensor: PickledTensor, _ storage: PickledStorage, in extent: StorageExtent
  ) throws(CheckpointError) -> (info: TensorInfo, layout: StridedLayout) {
    func problem(_ problem: TensorProblem) -> CheckpointError {
      .invalidTensor(path: path, tensor: name, problem)
    }
    let type: ElementType
    switch (storage.type, tensor.elementType) {
    case (.elements(let own), nil): type = own
    case (.elements(let own), .some(let said)) where own == said: type = own
    case (.bytes, .some(let said)): type = said
    case (.unsupported(let index), _):
      throw problem(.unsupportedElementType(StorageType.unsupportedNames[index]))
    default: throw problem(.noElementType)
    }
    if tensor.shape.count > limits.rank {
      throw problem(.rankTooHigh(found: tensor.shape.count, limit: limits.rank))
    }
    let (byteCount, overflow) = storage.count.multipliedReportingOverflow(
      by: storage.type.byteCount)
    if overflow || byteCount != extent.byteCount {
      throw problem(
        .storageSize(key: storage.key, elements: storage.count, byteCount: extent.byteCount))
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
    if overflow2 || size / Self.repetitionLimit > max(extent.byteCount, 4096) {
      throw problem(.repeated(shape: tensor.shape, elements: elementsThere))
    }
    let info = TensorInfo(name: name, elementType: type, shape: tensor.shape, byteCount: size)
    return (info, layout)
  }
}
