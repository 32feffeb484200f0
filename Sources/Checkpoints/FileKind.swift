/// What a file is, judged by its first bytes; the table that turns wrong files into sentences.
public struct FileKind: Equatable, Sendable {
  /// A stable word, for example `zip`.
  public let name: String
  /// What to tell the user, after the path and a colon.
  public let sentence: String
  /// What its first bytes are.
  let signature: Signature

  /// How a kind is told from others.
  enum Signature: Equatable {
    /// These bytes, at an offset.
    case bytes([UInt8], at: Int)
    /// This ASCII text after white space, whatever its case.
    case text(String)
    /// Only zero bytes.
    case zeros
  }

  private init(_ name: String, _ signature: Signature, _ sentence: String) {
    self.name = name
    self.sentence = sentence
    self.signature = signature
  }

  /// Bytes from the file's start that `recognise` wants to see.
  static let prefixByteCount = 512

  /// A ZIP archive, as `torch.save` and `torch.jit.save` write it.
  public static let zip = FileKind(
    "zip", .bytes([0x50, 0x4B, 0x03, 0x04], at: 0),
    "this is a ZIP archive (a PyTorch checkpoint?), not a safetensors file")

  /// A pickle, as `torch.save` wrote it before PyTorch 1.6.
  public static let pickle = FileKind(
    "pickle", .bytes([0x80, 0x02], at: 0),
    "this is a Python pickle (an old PyTorch checkpoint?), not a safetensors file")

  /// Every kind, the first match wins.
  static let all: [FileKind] = [
    FileKind(
      "git-lfs", .text("version https://git-lfs.github.com/spec/"),
      "this is a Git LFS pointer, not the file itself; run `git lfs pull`"),
    FileKind(
      "html", .text("<!doctype html"),
      "this is an HTML page, not a checkpoint; the download failed or needs a login"),
    FileKind(
      "html", .text("<html"),
      "this is an HTML page, not a checkpoint; the download failed or needs a login"),
    FileKind("xml", .text("<?xml"), "this is an XML text, not a checkpoint"),
    zip,
    FileKind("zip", .bytes([0x50, 0x4B, 0x05, 0x06], at: 0), "this is an empty ZIP archive"),
    FileKind("gguf", .bytes(ascii("GGUF"), at: 0), "this is a GGUF file, which is not read"),
    FileKind("ggml", .bytes(ascii("lmgg"), at: 0), "this is a GGML file, which is not read"),
    FileKind("ggml", .bytes(ascii("tjgg"), at: 0), "this is a GGJT file, which is not read"),
    FileKind(
      "png", .bytes([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], at: 0),
      "this is a PNG image, not a checkpoint"),
    FileKind("jpeg", .bytes([0xFF, 0xD8, 0xFF], at: 0), "this is a JPEG image, not a checkpoint"),
    FileKind(
      "gzip", .bytes([0x1F, 0x8B, 0x08], at: 0), "this is a gzip archive; unpack it first"),
    FileKind("bzip2", .bytes(ascii("BZh"), at: 0), "this is a bzip2 archive; unpack it first"),
    FileKind(
      "xz", .bytes([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], at: 0),
      "this is an xz archive; unpack it first"),
    FileKind(
      "zstd", .bytes([0x28, 0xB5, 0x2F, 0xFD], at: 0), "this is a zstd archive; unpack it first"),
    FileKind(
      "7z", .bytes([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], at: 0),
      "this is a 7z archive; unpack it first"),
    FileKind("tar", .bytes(ascii("ustar"), at: 257), "this is a tar archive; unpack it first"),
    FileKind(
      "hdf5", .bytes([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A], at: 0),
      "this is an HDF5 file (Keras weights?), which is not read"),
    FileKind(
      "numpy", .bytes([0x93] + ascii("NUMPY"), at: 0), "this is a NumPy array, not a checkpoint"),
    FileKind("elf", .bytes([0x7F] + ascii("ELF"), at: 0), "this is a program, not a checkpoint"),
    FileKind("pdf", .bytes(ascii("%PDF-"), at: 0), "this is a PDF document, not a checkpoint"),
    FileKind(
      "sqlite", .bytes(ascii("SQLite format 3"), at: 0),
      "this is an SQLite database, not a checkpoint"),
    FileKind("zeros", .zeros, "the file starts with zeros only; the download did not finish"),
    pickle,
    FileKind("pickle", .bytes([0x80, 0x03], at: 0), pickle.sentence),
    FileKind("pickle", .bytes([0x80, 0x04], at: 0), pickle.sentence),
    FileKind("pickle", .bytes([0x80, 0x05], at: 0), pickle.sentence),
    FileKind("json", .text("{"), "this is a JSON text, not a checkpoint"),
    FileKind("json", .text("["), "this is a JSON text, not a checkpoint"),
  ]

  /// The kind of a file, or `nil` if no row of the table fits.
  ///
  /// - Parameter start: The file's first bytes, `prefixByteCount` of them or the whole file.
  /// - Returns: The first row that fits.
  public static func recognise(_ start: [UInt8]) -> FileKind? {
    all.first { $0.matches(start) }
  }

  private func matches(_ start: [UInt8]) -> Bool {
    switch signature {
    case .bytes(let bytes, let offset): start.dropFirst(offset).starts(with: bytes)
    case .zeros: start.count >= 16 && start.allSatisfy { $0 == 0 }
    case .text(let text):
      start.drop { $0 == 0x20 || (0x09...0x0D).contains($0) }
        .starts(with: text.utf8) { (0x41...0x5A).contains($0) ? $0 | 0x20 == $1 : $0 == $1 }
    }
  }
}

/// The bytes of an ASCII literal.
private func ascii(_ text: StaticString) -> [UInt8] { Array(text.description.utf8) }
