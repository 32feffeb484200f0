import CLIPRuntime
import Checkpoints
import ImageInput
import TCMFormat
import TCMWriter
import TensorCore
import Tokenization
import ToolSupport

/// What becomes of a file in this process; `.ci/guards` compiles this file, too.
struct Outcome {
  /// The error's case, or "ok".
  let kind: String
  let sentence: String

  /// Opens a file.
  ///
  /// - Parameters:
  ///   - command: Of the corpus' manifest: `inspect`, `check`, `preprocess` or `tokenize`.
  ///   - path: What a user would give.
  init(_ command: String, _ path: String) {
    do {
      switch command {
      case "inspect": _ = try Checkpoints.open(path: path)
      case "check": try Self.check(path)
      case "preprocess":
        let file = try InputFile(path: path)
        let bytes = try file.map().block(at: 0, count: file.byteCount) as Block<UInt8>
        _ = try ImageDecoder.decode(bytes, name: path)
      default: _ = try TextFile.lines(path)
      }
      (kind, sentence) = ("ok", "")
    } catch { (kind, sentence) = (errorKind(error), "\(error)") }
  }

  /// What `taiyi-convert check` does.
  static func check(_ path: String) throws {
    let file = try TCMFile(path: path)
    try file.check()
    if file.manifest.hasTower {
      let model = try Model(path: path)
      do throws(VocabularyError) { try model.tokenizer?.vocabulary.validate() } catch {
        throw ModelError.vocabulary(path: path, error)
      }
    }
    if ModelIdentity.of(file) != file.manifest.identity {
      throw ToolError("the identity is not that of the weights (rule 7.2)")
    }
  }

  /// Reads every tensor that is not large.
  static func reading(_ path: String) -> String {
    do {
      let checkpoint = try Checkpoints.open(path: path).checkpoint
      for (index, tensor) in checkpoint.tensors.enumerated() where tensor.byteCount <= 1 << 20 {
        let buffer = try MutableBlock<UInt8>(allocating: max(tensor.byteCount, 1))
        let part = buffer[0..<tensor.byteCount]
        try checkpoint.read(tensor: index, bytes: 0..<tensor.byteCount, into: part)
      }
      return "ok"
    } catch { return errorKind(error) }
  }
}

/// The name of an enum's case, of a wrapped error the inner one's; the type's name of anything else.
func errorKind(_ error: any Error) -> String {
  let mirror = Mirror(reflecting: error)
  guard mirror.displayStyle == .enum, let payload = mirror.children.first,
    let name = payload.label
  else { return "\(type(of: error))" }
  if let inner = payload.value as? any Error { return errorKind(inner) }
  return name
}
