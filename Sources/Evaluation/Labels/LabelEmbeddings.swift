public import CLIPRuntime
public import Conversion
internal import Kernels
internal import TCMFormat
internal import TCMWriter
internal import TensorCore

/// Embeddings of labels by a float text tower, for a file that has none.
///
/// Rows go to the cache as they are made: thousands of labels in dozens of templates take hours on a processor, and a run
/// that was interrupted goes on where it was.
public struct LabelEmbeddings {
  private let model: Model
  private let record: LabelBankRecord
  private let options: VerificationOptions
  private let cache: EvaluationCache
  private let events: (VerificationEvent) -> Void

  /// Texts encoded between two looks at progress.
  private static let textsAtATime = 128

  /// Prepares embeddings.
  ///
  /// - Parameters:
  ///   - labels: At least one.
  ///   - templates: Texts with `{c}` or `{}` where the label goes; without any, labels are taken as they are.
  ///   - model: From `FloatReference`, with a text tower.
  ///   - options: Its threads, instruction set and float product are used.
  ///   - cache: Keeps the rows; what is there is not computed again.
  ///   - events: Called as it goes.
  /// - Throws: `EvaluationError.model` without a text tower, `.identity` for a model that is not what it says.
  /// - Complexity: Reads the model whole: rows in the cache belong to an identity, so it must be right.
  public init(
    of labels: [String], templates: [String], by model: Model, options: VerificationOptions,
    cache: EvaluationCache, events: @escaping (VerificationEvent) -> Void
  ) throws(EvaluationError) {
    guard let text = model.textTower else { throw .model(.noTextTower(path: model.file.path)) }
    if ModelIdentity.of(model.file) != model.file.manifest.identity {
      throw .identity(path: model.file.path)
    }
    self.model = model
    self.options = options
    self.cache = cache
    self.events = events
    record = LabelBankRecord(
      textIdentity: model.file.manifest.identity, width: model.embeddingWidth,
      contextLength: text.contextLength, masksPadding: text.masksPadding, labels: labels,
      templates: templates)
  }

  /// Says what a file cannot hold, before anything slow begins.
  ///
  /// - Parameters:
  ///   - labels: Class names.
  ///   - templates: Templates.
  ///   - output: The file they are meant for.
  /// - Throws: `EvaluationError.write`, or `.model` for a label and a template that make too long a text.
  public static func check(
    _ labels: [String], templates: [String], for output: String
  ) throws(EvaluationError) {
    do throws(LabelTextError) { try LabelTemplate.check(labels, templates) } catch {
      throw .model(.labelText(error))
    }
    var manifest = Manifest(
      provenance: Provenance(tool: "", recipe: "", sources: [], assumptions: []))
    manifest.labels = LabelBankRecord(
      textIdentity: [], width: 0, contextLength: 0, labels: labels, templates: templates)
    let bytes = manifest.encoded
    let limit = TCMLayout.manifestLimit
    if bytes.count > limit {
      throw .write(.manifestTooLarge(path: output, byteCount: bytes.count, limit: limit))
    }
    do throws(TCMError) { _ = try Manifest(decoding: bytes, path: output) } catch {
      throw .write(.unreadable(error))
    }
  }

  /// Embeds what the cache does not have.
  ///
  /// - Returns: What `Converter.run` stores.
  /// - Throws: `EvaluationError`.
  public func run() throws(EvaluationError) -> LabelRows {
    let total = record.labels.count
    let key = key
    try cache.require(EmbeddingStore.fileSize(width: record.width, total: total))
    let store = try EmbeddingStore(
      path: cache.path("labels", key, "bin"), key: key, width: record.width, total: total)
    events(.progress(stage: "labels", done: store.count, total: total))
    if store.count < total {
      let session: Session
      do throws(ModelError) {
        session = try Session(
          model: model, threads: options.threads, instructionSet: options.instructionSet,
          product: options.product)
      } catch { throw .model(error) }
      let step = max(LabelEmbeddings.textsAtATime / max(record.templates.count, 1), 1)
      while store.count < total {
        let labels = Array(record.labels[store.count..<min(store.count + step, total)])
        let rows: MutableBlock<Float>
        do throws(ModelError) {
          rows = try session.embed(labels: labels, templates: record.templates)
        } catch { throw .model(error) }
        try store.append(rows.readOnly)
        events(.progress(stage: "labels", done: store.count, total: total))
      }
    }
    return LabelRows(record: record) { (range) throws(ConversionError) in
      do throws(EvaluationError) { return try store.rows(range).readOnly } catch {
        throw conversionError(error)
      }
    }
  }

  /// What the rows depend on.
  private var key: [UInt8] {
    var key = CacheKey("labels 1")
    key.add(record.textIdentity)
    key.add(Int(TCMLayout.numericsVersion))
    key.add(options.product == nil ? "own kernel" : "other kernel")
    for texts in [record.templates, record.labels] {
      key.add(texts.count)
      for text in texts { key.add(text) }
    }
    return key.finish()
  }
}

/// What can happen to rows that are read from the cache.
private func conversionError(_ error: EvaluationError) -> ConversionError {
  switch error {
  case .cache(let path, let error): .file(.cannotRead(path: path, error))
  case .system(let error): .system(error)
  default: .system(SystemError(code: 5))
  }
}
