/// The constants that writers and readers of the format share; `Formats/tcm.md` specifies them.
public enum TCMLayout {
  /// The first eight bytes: a byte no text begins with, the name, and line ends that a text-mode copy would change.
  public static let magic: [UInt8] = [0x89, 0x54, 0x43, 0x4D, 0x0D, 0x0A, 0x1A, 0x0A]
  /// Bytes of the header.
  public static let headerByteCount = 64
  /// The newest version of the format that is understood.
  public static let readVersion: UInt32 = 2
  /// The newest version of the format that is written.
  public static let writeVersion: UInt32 = 2
  /// The arithmetic that `Formats/numerics.md` defines.
  public static let numericsVersion: UInt32 = 1
  /// Sections begin at multiples of this, the largest page size in use on ARM64 Linux.
  public static let sectionAlignment = 65_536
  /// Parts of tensors begin at multiples of this inside their section: one cache line, one AVX-512 register.
  public static let partAlignment = 64
  /// Most bytes of a manifest.
  public static let manifestLimit = 4 << 20
  /// Decoding a manifest of n bytes takes at most `decodingBase + decodingFactor * n` bytes of memory, or `decodingLeast`
  /// if that is more.
  static let decodingBase = 65_536
  /// Room for as many labels as a bank may have, however short.
  static let decodingLeast = 8 << 20
  /// See `decodingBase`.
  static let decodingFactor = 16
  /// Most sections.
  public static let sectionLimit = 4_096
  /// Most tensors.
  public static let tensorLimit = 100_000
  /// Most bytes of the name of a section, tensor or family.
  public static let nameLimit = 256
  /// Most bytes of any other string.
  public static let stringLimit = 4_096
  /// Largest dimension of a tensor.
  public static let dimensionLimit = 1 << 30
  /// Largest K of an int8 matrix: 255 · 127 · K stays below 2³¹.
  public static let int8ColumnLimit = 65_536
  /// Most layers of a tower.
  public static let layerLimit = 1_024
  /// Largest width of a tower, its MLP, or an output.
  public static let widthLimit = 65_536
  /// Largest side of an input picture.
  public static let imageSizeLimit = 4_096
  /// Most tokens of a sequence.
  public static let tokenLimit = 16_384
  /// Most labels of a bank.
  public static let labelLimit = 65_536
  /// Most templates of a bank.
  public static let templateLimit = 4_096
}
