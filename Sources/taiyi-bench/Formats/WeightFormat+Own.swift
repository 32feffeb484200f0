internal import Kernels
internal import TensorCore

/// This project's formats, through the kernels that make and read them.
extension WeightFormat {
  /// Formats/tcm.md §5: 4-bit codes, a sub-scale for 16 columns, an f32 scale a row.
  static let int4Group = WeightFormat(
    name: "int4-group (ours)", bits: { 4 + 8.0 / 16 + 32 / Double($0) }
  ) { weights, columns in
    let rows = weights.count / columns
    let lanes = (rows + 15) / 16 * 16
    let codes = try MutableBlock<UInt8>(allocating: lanes * columns / 2)
    let scales = try MutableBlock<Float>(allocating: lanes)
    let subScales = try MutableBlock<Int8>(allocating: lanes * columns / 16)
    let bytes = try MutableBlock<Int8>(allocating: lanes * columns)
    try Engine().quantizeInt4(
      MutableBlock(copying: weights).readOnly, columnScales: nil, columns: columns, codes: codes,
      scales: scales, subScales: subScales)
    let panels = Int4Panels(
      codes: codes.readOnly, scales: scales.readOnly, subScales: subScales.readOnly,
      inputScales: nil)
    _ = WeightKernels.decode(panels, rows: rows, columns: columns, into: bytes)
    return fromPanels(bytes, scales, rows, columns)
  }

  /// Formats/tcm.md §5: signed bytes, an f32 scale and a sum a row.
  static let int8Row = WeightFormat(
    name: "int8-row (ours)", bits: { 8 + 64 / Double($0) }
  ) { weights, columns in
    let rows = weights.count / columns
    let lanes = (rows + 15) / 16 * 16
    let bytes = try MutableBlock<Int8>(allocating: lanes * columns)
    let scales = try MutableBlock<Float>(allocating: lanes)
    try Engine().quantizePanels(
      MutableBlock(copying: weights).readOnly, columnScales: nil, columns: columns, panels: bytes,
      scales: scales, sums: MutableBlock(allocating: lanes))
    return fromPanels(bytes, scales, rows, columns)
  }

  private static func fromPanels(
    _ bytes: MutableBlock<Int8>, _ scales: MutableBlock<Float>, _ rows: Int, _ columns: Int
  ) -> [Float] {
    var result: [Float] = []
    result.reserveCapacity(rows * columns)
    for row in 0..<rows {
      for column in 0..<columns {
        let place = row / 16 * 16 * columns + column / 4 * 64 + row % 16 * 4 + column % 4
        result.append(Float(bytes[place]) * scales[row])
      }
    }
    return result
  }
}
