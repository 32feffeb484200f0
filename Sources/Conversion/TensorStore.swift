internal import Checkpoints
internal import Kernels
internal import ModelFamilies
internal import TCMFormat
internal import TCMWriter
internal import TensorCore

/// Puts one tensor into the file, in the encoding asked for.
struct TensorStore {
  let writer: TCMWriter
  let engine: Engine

  /// Elements as f32.
  func float32(_ reader: RowReader) throws(ConversionError) {
    try begin(reader, .float32)
    try part(.values, reader.rows * reader.columns * 4)
    try reader.forEachRun { (_, values) throws(ConversionError) in try write(values) }
  }

  /// Elements as f16.
  func float16(_ reader: RowReader) throws(ConversionError) {
    try begin(reader, .float16)
    try part(.values, reader.rows * reader.columns * 2)
    try reader.forEachRun { (start, values) throws(ConversionError) in
      let halves = try allocate(UInt16.self, values.count)
      WeightKernels.toFloat16(values, into: halves)
      for index in 0..<halves.count where halves[index] & 0x7C00 == 0x7C00 {
        let place = reader.source(of: start * reader.columns + index)
        throw ConversionError.tooLargeForFloat16(
          path: reader.checkpoint.path, tensor: place.name, element: place.element)
      }
      try write(halves.readOnly)
    }
  }

  /// A table of signed bytes with a scale a row.
  func int8Table(_ reader: RowReader) throws(ConversionError) {
    try begin(reader, .int8Table)
    try part(.values, reader.rows * reader.columns)
    let scales = try allocate(Float.self, reader.rows)
    try reader.forEachRun { (start, values) throws(ConversionError) in
      let bytes = try allocate(Int8.self, values.count)
      let rows = values.count / reader.columns
      engine.quantizeTable(
        values, columns: reader.columns, values: bytes, scales: scales[start..<start + rows])
      try write(bytes.readOnly)
    }
    try part(.rowScales, scales.count * 4)
    try write(scales.readOnly)
  }

  /// `N16K4` panels of signed bytes.
  ///
  /// - Parameters:
  ///   - reader: The matrix.
  ///   - inputScales: u: columns are divided by it.
  ///   - isFolded: Whether a norm already multiplies activations by u; else u is stored beside the panels.
  ///   - feedback: How errors are spread, of inputs multiplied by u, or none.
  func int8Panels(
    _ reader: RowReader, inputScales: [Float]?, isFolded: Bool, feedback: ErrorFeedback?
  ) throws(ConversionError) {
    let lanes = (reader.rows + 15) / 16 * 16
    let columns = (reader.columns + 3) / 4 * 4
    try begin(reader, .int8Row)
    try part(.values, lanes * columns)
    let scales = try allocate(Float.self, lanes)
    let sums = try allocate(Int32.self, lanes)
    let inverse = try inputScales.map { (scales) throws(ConversionError) in
      try copy(scales.map { 1 / $0 })
    }
    try reader.forEachRun { (start, values) throws(ConversionError) in
      let rows = values.count / reader.columns
      let padded = (rows + 15) / 16 * 16
      let panels = try allocate(Int8.self, padded * columns)
      engine.quantizePanels(
        values, columnScales: inverse?.readOnly, feedback: feedback, columns: reader.columns,
        panels: panels, scales: scales[start..<start + padded], sums: sums[start..<start + padded])
      try write(panels.readOnly)
    }
    try part(.rowScales, lanes * 4)
    try write(scales.readOnly)
    try part(.rowSums, lanes * 4)
    try write(sums.readOnly)
    if let inputScales, !isFolded {
      try part(.inputScales, inputScales.count * 4)
      try write(try copy(inputScales).readOnly)
    }
  }

  /// `N16K4` panels of 4-bit codes.
  ///
  /// - Parameters:
  ///   - reader: The matrix; its columns are a multiple of 16.
  ///   - inputScales: u: columns are divided by it.
  ///   - isFolded: Whether a norm already multiplies activations by u; else u is stored beside the panels.
  ///   - feedback: How errors are spread, of inputs multiplied by u, or none.
  func int4Panels(
    _ reader: RowReader, inputScales: [Float]?, isFolded: Bool, feedback: ErrorFeedback?
  ) throws(ConversionError) {
    let lanes = (reader.rows + 15) / 16 * 16
    let columns = reader.columns
    try begin(reader, .int4Group)
    try part(.values, lanes * columns / 2)
    let scales = try allocate(Float.self, lanes)
    let subScales = try allocate(Int8.self, lanes * columns / 16)
    let inverse = try inputScales.map { (scales) throws(ConversionError) in
      try copy(scales.map { 1 / $0 })
    }
    try reader.forEachRun { (start, values) throws(ConversionError) in
      let padded = (values.count / columns + 15) / 16 * 16
      let codes = try allocate(UInt8.self, padded * columns / 2)
      engine.quantizeInt4(
        values, columnScales: inverse?.readOnly, feedback: feedback, columns: columns, codes: codes,
        scales: scales[start..<start + padded],
        subScales: subScales[start * columns / 16..<(start + padded) * columns / 16])
      try write(codes.readOnly)
    }
    try part(.rowScales, lanes * 4)
    try write(scales.readOnly)
    if let inputScales, !isFolded {
      try part(.inputScales, inputScales.count * 4)
      try write(try copy(inputScales).readOnly)
    }
    try part(.subScales, subScales.count)
    try write(subScales.readOnly)
  }

  /// A section of embeddings of labels.
  func labels(_ labels: LabelRows) throws(ConversionError) {
    let record = labels.record
    writer.beginSection(.weights, name: "labels")
    writer.beginTensor(
      LabelBankRecord.tensorName, .float32, shape: [record.labels.count, record.width])
    try part(.values, record.labels.count * record.width * 4)
    try labels.forEachRun { (rows) throws(ConversionError) in try write(rows) }
  }

  private func begin(_ reader: RowReader, _ encoding: Encoding) throws(ConversionError) {
    writer.beginTensor(reader.tensor.name, encoding, shape: reader.tensor.shape)
  }

  private func part(_ role: TensorRecord.Role, _ byteCount: Int) throws(ConversionError) {
    do throws(WriteError) { try writer.beginPart(role, byteCount: byteCount) } catch {
      throw .write(error)
    }
  }

  private func write<Element: BitwiseCopyable>(
    _ values: Block<Element>
  ) throws(ConversionError) {
    do throws(WriteError) { try writer.write(values.bytes) } catch { throw .write(error) }
  }

  private func copy(_ values: [Float]) throws(ConversionError) -> MutableBlock<Float> {
    do throws(SystemError) { return try MutableBlock(copying: values) } catch {
      throw .system(error)
    }
  }
}
