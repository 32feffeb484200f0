internal import Checkpoints
internal import Kernels
internal import ModelFamilies
internal import TensorCore

/// Reads runs of rows of a planned tensor as f32, whatever it is stacked from and stored as.
struct RowReader {
  let checkpoint: any Checkpoint
  let tensor: PlannedTensor
  /// First dimension of the planned tensor.
  let rows: Int
  /// Product of the others.
  let columns: Int
  /// What each row is multiplied by, or `nil`.
  let rowFactors: [Float]?

  init(_ checkpoint: any Checkpoint, _ tensor: PlannedTensor, rowFactors: [Float]? = nil) {
    self.checkpoint = checkpoint
    self.tensor = tensor
    self.rowFactors = rowFactors
    rows = tensor.shape.first ?? 1
    columns = tensor.shape.dropFirst().reduce(1, *)
  }

  /// Rows that make about 2 MB of f32, a multiple of 16: few enough to stay in the cache from one step to the next.
  var rowsAtATime: Int { min(max((1 << 19) / columns / 16, 1) * 16, (rows + 15) / 16 * 16) }

  /// Calls `body` with one run of rows after another; the block is only valid during the call.
  func forEachRun(
    _ body: (_ start: Int, _ values: Block<Float>) throws(ConversionError) -> Void
  ) throws(ConversionError) {
    let step = rowsAtATime
    let values = try allocate(Float.self, min(step, rows) * columns)
    var start = 0
    while start < rows {
      let count = min(step, rows - start)
      let run = values[0..<count * columns]
      try read(start..<start + count, into: run)
      if let rowFactors {
        for row in 0..<count where rowFactors[start + row] != 1 {
          for place in row * columns..<(row + 1) * columns { run[place] *= rowFactors[start + row] }
        }
      }
      try body(start, run.readOnly)
      start += count
    }
  }

  /// Where an element of the planned tensor lies in the checkpoint.
  ///
  /// - Parameter element: Its place, row-major.
  /// - Returns: The name of a tensor of the checkpoint and the element's place in it.
  func source(of element: Int) -> (name: String, element: Int) {
    if tensor.transform == .transpose {
      let (row, column) = element.quotientAndRemainder(dividingBy: columns)
      return (tensor.sources[0].name, column * rows + row)
    }
    var rest = element
    for source in tensor.sources {
      let count = source.shape.reduce(1, *)
      if rest < count { return (source.name, rest) }
      rest -= count
    }
    preconditionFailure("the element lies in the tensor")
  }

  /// All values; for vectors and other small tensors.
  func all() throws(ConversionError) -> [Float] {
    var result: [Float] = []
    result.reserveCapacity(rows * columns)
    try forEachRun { (_, values) throws(ConversionError) in result += values.array }
    return result
  }

  private func read(
    _ range: Range<Int>, into values: MutableBlock<Float>
  ) throws(ConversionError) {
    if tensor.transform == .transpose {
      try readTransposed(range, into: values)
      return
    }
    // The sources are stacked along the first dimension: each gives a run of rows.
    var first = 0
    var done = 0
    for source in tensor.sources {
      let count = source.shape.first ?? 1
      let wanted = range.clamped(to: first..<first + count)
      if !wanted.isEmpty {
        let elements = (wanted.lowerBound - first) * columns..<(wanted.upperBound - first) * columns
        try read(source, elements, into: values[done..<done + elements.count])
        done += elements.count
      }
      first += count
    }
  }

  /// Output row r is column r of the source, which is read whole.
  private func readTransposed(
    _ range: Range<Int>, into values: MutableBlock<Float>
  ) throws(ConversionError) {
    let source = tensor.sources[0]
    let whole = try allocate(Float.self, rows * columns)
    try read(source, 0..<rows * columns, into: whole)
    for (row, output) in range.enumerated() {
      for column in 0..<columns { values[row * columns + column] = whole[column * rows + output] }
    }
  }

  private func read(
    _ source: SourceTensor, _ elements: Range<Int>, into values: MutableBlock<Float>
  ) throws(ConversionError) {
    let size = source.elementType.byteCount
    let bytes = elements.lowerBound * size..<elements.upperBound * size
    let isFloat32 = source.elementType == .float32
    let stored = isFloat32 ? values.bytes : try allocate(UInt8.self, bytes.count)
    do throws(CheckpointError) {
      try checkpoint.read(tensor: source.index, bytes: bytes, into: stored)
    } catch { throw .checkpoint(error) }
    if !isFloat32 { WeightKernels.toFloat32(stored.readOnly, source.elementType, into: values) }
    if let index = WeightKernels.firstNonFinite(values.readOnly) {
      throw .nonFinite(
        path: checkpoint.path, tensor: source.name, element: elements.lowerBound + index)
    }
  }
}

/// Memory for `count` elements.
func allocate<Element: BitwiseCopyable>(
  _ type: Element.Type, _ count: Int
) throws(ConversionError) -> MutableBlock<Element> {
  do throws(SystemError) { return try MutableBlock(allocating: count) } catch {
    throw .system(error)
  }
}
