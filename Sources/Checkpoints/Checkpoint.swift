public import TensorCore

/// A file, or several that belong together, holding named tensors.
///
/// What conforms has been validated whole when it exists: every tensor's bytes lie in a file.
/// Values are little-endian and read only on demand, so a checkpoint costs memory for its header
/// alone.
public protocol Checkpoint: Sendable {
  /// The path as the caller gave it.
  var path: String { get }
  /// The format in words, for example `safetensors`.
  var formatName: String { get }
  /// Every file the tensors come from, for checksums and to tell whether an output is an input.
  var files: [InputFile] { get }
  /// The tensors in the order of the file.
  var tensors: [TensorInfo] { get }
  /// Free-form pairs the writer left.
  var metadata: [(key: String, value: String)] { get }

  /// The place of a tensor in `tensors`.
  ///
  /// - Parameter name: Compared byte by byte.
  /// - Returns: The place, or `nil` without such a tensor.
  /// - Complexity: O(length of the name).
  func index(of name: String) -> Int?

  /// Reads a part of a tensor.
  ///
  /// - Parameters:
  ///   - index: A place in `tensors`; outside is misuse and traps.
  ///   - range: Bytes inside the tensor's `0..<byteCount`; outside is misuse and traps.
  ///   - destination: Exactly `range.count` bytes; otherwise misuse and traps.
  /// - Throws: `CheckpointError.file` if the file has shrunk or cannot be read.
  func read(
    tensor index: Int, bytes range: Range<Int>, into destination: MutableBlock<UInt8>
  ) throws(CheckpointError)
}

extension Checkpoint {
  /// Throws if a file is no longer what it was when it was opened; for the end of a conversion.
  ///
  /// - Throws: `CheckpointError.file`.
  public func checkUnchanged() throws(CheckpointError) {
    for file in files {
      do { try file.checkUnchanged() } catch { throw .file(error) }
    }
  }
}
