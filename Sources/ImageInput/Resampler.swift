internal import TensorCore

/// Pillow's bicubic resizing, of only the square that is kept, with the scratch memory it needs.
///
/// Two passes of fixed-point sums, rounded to bytes after each; an axis that keeps its size is not
/// touched. Source: `ImagingResampleInner` in `src/libImaging/Resample.c` of Pillow 13.0.0, and
/// `Image.resize` for alpha.
struct Resampler {
  /// What happens to pixels before they are resampled.
  enum Step {
    case none
    /// Colours times alpha; undone afterwards, and alpha is dropped.
    case premultiply
    case convertToRGB
  }

  private var line = GrowingBlock<UInt8>()
  private var region = GrowingBlock<UInt8>()
  private var halfway = GrowingBlock<UInt8>()
  private var resized = GrowingBlock<UInt8>()
  private var plain = GrowingBlock<UInt8>()
  private var rowAxis = ResampleAxis()
  private var columnAxis = ResampleAxis()

  /// One resampling: the weights of both directions (`nil` if a size stays) and the inputs.
  private struct Plan {
    let source: Raster
    let step: Step
    let mode: DecodedImage.Mode
    let size: Int
    let rowWeights: AxisWeights?
    let columnWeights: AxisWeights?
    let rows: Range<Int>
    let columns: Range<Int>

    var channels: Int { mode.channels }
  }

  /// Resizes a picture and keeps the square.
  ///
  /// - Parameters:
  ///   - source: The picture, of another size than `geometry`.
  ///   - geometry: The size of the whole result and the place of the square.
  ///   - preprocessing: The square's size and the order of the passes.
  ///   - step: What happens first.
  /// - Returns: The square, valid until the next call.
  /// - Throws: `SystemError.outOfMemory`.
  mutating func square(
    _ source: Raster, _ geometry: ResizeGeometry, _ preprocessing: Preprocessing, _ step: Step
  ) throws(SystemError) -> Raster {
    let size = preprocessing.imageSize
    var rows = geometry.top..<(geometry.top + size)
    var columns = geometry.left..<(geometry.left + size)
    var columnWeights: AxisWeights?
    if geometry.height != source.height {
      columnWeights = try columnAxis.prepare(
        inputSize: source.height, outputSize: geometry.height, window: rows)
      rows = columnAxis.inputs
    }
    var rowWeights: AxisWeights?
    if geometry.width != source.width {
      rowWeights = try rowAxis.prepare(
        inputSize: source.width, outputSize: geometry.width, window: columns)
      columns = rowAxis.inputs
    }
    let plan = Plan(
      source: source, step: step, mode: step == .convertToRGB ? .rgb : source.mode, size: size,
      rowWeights: rowWeights, columnWeights: columnWeights, rows: rows, columns: columns)
    let lostRows = source.height - geometry.height
    let lostColumns = source.width - geometry.width
    let columnsFirst =
      preprocessing.passOrder == .pillow13 && lostRows > 0 && lostRows > 2 * lostColumns
    let result = columnsFirst ? try columnsThenRows(plan) : try rowsThenColumns(plan)
    if step != .premultiply { return Raster(square: result, size, plan.mode) }
    let colours = try plain.take(size * size * (plan.channels - 1))
    PixelKernels.unpremultiply(result, channels: plan.channels, into: colours)
    return Raster(square: colours.readOnly, size, plan.mode == .rgba ? .rgb : .grey)
  }

  private mutating func rowsThenColumns(_ plan: Plan) throws(SystemError) -> Block<UInt8> {
    let rowBytes = plan.size * plan.channels
    let narrow = try halfway.take(plan.rows.count * rowBytes)
    let prepared = try line.take(plan.columns.count * plan.channels)
    for (index, y) in plan.rows.enumerated() {
      resampleRow(
        prepare(plan, row: y, in: prepared), plan,
        into: narrow[(index * rowBytes)..<((index + 1) * rowBytes)])
    }
    guard let weights = plan.columnWeights else { return narrow.readOnly }
    let result = try resized.take(plan.size * rowBytes)
    PixelKernels.resampleColumns(
      narrow.readOnly, stride: rowBytes, width: rowBytes, weights, into: result)
    return result.readOnly
  }

  /// Only where rows are lost, so there are weights for the columns.
  private mutating func columnsThenRows(_ plan: Plan) throws(SystemError) -> Block<UInt8> {
    guard let weights = plan.columnWeights else { return try rowsThenColumns(plan) }
    let width = plan.columns.count * plan.channels
    let low = try halfway.take(plan.size * width)
    if plan.step == .none {
      let stride = plan.source.width * plan.channels
      let first = plan.rows.lowerBound * stride + plan.columns.lowerBound * plan.channels
      PixelKernels.resampleColumns(
        plan.source.pixels[first..<plan.source.pixels.count], stride: stride, width: width,
        weights, into: low)
    } else {
      let prepared = try region.take(plan.rows.count * width)
      for (index, y) in plan.rows.enumerated() {
        _ = prepare(plan, row: y, in: prepared[(index * width)..<((index + 1) * width)])
      }
      PixelKernels.resampleColumns(
        prepared.readOnly, stride: width, width: width, weights, into: low)
    }
    let rowBytes = plan.size * plan.channels
    let result = try resized.take(plan.size * rowBytes)
    for y in 0..<plan.size {
      resampleRow(
        low.readOnly[(y * width)..<((y + 1) * width)], plan,
        into: result[(y * rowBytes)..<((y + 1) * rowBytes)])
    }
    return result.readOnly
  }

  /// The needed pixels of row `y` after the step, in `scratch` unless there is nothing to do.
  private func prepare(
    _ plan: Plan, row y: Int, in scratch: MutableBlock<UInt8>
  ) -> Block<UInt8> {
    let channels = plan.source.mode.channels
    let row = plan.source.row(y)[
      (plan.columns.lowerBound * channels)..<(plan.columns.upperBound * channels)]
    switch plan.step {
    case .none: return row
    case .premultiply: PixelKernels.premultiply(row, channels: channels, into: scratch)
    case .convertToRGB:
      PixelKernels.convertToRGB(
        row, mode: plan.source.mode, palette: plan.source.palette, into: scratch)
    }
    return scratch.readOnly
  }

  private func resampleRow(
    _ row: Block<UInt8>, _ plan: Plan, into output: MutableBlock<UInt8>
  ) {
    if let weights = plan.rowWeights {
      PixelKernels.resampleRow(row, channels: plan.channels, weights, into: output)
    } else {
      PixelKernels.copy(row, into: output)
    }
  }
}
