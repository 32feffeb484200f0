internal import ArgumentParser
internal import CLIPRuntime
internal import Glibc
internal import ImageInput
internal import TCMFormat
internal import TensorCore
internal import ToolSupport

/// `taiyi preprocess --model M IMAGE --output F.png`.
struct PreprocessCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "preprocess",
    abstract: "Write the picture (.png) or tensor (.npy) that a tower sees.")

  @Option(help: "The file to write: .png for the cropped picture, .npy for the tensor [3, H, W].")
  var output: String
  @OptionGroup var options: ModelOptions
  @Argument(help: "A picture.")
  var image: String

  func validate() throws {
    if !output.hasSuffix(".png") && !output.hasSuffix(".npy") {
      throw ValidationError("--output takes a name that ends in .png or .npy, found \(output).")
    }
  }

  func run() throws {
    Tool.prepare()
    try Tool.run {
      let model = try Model(path: options.model)
      guard let tower = model.imageTower else {
        throw ModelError.noImageTower(path: options.model)
      }
      let preprocessor = Preprocessor(Preprocessing(tower))
      let picture = try options.picture(image)
      let side = tower.imageSize
      let bytes: [UInt8]
      if output.hasSuffix(".png") {
        let crop = try MutableBlock<UInt8>(allocating: preprocessor.pictureByteCount)
        try preprocessor.crop(picture, into: crop)
        bytes = try PNGEncoder.encode(crop.readOnly, width: side, height: side, name: output).array
      } else {
        let tensor = try MutableBlock<Float>(allocating: 3 * side * side)
        try preprocessor.tensor(picture, into: tensor)
        bytes = header(side) + tensor.bytes.array
      }
      guard let file = unsafe fopen(output, "wb") else {
        throw ToolError("\(output): cannot create: \(SystemError(code: errno))")
      }
      let written = unsafe fwrite(bytes, 1, bytes.count, file)
      if unsafe fclose(file) != 0 || written != bytes.count {
        throw ToolError("\(output): cannot write: \(SystemError(code: errno))")
      }
    }
  }

  /// The header of NumPy's format 1.0 for little-endian f32 [3, side, side].
  private func header(_ side: Int) -> [UInt8] {
    var text = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, \(side), \(side)), }"
    while (10 + text.utf8.count + 1) % 64 != 0 { text += " " }
    text += "\n"
    let count = text.utf8.count
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(count & 255), UInt8(count >> 8)]
      + Array(text.utf8)
  }
}
