internal import Crypto
public import TCMFormat
public import TensorCore

/// SHA-256 over what a model computes with: weights, vocabulary and protocol, whatever their place in the file.
///
/// `Formats/tcm.md` §7 defines the bytes that are hashed. Add the tensors in file order, then finish.
public struct ModelIdentity {
  private var hash = SHA256()

  /// Begins an identity.
  public init() {
    hash.update(data: Array("taiyi tcm identity 1\n".utf8))
  }

  /// Begins a tensor.
  public mutating func begin(_ name: String, _ encoding: Encoding, shape: [Int]) {
    var bytes: [UInt8] = []
    bytes.append(string: name)
    bytes.append(UInt32(encoding.rawValue))
    bytes.append(UInt32(shape.count))
    for dimension in shape { bytes.append(UInt32(dimension)) }
    hash.update(data: bytes)
  }

  /// Begins a part of the tensor; its bytes follow.
  public mutating func begin(_ role: TensorRecord.Role, byteCount: Int) {
    var bytes: [UInt8] = []
    bytes.append(UInt32(role.rawValue))
    bytes.append(UInt64(byteCount))
    hash.update(data: bytes)
  }

  /// Adds bytes of the part.
  public mutating func add(_ bytes: Block<UInt8>) {
    unsafe hash.update(
      bufferPointer: UnsafeRawBufferPointer(start: bytes.pointer, count: bytes.count))
  }

  /// Adds vocabulary, towers, label bank and logit scale, and returns the 32 bytes.
  ///
  /// - Parameters:
  ///   - vocabulary: The bytes of the section, or `nil` without a text tower.
  ///   - manifest: Only its towers, label bank and logit scale are used.
  /// - Returns: The identity.
  public consuming func finish(vocabulary: Block<UInt8>?, _ manifest: Manifest) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(UInt64(vocabulary?.count ?? 0))
    hash.update(data: bytes)
    if let vocabulary { add(vocabulary) }
    bytes = []
    if let text = manifest.text { bytes.append(text) }
    if let image = manifest.image { bytes.append(image) }
    if let labels = manifest.labels { bytes.append(labels) }
    bytes.append(manifest.logitScale.bitPattern)
    hash.update(data: bytes)
    return Array(hash.finalize())
  }

  /// The identity of an open file, computed anew.
  ///
  /// - Parameter file: An open file.
  /// - Returns: 32 bytes, equal to those in its manifest unless the file was tampered with.
  /// - Complexity: O(file).
  public static func of(_ file: TCMFile) -> [UInt8] {
    var identity = ModelIdentity()
    for tensor in file.manifest.tensors {
      identity.begin(tensor.name, tensor.encoding, shape: tensor.shape)
      for part in tensor.parts {
        identity.begin(part.role, byteCount: part.byteCount)
        identity.add(file.bytes(at: part.offset, count: part.byteCount))
      }
    }
    return identity.finish(vocabulary: file.vocabulary, file.manifest)
  }
}

extension [UInt8] {
  fileprivate mutating func append<Number: FixedWidthInteger>(_ value: Number) {
    for index in 0..<Number.bitWidth / 8 {
      append(UInt8(truncatingIfNeeded: value >> Number(truncatingIfNeeded: 8 * index)))
    }
  }

  fileprivate mutating func append(string: String) {
    append(UInt32(string.utf8.count))
    self += Array(string.utf8)
  }

  fileprivate mutating func append(_ tower: TextTowerRecord) {
    append(string: "text")
    append(string: tower.family)
    let flags =
      (tower.lowercases ? 1 : 0) + (tower.masksPadding ? 2 : 0) + (tower.straightensQuotes ? 4 : 0)
    for size in [
      tower.width, tower.layers, tower.heads, tower.mlpWidth, tower.vocabularySize,
      tower.positions, tower.outputWidth, tower.contextLength, flags,
    ] { append(UInt32(size)) }
    append(tower.layerNormEpsilon.bitPattern)
    append(UInt32(tower.activation.rawValue))
    append(UInt32(tower.pooling.rawValue))
  }

  fileprivate mutating func append(_ tower: ImageTowerRecord) {
    append(string: "image")
    append(string: tower.family)
    for size in [
      tower.width, tower.layers, tower.heads, tower.mlpWidth, tower.imageSize, tower.patchSize,
      tower.outputWidth,
    ] { append(UInt32(size)) }
    append(tower.layerNormEpsilon.bitPattern)
    append(UInt32(tower.activation.rawValue))
    append(UInt32(tower.resize.rawValue))
    for value in tower.mean + tower.standardDeviation { append(value.bitPattern) }
  }

  fileprivate mutating func append(_ bank: LabelBankRecord) {
    append(string: "labels")
    self += bank.textIdentity
    let context = bank.contextLength + (bank.masksPadding ? 1 << 31 : 0)
    for size in [bank.width, context, bank.labels.count, bank.templates.count] {
      append(UInt32(size))
    }
    for string in bank.labels + bank.templates { append(string: string) }
  }
}
