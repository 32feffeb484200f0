public import ImageInput
internal import TensorCore

/// Pictures in files, and their embeddings.
public enum PictureFile {
  /// Bytes a picture file may have.
  public static let byteLimit = 256 << 20

  /// Decodes a picture file.
  ///
  /// - Parameters:
  ///   - path: JPEG or PNG, told by its content.
  ///   - limits: What of it is decoded.
  /// - Returns: The picture.
  /// - Throws: `AnswerError`.
  public static func decode(
    _ path: String, limits: ImageLimits
  ) throws(AnswerError) -> DecodedImage {
    let bytes = try content(path)
    do throws(ImageError) {
      return try ImageDecoder.decode(bytes, name: path, limits: limits)
    } catch { throw .image(error) }
  }

  /// A picture's bytes; of what is none by its first bytes, only those.
  private static func content(_ path: String) throws(AnswerError) -> Block<UInt8> {
    let file: InputFile
    let start: [UInt8]
    do throws(FileError) {
      file = try InputFile(path: path)
      start = try file.bytes(at: 0, count: min(file.byteCount, ImageDecoder.signatureByteCount))
    } catch { throw .file(error) }
    if ImageDecoder.isPicture(start), file.byteCount > byteLimit {
      throw .sentence(
        "\(path): at most \(byteLimit) bytes of picture, found \(file.byteCount)")
    }
    let bytes: MutableBlock<UInt8>
    do throws(SystemError) {
      if !ImageDecoder.isPicture(start) { return try MutableBlock(copying: start).readOnly }
      bytes = try MutableBlock<UInt8>(allocating: file.byteCount)
    } catch { throw .file(.cannotRead(path: path, error)) }
    do throws(FileError) { try file.read(at: 0, into: bytes) } catch { throw .file(error) }
    return bytes.readOnly
  }
}
