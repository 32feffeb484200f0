internal import Kernels
internal import TensorCore

extension Benchmark {
  /// Matrix products of the towers' shapes, with weights quantized here; the quantization of activations is in it.
  static let gemm = Benchmark(
    name: "gemm", summary: "int8 and f32 matrix products, rows × outputs × inputs"
  ) { context in
    let shapes = [
      (257, 3072, 1024), (257, 4096, 1024), (257, 1024, 4096), (77, 2304, 768), (77, 768, 3072),
      (12, 768, 3072),
    ]
    let engine = try Engine(
      instructionSet: context.instructionSet, threads: context.threads)
    try engine.reserve(Engine.scratchForFloatProducts(columns: 4096))
    var cases: [Case] = []
    for (rows, outputs, inputs) in shapes {
      var numbers = SeededNumbers(seed: 3)
      let weights = try MutableBlock<Float>(allocating: outputs * inputs)
      for index in 0..<weights.count { weights[index] = numbers.float() }
      let x = try MutableBlock<Float>(allocating: rows * inputs)
      for index in 0..<x.count { x[index] = numbers.float() }
      let y = try MutableBlock<Float>(allocating: rows * outputs)
      let lanes = (outputs + 15) / 16 * 16
      let panels = try MutableBlock<Int8>(allocating: lanes * inputs)
      let scales = try MutableBlock<Float>(allocating: lanes)
      let sums = try MutableBlock<Int32>(allocating: lanes)
      engine.quantizePanels(
        weights.readOnly, columnScales: nil, columns: inputs, panels: panels, scales: scales,
        sums: sums)
      let int8 = Matrix(
        rows: outputs, columns: inputs,
        storage: .int8(
          Int8Panels(
            values: panels.readOnly, scales: scales.readOnly, sums: sums.readOnly,
            inputScales: nil)))
      let float = Matrix(rows: outputs, columns: inputs, storage: .float32(weights.readOnly))
      let quantized = try QuantizedRows(capacity: rows, width: inputs)
      let work = Work(
        amount: Double(rows) * Double(outputs) * Double(inputs) * 1e-9, unit: "GMAC/s")
      for (name, matrix) in [("int8", int8), ("f32", float)] {
        cases.append(
          Case("gemm \(name) \(rows)×\(outputs)×\(inputs)", work) {
            engine.linear(
              x.readOnly, matrix, bias: nil, rows: rows, quantized: quantized, into: y)
          })
      }
    }
    return cases
  }
}
