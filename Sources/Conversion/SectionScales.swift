internal import Checkpoints
internal import Kernels
internal import ModelFamilies
internal import Quantization
internal import TCMFormat
internal import TensorCore

/// What the tensors of a section are multiplied by, so that they quantize well and the float function stays.
///
/// Input scales even out what a linear reads from a layer norm. Value channels that are outliers are evened out between
/// the rows of V and the columns of the output matrix, which attention leaves apart (cross-layer equalization: Nagel et
/// al., ICCV 2019, arXiv 1906.04721).
struct SectionScales {
  /// For the rows of a tensor, by name: what a norm takes in of an input scale, and values.
  private(set) var rows: [String: [Float]] = [:]
  /// For the inputs of a matrix, by name.
  private(set) var inputs: [String: InputScales] = [:]

  /// What the columns of a matrix are divided by.
  struct InputScales {
    let values: [Float]
    /// Whether what makes the inputs is multiplied already; else the factors are stored beside the matrix.
    let isFolded: Bool
  }

  /// Scales of a section's quantized matrices; none where `alpha` is `nil`.
  init(
    _ section: TowerSection, _ plan: TowerPlan, _ checkpoint: any Checkpoint, alpha: Float?,
    isQuantized: (PlannedTensor) -> Bool
  ) throws(ConversionError) {
    guard let alpha else { return }
    let tensors = plan.tensors.filter { $0.section == section }
    for tensor in tensors where tensor.name.hasSuffix(".attention.output.weight") {
      if isQuantized(tensor) { try evenOutValues(before: tensor, plan, checkpoint) }
    }
    for tensor in tensors where isQuantized(tensor) {
      try evenOutInputs(of: tensor, plan, checkpoint, alpha)
    }
  }

  private mutating func evenOutInputs(
    of tensor: PlannedTensor, _ plan: TowerPlan, _ checkpoint: any Checkpoint, _ alpha: Float
  ) throws(ConversionError) {
    guard case .linear(let source?) = tensor.role, tensor.shape.count == 2,
      let ranges = try SectionScales.ranges(of: source, plan, checkpoint)
    else { return }
    let maxima = try SectionScales.columnMaxima(
      RowReader(checkpoint, tensor, rowFactors: rows[tensor.name]))
    let scales =
      source.tellsRanges
      ? Smoothing.inputScales(activations: ranges, weights: maxima, alpha: alpha)
      : Smoothing.outlierScales(ranges: ranges, weights: maxima)
    guard let scales else { return }
    let gain = plan.tensors.first { $0.name == source.gain }
    let isFolded = source.isFoldable && gain?.section == tensor.section
    inputs[tensor.name] = InputScales(values: scales, isFolded: isFolded)
    if isFolded {
      rows[source.gain] = scales
      rows[source.bias] = scales
    }
  }

  private mutating func evenOutValues(
    before output: PlannedTensor, _ plan: TowerPlan, _ checkpoint: any Checkpoint
  ) throws(ConversionError) {
    let name = output.name.dropLast("output.weight".count) + "qkv"
    guard let qkv = plan.tensors.first(where: { $0.name == name + ".weight" }),
      let bias = plan.tensors.first(where: { $0.name == name + ".bias" }),
      case .linear(let source?) = qkv.role,
      let inputs = try SectionScales.ranges(of: source, plan, checkpoint)
    else { return }
    let width = output.shape[1]
    let first = qkv.shape[0] - width
    let biases = try RowReader(checkpoint, bias).all()
    var ranges = [Float](repeating: 0, count: width)
    let reader = RowReader(checkpoint, qkv)
    try reader.forEachRun { (start, values) throws(ConversionError) in
      for row in max(start, first)..<max(start + values.count / reader.columns, first) {
        var square: Float = 0
        let place = (row - start) * reader.columns
        for column in 0..<reader.columns {
          let reach = values[place + column] * inputs[column]
          square += reach * reach
        }
        ranges[row - first] = square.squareRoot() + biases[row].magnitude
      }
    }
    let maxima = try SectionScales.columnMaxima(RowReader(checkpoint, output))
    guard let scales = Smoothing.outlierScales(ranges: ranges, weights: maxima) else { return }
    let factors = [Float](repeating: 1, count: first) + scales
    rows[qkv.name] = factors
    rows[bias.name] = factors
    self.inputs[output.name] = InputScales(values: scales, isFolded: true)
  }

  /// What a norm's output reaches, guessed from gain and bias.
  private static func ranges(
    of source: SmoothingSource, _ plan: TowerPlan, _ checkpoint: any Checkpoint
  ) throws(ConversionError) -> [Float]? {
    guard let gain = plan.tensors.first(where: { $0.name == source.gain }),
      let bias = plan.tensors.first(where: { $0.name == source.bias })
    else { return nil }
    return Smoothing.ranges(
      gain: try RowReader(checkpoint, gain).all(), bias: try RowReader(checkpoint, bias).all())
  }

  private static func columnMaxima(_ reader: RowReader) throws(ConversionError) -> [Float] {
    let maxima = try allocate(Float.self, reader.columns)
    maxima.fill(with: 0)
    try reader.forEachRun { (_, values) throws(ConversionError) in
      WeightKernels.columnMaxima(values, into: maxima)
    }
    return maxima.array
  }
}
