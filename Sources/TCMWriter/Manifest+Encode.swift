internal import TCMFormat

/// Field numbers are those of `Formats/tcm.proto`.
extension Manifest {
  /// The manifest as a protobuf message, the same bytes for the same contents.
  package var encoded: [UInt8] {
    var message = ProtobufEncoder()
    message.add(1) { $0.add(provenance) }
    for section in sections { message.add(2) { $0.add(section) } }
    for tensor in tensors { message.add(3) { $0.add(tensor) } }
    if let text { message.add(4) { $0.add(text) } }
    if let image { message.add(5) { $0.add(image) } }
    message.add(6, float: logitScale)
    message.add(7, bytes: identity)
    if let report {
      message.add(8) {
        $0.add(1, bytes: report.identity)
        $0.add(2, varint: UInt64(report.numericsVersion))
        $0.add(3, bytes: report.text)
      }
    }
    if let labels {
      message.add(9) {
        $0.add(1, bytes: labels.textIdentity)
        $0.add(2, varint: UInt64(labels.width))
        $0.add(3, varint: UInt64(labels.contextLength))
        for label in labels.labels { $0.add(4, string: label) }
        for template in labels.templates { $0.add(5, string: template) }
        if labels.masksPadding { $0.add(6, varint: 1) }
      }
    }
    return message.bytes
  }
}

extension ProtobufEncoder {
  fileprivate mutating func add(_ provenance: Provenance) {
    add(1, string: provenance.tool)
    add(2, string: provenance.recipe)
    for source in provenance.sources {
      add(3) {
        $0.add(1, string: source.name)
        $0.add(2, fixed64: UInt64(source.byteCount))
        $0.add(3, bytes: source.sha256)
      }
    }
    for assumption in provenance.assumptions { add(4, string: assumption) }
    for line in provenance.recipeLines { add(5, string: line) }
  }

  fileprivate mutating func add(_ section: Section) {
    add(1, varint: UInt64(section.kind.rawValue))
    add(2, string: section.name)
    add(3, fixed64: UInt64(section.offset))
    add(4, fixed64: UInt64(section.byteCount))
    add(5, fixed32: section.checksum)
  }

  fileprivate mutating func add(_ tensor: TensorRecord) {
    add(1, string: tensor.name)
    add(2, varint: UInt64(tensor.encoding.rawValue))
    for dimension in tensor.shape { add(3, varint: UInt64(dimension)) }
    for part in tensor.parts {
      add(4) {
        $0.add(1, varint: UInt64(part.role.rawValue))
        $0.add(2, fixed64: UInt64(part.offset))
        $0.add(3, fixed64: UInt64(part.byteCount))
      }
    }
  }

  fileprivate mutating func add(_ tower: TextTowerRecord) {
    add(1, string: tower.family)
    let sizes = [
      tower.width, tower.layers, tower.heads, tower.mlpWidth, tower.vocabularySize,
      tower.positions,
    ]
    for (index, size) in sizes.enumerated() { add(2 + index, varint: UInt64(size)) }
    add(8, float: tower.layerNormEpsilon)
    add(9, varint: UInt64(tower.activation.rawValue))
    add(10, varint: UInt64(tower.pooling.rawValue))
    add(11, varint: UInt64(tower.outputWidth))
    add(12, varint: UInt64(tower.contextLength))
    add(13, varint: tower.lowercases ? 1 : 0)
    if tower.masksPadding { add(14, varint: 1) }
    if tower.straightensQuotes { add(15, varint: 1) }
  }

  fileprivate mutating func add(_ tower: ImageTowerRecord) {
    add(1, string: tower.family)
    let sizes = [
      tower.width, tower.layers, tower.heads, tower.mlpWidth, tower.imageSize, tower.patchSize,
    ]
    for (index, size) in sizes.enumerated() { add(2 + index, varint: UInt64(size)) }
    add(8, float: tower.layerNormEpsilon)
    add(9, varint: UInt64(tower.activation.rawValue))
    add(10, varint: UInt64(tower.outputWidth))
    add(11, varint: UInt64(tower.resize.rawValue))
    for value in tower.mean { add(12, float: value) }
    for value in tower.standardDeviation { add(13, float: value) }
  }
}
