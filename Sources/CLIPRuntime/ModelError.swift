public import ImageInput
public import TCMFormat
public import TensorCore
public import Tokenization

/// Why a model cannot be opened or used.
public enum ModelError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file breaks a rule of the format.
  case format(TCMError)
  /// The vocabulary breaks a rule of its layout (rule 6.11).
  case vocabulary(path: String, VocabularyError)
  /// There are more tokens than rows of the word table (rule 6.11).
  case vocabularySize(path: String, tokens: Int, embeddings: Int)
  /// Texts were given to a model without a text tower.
  case noTextTower(path: String)
  /// Pictures were given to a model without an image tower.
  case noImageTower(path: String)
  /// A picture could not be brought to the tower's size.
  case image(ImageError)
  /// There is no memory for the session.
  case system(SystemError)

  /// One sentence naming the file, what was found and what was expected.
  public var description: String {
    switch self {
    case .format(let error): error.description
    case .vocabulary(let path, let error): "\(path): \(error.description) (rule 6.11)"
    case .vocabularySize(let path, let tokens, let embeddings):
      "\(path): the vocabulary has \(tokens) tokens, the word table only \(embeddings) rows "
        + "(rule 6.11)"
    case .noTextTower(let path): "\(path): the model has no text tower"
    case .noImageTower(let path): "\(path): the model has no image tower"
    case .image(let error): error.description
    case .system(let error): "cannot start a session: \(error.description)"
    }
  }
}
