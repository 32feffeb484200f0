internal import TensorCore

/// The structural rules of `Formats/tcm.md`, checked on every open. None of them looks at a weight.
extension Manifest {
  /// Checks sections, tensors and towers.
  ///
  /// - Parameters:
  ///   - header: The file's header, already checked.
  ///   - path: For messages.
  /// - Returns: The place of each tensor by name.
  /// - Throws: `TCMError.malformed` naming the rule.
  func validate(header: TCMHeader, path: String) throws(TCMError) -> [String: Int] {
    let fail = { (rule: String, place: String, problem: String) -> TCMError in
      .malformed(path: path, rule: rule, place: place, problem: problem)
    }
    try validateSections(end: Int(header.manifestOffset), fail)
    let index = try validateTensors(fail)
    try validateTowers(fail)
    if identity.count != 32 { throw fail("7.1", "manifest", "the identity is not 32 bytes") }
    for source in provenance.sources where source.sha256.count != 32 {
      throw fail("3.2", source.name, "a SHA-256 is 32 bytes, found \(source.sha256.count)")
    }
    return index
  }

  private func validateSections(
    end: Int, _ fail: (String, String, String) -> TCMError
  ) throws(TCMError) {
    if sections.count > TCMLayout.sectionLimit {
      throw fail(
        "4.1", "manifest", "\(sections.count) sections, at most \(TCMLayout.sectionLimit)")
    }
    var free = TCMLayout.headerByteCount
    for section in sections {
      if section.name.isEmpty || section.name.utf8.count > TCMLayout.nameLimit {
        throw fail("4.2", "manifest", "a section's name has 1 to \(TCMLayout.nameLimit) bytes")
      }
      if section.offset % TCMLayout.sectionAlignment != 0 {
        throw fail(
          "4.3", section.name,
          "offset \(section.offset) is not a multiple of \(TCMLayout.sectionAlignment)")
      }
      if section.byteCount == 0 { throw fail("4.4", section.name, "the section is empty") }
      if section.offset < free {
        throw fail("4.5", section.name, "begins at \(section.offset), before \(free)")
      }
      guard let next = section.offset.adding(section.byteCount), next <= end else {
        throw fail("4.6", section.name, "reaches beyond the manifest at \(end)")
      }
      free = next
    }
  }

  private func validateTensors(
    _ fail: (String, String, String) -> TCMError
  ) throws(TCMError) -> [String: Int] {
    if tensors.count > TCMLayout.tensorLimit {
      throw fail("5.1", "manifest", "\(tensors.count) tensors, at most \(TCMLayout.tensorLimit)")
    }
    var index: [String: Int] = [:]
    index.reserveCapacity(tensors.count)
    var section = 0
    var free = 0
    for (position, tensor) in tensors.enumerated() {
      let name = tensor.name
      if name.isEmpty || name.utf8.count > TCMLayout.nameLimit {
        throw fail("5.2", "manifest", "a tensor's name has 1 to \(TCMLayout.nameLimit) bytes")
      }
      if index.updateValue(position, forKey: name) != nil {
        throw fail("5.3", name, "the name stands twice")
      }
      for dimension in tensor.shape where dimension < 1 || dimension > TCMLayout.dimensionLimit {
        throw fail("5.4", name, "a dimension of \(dimension)")
      }
      guard
        let expected = TensorRecord.expectedParts(
          tensor.encoding, shape: tensor.shape, hasInputScales: tensor.part(.inputScales) != nil)
      else { throw fail("5.5", name, "the shape does not suit \(tensor.encoding.name)") }
      if tensor.parts.count != expected.count {
        throw fail("5.6", name, "\(tensor.parts.count) parts, expected \(expected.count)")
      }
      for (part, wanted) in zip(tensor.parts, expected) {
        if part.role != wanted.role || part.byteCount != wanted.byteCount {
          throw fail(
            "5.6", name,
            "a part of role \(part.role.rawValue) with \(part.byteCount) bytes, expected role"
              + " \(wanted.role.rawValue) with \(wanted.byteCount)")
        }
        if part.offset % TCMLayout.partAlignment != 0 {
          throw fail(
            "5.7", name, "offset \(part.offset) is not a multiple of \(TCMLayout.partAlignment)")
        }
        if part.offset < free {
          throw fail("5.8", name, "a part begins at \(part.offset), before \(free)")
        }
        guard let end = part.offset.adding(part.byteCount) else {
          throw fail("5.9", name, "a part lies outside the sections of weights")
        }
        // Parts and sections are both in file order, so one walk finds each part's section.
        while section < sections.count
          && (sections[section].kind != .weights
            || sections[section].offset + sections[section].byteCount < end)
        {
          section += 1
        }
        if section == sections.count || part.offset < sections[section].offset {
          throw fail("5.9", name, "a part lies outside the sections of weights")
        }
        free = end
      }
    }
    return index
  }

