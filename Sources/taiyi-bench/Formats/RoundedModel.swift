internal import TCMFormat
internal import TCMWriter
internal import TensorCore
internal import ToolSupport

/// An f32 model, and what it is with the matrices of its layers rounded.
struct RoundedModel {
  private let file: TCMFile

  init(path: String) throws {
    file = try TCMFile(path: path)
    for tensor in file.manifest.tensors where tensor.encoding != .float32 {
      throw ToolError(
        "\(path): expected an f32 model, found \(tensor.name) as \(tensor.encoding.name)")
    }
    for tensor in matrices where tensor.shape[1] % 256 != 0 {
      throw ToolError(
        "\(path): expected widths that are multiples of 256, found \(tensor.shape[1])")
    }
  }

  /// The matrices that a quantized model has in 4 or 8 bits.
  private var matrices: [TensorRecord] { file.manifest.tensors.filter(isRounded) }

  private func isRounded(_ tensor: TensorRecord) -> Bool {
    tensor.shape.count == 2 && tensor.name.contains(".layers.") && tensor.name.hasSuffix(".weight")
  }

  /// The relative error of all matrices together, in percent.
  func error(_ format: WeightFormat) throws -> Float {
    var sum = SquaredError()
    for tensor in matrices {
      let weights = try file.floats(tensor.name, shape: tensor.shape).array
      sum.add(try format.round(weights, tensor.shape[1]), weights)
    }
    return Float(100 * sum.relative)
  }

  /// Writes the model with rounded matrices, in f32.
  func write(_ format: WeightFormat, to path: String) throws {
    let manifest = file.manifest
    let writer = try TCMWriter(path: path)
    for section in manifest.sections {
      if section.kind == .vocabulary {
        if let bytes = file.vocabulary { try writer.writeVocabulary(bytes) }
        continue
      }
      writer.beginSection(section.kind, name: section.name)
      let end = section.offset + section.byteCount
      for tensor in manifest.tensors where (section.offset..<end).contains(tensor.parts[0].offset) {
        writer.beginTensor(tensor.name, .float32, shape: tensor.shape)
        let weights = try file.floats(tensor.name, shape: tensor.shape)
        try writer.beginPart(.values, byteCount: weights.count * 4)
        if isRounded(tensor) {
          let rounded = try format.round(weights.array, tensor.shape[1])
          try writer.write(MutableBlock(copying: rounded).readOnly.bytes)
        } else {
          try writer.write(weights.bytes)
        }
      }
    }
    var provenance = manifest.provenance
    provenance.recipe = "f32 rounded by \(format.name)"
    try writer.finish(
      provenance: provenance, text: manifest.text, image: manifest.image,
      logitScale: manifest.logitScale)
  }
}
