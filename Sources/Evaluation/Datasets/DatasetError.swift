public import TensorCore

/// Why a data set cannot be read.
public enum DatasetError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A file cannot be opened or read.
  case file(FileError)

  /// One sentence naming file, place, what was found and what was expected.
  public var description: String {
    switch self {
    case .file(let error): error.description
    }
  }
}
