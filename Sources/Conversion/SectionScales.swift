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
  /// How the name of a matrix ends that reads attention's mean of values.
  private let valueReader = ".attention.output.weight"
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
  ///
  /// - Parameters:
  ///   - section: Whose tensors.
  ///   - plan: The tower.
  ///   - checkpoint: What its tensors are read from.
  ///   - alpha: The share of ranges moved where there is no data.
  ///   - search: Finds scales for matrices whose inputs are known.
  ///   - scheme: How a tensor is quantized, or `nil` if activations are not quantized before they meet it.
  init(
    _ section: TowerSection, _ plan: TowerPlan, _ checkpoint: any Checkpoint, alpha: Float?,
    search: SmoothingSearch?, scheme: (PlannedTensor) -> Recipe.Scheme?
  ) throws(ConversionError) {
    guard let alpha else { return }
    let tensors = plan.tensors.filter { $0.section == section }
    for tensor in tensors where tensor.name.hasSuffix(valueReader) {
      guard let scheme = scheme(tensor) else { continue }
      if let search, search.knows(tensor) {
        if let scales = try search.scales(RowReader(checkpoint, tensor), scheme) {
          moveIntoValues(scales, before: tensor, plan)
        }
      } else {
        try evenOutValues(before: tensor, plan, checkpoint)
      }
    }
    for tensor in tensors {
      guard let scheme = scheme(tensor) else { continue }
      if let search, search.knows(tensor) {
        if tensor.name.hasSuffix(valueReader) { continue }
        let reader = RowReader(checkpoint, tensor, rowFactors: rows[tensor.name])
        if let scales = try search.scales(reader, scheme) { use(scales, for: tensor, plan) }
      } else {
        try evenOutInputs(of: tensor, plan, checkpoint, alpha)
      }
    }
  }

  /// Divides a matrix's columns and multiplies what it reads: the norm before it if that can be, else at run time.
  private mutating func use(_ scales: [Float], for tensor: PlannedTensor, _ plan: TowerPlan) {
    var isFolded = false
    if case .linear(let source?) = tensor.role, source.isFoldable,
      let gain = plan.tensors.first(where: { $0.name == source.gain }),
      gain.section == tensor.section
    {
      isFolded = true
      rows[source.gain] = scales
      rows[source.bias] = scales
    }
    inputs[tensor.name] = InputScales(values: scales, isFolded: isFolded)
  }

  /// Divides an output matrix's columns and multiplies the rows of V.
  private mutating func moveIntoValues(
    _ scales: [Float], before output: PlannedTensor, _ plan: TowerPlan
  ) {
    let name = String(output.name.dropLast("output.weight".count)) + "qkv"
    for part in [name + ".weight", name + ".bias"] {
      guard let tensor = plan.tensors.first(where: { $0.name == part }) else { continue }
      rows[part] = [Float](repeating: 1, count: tensor.shape[0] - scales.count) + scales
    }
    inputs[output.name] = InputScales(values: scales, isFolded: true)
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
    use(scales, for: tensor, plan)
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
    moveIntoValues(scales, before: output, plan)
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

  static func columnMaxima(_ reader: RowReader) throws(ConversionError) -> [Float] {
    let maxima = try allocate(Float.self, reader.columns)
    maxima.fill(with: 0)
    try reader.forEachRun { (_, values) throws(ConversionError) in
      WeightKernels.columnMaxima(values, into: maxima)
    }
    return maxima.array
  }
}
