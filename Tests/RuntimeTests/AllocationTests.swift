import CAllocationCounter
import CLIPRuntime
import Quantization
import TCMFormat
import TensorCore
import TestSupport
import Testing

/// What an encode takes from the heap once a session is there: nothing.
@Suite(.enabled(if: cac_available() == 1, "a sanitizer counts for itself"))
struct AllocationTests {
  /// The counter sees what Swift allocates.
  @Test func counting() throws {
    cac_begin()
    let some = [Int](repeating: 7, count: 1_000)
    let found = cac_end()
    #expect(some[999] == 7 && found >= 1)
  }

  @Test(arguments: [Recipe.int8, .int4, .f16])
  func encoding(recipe: Recipe) throws {
    try Fixture.withFolder { folder in
      let model = try GoldenTests.convert(["text", "image"], recipe, to: folder)
      let session = try Session(model: model, threads: 2)
      let side = try #require(model.imageTower).imageSize
      let tokens = try #require(model.textTower).contextLength
      let pixels = try MutableBlock<Float>(allocating: 2 * 3 * side * side)
      pixels.fill(with: 0.5)
      let ids = try MutableBlock<Int32>(allocating: 3 * tokens)
      ids.fill(with: 1)
      let out = try MutableBlock<Float>(allocating: 3 * model.embeddingWidth)
      func encode() throws {
        try session.encode(pixels: pixels.readOnly, items: 2, into: out)
        try session.encode(ids: ids.readOnly, items: 3, tokens: tokens, into: out)
      }
      try encode()
      cac_begin()
      let result = Result { try encode() }
      let found = cac_end()
      try result.get()
      #expect(found == 0)
    }
  }
}
