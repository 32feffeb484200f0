internal import Kernels
public import TCMFormat
internal import TensorCore

/// Reports in finished files.
extension TCMWriter {
  /// Replaces the report of a file; everything else stays as it is.
  ///
  /// The manifest stands last, so no weight moves. The file is written anew and put in place in one step.
  ///
  /// - Parameters:
  ///   - path: A `.tcm` file.
  ///   - output: Where the file with the report goes, or `nil` for its place.
  ///   - report: The new report, whose identity must be the file's; `nil` removes the old one.
  /// - Throws: `WriteError`; the file, and what was at the output, are then what they were before.
  public static func replaceReport(
    of path: String, to output: String? = nil, with report: Report?
  ) throws(WriteError) {
    let old: TCMFile
    do throws(TCMError) { old = try TCMFile(path: path) } catch { throw .unreadable(error) }
    let header = old.header
    if header.writeVersion > TCMLayout.writeVersion {
      throw .newer(path: path, version: header.writeVersion, known: TCMLayout.writeVersion)
    }
    var manifest = old.manifest
    manifest.report = report
    let bytes = manifest.encoded
    if bytes.count > TCMLayout.manifestLimit {
      throw .manifestTooLarge(path: path, byteCount: bytes.count, limit: TCMLayout.manifestLimit)
    }
    let offset = Int(header.manifestOffset)
    do throws(TCMError) {
      let decoded = try Manifest(decoding: bytes, path: path)
      try decoded.validate(manifestOffset: offset, path: path)
    } catch { throw .unreadable(error) }
    let file = try AtomicFile(path: output ?? path)
    let step = 8 << 20
    for start in stride(from: TCMLayout.headerByteCount, to: offset, by: step) {
      try file.write(old.bytes(at: start, count: min(step, offset - start)), at: start)
    }
    try file.write(bytes, at: offset)
    var newHeader = header
    newHeader.manifestLength = UInt64(bytes.count)
    newHeader.manifestChecksum = WeightKernels.crc32c(bytes)
    newHeader.fileLength = UInt64(offset + bytes.count)
    try file.write(newHeader.bytes, at: 0)
    try file.commit()
  }
}
