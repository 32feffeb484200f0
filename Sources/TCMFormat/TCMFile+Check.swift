internal import Kernels
internal import TensorCore

/// The rules that need every byte of the file.
extension TCMFile {
  /// Checks all checksums, that gaps are zero, and that row sums and scales are what the weights say.
  ///
  /// - Throws: `TCMError` naming the section or tensor.
  /// - Complexity: O(file).
  public func check() throws(TCMError) {
    var free = TCMLayout.headerByteCount
    for section in manifest.sections {
      try checkGap(free, section.offset, rule: "4.7", place: section.name)
      let computed = WeightKernels.crc32c(bytes(at: section.offset, count: section.byteCount))
      if computed != section.checksum {
        throw .checksum(
          path: path, place: section.name, stored: section.checksum, computed: computed)
      }
      free = section.offset + section.byteCount
    }
    try checkGap(free, Int(header.manifestOffset), rule: "4.7", place: "manifest")
    try checkPaddingInSections()
    for record in manifest.tensors { try check(record) }
  }

  private func checkGap(
    _ start: Int, _ end: Int, rule: String, place: String
  ) throws(TCMError) {
    let gap = bytes(at: start, count: end - start)
    for index in 0..<gap.count where gap[index] != 0 {
      throw .malformed(
        path: path, rule: rule, place: place,
        problem: "byte \(start + index) of the padding before it is not zero")
    }
  }

  private func checkPaddingInSections() throws(TCMError) {
    var parts: [(offset: Int, byteCount: Int, name: String)] = []
    for tensor in manifest.tensors {
      for part in tensor.parts { parts.append((part.offset, part.byteCount, tensor.name)) }
    }
    var next = 0
    for section in manifest.sections where section.kind == .weights {
      var free = section.offset
      let end = section.offset + section.byteCount
      while next < parts.count && parts[next].offset < end {
        try checkGap(free, parts[next].offset, rule: "5.10", place: parts[next].name)
        free = parts[next].offset + parts[next].byteCount
        next += 1
      }
      try checkGap(free, end, rule: "5.10", place: section.name)
    }
  }

  private func check(_ record: TensorRecord) throws(TCMError) {
    let fail = { (rule: String, problem: String) -> TCMError in
      .malformed(path: self.path, rule: rule, place: record.name, problem: problem)
    }
    switch record.encoding {
    case .float32:
      for part in record.parts {
        let values = memory.block(at: part.offset, count: part.byteCount / 4, of: Float.self)
        if let index = WeightKernels.firstNonFinite(values) {
          throw fail("5.11", "element \(index) is not a finite number")
        }
      }
    case .float16:
      let part = record.parts[0]
      let values = memory.block(at: part.offset, count: part.byteCount / 2, of: UInt16.self)
      for index in 0..<values.count where values[index] & 0x7C00 == 0x7C00 {
        throw fail("5.11", "element \(index) is not a finite number")
      }
    case .int8Table:
      try checkScales(record, fail)
    case .int8Row:
      try checkScales(record, fail)
      let values = record.parts[0]
      let sums = record.parts[2]
      let stored = memory.block(at: sums.offset, count: sums.byteCount / 4, of: Int32.self)
      let computed = WeightKernels.panelSums(
        memory.block(at: values.offset, count: values.byteCount), rows: record.shape[0],
        columns: record.shape[1])
      for row in 0..<computed.count where stored[row] != computed[row] {
        throw fail("5.12", "the sum of row \(row) is \(computed[row]), stored \(stored[row])")
      }
    }
  }

  private func checkScales(
    _ record: TensorRecord, _ fail: (String, String) -> TCMError
  ) throws(TCMError) {
    for part in record.parts where part.role == .rowScales || part.role == .inputScales {
      let rows = part.role == .rowScales ? record.shape[0] : record.shape[1]
      let scales = memory.block(at: part.offset, count: part.byteCount / 4, of: Float.self)
      for row in 0..<scales.count {
        let isPadding = row >= rows
        if isPadding ? scales[row] != 0 : !(scales[row] > 0 && scales[row].isFinite) {
          throw fail("5.11", "scale \(row) is not a positive number")
        }
      }
    }
  }
}
