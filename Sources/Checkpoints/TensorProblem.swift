public import TensorCore

/// What is wrong with one tensor of a safetensors header.
public enum TensorProblem: Error, Equatable, Sendable {
  /// The name is longer than the limit allows.
  case nameTooLong(byteCount: Int, limit: Int)
  /// The entry is no object.
  case notAnObject
  /// `dtype`, `shape` or `data_offsets` is absent.
  case missingField(String)
  /// A field that the format does not define.
  case unknownField(String)
  /// A field has the wrong form.
  case invalidField(String, expected: String)
  /// The element type is of the format, but this version cannot read it.
  case unsupportedElementType(String)
  /// The element type is not of the format.
  case unknownElementType(String)
  /// More dimensions than the limit allows.
  case rankTooHigh(found: Int, limit: Int)
  /// The number of bytes the shape needs does not fit.
  case shapeOverflow(shape: [Int], ElementType)
  /// The end lies before the begin.
  case reversedOffsets(begin: Int, end: Int)
  /// Shape and element type need another number of bytes than the offsets give.
  case sizeMismatch(shape: [Int], ElementType, expected: Int, found: Int)
  /// The tensor starts before the previous one ends.
  case overlap(begin: Int, previousEnd: Int)
  /// Bytes between the previous tensor's end and this one's begin belong to nothing.
  case gap(begin: Int, previousEnd: Int)
  /// PyTorch: neither storage nor tensor says what the elements are, or both say different things.
  case noElementType
  /// PyTorch: a storage's entry is not as long as its elements.
  case storageSize(key: String, elements: Int, byteCount: Int)
  /// PyTorch: an element lies outside the storage, or a number is negative or too large.
  case outsideStorage(shape: [Int], strides: [Int], offset: Int, elements: Int)
  /// PyTorch: strides of 0 make far more of a storage than it holds.
  case repeated(shape: [Int], elements: Int)
  /// The tensor ends after the file does.
  case beyondEnd(end: Int, dataByteCount: Int)
}

extension TensorProblem: CustomStringConvertible {
  /// One phrase that follows the tensor's name.
  public var description: String {
    switch self {
    case .nameTooLong(let count, let limit):
      "the name is \(count) bytes long, at most \(limit) are accepted"
    case .notAnObject: "the entry is not an object"
    case .missingField(let name): "no \(name)"
    case .unknownField(let name): "unknown field \"\(printable(name))\""
    case .invalidField(let name, let expected): "\(name) is not \(expected)"
    case .unsupportedElementType(let name):
      "element type \(printable(name)) is not supported; supported are \(supported)"
    case .unknownElementType(let name):
      "unknown element type \"\(printable(name))\"; supported are \(supported)"
    case .rankTooHigh(let found, let limit): "\(found) dimensions, at most \(limit) are accepted"
    case .shapeOverflow(let shape, let type):
      "shape \(shape) \(type.name) needs more bytes than can be counted"
    case .reversedOffsets(let begin, let end):
      "data_offsets end at \(end), before they begin at \(begin)"
    case .sizeMismatch(let shape, let type, let expected, let found):
      "shape \(shape) \(type.name) needs \(expected) bytes, but data_offsets give \(found)"
    case .overlap(let begin, let previousEnd):
      "data_offsets begin at \(begin), inside the tensor that ends at \(previousEnd)"
    case .gap(let begin, let previousEnd):
      "data_offsets begin at \(begin), but the previous tensor ends at \(previousEnd)"
    case .noElementType: "the element type is not clear"
    case .storageSize(let key, let elements, let byteCount):
      "its storage \(key) has \(byteCount) bytes, which are not \(elements) elements"
    case .outsideStorage(let shape, let strides, let offset, let elements):
      "shape \(numbers(shape)) with strides \(numbers(strides)) from element \(offset) does not "
        + "lie in a storage of \(elements) elements"
    case .repeated(let shape, let elements):
      "shape \(numbers(shape)) repeats a storage of \(elements) elements too often"
    case .beyondEnd(let end, let dataByteCount):
      "data_offsets end at \(end), but the file has only \(dataByteCount) bytes of data "
        + "(truncated?)"
    }
  }

  private func numbers(_ values: [Int]) -> String {
    values.count <= 8
      ? "\(values)" : "[" + values.prefix(8).map(String.init).joined(separator: ", ") + ", …]"
  }

  private var supported: String { ElementType.allCases.map(\.name).joined(separator: ", ") }
}
