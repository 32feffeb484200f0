internal import CLIPRuntime
internal import Kernels
internal import TCMFormat
internal import TensorCore
internal import ToolSupport

extension Benchmark {
  /// Where the time of an encode goes: each stage of all layers on its own, on the model's own weights.
  static let stages = Benchmark(
    name: "stages", summary: "each stage of an encode, all layers, on its own"
  ) { context in
    let model = try Model(path: context.model(for: "stages"))
    var cases: [Case] = []
    if let tower = model.imageTower {
      cases += try Stages(
        model.file, context, "image", tower.layers, tower.width, tower.mlpWidth, tower.heads,
        tokens: tower.tokens, activation: tower.activation
      ).cases
    }
    if let tower = model.textTower {
      cases += try Stages(
        model.file, context, "text", tower.layers, tower.width, tower.mlpWidth, tower.heads,
        tokens: tower.contextLength, activation: tower.activation
      ).cases
    }
    return cases
  }
}

/// The stages of one tower for one item.
private struct Stages {
  var cases: [Case] = []

  init(
    _ file: TCMFile, _ context: Context, _ name: String, _ layers: Int, _ width: Int,
    _ mlpWidth: Int, _ heads: Int, tokens: Int, activation: TowerActivation
  ) throws {
    let engine = try Engine(
      instructionSet: context.instructionSet, threads: context.threads)
    let widest = max(3 * width, mlpWidth)
    var numbers = SeededNumbers(seed: 5)
    let x = try MutableBlock<Float>(allocating: tokens * widest)
    for index in 0..<x.count { x[index] = numbers.float() }
    let y = try MutableBlock<Float>(allocating: tokens * widest)
    let quantized = try QuantizedRows(capacity: tokens, width: widest)
    func matrices(_ kind: String, _ outputs: Int, _ inputs: Int) throws -> [Matrix] {
      try (0..<layers).map {
        try file.matrix("\(name).layers.\($0).\(kind).weight", rows: outputs, columns: inputs)
      }
    }
    let qkv = try matrices("attention.qkv", 3 * width, width)
    guard case .int8 = qkv[0].storage else {
      throw ToolError("stages needs an int8 model, found \(file.path)")
    }
    let function: Activation = activation == .gelu ? .gelu : .quickGELU
    let linears: [(String, [Matrix], Activation)] = [
      ("qkv", qkv, .none),
      ("attention output", try matrices("attention.output", width, width), .none),
      ("mlp up", try matrices("mlp.up", mlpWidth, width), function),
      ("mlp down", try matrices("mlp.down", width, mlpWidth), .none),
    ]
    for (stage, matrices, activation) in linears {
      let products = matrices.reduce(0) { $0 + Double(tokens * $1.rows) * Double($1.columns) }
      cases.append(
        Case("\(name): \(stage) ×\(layers)", Work(amount: products * 1e-9, unit: "GMAC/s")) {
          for matrix in matrices {
            engine.linear(
              x.readOnly, matrix, bias: nil, activation: activation, rows: tokens,
              quantized: quantized, into: y)
          }
        })
      cases.append(
        Case("\(name): of it quantizing") {
          for matrix in matrices {
            engine.quantize(
              x.readOnly, inputScales: nil, rows: tokens, width: matrix.columns, into: quantized)
          }
        })
    }
    let headSize = width / heads
    try engine.reserve(
      Engine.scratchForAttention(.int8, tokens: tokens, headSize: headSize))
    let products = 2 * Double(layers * tokens * tokens) * Double(width)
    cases.append(
      Case("\(name): attention ×\(layers)", Work(amount: products * 1e-9, unit: "GMAC/s")) {
        for _ in 0..<layers {
          engine.attention(
            x.readOnly, .int8, items: 1, tokens: tokens, heads: heads, headSize: headSize, into: y)
        }
      })
    let gain = try MutableBlock<Float>(allocating: width)
    gain.fill(with: 1)
    cases.append(
      Case("\(name): layer norms ×\(2 * layers)") {
        for _ in 0..<2 * layers {
          engine.layerNorm(
            x.readOnly, gain: gain.readOnly, bias: gain.readOnly, epsilon: 1e-5, rows: tokens,
            into: y)
        }
      })
  }
}
