internal import Kernels
public import TCMFormat
public import TensorCore

/// Writes a `.tcm` file front to back, so that it appears whole or not at all.
///
/// Sections, tensors and parts are written in file order: `beginSection`, for each tensor `beginTensor`, for each part
/// `beginPart` and `write`, and at last `finish`; another order is misuse and traps. Bytes go to the disk as they
/// come, only the vocabulary is kept. A writer that fails, or is dropped before, leaves nothing behind.
public final class TCMWriter {
  private let file: AtomicFile
  /// The size of the finished file; 0 before.
  public private(set) var writtenByteCount = 0
  private var manifest: Manifest
  private var identity = ModelIdentity()
  private var vocabulary: Block<UInt8>?
  private var position = TCMLayout.headerByteCount
  private var checksum: UInt32 = 0
  private var sectionIsOpen = false
  private var missing = 0

  /// Creates the temporary file beside the output.
  ///
  /// - Parameter path: The output.
  /// - Throws: `WriteError`.
  public convenience init(path: String) throws(WriteError) {
    try self.init(AtomicFile(path: path))
  }

  /// Writes to a file at hand.
  package init(_ file: AtomicFile) {
    self.file = file
    manifest = Manifest(
      provenance: Provenance(tool: "", recipe: "", sources: [], assumptions: []))
  }

  /// Begins a section at the next multiple of 65,536.
  public func beginSection(_ kind: Section.Kind, name: String) {
    closeSection()
    let alignment = TCMLayout.sectionAlignment
    position = (position + alignment - 1) / alignment * alignment
    manifest.sections.append(
      Section(kind: kind, name: name, offset: position, byteCount: 0, checksum: 0))
    checksum = 0
    sectionIsOpen = true
  }

  /// Begins a tensor in the open section.
  public func beginTensor(_ name: String, _ encoding: Encoding, shape: [Int]) {
    precondition(sectionIsOpen, "a tensor lies in a section")
    precondition(missing == 0, "the last part is complete")
    manifest.tensors.append(
      TensorRecord(name: name, encoding: encoding, shape: shape, parts: []))
    identity.begin(name, encoding, shape: shape)
  }

  /// Begins a part of the last tensor at the next multiple of 64.
  ///
  /// - Parameters:
  ///   - role: What it holds.
  ///   - byteCount: Its size; exactly that many bytes must follow.
  /// - Throws: `WriteError.cannotWrite`.
  public func beginPart(_ role: TensorRecord.Role, byteCount: Int) throws(WriteError) {
    precondition(sectionIsOpen && !manifest.tensors.isEmpty, "a part belongs to a tensor")
    precondition(missing == 0 && byteCount >= 0, "the last part is complete")
    let rest = position % TCMLayout.partAlignment
    if rest != 0 {
      let padding = [UInt8](repeating: 0, count: TCMLayout.partAlignment - rest)
      try file.write(padding, at: position)
      do throws(SystemError) {
        checksum = WeightKernels.crc32c(
          try MutableBlock(copying: padding).readOnly, continuing: checksum)
      } catch { throw .cannotWrite(path: file.path, error) }
      position += padding.count
    }
    let last = manifest.tensors.count - 1
    manifest.tensors[last].parts.append(
      TensorRecord.Part(role: role, offset: position, byteCount: byteCount))
    identity.begin(role, byteCount: byteCount)
    missing = byteCount
  }

  /// Writes bytes of the open part.
  ///
  /// - Parameter bytes: Any number of the bytes announced.
  /// - Throws: `WriteError.cannotWrite`.
  public func write(_ bytes: Block<UInt8>) throws(WriteError) {
    precondition(bytes.count <= missing, "a part has the bytes announced")
    try file.write(bytes, at: position)
    missing -= bytes.count
    checksum = WeightKernels.crc32c(bytes, continuing: checksum)
    identity.add(bytes)
    position += bytes.count
  }

  /// Writes the vocabulary as a section of its own.
  ///
  /// - Parameter bytes: Ready to use, see `Formats/vocabulary.md`.
  /// - Throws: `WriteError.cannotWrite`.
  public func writeVocabulary(_ bytes: Block<UInt8>) throws(WriteError) {
    beginSection(.vocabulary, name: "vocabulary")
    try file.write(bytes, at: position)
    checksum = WeightKernels.crc32c(bytes)
    position += bytes.count
    vocabulary = bytes
    closeSection()
  }

  /// Writes the manifest and the header and puts the file in its place.
  ///
  /// - Parameters:
  ///   - provenance: What the file is made of.
  ///   - text: The text tower, if there is one.
  ///   - image: The image tower, if there is one.
  ///   - labels: The label bank, if there is one instead of towers or of a text tower.
  ///   - logitScale: The factor of cosines before softmax.
  /// - Returns: The manifest as written.
  /// - Throws: `WriteError`, `.unreadable` if a rule of the format is broken; nothing is left behind.
  @discardableResult
  public func finish(
    provenance: Provenance, text: TextTowerRecord? = nil, image: ImageTowerRecord? = nil,
    labels: LabelBankRecord? = nil, logitScale: Float
  ) throws(WriteError) -> Manifest {
    closeSection()
    manifest.provenance = provenance
    manifest.text = text
    manifest.image = image
    manifest.labels = labels
    manifest.logitScale = logitScale
    manifest.identity = identity.finish(vocabulary: vocabulary, manifest)
    let bytes = manifest.encoded
    if bytes.count > TCMLayout.manifestLimit {
      file.discard()
      throw .manifestTooLarge(
        path: file.path, byteCount: bytes.count, limit: TCMLayout.manifestLimit)
    }
    do throws(TCMError) {
      let decoded = try Manifest(decoding: bytes, path: file.path)
      try decoded.validate(manifestOffset: position, path: file.path)
    } catch {
      file.discard()
      throw .unreadable(error)
    }
    try file.write(bytes, at: position)
    let header = TCMHeader(
      version: manifest.version, manifestOffset: UInt64(position),
      manifestLength: UInt64(bytes.count), manifestChecksum: WeightKernels.crc32c(bytes))
    try file.write(header.bytes, at: 0)
    try file.commit()
    writtenByteCount = position + bytes.count
    return manifest
  }

  private func closeSection() {
    precondition(missing == 0, "the last part is complete")
    if !sectionIsOpen { return }
    let last = manifest.sections.count - 1
    manifest.sections[last].byteCount = position - manifest.sections[last].offset
    manifest.sections[last].checksum = checksum
    sectionIsOpen = false
  }
}
