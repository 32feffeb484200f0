internal import CTCMSchema
internal import TensorCore

/// The face of protobuf-c: everything it hands out is copied and checked here.
extension Manifest {
  /// Decodes a manifest.
  ///
  /// - Parameters:
  ///   - bytes: The message, at most `TCMLayout.manifestLimit` bytes.
  ///   - path: For messages.
  /// - Throws: `TCMError.malformed` for a broken rule of section 3, and for too many sections or tensors;
  ///   `.file` without memory.
  /// - Complexity: O(bytes), in time and memory.
  package init(decoding bytes: [UInt8], path: String) throws(TCMError) {
    var arena: DecodingArena
    do throws(SystemError) { arena = try DecodingArena(manifestByteCount: bytes.count) } catch {
      throw .file(.cannotRead(path: path, error))
    }
    defer { withExtendedLifetime(arena) {} }
    let from = Decoder(path: path)
    guard let decoded = unsafe arena.unpack(bytes) else {
      if arena.isExhausted {
        let budget = DecodingArena.budget(forManifestOf: bytes.count)
        throw from.fail("3.5", "manifest", "takes more than \(budget) bytes to decode")
      }
      throw from.fail("3.1", "manifest", "not a valid protobuf message")
    }
    let message = unsafe decoded.pointee
    // Before anything is copied.
    try unsafe Manifest.checkCounts(
      sections: message.n_sections, tensors: message.n_tensors, from.fail)

    unsafe self.init(provenance: try Provenance(message.provenance, from))
    for index in unsafe 0..<message.n_sections {
      guard let section = unsafe message.sections[index]?.pointee else { continue }
      unsafe sections.append(try Section(section, from))
    }
    for index in unsafe 0..<message.n_tensors {
      guard let tensor = unsafe message.tensors[index]?.pointee else { continue }
      unsafe tensors.append(try TensorRecord(tensor, from))
    }
    if let text = unsafe message.text { unsafe self.text = try TextTowerRecord(text.pointee, from) }
    if let image = unsafe message.image {
      unsafe self.image = try ImageTowerRecord(image.pointee, from)
    }
    if let labels = unsafe message.labels {
      unsafe self.labels = try LabelBankRecord(labels.pointee, from)
    }
    unsafe logitScale = message.logit_scale
    unsafe identity = array(message.identity)
    if let report = unsafe message.report?.pointee {
      unsafe self.report = Report(
        identity: array(report.identity), numericsVersion: report.numerics_version,
        text: array(report.text))
    }
  }
}

/// What the parts of a manifest share while they are decoded.
private struct Decoder {
  let path: String

  func fail(_ rule: String, _ place: String, _ problem: String) -> TCMError {
    .malformed(path: path, rule: rule, place: place, problem: problem)
  }

  func string(_ data: ProtobufCBinaryData, _ what: String) throws(TCMError) -> String {
    if unsafe data.len > TCMLayout.stringLimit {
      throw unsafe fail(
        "3.3", "manifest", "\(what) has \(data.len) bytes, at most \(TCMLayout.stringLimit)")
    }
    let bytes = unsafe array(data)
    guard let string = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
      throw fail("3.3", "manifest", "\(what) is not UTF-8 without NUL")
    }
    return string
  }

  func size(_ value: UInt64, _ place: String) throws(TCMError) -> Int {
    guard let size = Int(exactly: value) else {
      throw fail("3.4", place, "an offset or size of \(value), at most \(Int.max)")
    }
    return size
  }

  func unknown(_ place: String, _ what: String, _ value: UInt32) -> TCMError {
    fail("3.6", place, "unknown \(what) \(value)")
  }
}

extension Provenance {
  fileprivate init(
    _ message: UnsafeMutablePointer<Tcm__Provenance>?, _ from: Decoder
  ) throws(TCMError) {
    self.init(tool: "", recipe: "", sources: [], assumptions: [])
    guard let message = unsafe message?.pointee else { return }
    unsafe tool = try from.string(message.tool, "the tool's name")
    unsafe recipe = try from.string(message.recipe, "the recipe's name")
    for index in unsafe 0..<message.n_sources {
      guard let source = unsafe message.sources[index]?.pointee else { continue }
      let name = unsafe try from.string(source.name, "a source's name")
      unsafe sources.append(
        Source(
          name: name, byteCount: try from.size(source.size, name), sha256: array(source.sha256)))
    }
    for index in unsafe 0..<message.n_assumptions {
      unsafe assumptions.append(try from.string(message.assumptions[index], "an assumption"))
    }
    for index in unsafe 0..<message.n_recipe_lines {
      unsafe recipeLines.append(try from.string(message.recipe_lines[index], "a recipe's line"))
    }
  }
}

