internal import CLIPRuntime
internal import CPlatform
internal import Kernels
internal import TCMFormat
internal import TensorCore

/// The reference and the candidate, each with its session, encoding the same items into the cache.
final class SideBySide {
  /// Reference and candidate, in this order, as everywhere here.
  let models: [Model]
  let sessions: [Session]
  let options: VerificationOptions
  let cache: EvaluationCache
  let events: (VerificationEvent) -> Void
  private let pictures: PictureReader?

  init(
    reference: Model, candidate: Model, options: VerificationOptions, cache: EvaluationCache,
    events: @escaping (VerificationEvent) -> Void
  ) throws(EvaluationError) {
    models = [reference, candidate]
    self.options = options
    self.cache = cache
    self.events = events
    pictures = candidate.imageTower.map { PictureReader($0, options.limits) }
    var sessions: [Session] = []
    do throws(ModelError) {
      for model in models {
        sessions.append(
          try Session(
            model: model, threads: options.threads, instructionSet: options.instructionSet,
            product: model.isQuantized ? nil : options.product))
      }
    } catch { throw .model(error) }
    self.sessions = sessions
  }

  var reference: Session { sessions[0] }
  var candidate: Session { sessions[1] }
  var width: Int { models[1].embeddingWidth }
  /// Width of a tower's hidden states.
  func hiddenWidth(_ tower: TowerProbe.Kind) -> Int {
    (tower == .text ? models[1].textTower?.width : models[1].imageTower?.width) ?? 0
  }
  /// Sides of the pictures that the towers see.
  var side: Int { models[1].imageTower?.imageSize ?? 0 }

  /// What rows of a model depend on besides the items.
  private func key(_ model: Model, _ kind: String) -> CacheKey {
    var key = CacheKey("embeddings 1")
    key.add(kind)
    key.add(model.file.manifest.identity)
    key.add(Int(TCMLayout.numericsVersion))
    key.add(model.isQuantized || options.product == nil ? "own kernel" : "other kernel")
    return key
  }

  /// Opens the stores of both models for the same items.
  func plan(
    _ stage: String, _ items: EncodingPlan.Items, describe: (inout CacheKey) -> Void
  ) throws(EvaluationError) -> EncodingPlan {
    var stores: [EmbeddingStore] = []
    try cache.require(2 * EmbeddingStore.fileSize(width: width, total: items.count))
    for model in models {
      var key = key(model, stage)
      describe(&key)
      let bytes = key.finish()
      // Two precisions of one identity are one model: they share a file, which only one may write.
      let isSame = models[0].file.manifest.identity == models[1].file.manifest.identity
      if isSame, let first = stores.first {
        stores.append(first)
        continue
      }
      stores.append(
        try EmbeddingStore(
          path: cache.path("rows", bytes, "bin"), key: bytes, width: width, total: items.count))
    }
    return EncodingPlan(stage: stage, items: items, stores: stores)
  }

  /// A picture as the towers see it.
  ///
  /// - Parameters:
  ///   - source: The data set's pictures.
  ///   - index: Which.
  ///   - pixels: Receives `[3, side, side]`.
  /// - Returns: `nil`, or why it cannot be read, a sentence.
  func read(_ source: any PictureSource, _ index: Int, into pixels: MutableBlock<Float>) -> String?
  {
    guard let pictures else { return "there is no image tower" }
    return pictures.read(source, index, into: pixels)
  }

  /// The cropped picture as PNG, for a report; `nil` if that fails.
  func thumbnail(_ source: any PictureSource, _ index: Int) -> [UInt8]? {
    pictures?.thumbnail(source, index)
  }
}
