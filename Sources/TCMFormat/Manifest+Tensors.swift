internal import TensorCore

extension Manifest {
  /// The rules of section 5 about each tensor on its own.
  ///
  /// - Returns: The place of each tensor by name.
  func validateTensors(_ fail: Fail) throws(TCMError) -> [String: Int] {
    var index: [String: Int] = [:]
    index.reserveCapacity(tensors.count)
    for (position, tensor) in tensors.enumerated() {
      if !Manifest.isName(tensor.name) {
        throw fail("5.2", "manifest", "a tensor's name is not 1 to 256 printable ASCII characters")
      }
      if index.updateValue(position, forKey: tensor.name) != nil {
        throw fail("5.3", tensor.name, "the tensor's name stands twice")
      }
      if !(1...2).contains(tensor.shape.count) {
        throw fail("5.4", tensor.name, "\(tensor.shape.count) dimensions, expected one or two")
      }
      for size in tensor.shape where !(1...TCMLayout.dimensionLimit).contains(size) {
        throw fail(
          "5.4", tensor.name, "a dimension of \(size), expected 1 to \(TCMLayout.dimensionLimit)")
      }
      try validateParts(tensor, fail)
    }
    return index
  }

  private func validateParts(_ tensor: TensorRecord, _ fail: Fail) throws(TCMError) {
    guard
      let expected = TensorRecord.expectedParts(
        tensor.encoding, shape: tensor.shape, hasInputScales: tensor.part(.inputScales) != nil)
    else { throw fail("5.5", tensor.name, "the shape does not suit \(tensor.encoding.name)") }
    if tensor.parts.count != expected.count {
      throw fail("5.6", tensor.name, "\(tensor.parts.count) parts, expected \(expected.count)")
    }
    for (part, wanted) in zip(tensor.parts, expected) {
      if part.role != wanted.role || part.byteCount != wanted.byteCount {
        throw fail(
          "5.6", tensor.name,
          "a part of role \(part.role.rawValue) with \(part.byteCount) bytes, expected role"
            + " \(wanted.role.rawValue) with \(wanted.byteCount)")
      }
    }
  }

  /// The rules of section 5 about where parts lie: without holes, in file order, those of a tensor in one section.
  ///
  /// Sections and the sizes of parts are already checked.
  func validatePlaces(_ fail: Fail) throws(TCMError) {
    var weights = sections.lazy.filter { $0.kind == .weights }.makeIterator()
    var section: Section?
    var free = 0
    for tensor in tensors {
      for (number, part) in tensor.parts.enumerated() {
        if part.offset % TCMLayout.partAlignment != 0 {
          throw fail(
            "5.7", tensor.name,
            "offset \(part.offset) is not a multiple of \(TCMLayout.partAlignment)")
        }
        if section.map({ free == $0.offset + $0.byteCount }) ?? true {
          section = number == 0 ? weights.next() : nil
          free = section?.offset ?? 0
        }
        guard let section else {
          throw fail("5.9", tensor.name, "a part at \(part.offset) lies outside its section")
        }
        let start = free.rounded(upTo: TCMLayout.partAlignment)
        guard part.offset == start else {
          throw fail(
            "5.8", tensor.name,
            "a part begins at \(part.offset), not at the first multiple of"
              + " \(TCMLayout.partAlignment) from \(free) on")
        }
        guard let end = part.offset.adding(part.byteCount),
          end <= section.offset + section.byteCount
        else {
          throw fail("5.9", tensor.name, "a part at \(part.offset) lies outside its section")
        }
        free = end
      }
    }
    if let section, free != section.offset + section.byteCount {
      throw fail("5.13", section.name, "the last part ends at \(free), before the section does")
    }
    if let section = weights.next() {
      throw fail("5.13", section.name, "the section holds no tensor")
    }
  }
}
