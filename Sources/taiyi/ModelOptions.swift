internal import ArgumentParser
internal import CLIPRuntime
internal import ImageInput
internal import Kernels
internal import TensorCore
internal import ToolSupport

/// The model and how it is run.
struct ModelOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The model.", valueName: "file.tcm"))
  var model: String
  @Flag(
    help:
      "Run f32 models with the own kernel, whose results do not depend on the machine, not OpenBLAS."
  )
  var ownKernel = false
  @OptionGroup var tool: ToolOptions

  /// Opens the model.
  func session() throws -> Session {
    let model = try Model(path: model)
    let threads = tool.threadCount
    let isOwn = ownKernel || model.isQuantized
    return try Session(
      model: model, threads: threads, instructionSet: Tool.instructionSet(),
      product: isOwn ? nil : FloatProduct.openBLAS(threads: threads))
  }
}

/// How pictures are read.
struct PictureOptions: ParsableArguments {
  @Option(help: "Largest picture that is decoded, in pixels.")
  var maxPixels = ImageLimits().pixels

  func validate() throws {
    if maxPixels < 1 { throw ValidationError("--max-pixels takes at least 1, found \(maxPixels).") }
  }

  /// Bytes a picture file may have.
  static let byteLimit = 256 << 20

  /// Decodes a picture file.
  ///
  /// - Parameter path: JPEG or PNG, told by its content.
  func picture(_ path: String) throws -> DecodedImage {
    let file = try InputFile(path: path)
    var limits = ImageLimits(pixels: maxPixels)
    // A progressive JPEG takes two bytes for each pixel and colour while it is decoded.
    if maxPixels > ImageLimits().pixels { limits.memory = max(limits.memory, 6 * maxPixels) }
    // What is no picture by its first bytes, however long, is not read.
    let start = try file.bytes(at: 0, count: min(file.byteCount, ImageDecoder.signatureByteCount))
    if !ImageDecoder.isPicture(start) {
      return try ImageDecoder.decode(
        try MutableBlock(copying: start).readOnly, name: path, limits: limits)
    }
    if file.byteCount > Self.byteLimit {
      throw ToolError(
        "\(path): at most \(Self.byteLimit) bytes of picture, found \(file.byteCount)")
    }
    let bytes: MutableBlock<UInt8>
    do { bytes = try MutableBlock<UInt8>(allocating: file.byteCount) } catch {
      throw FileError.cannotRead(path: path, error)
    }
    try file.read(at: 0, into: bytes)
    return try ImageDecoder.decode(bytes.readOnly, name: path, limits: limits)
  }
}
