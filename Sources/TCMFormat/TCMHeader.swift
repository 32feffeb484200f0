internal import Kernels
internal import TensorCore

/// The 64 bytes a `.tcm` file begins with, little-endian.
///
///     offset  size  field
///          0     8  magic
///          8     4  read version: a reader must know this version
///         12     4  write version
///         16     4  numerics version
///         20     4  reserved, zero
///         24     8  offset of the manifest
///         32     8  length of the manifest
///         40     8  length of the file
///         48     4  CRC-32C of the manifest
///         52     8  reserved, zero
///         60     4  CRC-32C of bytes 0..<60
public struct TCMHeader: Equatable, Sendable {
  /// A reader must know this version.
  public var readVersion: UInt32
  /// The version the writer followed.
  public var writeVersion: UInt32
  /// The version of the arithmetic the file was made for.
  public var numericsVersion: UInt32
  /// First byte of the manifest.
  public var manifestOffset: UInt64
  /// Bytes of the manifest.
  public var manifestLength: UInt64
  /// Bytes of the file.
  public var fileLength: UInt64
  /// Checksum of the manifest.
  public var manifestChecksum: UInt32

  /// A header with the current versions.
  ///
  /// - Parameters:
  ///   - manifestOffset: First byte of the manifest.
  ///   - manifestLength: Bytes of the manifest.
  ///   - manifestChecksum: CRC-32C of the manifest.
  public init(
    version: UInt32, manifestOffset: UInt64, manifestLength: UInt64, manifestChecksum: UInt32
  ) {
    self.readVersion = version
    self.writeVersion = version
    self.numericsVersion = TCMLayout.numericsVersion
    self.manifestOffset = manifestOffset
    self.manifestLength = manifestLength
    self.fileLength = manifestOffset + manifestLength
    self.manifestChecksum = manifestChecksum
  }

  /// Reads and checks a header.
  ///
  /// - Parameters:
  ///   - bytes: The first 64 bytes of the file, or fewer if it is shorter.
  ///   - byteCount: The size of the file.
  ///   - path: For messages.
  /// - Throws: `TCMError` for a broken rule of section 2 of the specification, but 2.8.
  init(_ bytes: [UInt8], byteCount: Int, path: String) throws(TCMError) {
    let magic = TCMLayout.magic
    guard bytes.count >= magic.count, Array(bytes[0..<magic.count]) == magic else {
      throw bytes.isEmpty ? .file(.empty(path: path)) : .notTCM(path: path)
    }
    guard bytes.count == TCMLayout.headerByteCount else {
      throw .tooShort(path: path, byteCount: byteCount)
    }
    let stored = UInt32(littleEndian: bytes, at: 60)
    let computed = WeightKernels.crc32c(Array(bytes[0..<60]))
    if stored != computed {
      throw .checksum(path: path, place: "header", stored: stored, computed: computed)
    }
    readVersion = UInt32(littleEndian: bytes, at: 8)
    writeVersion = UInt32(littleEndian: bytes, at: 12)
    numericsVersion = UInt32(littleEndian: bytes, at: 16)
    manifestOffset = UInt64(littleEndian: bytes, at: 24)
    manifestLength = UInt64(littleEndian: bytes, at: 32)
    fileLength = UInt64(littleEndian: bytes, at: 40)
    manifestChecksum = UInt32(littleEndian: bytes, at: 48)
    let fail = { (rule: String, problem: String) -> TCMError in
      .malformed(path: path, rule: rule, place: "header", problem: problem)
    }
    if readVersion > TCMLayout.readVersion {
      throw .newerVersion(path: path, found: readVersion, supported: TCMLayout.readVersion)
    }
    if readVersion == 0 || writeVersion < readVersion || numericsVersion == 0 {
      throw fail(
        "2.2",
        "read version \(readVersion), write version \(writeVersion) and numerics version"
          + " \(numericsVersion) do not go together")
    }
    for index in Array(20..<24) + Array(52..<60) where bytes[index] != 0 {
      throw fail("2.3", "reserved byte \(index) is not zero")
    }
    if fileLength != UInt64(byteCount) {
      throw .wrongLength(path: path, stored: fileLength, found: byteCount)
    }
    let (end, overflow) = manifestOffset.addingReportingOverflow(manifestLength)
    if overflow || end != fileLength || manifestOffset < UInt64(TCMLayout.headerByteCount) {
      throw fail("2.4", "the manifest does not end the file")
    }
    if !(1...UInt64(TCMLayout.manifestLimit)).contains(manifestLength) {
      throw fail(
        "2.5", "a manifest has 1 to \(TCMLayout.manifestLimit) bytes, found \(manifestLength)")
    }
  }

  /// The 64 bytes.
  public var bytes: [UInt8] {
    var bytes = TCMLayout.magic
    for value in [readVersion, writeVersion, numericsVersion, 0] { value.append(to: &bytes) }
    for value in [manifestOffset, manifestLength, fileLength] { value.append(to: &bytes) }
    for value in [manifestChecksum, 0, 0] { value.append(to: &bytes) }
    WeightKernels.crc32c(bytes).append(to: &bytes)
    return bytes
  }
}

extension FixedWidthInteger {
  /// The little-endian number at `offset`; the bytes must be there.
  init(littleEndian bytes: [UInt8], at offset: Int) {
    var value: Self = 0
    for index in 0..<Self.bitWidth / 8 {
      let shift = Self(truncatingIfNeeded: 8 * index)
      value |= Self(truncatingIfNeeded: bytes[offset + index]) << shift
    }
    self = value
  }

  /// Appends the number, little-endian.
  package func append(to bytes: inout [UInt8]) {
    for index in 0..<Self.bitWidth / 8 {
      bytes.append(UInt8(truncatingIfNeeded: self >> Self(truncatingIfNeeded: 8 * index)))
    }
  }
}
