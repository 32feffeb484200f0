internal import CTCMSchema

/// The face of protobuf-c: everything it hands out is copied and checked here.
extension Manifest {
  /// Decodes a manifest.
  ///
  /// - Parameters:
  ///   - bytes: The message.
  ///   - path: For messages.
  /// - Throws: `TCMError.malformed` if it is not a valid message or names an unknown kind of thing.
  init(decoding bytes: [UInt8], path: String) throws(TCMError) {
    let decoded = unsafe bytes.withUnsafeBufferPointer { buffer in
      unsafe tcm__manifest__unpack(nil, buffer.count, buffer.baseAddress)
    }
    guard let decoded = unsafe decoded else {
      throw .malformed(
        path: path, rule: "3.1", place: "manifest", problem: "not a valid protobuf message")
    }
    defer { unsafe tcm__manifest__free_unpacked(decoded, nil) }
    let message = unsafe decoded.pointee
    let fail = { (place: String, problem: String) -> TCMError in
      .malformed(path: path, rule: "3.1", place: place, problem: problem)
    }

    unsafe self.init(provenance: Provenance(message.provenance))
    for index in unsafe 0..<message.n_sections {
      guard let section = unsafe message.sections[index]?.pointee else { continue }
      let name = unsafe string(section.name)
      guard let kind = unsafe Section.Kind(rawValue: Int32(bitPattern: section.kind.rawValue))
      else { throw unsafe fail(name, "unknown section kind \(section.kind.rawValue)") }
      guard let offset = unsafe Int(exactly: section.offset),
        let count = unsafe Int(exactly: section.length)
      else { throw fail(name, "an offset or length is larger than a file can be") }
      unsafe sections.append(
        Section(
          kind: kind, name: name, offset: offset, byteCount: count, checksum: section.crc32c))
    }
    for index in unsafe 0..<message.n_tensors {
      guard let tensor = unsafe message.tensors[index] else { continue }
      unsafe tensors.append(try TensorRecord(tensor.pointee, fail))
    }
    if let text = unsafe message.text { unsafe self.text = try TextTowerRecord(text.pointee, fail) }
    if let image = unsafe message.image {
      unsafe self.image = try ImageTowerRecord(image.pointee, fail)
    }
    unsafe logitScale = message.logit_scale
    unsafe identity = array(message.identity)
    if let report = unsafe message.report {
      unsafe self.report = Report(
        identity: array(report.pointee.identity),
        numericsVersion: report.pointee.numerics_version, text: array(report.pointee.text))
    }
  }
}

private typealias Fail = (_ place: String, _ problem: String) -> TCMError

extension Provenance {
  fileprivate init(_ message: UnsafeMutablePointer<Tcm__Provenance>?) {
    self.init(tool: "", recipe: "", sources: [], assumptions: [])
    guard let message = unsafe message?.pointee else { return }
    unsafe tool = string(message.tool)
    unsafe recipe = string(message.recipe)
    for index in unsafe 0..<message.n_sources {
      guard let source = unsafe message.sources[index]?.pointee else { continue }
      unsafe sources.append(
        Source(
          name: string(source.name), byteCount: Int(clamping: source.size),
          sha256: array(source.sha256)))
    }
    for index in unsafe 0..<message.n_assumptions {
      unsafe assumptions.append(string(message.assumptions[index]))
    }
  }
}

extension TensorRecord {
  fileprivate init(_ message: Tcm__Tensor, _ fail: Fail) throws(TCMError) {
    let name = unsafe string(message.name)
    guard let encoding = unsafe Encoding(rawValue: Int32(bitPattern: message.encoding.rawValue))
    else { throw unsafe fail(name, "unknown encoding \(message.encoding.rawValue)") }
    self.init(name: name, encoding: encoding, shape: [], parts: [])
    for index in unsafe 0..<message.n_shape { unsafe shape.append(Int(message.shape[index])) }
    for index in unsafe 0..<message.n_parts {
      guard let part = unsafe message.parts[index]?.pointee else { continue }
      guard let role = unsafe Role(rawValue: Int32(bitPattern: part.role.rawValue))
      else { throw unsafe fail(name, "unknown part role \(part.role.rawValue)") }
      guard let offset = unsafe Int(exactly: part.offset),
        let count = unsafe Int(exactly: part.length)
      else { throw fail(name, "an offset or length is larger than a file can be") }
      parts.append(Part(role: role, offset: offset, byteCount: count))
    }
  }
}

extension TextTowerRecord {
  fileprivate init(_ message: Tcm__TextTower, _ fail: Fail) throws(TCMError) {
    guard
      let activation = unsafe TowerActivation(
        rawValue: Int32(bitPattern: message.activation.rawValue))
    else { throw unsafe fail("text tower", "unknown activation \(message.activation.rawValue)") }
    guard unsafe message.pooling == TCM__TEXT_POOLING__POOLER
    else { throw unsafe fail("text tower", "unknown pooling \(message.pooling.rawValue)") }
    unsafe self.init(
      family: string(message.family), width: Int(message.width),
      layers: Int(message.layers), heads: Int(message.heads), mlpWidth: Int(message.mlp_width),
      vocabularySize: Int(message.vocabulary_size), positions: Int(message.positions),
      layerNormEpsilon: message.layer_norm_epsilon, activation: activation,
      outputWidth: Int(message.output_width), contextLength: Int(message.context_length),
      lowercases: message.lower_case != 0)
  }
}

extension ImageTowerRecord {
  fileprivate init(_ message: Tcm__ImageTower, _ fail: Fail) throws(TCMError) {
    guard
      let activation = unsafe TowerActivation(
        rawValue: Int32(bitPattern: message.activation.rawValue))
    else { throw unsafe fail("image tower", "unknown activation \(message.activation.rawValue)") }
    guard let resize = unsafe Resize(rawValue: Int32(bitPattern: message.resize.rawValue))
    else { throw unsafe fail("image tower", "unknown resize mode \(message.resize.rawValue)") }
    unsafe self.init(
      family: string(message.family), width: Int(message.width),
      layers: Int(message.layers), heads: Int(message.heads), mlpWidth: Int(message.mlp_width),
      imageSize: Int(message.image_size), patchSize: Int(message.patch_size),
      layerNormEpsilon: message.layer_norm_epsilon, activation: activation,
      outputWidth: Int(message.output_width), resize: resize,
      mean: unsafe (0..<message.n_mean).map { unsafe message.mean[$0] },
      standardDeviation: unsafe (0..<message.n_std).map { unsafe message.std[$0] })
  }
}

private func string(_ pointer: UnsafeMutablePointer<CChar>?) -> String {
  guard let pointer = unsafe pointer else { return "" }
  return unsafe String(cString: pointer)
}

private func array(_ data: ProtobufCBinaryData) -> [UInt8] {
  guard let base = unsafe data.data else { return [] }
  return unsafe Array(UnsafeBufferPointer(start: base, count: data.len))
}
