internal import ArgumentParser
internal import CLIPRuntime
internal import COpenBLAS
internal import ImageInput
internal import Kernels
internal import TensorCore
internal import ToolSupport

/// `--text-padding`.
enum PaddingOption: String, ExpressibleByArgument, CaseIterable {
  case fixed, longest, none

  var padding: TextPadding {
    switch self {
    case .fixed: .fixed
    case .longest: .longest
    case .none: .none
    }
  }
}

/// The model and how it is run.
struct ModelOptions: ParsableArguments {
  @Option(help: "A .tcm file.")
  var model: String
  @Flag(help: "Use the own kernel for float models instead of OpenBLAS.")
  var ownKernel = false
  @Option(help: "Largest picture, in pixels.")
  var maxPixels = 50_000_000
  @OptionGroup var tool: ToolOptions

  /// Opens the model.
  func session() throws -> Session {
    let model = try Model(path: model)
    openblas_set_num_threads(Int32(tool.threadCount))
    let product = ownKernel || model.isQuantized ? nil : ModelOptions.openBLAS
    return try Session(
      model: model, threads: tool.threadCount, instructionSet: Tool.instructionSet(),
      product: product)
  }

  /// Float products by OpenBLAS.
  private static let openBLAS = unsafe FloatProduct { m, n, k, x, w, y in
    unsafe cblas_sgemm(
      CblasRowMajor, CblasNoTrans, CblasTrans, Int32(m), Int32(n), Int32(k), 1, x, Int32(k),
      w, Int32(k), 0, y, Int32(n))
  }

  /// Decodes a picture file.
  func picture(_ path: String) throws -> DecodedImage {
    let file = try InputFile(path: path)
    let bytes = try MutableBlock<UInt8>(allocating: file.byteCount)
    try file.read(at: 0, into: bytes)
    return try ImageDecoder.decode(
      bytes.readOnly, name: path, limits: ImageLimits(pixels: maxPixels))
  }
}