extension Section {
  fileprivate init(_ message: Tcm__Section, _ from: Decoder) throws(TCMError) {
    let name = unsafe try from.string(message.name, "a section's name")
    let value = unsafe message.kind.rawValue
    guard let kind = Kind(rawValue: Int32(bitPattern: value))
    else { throw from.unknown(name, "section kind", value) }
    unsafe self.init(
      kind: kind, name: name, offset: try from.size(message.offset, name),
      byteCount: try from.size(message.length, name), checksum: message.crc32c)
  }
}

extension TensorRecord {
  fileprivate init(_ message: Tcm__Tensor, _ from: Decoder) throws(TCMError) {
    let name = unsafe try from.string(message.name, "a tensor's name")
    let value = unsafe message.encoding.rawValue
    guard let encoding = Encoding(rawValue: Int32(bitPattern: value))
    else { throw from.unknown(name, "encoding", value) }
    self.init(name: name, encoding: encoding, shape: [], parts: [])
    for index in unsafe 0..<message.n_shape { unsafe shape.append(Int(message.shape[index])) }
    for index in unsafe 0..<message.n_parts {
      guard let part = unsafe message.parts[index]?.pointee else { continue }
      let value = unsafe part.role.rawValue
      guard let role = Role(rawValue: Int32(bitPattern: value))
      else { throw from.unknown(name, "part role", value) }
      unsafe parts.append(
        Part(
          role: role, offset: try from.size(part.offset, name),
          byteCount: try from.size(part.length, name)))
    }
  }
}

extension TextTowerRecord {
  fileprivate init(_ message: Tcm__TextTower, _ from: Decoder) throws(TCMError) {
    let activation = try unsafe TowerActivation(message.activation.rawValue, "text tower", from)
    let value = unsafe message.pooling.rawValue
    guard let pooling = TextPooling(rawValue: Int32(bitPattern: value))
    else { throw from.unknown("text tower", "pooling", value) }
    unsafe self.init(
      family: try from.string(message.family, "the text tower's family"),
      width: Int(message.width), layers: Int(message.layers), heads: Int(message.heads),
      mlpWidth: Int(message.mlp_width), vocabularySize: Int(message.vocabulary_size),
      positions: Int(message.positions), layerNormEpsilon: message.layer_norm_epsilon,
      activation: activation, pooling: pooling, outputWidth: Int(message.output_width),
      contextLength: Int(message.context_length), lowercases: message.lower_case != 0,
      masksPadding: message.has_masks_padding != 0 && message.masks_padding != 0,
      straightensQuotes: message.has_straight_quotes != 0 && message.straight_quotes != 0)
  }
}

extension ImageTowerRecord {
  fileprivate init(_ message: Tcm__ImageTower, _ from: Decoder) throws(TCMError) {
    let activation = try unsafe TowerActivation(message.activation.rawValue, "image tower", from)
    let value = unsafe message.resize.rawValue
    guard let resize = Resize(rawValue: Int32(bitPattern: value))
    else { throw from.unknown("image tower", "resize mode", value) }
    unsafe self.init(
      family: try from.string(message.family, "the image tower's family"),
      width: Int(message.width), layers: Int(message.layers), heads: Int(message.heads),
      mlpWidth: Int(message.mlp_width), imageSize: Int(message.image_size),
      patchSize: Int(message.patch_size), layerNormEpsilon: message.layer_norm_epsilon,
      activation: activation, outputWidth: Int(message.output_width), resize: resize,
      mean: unsafe (0..<message.n_mean).map { unsafe message.mean[$0] },
      standardDeviation: unsafe (0..<message.n_std).map { unsafe message.std[$0] })
  }
}

extension LabelBankRecord {
  fileprivate init(_ message: Tcm__LabelBank, _ from: Decoder) throws(TCMError) {
    // Before anything is copied.
    try unsafe Manifest.checkCounts(
      labels: message.n_labels, templates: message.n_templates, from.fail)
    unsafe self.init(
      textIdentity: array(message.text_identity), width: Int(message.width),
      contextLength: Int(message.context_length),
      masksPadding: message.has_masks_padding != 0 && message.masks_padding != 0,
      labels: [], templates: [])
    for index in unsafe 0..<message.n_labels {
      unsafe labels.append(try from.string(message.labels[index], "a label"))
    }
    for index in unsafe 0..<message.n_templates {
      unsafe templates.append(try from.string(message.templates[index], "a template"))
    }
  }
}

extension TowerActivation {
  fileprivate init(_ value: UInt32, _ place: String, _ from: Decoder) throws(TCMError) {
    guard let activation = TowerActivation(rawValue: Int32(bitPattern: value))
    else { throw from.unknown(place, "activation", value) }
    self = activation
  }
}

private func array(_ data: ProtobufCBinaryData) -> [UInt8] {
  guard let base = unsafe data.data else { return [] }
  return unsafe Array(UnsafeBufferPointer(start: base, count: data.len))
}
