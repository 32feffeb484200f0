public import CLIPRuntime
public import ImageInput
public import TensorCore

/// Why a tool on a device has no answer.
public enum AnswerError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A file could not be read.
  case file(FileError)
  /// A model could not be opened or used.
  case model(ModelError)
  /// A picture could not be decoded.
  case image(ImageError)
  /// There is no memory.
  case system(SystemError)
  /// Anything else, as a sentence.
  case sentence(String)

  /// One sentence.
  public var description: String {
    switch self {
    case .file(let error): error.description
    case .model(let error): error.description
    case .image(let error): error.description
    case .system(let error): error.description
    case .sentence(let sentence): sentence
    }
  }
}
