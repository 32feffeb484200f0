import CLIPRuntime
import Checkpoints
import Foundation
import ImageInput
import TCMFormat
import TCMWriter
import TensorCore
import TestSupport
import Testing
import Tokenization
import ToolSupport

/// The same files in this process: which error is thrown, and that what opens can be read.
@Suite struct ErrorKindTests {
  @Test("Each file gives its error", arguments: HostileCase.files)
  func kind(_ item: HostileCase) throws {
    let path = Fixture.path("hostile/" + (try #require(item.file)))
    let found = Self.outcome(item.command, path)
    if item.outcome == "refused" {
      #expect(found.kind != "ok")
    } else {
      #expect(found.kind == item.outcome, "\(found.sentence)")
    }
    if found.kind == "ok", item.command == .inspect {
      #expect(Self.reading(path) == item.read ?? "ok")
    }
  }

  private static func outcome(
    _ command: HostileCase.Command, _ path: String
  ) -> (kind: String, sentence: String) {
    do {
      switch command {
      case .inspect: _ = try Checkpoints.open(path: path)
      case .check: try check(path)
      case .preprocess:
        _ = try ImageDecoder.decode(
          MutableBlock(copying: Fixture.bytes(path)).readOnly, name: path)
      case .tokenize: _ = try TextFile.lines(path)
      }
      return ("ok", "")
    } catch { return (errorKind(error), "\(error)") }
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
    if ModelIdentity.of(file) != file.manifest.identity { throw ToolError("another identity") }
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
