public import TCMWriter
public import TensorCore

/// A NumPy file, format version 1.0, of little-endian f32 in C order; it appears whole or not at all.
///
/// Source: NumPy's `numpy/lib/format.py`.
public final class NPYFile {
  private let file: AtomicFile
  private var position: Int

  /// Starts a file.
  ///
  /// - Parameters:
  ///   - path: The output.
  ///   - shape: Exactly that many elements must be written.
  /// - Throws: `WriteError`.
  public init(path: String, shape: [Int]) throws(WriteError) {
    file = try AtomicFile(path: path)
    let header = NPYFile.header(shape)
    try file.write(header, at: 0)
    position = header.count
  }

  /// Adds elements.
  ///
  /// - Parameter values: The next ones in C order.
  /// - Throws: `WriteError`.
  public func write(_ values: Block<Float>) throws(WriteError) {
    try file.write(values.bytes, at: position)
    position += values.bytes.count
  }

  /// Puts the file in its place.
  ///
  /// - Throws: `WriteError`.
  public func finish() throws(WriteError) { try file.commit() }

  /// Magic, version, length and the dictionary, padded to a multiple of 64 bytes.
  static func header(_ shape: [Int]) -> [UInt8] {
    let sizes = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var text = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(sizes)), }"
    while (10 + text.utf8.count + 1) % 64 != 0 { text += " " }
    text += "\n"
    let count = text.utf8.count
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(count & 255), UInt8(count >> 8)]
      + Array(text.utf8)
  }
}
