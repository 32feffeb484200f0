internal import CLIPRuntime
internal import TCMFormat
internal import TensorCore
internal import ToolSupport

extension Benchmark {
  /// Token ids to embeddings, without tokenization.
  static let text = Benchmark(
    name: "text", summary: "encode token ids, items × tokens"
  ) { context in
    let model = try Model(path: context.model(for: "text"))
    guard let tower = model.textTower else {
      throw ToolError("\(model.file.path) has no text tower")
    }
    let session = try Session(
      model: model, threads: context.threads, instructionSet: context.instructionSet)
    var numbers = SeededNumbers(seed: 1)
    return try [(1, 12), (1, 77), (32, 16), (32, 77)].map { items, tokens in
      let ids = (0..<items * tokens).map { _ in
        numbers.integer(in: 0..<Int32(tower.vocabularySize))
      }
      let block = try MutableBlock(copying: ids)
      let out = try MutableBlock<Float>(allocating: items * model.embeddingWidth)
      return Case("text \(items)×\(tokens)", Work(amount: Double(items), unit: "texts/s")) {
        try session.encode(ids: block.readOnly, items: items, tokens: tokens, into: out)
      }
    }
  }
}
