internal import Answers
internal import CLIPRuntime
internal import CPlatform
internal import ImageInput
internal import Kernels
internal import TCMFormat
internal import TensorCore

/// An open model and how it is run.
struct EdgeModel {
  let session: Session
  private let maximumPixels: Int

  /// Options of every command that runs a model.
  static let options = ["--model", "--threads", "--max-pixels", "--max-memory"]

  /// Opens what `--model` names.
  init(_ arguments: Arguments) throws(EdgeError) {
    guard let path = arguments.value("--model") else {
      throw .usage(UsageError("--model is missing"))
    }
    let threads: Int
    let memory: Int?
    var pixels: Int
    do throws(UsageError) {
      threads = try arguments.number(
        "--threads", in: 1...1024, default: Int(cp_processor_count()))
      pixels = try arguments.number(
        "--max-pixels", in: 1...Int.max, default: ImageLimits().pixels)
      let megabytes = try arguments.number("--max-memory", in: 0...1 << 30, default: 0)
      memory = megabytes == 0 ? nil : megabytes << 20
    } catch { throw .usage(error) }
    let set = try EdgeModel.instructionSet()
    do throws(ModelError) {
      let model = try Model(path: path)
      session = try Session(
        model: model, threads: threads, instructionSet: set, maximumMemory: memory)
      if let memory {
        // A decoded picture takes three bytes a pixel, a progressive JPEG six more meanwhile.
        let left = memory - Session.memoryNeeded(model, threads: threads)
        pixels = min(pixels, max(left / 9, 1))
      }
    } catch { throw .answer(.model(error)) }
    maximumPixels = pixels
  }

  /// The instruction set that TAIYI_ISA names, or the best.
  static func instructionSet() throws(EdgeError) -> InstructionSet {
    guard let value = unsafe cp_environment("TAIYI_ISA") else { return .best }
    let name = unsafe String(cString: value)
    guard let set = InstructionSet(name: name) else {
      var known: [String] = []
      for set in InstructionSet.allCases { known.append(set.name) }
      throw .answer(
        .sentence(
          "TAIYI_ISA is \(printable(name)), expected one of \(known.joined(separator: ", "))"))
    }
    if !set.isAvailable {
      throw .answer(.sentence("TAIYI_ISA is \(name), which this processor does not run"))
    }
    return set
  }

  /// The embedding of a picture file.
  func embed(image path: String, normalize: Bool = true) throws(EdgeError) -> Block<Float> {
    if session.model.imageTower == nil {
      throw .answer(.model(.noImageTower(path: session.model.file.path)))
    }
    let picture: DecodedImage
    do throws(AnswerError) {
      picture = try PictureFile.decode(path, limits: ImageLimits(raisedTo: maximumPixels))
    } catch { throw .answer(error) }
    do throws(ModelError) {
      return try session.embed(image: picture, normalize: normalize).readOnly
    } catch { throw .answer(.model(error)) }
  }
}

/// Why a command ended.
enum EdgeError: Error {
  case usage(UsageError)
  case answer(AnswerError)
}
