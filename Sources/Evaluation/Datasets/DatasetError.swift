public import Checkpoints
public import Notation
public import TensorCore

/// Why a data set cannot be read.
public enum DatasetError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A file cannot be opened or read.
  case file(FileError)
  /// A folder cannot be listed.
  case folder(CheckpointError)
  /// A kind that does not exist.
  case unknownKind(found: String, known: [String])
  /// There is no path after the kind.
  case noPath(kind: String)
  /// An option that the kind does not have.
  case unknownOption(kind: String, option: String, known: [String])
  /// An option given twice.
  case repeatedOption(kind: String, option: String)
  /// An option that the kind needs.
  case missingOption(kind: String, option: String, help: String)
  /// An option with a value that makes no sense.
  case optionValue(option: String, found: String, expected: String)
  /// A line of a text file.
  case line(path: String, line: Int, LineProblem)
  /// A file of JSON text.
  case json(path: String, JSONError)
  /// A JSON file without the list that was looked for.
  case noList(path: String, expected: String)
  /// An archive, at a byte offset.
  case tar(path: String, offset: Int, TarProblem)
  /// Something is larger than this reader takes.
  case limit(path: String, what: String, found: Int, limit: Int)
  /// Nothing of what was expected is there.
  case empty(path: String, expected: String)
  /// Two numbers should agree.
  case counts(path: String, what: String, found: Int, other: String, expected: Int, hint: String)
  /// A class folder that is none of the classes.
  case unknownFolder(path: String, folder: String, expected: String)

  /// One sentence naming file, place, what was found and what was expected.
  public var description: String {
    switch self {
    case .file(let error): return error.description
    case .folder(let error): return error.description
    case .unknownKind(let found, let known):
      return "data set kind \(printable(found)) is none of \(known.joined(separator: ", "))"
    case .noPath(let kind):
      return "expected a data set as KIND:PATH[,option=value]..., found \(printable(kind))"
    case .unknownOption(let kind, let option, let known):
      return "data set kind \(kind) has no option \(printable(option)); it has "
        + known.joined(separator: ", ")
    case .repeatedOption(let kind, let option):
      return "option \(printable(option)) of data set kind \(kind) is given twice"
    case .missingOption(let kind, let option, let help):
      return "data set kind \(kind) needs \(option)=..., \(help)"
    case .optionValue(let option, let found, let expected):
      return "option \(option) is \(printable(found)), expected \(expected)"
    case .line(let path, let line, let problem):
      return "\(printable(path)): line \(line): \(problem.description)"
    case .json(let path, let error): return "\(printable(path)): \(error)"
    case .noList(let path, let expected):
      return "\(printable(path)): expected \(expected), found none"
    case .tar(let path, let offset, let problem):
      return "\(printable(path)): at byte \(offset): \(problem.description)"
    case .limit(let path, let what, let found, let limit):
      return "\(printable(path)): at most \(limit) \(what), found \(found)"
    case .empty(let path, let expected):
      return "\(printable(path)): expected \(expected), found none"
    case .counts(let path, let what, let found, let other, let expected, let hint):
      return "\(printable(path)): \(found) \(what), but \(expected) \(other); \(hint)"
    case .unknownFolder(let path, let folder, let expected):
      return "\(printable(path)): folder \(printable(folder)) is not \(expected)"
    }
  }
}

/// What is wrong with a line.
public enum LineProblem: Equatable, Sendable, CustomStringConvertible {
  case notUTF8
  case nul
  case noSeparator(expected: String)
  case noPictureName
  case noCaption
  case noPicture(name: String)
  case unknownPicture(id: String)
  case repeatedPicture(id: String)
  case notBase64
  case json(JSONError)
  case missingMember(String)
  case columns(found: Int, expected: Int)
  case openQuote
  case textAfterQuote
  case noColumn(String, known: [String])
  case tooLong(found: Int, limit: Int)
  case noPlaceForLabel(String)

  /// What was found and what was expected.
  public var description: String {
    switch self {
    case .notUTF8: "the text is not UTF-8"
    case .nul: "there is a NUL byte"
    case .noSeparator(let expected): "expected \(expected)"
    case .noPictureName: "there is no picture name before the caption"
    case .noCaption: "there is no caption"
    case .noPicture(let name): "there is no picture \(printable(name))"
    case .unknownPicture(let id): "picture \(printable(id)) is not among the pictures"
    case .repeatedPicture(let id): "picture \(printable(id)) is there already"
    case .notBase64: "the picture is not base64 text"
    case .json(let error): "\(error)"
    case .missingMember(let name): "expected \(name), found none"
    case .columns(let found, let expected):
      "\(found) columns, the first line has \(expected)"
    case .openQuote: "a quoted field does not end"
    case .textAfterQuote: "there is text after a quoted field"
    case .noColumn(let name, let known):
      "there is no column \(printable(name)) among "
        + known.prefix(20).map { printable($0) }.joined(separator: ", ")
        + (known.count > 20 ? ", …" : "")
    case .tooLong(let found, let limit): "\(found) bytes, at most \(limit) are taken"
    case .noPlaceForLabel(let text):
      "expected {c} or {} where the label goes, found \(printable(text))"
    }
  }
}

/// What is wrong with an archive.
public enum TarProblem: Equatable, Sendable, CustomStringConvertible {
  case checksum
  case number(field: String)
  case cutShort
  case record
  case name
  case kind(UInt8, name: String)
  case member(name: String, reason: String)

  /// What was found and what was expected.
  public var description: String {
    switch self {
    case .checksum: "no tar header: its checksum is wrong (a compressed archive must be unpacked)"
    case .number(let field): "the header's \(field) is not a number"
    case .cutShort: "the archive ends inside a member"
    case .record: "expected records of a length, a key and a value in the pax header"
    case .name: "the member's name is not UTF-8 or too long"
    case .kind(let kind, let name):
      "member \(printable(name)) is of kind \(kind), expected a file or a folder"
    case .member(let name, let reason): "member \(printable(name)): \(reason)"
    }
  }
}
