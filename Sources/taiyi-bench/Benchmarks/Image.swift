internal import CLIPRuntime
internal import TCMFormat
internal import TensorCore
internal import ToolSupport

extension Benchmark {
  /// Normalised pixels to embeddings, without decoding.
  static let image = Benchmark(
    name: "image", summary: "encode pictures from pixels"
  ) { context in
    let model = try Model(path: context.model(for: "image"))
    guard let tower = model.imageTower else {
      throw ToolError("\(model.file.path) has no image tower")
    }
    let session = try Session(
      model: model, threads: context.threads, instructionSet: context.instructionSet)
    var numbers = SeededNumbers(seed: 2)
    return try [1, 8].map { items in
      let count = items * 3 * tower.imageSize * tower.imageSize
      let pixels = try MutableBlock<Float>(allocating: count)
      for index in 0..<count { pixels[index] = 2 * numbers.float() }
      let out = try MutableBlock<Float>(allocating: items * model.embeddingWidth)
      return Case("image ×\(items)", Work(amount: Double(items), unit: "images/s")) {
        try session.encode(pixels: pixels.readOnly, items: items, into: out)
      }
    }
  }
}
