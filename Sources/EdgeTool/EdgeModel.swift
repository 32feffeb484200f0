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
    let path = try EdgeModel.path(arguments)
    let threads = try EdgeModel.threads(arguments)
    let memory: Int?
    var pixels: Int
    do throws(UsageError) {
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

  /// What `--model` names.
  static func path(_ arguments: Arguments) throws(EdgeError) -> String {
    if let path = arguments.value("--model") { return path }
    throw .usage(UsageError("--model is missing"))
  }

  /// What `--threads` says, or as many as affinity and cgroup quota allow.
  static func threads(_ arguments: Arguments) throws(EdgeError) -> Int {
    do throws(UsageError) {
      return try arguments.number(
        "--threads", in: 1...1024, default: Int(cp_processor_count()))
    } catch { throw .usage(error) }
  }

  /// The instruction set that TAIYI_ISA names, or the best.
  static func instructionSet() throws(EdgeError) -> InstructionSet {
    do throws(AnswerError) { return try InstructionSet.asked() } catch { throw .answer(error) }
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
