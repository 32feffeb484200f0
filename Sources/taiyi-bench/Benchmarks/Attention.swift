internal import Kernels
internal import TensorCore

extension Benchmark {
  /// Attention of one layer at the towers' sizes.
  static let attention = Benchmark(
    name: "attention", summary: "one layer's attention, items × tokens × heads × head size"
  ) { context in
    let shapes = [(1, 257, 16, 64), (1, 77, 12, 64), (32, 77, 12, 64), (32, 16, 12, 64)]
    let engine = try Engine(
      instructionSet: context.instructionSet, threads: context.threads)
    var cases: [Case] = []
    for (items, tokens, heads, headSize) in shapes {
      var numbers = SeededNumbers(seed: 4)
      let width = heads * headSize
      let qkv = try MutableBlock<Float>(allocating: items * tokens * 3 * width)
      for index in 0..<qkv.count { qkv[index] = 2 * numbers.float() }
      let y = try MutableBlock<Float>(allocating: items * tokens * width)
      let products = 2 * Double(items * heads) * Double(tokens * tokens) * Double(headSize)
      for (name, arithmetic) in [("int8", Engine.AttentionArithmetic.int8), ("f32", .float)] {
        try engine.reserve(
          Engine.scratchForAttention(arithmetic, tokens: tokens, headSize: headSize))
        cases.append(
          Case(
            "attention \(name) \(items)×\(tokens)×\(heads)×\(headSize)",
            Work(amount: products * 1e-9, unit: "GMAC/s")
          ) {
            engine.attention(
              qkv.readOnly, arithmetic, items: items, tokens: tokens, heads: heads,
              headSize: headSize, into: y)
          })
      }
    }
    return cases
  }
}
