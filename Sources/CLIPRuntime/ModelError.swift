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
  /// The file is a label bank, not a model.
  case noTower(path: String)
  /// The file is a model, not a label bank.
  case noLabels(path: String)
  /// A bank's embeddings and a model's have different widths.
  case bankWidth(path: String, width: Int, model: String, expected: Int)
  /// A bank was made by a model that has no checkpoint in common with this one.
  case bankOfAnotherModel(path: String, model: String)
  /// A label makes too long a text in a template.
  case labelText(LabelTextError)
  /// A picture could not be brought to the tower's size.
  case image(ImageError)
  /// A session takes more memory than it may.
  case memoryLimit(path: String, needed: Int, limit: Int)
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
    case .noTower(let path): "\(path): the file is a label bank, expected a model"
    case .noLabels(let path): "\(path): the file is a model, expected a label bank"
    case .bankWidth(let path, let width, let model, let expected):
      "\(path): the label bank's embeddings are \(width) wide, those of \(model) are \(expected)"
    case .bankOfAnotherModel(let path, let model):
      "\(path): the label bank was made by another model than \(model), and from other checkpoints"
    case .memoryLimit(let path, let needed, let limit):
      "\(path): a session takes \(needed) bytes of memory, allowed are \(limit)"
    case .labelText(let error): error.description
    case .image(let error): error.description
    case .system(let error): "cannot start a session: \(error.description)"
    }
  }
}
