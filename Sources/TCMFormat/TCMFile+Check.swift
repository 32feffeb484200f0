internal import Kernels
internal import TensorCore

/// The rules that need every byte of the file.
extension TCMFile {
  /// Checks all checksums, that padding is zero, and that row sums and scales are what the weights say.
  ///
  /// What a vocabulary holds, and the identity, are other modules' business.
  ///
  /// - Throws: `TCMError` naming the section or tensor.
  /// - Complexity: O(file).
  public func check() throws(TCMError) {
    for section in manifest.sections {
      let computed = WeightKernels.crc32c(bytes(at: section.offset, count: section.byteCount))
      if computed != section.checksum {
        throw .checksum(
          path: path, place: "section \(section.name)", stored: section.checksum, computed: computed
        )
      }
    }
    try checkPadding()
    for record in manifest.tensors { try check(record) }
    if let labels = manifest.labels { try check(labels) }
  }

  /// Padding lies before sections, where no checksum covers it, and before parts.
  private func checkPadding() throws(TCMError) {
    var free = TCMLayout.headerByteCount
    for section in manifest.sections {
      try checkZero(free, section.offset, rule: "4.7", place: section.name)
      free = section.offset + section.byteCount
    }
    var end = 0
    for tensor in manifest.tensors {
      for part in tensor.parts {
        // Parts lie without holes, so a longer way from the last one leads into the next section.
        if part.offset - end < TCMLayout.partAlignment {
          try checkZero(end, part.offset, rule: "5.10", place: tensor.name)
        }
        end = part.offset + part.byteCount
      }
    }
  }

  private func checkZero(
    _ start: Int, _ end: Int, rule: String, place: String
  ) throws(TCMError) {
    let padding = bytes(at: start, count: end - start)
    if let index = padding.firstNonZero {
      throw .malformed(
        path: path, rule: rule, place: place,
        problem: "byte \(start + index) of the padding before it is not zero")
    }
  }
}

/// What the elements and scales of a tensor have to be.
extension TCMFile {
  /// Rows have length 1, so that dot products are cosines.
  private func check(_ labels: LabelBankRecord) throws(TCMError) {
    let record = try tensor(LabelBankRecord.tensorName)
    let rows: Block<Float> = block(record, .values)
    for label in 0..<labels.labels.count {
      var sum = 0.0
      for index in label * labels.width..<(label + 1) * labels.width {
        sum += Double(rows[index]) * Double(rows[index])
      }
      if !(sum >= 0.999 && sum <= 1.001) {
        throw fail(record, "6.15", "row \(label) has length \(Float(sum.squareRoot())), expected 1")
      }
    }
  }

  private func check(_ record: TensorRecord) throws(TCMError) {
    switch record.encoding {
    case .float32:
      if let index = WeightKernels.firstNonFinite(block(record, .values)) {
        throw fail(record, "5.11", "element \(index) is not a finite number")
      }
    case .float16:
      let values: Block<UInt16> = block(record, .values)
      for index in 0..<values.count where values[index] & 0x7C00 == 0x7C00 {
        throw fail(record, "5.11", "element \(index) is not a finite number")
      }
    case .int8Table:
      try checkScales(record)
      try checkBytes(record, block(record, .values))
    case .int4Group:
      try checkScales(record)
      try checkCodes(record, int4Panels(record))
    case .int8Row:
      try checkScales(record)
      let panels: Block<Int8> = block(record, .values)
      try checkBytes(record, panels)
      try checkPanelPadding(record, panels)
      let stored: Block<Int32> = block(record, .rowSums)
      let sums = WeightKernels.panelSums(panels, rows: record.shape[0], columns: record.shape[1])
      for row in 0..<sums.count where stored[row] != sums[row] {
        throw fail(record, "5.12", "the sum of row \(row) is \(sums[row]), stored \(stored[row])")
      }
    }
  }

  private func checkScales(_ record: TensorRecord) throws(TCMError) {
    for part in record.parts where part.role == .rowScales || part.role == .inputScales {
      let rows = part.role == .rowScales ? record.shape[0] : record.shape[1]
      let scales: Block<Float> = block(record, part.role)
      for row in 0..<scales.count {
        if row >= rows {
          // The sign too: padding is zero bytes.
          if scales[row].bitPattern != 0 {
            throw fail(record, "5.14", "scale \(row) is padding and not zero")
          }
        } else if !(scales[row] > 0 && scales[row].isFinite) {
          throw fail(record, "5.11", "scale \(row) is not a positive number")
        }
      }
    }
  }

  private func checkBytes(_ record: TensorRecord, _ values: Block<Int8>) throws(TCMError) {
    if let index = values.firstLowest {
      throw fail(record, "5.15", "byte \(index) is -128")
    }
  }

  /// No sub-scale is -128, and codes and sub-scales of rows that fill panels up are zero.
  private func checkCodes(_ record: TensorRecord, _ panels: Int4Panels) throws(TCMError) {
    if let index = panels.subScales.firstLowest {
      throw fail(record, "5.15", "sub-scale \(index) is -128")
    }
    let rows = record.shape[0]
    let columns = record.shape[1]
    let first = rows / 16 * 16 * columns
    for row in rows..<(rows + 15) / 16 * 16 {
      for group in 0..<columns / 16 where panels.subScales[first / 16 + group * 16 + row % 16] != 0
      {
        throw fail(
          record, "5.14", "sub-scale \(first / 16 + group * 16 + row % 16) is padding and not zero")
      }
      for place in 0..<columns {
        let value = row % 16 * 4 + place % 4
        let index = first / 2 + place / 4 * 32 + value % 32
        if panels.codes[index] >> (value < 32 ? 0 : 4) & 15 != 0 {
          throw fail(record, "5.14", "a code in byte \(index) is padding and not zero")
        }
      }
    }
  }

  /// Rows and columns that fill panels up are zero.
  private func checkPanelPadding(
    _ record: TensorRecord, _ panels: Block<Int8>
  ) throws(TCMError) {
    let rows = record.shape[0]
    let columns = record.shape[1]
    let steps = (columns + 3) / 4
    func checkByte(_ row: Int, _ column: Int) throws(TCMError) {
      let index = row / 16 * 16 * steps * 4 + column / 4 * 64 + row % 16 * 4 + column % 4
      if panels[index] != 0 {
        throw fail(record, "5.14", "byte \(index) is padding and not zero")
      }
    }
    for row in 0..<rows {
      for column in columns..<steps * 4 { try checkByte(row, column) }
    }
    for row in rows..<(rows + 15) / 16 * 16 {
      for column in 0..<steps * 4 { try checkByte(row, column) }
    }
  }

  private func fail(_ record: TensorRecord, _ rule: String, _ problem: String) -> TCMError {
    .malformed(path: path, rule: rule, place: record.name, problem: problem)
  }
}
