import TCMFormat
import TCMWriter
import TensorCore
import Testing

/// What the identity of a model depends on, and what not.
///
/// `Formats/tcm.md` §7 has an example, tested with the format.
@Suite struct ModelIdentityTests {
  struct Tensor {
    var name = "a"
    var encoding = Encoding.float32
    var shape = [2]
    var bytes: [UInt8] = [0, 0, 128, 63, 0, 0, 0, 64]
  }

  static func manifest() -> Manifest {
    var manifest = Manifest(
      provenance: Provenance(tool: "", recipe: "", sources: [], assumptions: []))
    manifest.text = TextTowerRecord(
      family: "BERT", width: 8, layers: 1, heads: 2, mlpWidth: 16, vocabularySize: 6,
      positions: 16, layerNormEpsilon: 1e-12, activation: .gelu, outputWidth: 8,
      contextLength: 12, lowercases: true)
    manifest.image = TCMWriterTests.image
    return manifest
  }

  static func identity(
    _ tensors: [Tensor], _ vocabulary: [UInt8] = [1, 2, 3], _ manifest: Manifest = manifest()
  ) throws -> [UInt8] {
    var identity = ModelIdentity()
    for tensor in tensors {
      identity.begin(tensor.name, tensor.encoding, shape: tensor.shape)
      identity.begin(.values, byteCount: tensor.bytes.count)
      for byte in tensor.bytes { identity.add(try TCMWriterTests.block([byte])) }
    }
    return identity.finish(vocabulary: try TCMWriterTests.block(vocabulary), manifest)
  }

  @Test func everythingComputedWithCounts() throws {
    let tensors: [[Tensor]] = [
      [Tensor()], [], [Tensor(), Tensor(name: "b")], [Tensor(name: "b"), Tensor()],
      [Tensor(name: "b")], [Tensor(encoding: .float16)], [Tensor(shape: [1, 2])],
      [Tensor(shape: [2, 1])], [Tensor(bytes: [0, 0, 128, 63, 0, 0, 0, 65])],
    ]
    var found: Set<[UInt8]> = []
    for tensors in tensors { found.insert(try Self.identity(tensors)) }
    #expect(found.count == tensors.count)

    let changes: [(inout Manifest) -> Void] = [
      { _ in }, { $0.logitScale = 99 }, { $0.text = nil }, { $0.image = nil },
      { $0.text?.family = "BERU" }, { $0.text?.width = 16 }, { $0.text?.layers = 2 },
      { $0.text?.heads = 4 }, { $0.text?.mlpWidth = 17 }, { $0.text?.vocabularySize = 7 },
      { $0.text?.positions = 17 }, { $0.text?.layerNormEpsilon = 1e-5 },
      { $0.text?.activation = .quickGELU }, { $0.text?.outputWidth = 9 },
      { $0.text?.contextLength = 13 }, { $0.text?.lowercases = false },
      { $0.text?.masksPadding = true }, { $0.text?.straightensQuotes = true },
      { $0.text?.pooling = .projection },
      { $0.image?.family = "ViU" }, { $0.image?.width = 16 }, { $0.image?.layers = 2 },
      { $0.image?.heads = 4 }, { $0.image?.mlpWidth = 17 }, { $0.image?.imageSize = 16 },
      { $0.image?.patchSize = 8 }, { $0.image?.layerNormEpsilon = 1e-6 },
      { $0.image?.activation = .quickGELU }, { $0.image?.outputWidth = 9 },
      { $0.image?.resize = .shortest }, { $0.image?.mean[2] = 0.25 },
      { $0.image?.standardDeviation[0] = 0.5 },
    ]
    found = []
    for change in changes {
      var manifest = Self.manifest()
      change(&manifest)
      found.insert(try Self.identity([Tensor()], [1, 2, 3], manifest))
    }
    #expect(found.count == changes.count)
    #expect(try Self.identity([Tensor()], [1, 2, 4]) != Self.identity([Tensor()]))
  }

  @Test func placesAndProvenanceDoNotCount() throws {
    var manifest = Self.manifest()
    manifest.provenance.tool = "another"
    manifest.sections = [
      Section(kind: .weights, name: "s", offset: 65_536, byteCount: 8, checksum: 1)
    ]
    manifest.identity = [1]
    #expect(try Self.identity([Tensor()], [1, 2, 3], manifest) == Self.identity([Tensor()]))
  }
}
