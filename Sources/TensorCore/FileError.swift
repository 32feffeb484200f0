/// Why a file could not be opened, read or mapped.
public enum FileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// `open` failed.
  case cannotOpen(path: String, SystemError)
  /// `read`, `fstat` or `mmap` failed.
  case cannotRead(path: String, SystemError)
  /// The path names a folder, a device, a pipe or a socket.
  case notRegularFile(path: String)
  /// The file has no bytes.
  case empty(path: String)
  /// A path holds a NUL byte, which the system would cut it at.
  case nulInPath(path: String)
  /// The file ended, or shrank, before all the bytes asked for were there.
  case truncated(path: String, offset: Int, expectedByteCount: Int, foundByteCount: Int)
  /// Size or modification time changed between opening and the last read.
  case changedWhileReading(path: String)

  /// One sentence naming the file, what was found and what was expected.
  public var description: String {
    switch self {
    case .cannotOpen(let path, let error): "\(path): cannot open: \(error.description)"
    case .cannotRead(let path, let error): "\(path): cannot read: \(error.description)"
    case .notRegularFile(let path): "\(path): not a regular file"
    case .empty(let path): "\(path): the file is empty"
    case .nulInPath(let path): "\(printable(path)): a path cannot hold a NUL byte"
    case .truncated(let path, let offset, let expected, let found):
      "\(path): \(expected) bytes expected at offset \(offset), found \(found) (truncated?)"
    case .changedWhileReading(let path): "\(path): the file changed while it was being read"
    }
  }
}

/// `text` with control characters and bidirectional overrides made visible, cut at 200 characters.
///
/// Names out of untrusted files go through here before they reach a terminal.
public func printable(_ text: String) -> String {
  var kept = ""
  for (count, scalar) in text.unicodeScalars.enumerated() {
    if count == 200 { return withoutControls(kept) + "…" }
    kept.unicodeScalars.append(scalar)
  }
  return withoutControls(kept)
}

/// `text` with control characters and bidirectional overrides made visible.
///
/// Sentences with paths in them, which are not cut, go through here before they reach a terminal.
public func withoutControls(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    if isControl(scalar) {
      result += "\\u{" + String(scalar.value, radix: 16) + "}"
    } else {
      result.unicodeScalars.append(scalar)
    }
  }
  return result
}

/// Whether a terminal may obey a scalar, or nobody sees it.
///
/// Controls, marks and overrides of direction, line and paragraph separators, spaces of no width; not what joins letters and
/// emoji.
public func isControl(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0..<0x20, 0x7F...0x9F, 0x061C, 0x200B, 0x200E, 0x200F, 0x2028...0x202E, 0x2060...0x2069,
    0xFEFF:
    true
  default: false
  }
}
