internal import Notation
internal import TensorCore

/// The validated header of a safetensors file.
///
/// Rules, in the order they are checked (the reference implementation's, made stricter where two
/// readers could differ): JSON without duplicate keys; for each entry `dtype`, `shape` and
/// `data_offsets` and nothing else; shape times element size equals the range; ranges, sorted,
/// start at 0, follow one another without hole or overlap and end with the file.
package struct SafetensorsHeader: Sendable {
  /// The tensors by place in the file.
  package let tensors: [TensorInfo]
  /// First byte of each tensor, counted from the end of the header.
  package let offsets: [Int]
  /// `__metadata__`.
  package let metadata: [(key: String, value: String)]

  /// An entry before its place among the others is checked.
  private struct Entry {
    let tensor: TensorInfo
    let begin: Int
    let end: Int
  }

  /// Parses and validates a header.
  ///
  /// - Parameters:
  ///   - bytes: The JSON text, without the eight bytes of its length.
  ///   - dataByteCount: What the file holds after the header.
  ///   - path: For messages.
  ///   - limits: What to refuse.
  /// - Throws: `CheckpointError`.
  /// - Complexity: O(n log n) in the number of tensors.
  package init(
    _ bytes: [UInt8], dataByteCount: Int, path: String, limits: CheckpointLimits
  ) throws(CheckpointError) {
    guard bytes.first == UInt8(ascii: "{") else {
      throw .headerNotObject(path: path, found: bytes.first)
    }
    let document: JSONDocument
    do {
      document = try JSONDocument(
        bytes, limits: JSONDocument.Limits(byteCount: limits.headerByteCount))
    } catch { throw .invalidHeader(path: path, error) }
    let members = document.root.members ?? []

    var metadata: [(key: String, value: String)] = []
    var entries: [Entry] = []
    entries.reserveCapacity(members.count)
    for (name, value) in members {
      if name == "__metadata__" {
        metadata = try Self.metadata(value, path: path)
        continue
      }
      if entries.count == limits.tensorCount {
        throw .limitExceeded(
          path: path, .tensors, found: members.count, limit: limits.tensorCount)
      }
      do throws(TensorProblem) {
        entries.append(try Self.entry(name, value, limits))
      } catch {
        throw .invalidTensor(path: path, tensor: name, error)
      }
    }
    // A tensor without elements may share its offset with its neighbour: it comes first.
    entries.sort { ($0.begin, $0.end) < ($1.begin, $1.end) }
    try Self.checkLayout(entries, dataByteCount, path)

    self.tensors = entries.map(\.tensor)
    self.offsets = entries.map(\.begin)
    self.metadata = metadata
  }

  private static func metadata(
    _ value: JSONValue, path: String
  ) throws(CheckpointError) -> [(key: String, value: String)] {
    guard let members = value.members else { throw .invalidMetadata(path: path, key: nil) }
    var result: [(key: String, value: String)] = []
    for member in members {
      guard let text = member.value.string else {
        throw .invalidMetadata(path: path, key: member.key)
      }
      result.append((member.key, text))
    }
    return result
  }

  private static func entry(
    _ name: String, _ value: JSONValue, _ limits: CheckpointLimits
  ) throws(TensorProblem) -> Entry {
    if name.utf8.count > limits.nameByteCount {
      throw .nameTooLong(byteCount: name.utf8.count, limit: limits.nameByteCount)
    }
    guard let members = value.members else { throw .notAnObject }
    var type: JSONValue?
    var dimensions: JSONValue?
    var range: JSONValue?
    for member in members {
      switch member.key {
      case "dtype": type = member.value
      case "shape": dimensions = member.value
      case "data_offsets": range = member.value
      default: throw .unknownField(member.key)
      }
    }
    guard let type else { throw .missingField("dtype") }
    guard let dimensions else { throw .missingField("shape") }
    guard let range else { throw .missingField("data_offsets") }

    let elementType = try elementType(type)
    if dimensions.count > limits.rank {
      throw .rankTooHigh(found: dimensions.count, limit: limits.rank)
    }
    guard let shape = naturals(dimensions) else {
      throw .invalidField("shape", expected: "an array of integers from 0 to \(Int.max)")
    }
    guard range.count == 2, let bounds = naturals(range), let begin = bounds.first,
      let end = bounds.last
    else {
      throw .invalidField("data_offsets", expected: "two integers from 0 to \(Int.max)")
    }
    guard let count = elementCount(of: shape),
      let byteCount = count.multiplied(by: elementType.byteCount)
    else { throw .shapeOverflow(shape: shape, elementType) }
    if end < begin { throw .reversedOffsets(begin: begin, end: end) }
    if end - begin != byteCount {
      throw .sizeMismatch(shape: shape, elementType, expected: byteCount, found: end - begin)
    }
    let tensor = TensorInfo(
      name: name, elementType: elementType, shape: shape, byteCount: byteCount)
    return Entry(tensor: tensor, begin: begin, end: end)
  }

  private static func elementType(_ value: JSONValue) throws(TensorProblem) -> ElementType {
    guard let name = value.string else { throw .invalidField("dtype", expected: "a string") }
    if let type = ElementType.allCases.first(where: { $0.name == name }) { return type }
    if unreadableTypes.contains(name) { throw .unsupportedElementType(name) }
    throw .unknownElementType(name)
  }

  /// Types of the format that no tower here is stored in.
  private static let unreadableTypes = [
    "F4", "F6_E2M3", "F6_E3M2", "F8_E4M3", "F8_E4M3FNUZ", "F8_E5M2", "F8_E5M2FNUZ", "F8_E8M0",
    "U16", "U32", "U64", "C64",
  ]

  /// An array of integers that are not negative.
  private static func naturals(_ value: JSONValue) -> [Int]? {
    guard let elements = value.elements else { return nil }
    var result: [Int] = []
    result.reserveCapacity(elements.count)
    for element in elements {
      // The reference refuses -0 as well.
      guard let number = element.int, element.number?.utf8.first != UInt8(ascii: "-") else {
        return nil
      }
      result.append(number)
    }
    return result
  }

  private static func checkLayout(
    _ entries: [Entry], _ dataByteCount: Int, _ path: String
  ) throws(CheckpointError) {
    var previousEnd = 0
    for entry in entries {
      var problem: TensorProblem?
      if entry.begin < previousEnd {
        problem = .overlap(begin: entry.begin, previousEnd: previousEnd)
      } else if entry.begin > previousEnd {
        problem = .gap(begin: entry.begin, previousEnd: previousEnd)
      } else if entry.end > dataByteCount {
        problem = .beyondEnd(end: entry.end, dataByteCount: dataByteCount)
      }
      if let problem {
        throw .invalidTensor(path: path, tensor: entry.tensor.name, problem)
      }
      previousEnd = entry.end
    }
    if previousEnd != dataByteCount {
      throw .dataSizeMismatch(path: path, expected: previousEnd, found: dataByteCount)
    }
  }
}
