public import Checkpoints
public import ModelFamilies
public import TCMWriter
public import TensorCore
public import Tokenization

/// Why a conversion was refused or failed.
///
/// The output is then what it was before.
public enum ConversionError: Error, Equatable, Sendable, CustomStringConvertible {
  /// An input could not be read.
  case checkpoint(CheckpointError)
  /// An input holds no tower that can be converted.
  case family(FamilyError)
  /// The output could not be written.
  case write(WriteError)
  /// A file could not be opened, read or hashed.
  case file(FileError)
  /// The vocabulary breaks a rule.
  case vocabulary(path: String, VocabularyError)
  /// There is a text tower and no vocabulary beside it.
  case noVocabulary(path: String)
  /// The vocabulary has more tokens than the word table has rows.
  case vocabularySize(path: String, tokens: Int, embeddings: Int)
  /// The output is one of the inputs.
  case outputIsInput(output: String, input: String)
  /// A weight is infinite or not a number.
  case nonFinite(path: String, tensor: String, element: Int)
  /// A weight is too large for binary16.
  case tooLargeForFloat16(path: String, tensor: String, element: Int)
  /// The towers' embeddings cannot be compared.
  case differentWidths(text: Int, image: Int)
  /// No input holds a tower that was asked for.
  case towerMissing(TowerKind)
  /// A setting of the model that the runtime cannot follow.
  case unsupported(path: String, setting: String, found: String, supported: String)
  /// A tower is larger than the format allows.
  case limit(path: String, what: String, found: Int, limit: Int)
  /// There is no memory for a buffer.
  case system(SystemError)

  /// One sentence naming the file, the place, what was found and what was expected.
  public var description: String {
    switch self {
    case .checkpoint(let error): error.description
    case .family(let error): error.description
    case .write(let error): error.description
    case .file(let error): error.description
    case .vocabulary(let path, let error): "\(printable(path)): \(error.description)"
    case .noVocabulary(let path):
      "\(printable(path)): a text tower without a vocabulary: there is no vocab.txt beside it; "
        + "name one with --vocab"
    case .vocabularySize(let path, let tokens, let embeddings):
      "\(printable(path)): the vocabulary has \(tokens) tokens, the word table only "
        + "\(embeddings) rows"
    case .outputIsInput(let output, let input):
      "\(printable(output)): the output is the input \(printable(input))"
    case .nonFinite(let path, let tensor, let element):
      "\(printable(path)): tensor \"\(printable(tensor))\": element \(element) is not a finite "
        + "number"
    case .tooLargeForFloat16(let path, let tensor, let element):
      "\(printable(path)): tensor \"\(printable(tensor))\": element \(element) is too large for "
        + "f16; use --quant f32"
    case .differentWidths(let text, let image):
      "the text tower gives embeddings of \(text) elements, the image tower of \(image); they "
        + "cannot be compared"
    case .towerMissing(let kind): "no input holds \(kind == .text ? "a text" : "an image") tower"
    case .unsupported(let path, let setting, let found, let supported):
      "\(printable(path)): \(setting) is \(printable(found)), supported: \(supported)"
    case .limit(let path, let what, let found, let limit):
      "\(printable(path)): \(what) \(found), at most \(limit) fit a .tcm file"
    case .system(let error): "cannot convert: \(error.description)"
    }
  }
}
