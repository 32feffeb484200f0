internal import Answers
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

  /// Decodes a picture file.
  ///
  /// - Parameter path: JPEG or PNG, told by its content.
  func picture(_ path: String) throws -> DecodedImage {
    try Tool.answering { () throws(AnswerError) in
      try PictureFile.decode(path, limits: ImageLimits(raisedTo: maxPixels))
    }
  }
}
