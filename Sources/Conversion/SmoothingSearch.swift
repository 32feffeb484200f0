internal import Kernels
internal import ModelFamilies
internal import Quantization
internal import TensorCore

/// Finds input scales by trying: those whose matrix makes the least error of its output, on inputs it was really given.
///
/// After SmoothQuant's α, searched for each matrix as AWQ does (Lin et al., MLSys 2024, arXiv 2306.00978).
struct SmoothingSearch {
  let calibration: Calibration
  let engine: Engine

  /// Outputs that errors are looked at on, in panels of 16 at equal distances.
  private static let panels = 16
  /// Shares of ranges tried, besides none.
  private static let shares: [Float] = [0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875]
  /// What share of the squared error must go for scales to be worth having.
  private static let worth = 0.02

  /// Whether the inputs of a matrix are known.
  func knows(_ tensor: PlannedTensor) -> Bool {
    tensor.shape.count == 2 && calibration.inputs[tensor.name]?.columns == tensor.shape[1]
  }

  /// The scales that are best.
  ///
  /// - Parameters:
  ///   - reader: The matrix.
  ///   - scheme: How it will be stored.
  /// - Returns: One factor an input, or `nil` where none are worth having.
  /// - Complexity: O(shares · (samples + K) · K) for K inputs.
  func scales(
    _ reader: RowReader, _ scheme: Recipe.Scheme
  ) throws(ConversionError) -> [Float]? {
    guard let known = calibration.inputs[reader.tensor.name] else { return nil }
    let weights = try someRows(reader)
    let maxima = try SectionScales.columnMaxima(reader)
    let samples = known.samples
    let rows = samples.count / reader.columns
    let outputs = weights.count / reader.columns
    do throws(SystemError) {
      try engine.reserve(
        max(
          Engine.scratchForFloatProducts(columns: reader.columns),
          Engine.scratchForInt4Products(columns: reader.columns)))
      let expected = try MutableBlock<Float>(allocating: rows * outputs)
      engine.linear(
        samples,
        Matrix(rows: outputs, columns: reader.columns, storage: .float32(weights)), bias: nil,
        rows: rows, quantized: nil, into: expected)
      let trial = Trial(
        engine: engine, scheme: scheme, weights: weights, columns: reader.columns,
        samples: samples, meanSquares: known.meanSquares, expected: expected.readOnly)
      var best: [Float]?
      var least = try trial.error(nil) * (1 - SmoothingSearch.worth)
      for share in SmoothingSearch.shares {
        let scales = Smoothing.inputScales(
          activations: known.ranges.array, weights: maxima, alpha: share)
        let error = try trial.error(scales)
        if error < least { (best, least) = (scales, error) }
      }
      return best
    } catch { throw .system(error) }
  }

  private func someRows(_ reader: RowReader) throws(ConversionError) -> Block<Float> {
    let panels = (reader.rows + 15) / 16
    let count = min(panels, SmoothingSearch.panels)
    let chosen = (0..<count).map { $0 * panels / count }
    var values: [Float] = []
    try reader.forEachRun { (start, run) throws(ConversionError) in
      let rows = run.count / reader.columns
      for panel in chosen where panel * 16 >= start && panel * 16 < start + rows {
        let first = panel * 16 - start
        values +=
          run[first * reader.columns..<min(first + 16, rows) * reader.columns].array
      }
    }
    do throws(SystemError) { return try MutableBlock(copying: values).readOnly } catch {
      throw .system(error)
    }
  }
}

/// A matrix to be stored with one set of scales or another.
private struct Trial {
  let engine: Engine
  let scheme: Recipe.Scheme
  let weights: Block<Float>
  let columns: Int
  let samples: Block<Float>
  let meanSquares: [Float]
  let expected: Block<Float>

  /// The squared error of the outputs.
  func error(_ scales: [Float]?) throws(SystemError) -> Double {
    let inputScales = try scales.map { (scales) throws(SystemError) in
      try MutableBlock(copying: scales).readOnly
    }
    let inverse = try scales.map { (scales) throws(SystemError) in
      try MutableBlock(copying: scales.map { 1 / $0 }).readOnly
    }
    let rows = weights.count / columns
    let lanes = (rows + 15) / 16 * 16
    let rowScales = try MutableBlock<Float>(allocating: lanes)
    let storage: Matrix.Storage
    if scheme == .int4 {
      let importance = try MutableBlock(
        copying: zip(meanSquares, scales ?? [Float](repeating: 1, count: columns)).map {
          $0 * $1 * $1
        })
      let codes = try MutableBlock<UInt8>(allocating: lanes * columns / 2)
      let subScales = try MutableBlock<Int8>(allocating: lanes * columns / 16)
      engine.quantizeInt4(
        weights, columnScales: inverse, importance: importance.readOnly, columns: columns,
        codes: codes, scales: rowScales, subScales: subScales)
      storage = .int4(
        Int4Panels(
          codes: codes.readOnly, scales: rowScales.readOnly, subScales: subScales.readOnly,
          inputScales: inputScales))
    } else {
      let values = try MutableBlock<Int8>(allocating: lanes * ((columns + 3) / 4 * 4))
      let sums = try MutableBlock<Int32>(allocating: lanes)
      engine.quantizePanels(
        weights, columnScales: inverse, columns: columns, panels: values, scales: rowScales,
        sums: sums)
      storage = .int8(
        Int8Panels(
          values: values.readOnly, scales: rowScales.readOnly, sums: sums.readOnly,
          inputScales: inputScales))
    }
    let count = samples.count / columns
    let y = try MutableBlock<Float>(allocating: count * rows)
    engine.linear(
      samples, Matrix(rows: rows, columns: columns, storage: storage), bias: nil, rows: count,
      quantized: try QuantizedRows(capacity: count, width: columns), into: y)
    return WeightKernels.squaredDistance(y.readOnly, expected)
  }
}
