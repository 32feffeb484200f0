public import TensorCore

/// Why a file is not a `.tcm` file that this library runs.
public enum TCMError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file could not be opened, read or mapped.
  case file(FileError)
  /// The first bytes are something else (rule 2.1).
  case notTCM(path: String)
  /// The file is shorter than a header (rule 2.1).
  case tooShort(path: String, byteCount: Int)
  /// A stored checksum differs from that of the bytes. `place` is "header" (rule 2.6), "manifest" (rule 2.8) or a
  /// section's name (rule 4.10).
  case checksum(path: String, place: String, stored: UInt32, computed: UInt32)
  /// A newer reader is needed (rule 2.2).
  case newerVersion(path: String, found: UInt32, supported: UInt32)
  /// The header's length field differs from the file's size (rule 2.7).
  case wrongLength(path: String, stored: UInt64, found: Int)
  /// A rule of `Formats/tcm.md` is broken; `rule` is its number there, such as "3.2".
  case malformed(path: String, rule: String, place: String, problem: String)
  /// A tensor the architecture needs is not there (rule 6.10).
  case missingTensor(path: String, name: String)
  /// A tensor has another shape than the architecture needs (rule 6.10).
  case wrongShape(path: String, name: String, found: [Int], expected: [Int])
  /// A tensor is stored in a way that does not suit its use (rule 6.10).
  case wrongEncoding(path: String, name: String, found: String)

  /// One sentence naming the file, the place, what was found and what was expected.
  public var description: String {
    switch self {
    case .file(let error): return error.description
    case .notTCM(let path): return "\(path): not a .tcm file"
    case .tooShort(let path, let count):
      return "\(path): a .tcm file has at least \(TCMLayout.headerByteCount) bytes, found \(count)"
        + " (truncated?)"
    case .checksum(let path, let place, let stored, let computed):
      return "\(path): the \(printable(place)) is damaged: its CRC-32C is \(hex(computed)),"
        + " expected \(hex(stored))"
    case .newerVersion(let path, let found, let supported):
      return "\(path): needs a reader of version \(found), this one reads up to \(supported)"
    case .wrongLength(let path, let stored, let found):
      return "\(path): \(stored) bytes expected, found \(found)"
        + (UInt64(found) < stored ? " (truncated?)" : "")
    case .malformed(let path, let rule, let place, let problem):
      return "\(path): \(printable(place)): \(printable(problem)) (rule \(rule))"
    case .missingTensor(let path, let name):
      return "\(path): the tensor \(printable(name)) is missing"
    case .wrongShape(let path, let name, let found, let expected):
      return "\(path): the tensor \(printable(name)) has shape \(text(found)),"
        + " expected \(text(expected))"
    case .wrongEncoding(let path, let name, let found):
      return "\(path): the tensor \(printable(name)) cannot be stored as \(found)"
    }
  }
}

private func hex(_ value: UInt32) -> String {
  let digits = String(value, radix: 16)
  return "0x" + String(repeating: "0", count: 8 - digits.utf8.count) + digits
}

private func text(_ shape: [Int]) -> String {
  var result = "["
  for (index, dimension) in shape.enumerated() {
    if index > 0 { result += ", " }
    result += String(dimension)
  }
  return result + "]"
}
