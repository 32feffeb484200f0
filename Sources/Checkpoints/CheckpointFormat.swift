/// One row of the registry: how a format is told from others, found in a folder and opened.
struct CheckpointFormat: Sendable {
  /// Opens and validates a file.
  typealias Opener =
    @Sendable (
      _ path: String, _ limits: CheckpointLimits
    ) throws(CheckpointError) -> any Checkpoint

  /// The format in words, for messages.
  let name: String
  /// File names that a folder is searched for, best first.
  let preferredNames: [String]
  /// Endings of other names, best first; one such file is taken, several are ambiguous.
  let suffixes: [String]
  /// Whether a file is of this format, by its first bytes and name.
  let recognises: @Sendable (_ start: [UInt8], _ path: String) -> Bool
  /// Opens a file.
  let open: Opener

  /// Every format; in a folder that holds several, the first row wins.
  static let all: [CheckpointFormat] = [safetensors, pyTorch]

  /// Endings of weights in formats that have no row; a folder may hold them beside a checkpoint.
  static let foreignSuffixes = [".onnx", ".h5", ".msgpack", ".gguf", ".tflite", ".mlmodel", ".ot"]

  /// Whether a file name looks like this format.
  func claims(_ name: String) -> Bool {
    preferredNames.contains(name) || suffixes.contains { name.hasSuffix($0) }
  }
}
