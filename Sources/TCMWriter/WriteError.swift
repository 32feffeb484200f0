public import TCMFormat
public import TensorCore

/// Why a file could not be written.
///
/// Whatever was there before is untouched.
public enum WriteError: Error, Equatable, Sendable, CustomStringConvertible {
  /// No temporary file could be made beside the output.
  case cannotCreate(path: String, SystemError)
  /// Writing or syncing failed, for example because the disk is full.
  case cannotWrite(path: String, SystemError)
  /// The finished file could not be put in its place.
  case cannotReplace(path: String, SystemError)
  /// The exception: the finished file is in its place, but a power cut may undo that.
  case notDurable(path: String, SystemError)
  /// The output is a folder, a device or a pipe.
  case notRegularFile(path: String)
  /// A path holds a NUL byte.
  case nulInPath(path: String)
  /// The manifest came out larger than a reader accepts.
  case manifestTooLarge(path: String, byteCount: Int, limit: Int)
  /// A newer tool made the file; what this one does not know would be lost.
  case newer(path: String, version: UInt32, known: UInt32)
  /// A reader would refuse the finished file.
  case unreadable(TCMError)

  /// One sentence naming the file and the reason.
  public var description: String {
    switch self {
    case .cannotCreate(let path, let error):
      "\(path): cannot create a file in this folder: \(error.description)"
    case .cannotWrite(let path, let error): "\(path): cannot write: \(error.description)"
    case .cannotReplace(let path, let error): "\(path): cannot replace: \(error.description)"
    case .notDurable(let path, let error):
      "\(path): written, but its folder cannot be synced: \(error.description)"
    case .notRegularFile(let path): "\(path): cannot replace what is not a regular file"
    case .nulInPath(let path): "\(printable(path)): a path cannot hold a NUL byte"
    case .manifestTooLarge(let path, let count, let limit):
      "\(path): the manifest has \(count) bytes, at most \(limit) can be read"
    case .newer(let path, let version, let known):
      "\(path): the file has write version \(version), this tool knows \(known) and would lose what is new"
    case .unreadable(let error): "nothing is written: \(error.description)"
    }
  }
}
