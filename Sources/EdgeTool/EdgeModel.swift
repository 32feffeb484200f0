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
  static let options = ["--model", "--threads", "--max-pixels"]

  /// Opens what `--model` names.
  init(_ arguments: Arguments) throws(EdgeError) {
    guard let path = arguments.value("--model") else {
      throw .usage(UsageError("--model is missing"))
    }
    let threads: Int
    do throws(UsageError) {
      threads = try arguments.number(
        "--threads", in: 1...1024, default: Int(cp_processor_count()))
      maximumPixels = try arguments.number(
        "--max-pixels", in: 1...Int.max, default: ImageLimits().pixels)
    } catch { throw .usage(error) }
    let set = try EdgeModel.instructionSet()
    do throws(ModelError) {
      session = try Session(
        model: try Model(path: path), threads: threads, instructionSet: set)
    } catch { throw .answer(.model(error)) }
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