  private func validateTowers(_ fail: (String, String, String) -> TCMError) throws(TCMError) {
    if text == nil && image == nil { throw fail("6.1", "manifest", "there is no tower") }
    var vocabularies = 0
    for section in sections where section.kind == .vocabulary { vocabularies += 1 }
    if vocabularies != (text == nil ? 0 : 1) {
      throw fail(
        "6.2", "manifest",
        "\(vocabularies) vocabularies, expected one with a text tower and none without")
    }
    if !(logitScale > 0 && logitScale.isFinite) {
      throw fail("6.3", "manifest", "the logit scale is not a positive number")
    }
    if let text {
      try validateSizes(
        "text tower", text.width, text.layers, text.heads, text.mlpWidth, text.outputWidth,
        text.layerNormEpsilon, fail)
      if !(1...TCMLayout.dimensionLimit).contains(text.vocabularySize) {
        throw fail("6.4", "text tower", "a vocabulary of \(text.vocabularySize)")
      }
      if !(2...TCMLayout.tokenLimit).contains(text.positions) {
        throw fail("6.4", "text tower", "\(text.positions) positions")
      }
      if !(2...text.positions).contains(text.contextLength) {
        throw fail(
          "6.5", "text tower",
          "a context of \(text.contextLength) with \(text.positions) positions")
      }
    }
    if let image {
      try validateSizes(
        "image tower", image.width, image.layers, image.heads, image.mlpWidth, image.outputWidth,
        image.layerNormEpsilon, fail)
      if !(1...4_096).contains(image.imageSize) || !(1...image.imageSize).contains(image.patchSize)
        || image.imageSize % image.patchSize != 0 || image.tokens > TCMLayout.tokenLimit
      {
        throw fail(
          "6.6", "image tower", "patches of \(image.patchSize) on a side of \(image.imageSize)")
      }
      let isUsable =
        image.mean.count == 3 && image.standardDeviation.count == 3
        && image.mean.allSatisfy { $0.isFinite }
        && image.standardDeviation.allSatisfy { $0.isFinite && $0 > 0 }
      if !isUsable {
        throw fail("6.7", "image tower", "mean and standard deviation are not three numbers each")
      }
    }
    if let text, let image, text.outputWidth != image.outputWidth {
      throw fail(
        "6.8", "manifest",
        "text embeddings of \(text.outputWidth), image embeddings of \(image.outputWidth)")
    }
  }

  private func validateSizes(
    _ tower: String, _ width: Int, _ layers: Int, _ heads: Int, _ mlpWidth: Int,
    _ outputWidth: Int, _ epsilon: Float, _ fail: (String, String, String) -> TCMError
  ) throws(TCMError) {
    for size in [width, mlpWidth, outputWidth] where !(1...TCMLayout.widthLimit).contains(size) {
      throw fail("6.4", tower, "a width of \(size)")
    }
    if !(1...TCMLayout.layerLimit).contains(layers) {
      throw fail("6.4", tower, "\(layers) layers")
    }
    if heads < 1 || heads > width || width % heads != 0 {
      throw fail("6.4", tower, "\(heads) heads on a width of \(width)")
    }
    if !(epsilon > 0 && epsilon < 1) {
      throw fail("6.4", tower, "the epsilon of its layer norms is not between 0 and 1")
    }
  }
}
