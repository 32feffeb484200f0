internal import ArgumentParser
internal import CLIPRuntime
internal import ImageInput
internal import TCMFormat
internal import TCMWriter
internal import TensorCore
internal import ToolSupport

/// `taiyi preprocess --model M IMAGE --output F.png`.
struct PreprocessCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "preprocess",
    abstract: "Write what the image tower sees of a picture.",
    discussion: "Helps to find out why two systems disagree.")

  @Option(
    help: ArgumentHelp(
      "NAME.png for the cropped picture, NAME.npy for the normalised tensor [3, H, W].",
      valueName: "file"))
  var output: String
  @Option(help: ArgumentHelp("The model.", valueName: "file.tcm"))
  var model: String
  @OptionGroup var tool: ToolOptions
  @OptionGroup var pictures: PictureOptions
  @Argument(help: "A picture, JPEG or PNG.")
  var image: String

  func validate() throws {
    if !output.hasSuffix(".png") && !output.hasSuffix(".npy") {
      throw ValidationError("--output takes a name that ends in .png or .npy, found \(output).")
    }
  }

  func run() throws {
    try Tool.run { _ in
      try Tool.check(output: output, isNoneOf: [model, image])
      let model = try Model(path: model)
      guard let tower = model.imageTower else {
        throw ModelError.noImageTower(path: self.model)
      }
      let preprocessor = Preprocessor(Preprocessing(tower))
      let picture = try pictures.picture(image)
      let side = tower.imageSize
      if output.hasSuffix(".png") {
        let crop = try MutableBlock<UInt8>(allocating: preprocessor.pictureByteCount)
        try preprocessor.crop(picture, into: crop)
        let file = try AtomicFile(path: output)
        try file.write(
          PNGEncoder.encode(crop.readOnly, width: side, height: side, name: output), at: 0)
        try file.commit()
      } else {
        let tensor = try MutableBlock<Float>(allocating: 3 * side * side)
        try preprocessor.tensor(picture, into: tensor)
        let file = try NPYFile(path: output, shape: [3, side, side])
        try file.write(tensor.readOnly)
        try file.finish()
      }
    }
  }
}
