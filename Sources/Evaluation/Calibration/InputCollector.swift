internal import Kernels
internal import Quantization
internal import TensorCore

/// Sums up what one matrix is given: ranges, second moments and a few rows.
final class InputCollector {
  /// Most rows kept as they are.
  static let sampleLimit = 256

  private let columns: Int
  private let engine: Engine
  private let ranges: MutableBlock<Float>
  private let sums: MutableBlock<Float>
  private let samples: MutableBlock<Float>
  /// Every so many rows one is kept.
  private let sampleStep: Int
  private var rowCount = 0
  private var sampleCount = 0

  /// Begins for a matrix of `columns` inputs that will be given `rows` rows.
  init(columns: Int, rows: Int, _ engine: Engine) throws(SystemError) {
    self.columns = columns
    self.engine = engine
    ranges = try MutableBlock(allocating: columns)
    sums = try MutableBlock(allocating: columns * columns)
    let count = min(rows, InputCollector.sampleLimit)
    samples = try MutableBlock(allocating: count * columns)
    sampleStep = max((rows + count - 1) / max(count, 1), 1)
    ranges.fill(with: 0)
    sums.fill(with: 0)
  }

  /// Adds rows.
  ///
  /// - Parameters:
  ///   - input: `[tokens, columns]`.
  ///   - rows: Which of them; at most 4,096.
  func add(_ input: Block<Float>, rows: [Int32]) throws(SystemError) {
    let table = Table(
      rows: input.count / columns, columns: columns, storage: .float32(input))
    let chosen = try MutableBlock<Float>(allocating: rows.count * columns)
    engine.gather(table, ids: try MutableBlock(copying: rows).readOnly, into: chosen)
    WeightKernels.columnMaxima(chosen.readOnly, into: ranges)
    let transposed = try MutableBlock<Float>(allocating: chosen.count)
    WeightKernels.transpose(chosen.readOnly, rows: rows.count, into: transposed)
    try engine.addMoments(transposed.readOnly, rows: rows.count, to: sums)
    for row in 0..<rows.count {
      defer { rowCount += 1 }
      if rowCount % sampleStep != 0 || (sampleCount + 1) * columns > samples.count { continue }
      for column in 0..<columns {
        samples[sampleCount * columns + column] = chosen[row * columns + column]
      }
      sampleCount += 1
    }
  }

  /// What was found.
  func finish() throws(SystemError) -> InputStatistics {
    let packed = try MutableBlock<Float>(allocating: columns * (columns + 1) / 2)
    var place = 0
    let share = 1 / Float(max(rowCount, 1))
    for row in 0..<columns {
      for column in row..<columns {
        packed[place] = sums[row * columns + column] * share
        place += 1
      }
    }
    return InputStatistics(
      ranges: ranges.readOnly, moments: packed.readOnly,
      samples: samples[0..<sampleCount * columns].readOnly)
  }
}
