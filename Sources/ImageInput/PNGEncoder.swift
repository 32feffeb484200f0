internal import CImageCodecs
public import TensorCore

/// Pictures to PNG files.
public enum PNGEncoder {
  /// Encodes 8-bit RGB as a PNG without metadata.
  ///
  /// Equal pixels give equal bytes as long as zlib is the same.
  ///
  /// - Parameters:
  ///   - rgb: `width * height * 3` bytes, rows from the top; another count is misuse and traps.
  ///   - width: Pixels a row, 1 to 65,535; anything else traps.
  ///   - height: Rows, 1 to 65,535; anything else traps.
  ///   - name: The file's name, for messages.
  /// - Returns: The file's bytes.
  /// - Throws: `ImageError.outOfMemory`.
  public static func encode(
    _ rgb: Block<UInt8>, width: Int, height: Int, name: String
  ) throws(ImageError) -> Block<UInt8> {
    let sides = 1...ImageLimits.maximumSide
    precondition(sides.contains(width) && sides.contains(height), "a side is 1 to 65,535")
    precondition(rgb.count == width * height * 3, "three bytes a pixel")
    let output: MutableBlock<UInt8>
    do { output = try MutableBlock(allocating: ic_png_bound(Int32(width), Int32(height))) } catch {
      throw .outOfMemory(name: name)
    }
    var written = 0
    let status = unsafe ic_write_png(
      rgb.pointer, Int32(width), Int32(height), output.pointer, output.count, &written)
    if status != Int32(IC_OK.rawValue) { throw .outOfMemory(name: name) }
    return output.readOnly[0..<written]
  }
}
