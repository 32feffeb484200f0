public import Kernels
internal import TCMFormat
public import TensorCore

/// One caller's way of running a model: threads and scratch memory.
///
/// A session serves one caller at a time; open one for each thread that encodes. Its results do not depend on the
/// number of threads, the instruction set or the batch (quantized models: bit for bit).
public final class Session {
  /// The model.
  public let model: Model
  let run: Run
  let textScratch: Scratch?
  let imageScratch: Scratch?

  /// Tokens worked on at a time: enough to read each weight from memory rarely, few enough to stay small.
  static let rowTarget = 1_024

  /// Starts a session.
  ///
  /// - Parameters:
  ///   - model: The model.
  ///   - threads: Number of threads, the caller's included; at least 1.
  ///   - instructionSet: Must be available on this processor.
  ///   - product: Makes the float products of f32 models, or `nil` for the own kernel.
  ///   - maximumMemory: Bytes of memory that the session and the model's mapped file may take together, or `nil` for as
  ///     many as make it fast. Within a limit one item is worked on at a time, and each layer's pages are given back
  ///     when it has been used, to be read again for the next item: slower, with the same bits.
  /// - Throws: `ModelError.system` when there is no memory, `.memoryLimit` if the limit is too low.
  public init(
    model: Model, threads: Int = 1, instructionSet: InstructionSet = .best,
    product: FloatProduct? = nil, maximumMemory: Int? = nil
  ) throws(ModelError) {
    self.model = model
    if let maximumMemory {
      let needed = Session.memoryNeeded(model, threads: threads)
      if needed > maximumMemory {
        throw .memoryLimit(path: model.file.path, needed: needed, limit: maximumMemory)
      }
    }
    let target = maximumMemory == nil ? Session.rowTarget : 1
    do throws(SystemError) {
      let engine = try Engine(instructionSet: instructionSet, threads: threads)
      run = Run(
        engine: engine, product: product, frugal: maximumMemory == nil ? nil : model.file)
      if let tower = model.text {
        let tokens = tower.record.positions
        let rows = max(target, tokens)
        textScratch = try Scratch(tower.sizes, rows: rows, together: run.rowsTogether)
        try Session.reserve(engine, tower.sizes, tokens: tokens, columns: 0)
      } else {
        textScratch = nil
      }
      if let tower = model.image {
        let record = tower.record
        let columns = 3 * record.patchSize * record.patchSize
        let rows = max(target / record.tokens, 1) * record.tokens
        imageScratch = try Scratch(
          tower.sizes, rows: rows, together: run.rowsTogether,
          patchElements: record.tokens * columns)
        try Session.reserve(engine, tower.sizes, tokens: record.tokens, columns: columns)
      } else {
        imageScratch = nil
      }
    } catch { throw .system(error) }
  }

  private static func reserve(
    _ engine: Engine, _ sizes: TowerSizes, tokens: Int, columns: Int
  ) throws(SystemError) {
    try engine.reserve(scratchOfThread(sizes, tokens: tokens, columns: columns))
  }

  /// Bytes that each thread of an engine works in.
  static func scratchOfThread(_ sizes: TowerSizes, tokens: Int, columns: Int) -> Int {
    let products = Engine.scratchForFloatProducts(
      columns: max(sizes.width, sizes.mlpWidth, columns))
    let decoding = Engine.scratchForInt4Products(columns: max(sizes.width, sizes.mlpWidth))
    let attention = Engine.scratchForAttention(
      sizes.arithmetic, tokens: tokens, headSize: sizes.headSize)
    let projection = Engine.scratchForProjection(columns: sizes.width)
    return max(products, decoding, attention, projection)
  }

  /// The number of threads.
  public var threads: Int { run.engine.threads }

  /// The instruction set in use.
  public var instructionSet: InstructionSet { run.engine.instructionSet }

  /// Encodes token ids, every one of them attended to.
  ///
  /// - Parameters:
  ///   - ids: `[items, tokens]`, each inside the vocabulary; outside is misuse and traps.
  ///   - items: Number of texts.
  ///   - tokens: Length of each, at most the tower's positions; longer is misuse and traps.
  ///   - normalize: Whether embeddings are brought to length 1.
  ///   - embeddings: Receives `[items, embeddingWidth]`.
  /// - Throws: `ModelError.noTextTower`.
  public func encode(
    ids: Block<Int32>, items: Int, tokens: Int, normalize: Bool = true,
    into embeddings: MutableBlock<Float>
  ) throws(ModelError) {
    guard let tower = model.text, let scratch = textScratch else {
      throw .noTextTower(path: model.file.path)
    }
    precondition(tokens >= 1 && tokens <= tower.record.positions, "a text fits the tower")
    precondition(ids.count == items * tokens, "there are items times tokens ids")
    encode(tower, scratch, ids, items, tokens, normalize, embeddings)
  }

  /// The same with a tower and its scratch memory at hand.
  func encode(
    _ tower: TextTower, _ scratch: Scratch, _ ids: Block<Int32>, _ items: Int, _ tokens: Int,
    _ normalize: Bool, _ embeddings: MutableBlock<Float>
  ) {
    let step = scratch.rows / tokens
    inSteps(items, of: step, normalize, embeddings) { start, count, y in
      tower.encode(
        ids[start * tokens..<(start + count) * tokens], items: count, tokens: tokens, scratch,
        run, into: y)
    }
  }

  /// Encodes pictures.
  ///
  /// - Parameters:
  ///   - pixels: `[items, 3, side, side]`, normalised, of the tower's image size.
  ///   - items: Number of pictures.
  ///   - normalize: Whether embeddings are brought to length 1.
  ///   - embeddings: Receives `[items, embeddingWidth]`.
  /// - Throws: `ModelError.noImageTower`.
  public func encode(
    pixels: Block<Float>, items: Int, normalize: Bool = true,
    into embeddings: MutableBlock<Float>
  ) throws(ModelError) {
    guard let tower = model.image, let scratch = imageScratch else {
      throw .noImageTower(path: model.file.path)
    }
    let count = 3 * tower.record.imageSize * tower.record.imageSize
    precondition(pixels.count == items * count, "there are items pictures")
    let step = scratch.rows / tower.record.tokens
    inSteps(items, of: step, normalize, embeddings) { start, items, y in
      tower.encode(
        pixels[start * count..<(start + items) * count], items: items, scratch, run, into: y)
    }
  }

  /// Encodes as many items at a time as the scratch memory holds.
  private func inSteps(
    _ items: Int, of step: Int, _ normalize: Bool, _ embeddings: MutableBlock<Float>,
    _ body: (_ start: Int, _ count: Int, _ y: MutableBlock<Float>) -> Void
  ) {
    let width = model.embeddingWidth
    precondition(embeddings.count >= items * width, "embeddings have room for every item")
    precondition(step > 0, "an item fits the scratch memory")
    var start = 0
    while start < items {
      let count = min(step, items - start)
      let y = embeddings[start * width..<(start + count) * width]
      body(start, count, y)
      run.leaveAll()
      if normalize { run.engine.normalize(y, rows: count, width: width) }
      start += count
    }
  }
}
