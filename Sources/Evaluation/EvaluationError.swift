public import CLIPRuntime
public import Conversion
public import TCMWriter
public import TensorCore

/// Why a verification cannot be made.
public enum EvaluationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A model cannot be opened or run.
  case model(ModelError)
  /// A data set cannot be read.
  case dataset(DatasetError)
  /// The float reference cannot be made of its checkpoints.
  case conversion(ConversionError)
  /// A file cannot be read.
  case file(FileError)
  /// A file cannot be written.
  case write(WriteError)
  /// There is no memory.
  case system(SystemError)
  /// The cache cannot be used.
  case cache(path: String, SystemError)
  /// Another process works on the same file of the cache.
  case cacheInUse(path: String)
  /// There is not enough room for what the cache must hold.
  case noSpace(folder: String, needed: Int, free: Int)
  /// The two files are not the same model in two precisions.
  case different(
    candidate: String, reference: String, what: String, found: String, expected: String)
  /// A file's identity is not that of its weights: it was damaged or edited.
  case identity(path: String)
  /// A data set needs a tower that the model lacks.
  case towerMissing(model: String, tower: String, dataset: String)
  /// A model without a text tower holds other labels than a data set's.
  case otherLabels(
    model: String, dataset: String, found: Int, expected: Int, firstDifference: Int?)
  /// None of a data set's pictures can be read.
  case nothingReadable(dataset: String, pictures: Int, first: String)

  /// One sentence naming the file, what was found and what was expected.
  public var description: String {
    switch self {
    case .model(let error): return error.description
    case .dataset(let error): return error.description
    case .conversion(let error): return error.description
    case .file(let error): return error.description
    case .write(let error): return error.description
    case .system(let error): return "cannot go on: \(error.description)"
    case .cache(let path, let error):
      return "\(printable(path)): the cache cannot be used: \(error.description)"
    case .cacheInUse(let path):
      return "\(printable(path)): another verification is writing this file of the cache"
    case .noSpace(let folder, let needed, let free):
      return "\(printable(folder)): \(needed) bytes are needed for the cache, \(free) are free"
    case .different(let candidate, let reference, let what, let found, let expected):
      return "\(printable(candidate)): \(what) is \(printable(found)), in the reference "
        + "\(printable(reference)) it is \(printable(expected))"
    case .identity(let path):
      return
        "\(printable(path)): the identity is not that of the weights (rule 7.2); was the file edited or damaged?"
    case .towerMissing(let model, let tower, let dataset):
      return "\(printable(model)): the model has no \(tower) tower, which "
        + "\(printable(dataset)) needs"
    case .otherLabels(let model, let dataset, let found, let expected, let place):
      let what = place.map { "label \($0 + 1) is another" } ?? "\(found) labels, not \(expected)"
      return "\(printable(model)): the model has no text tower, and its own labels are not those "
        + "of \(printable(dataset)): \(what)"
    case .nothingReadable(let dataset, let pictures, let first):
      return "\(printable(dataset)): none of \(pictures) pictures can be read; the first: \(first)"
    }
  }
}
