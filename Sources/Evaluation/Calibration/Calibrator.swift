public import CLIPRuntime
internal import ImageInput
internal import Kernels
public import Quantization
internal import TCMFormat
internal import TCMWriter
internal import TensorCore

/// Runs a float model on texts and pictures and notes what its matrices are given.
///
/// Layer by layer over all items, with the own kernels: the same bits on every machine. Needs the hidden states of all
/// items (1 MB a picture of ViT-L/14) and the moments of one layer (80 MB there) at a time.
public struct Calibrator {
  /// Most texts; of more, so many at equal distances are taken.
  public static let textLimit = 512
  /// Most pictures; of more, so many at equal distances are taken.
  public static let pictureLimit = 128
  /// Rows of hidden states that moments are summed over, about, if there are so many.
  static let rowLimit = 16_384

  private let reference: Model
  private let options: VerificationOptions
  private let cache: EvaluationCache
  private let events: (VerificationEvent) -> Void

  /// Prepares a calibration.
  ///
  /// - Parameters:
  ///   - reference: From `FloatReference`.
  ///   - options: Its texts and pictures, threads and limits are used.
  ///   - cache: Keeps what is found.
  ///   - events: Called as it goes.
  public init(
    reference: Model, options: VerificationOptions, cache: EvaluationCache,
    events: @escaping (VerificationEvent) -> Void
  ) {
    self.reference = reference
    self.options = options
    self.cache = cache
    self.events = events
  }

  /// Runs, unless the cache has it.
  ///
  /// - Returns: What was found; matrices of a tower without texts or pictures are missing.
  /// - Throws: `EvaluationError`.
  public func run() throws(EvaluationError) -> Calibration {
    let isBuiltIn = options.texts.isEmpty && options.pictures == nil
    let items = isBuiltIn ? BuiltInItems.texts : options.texts
    let texts = reference.textTower == nil ? [] : spread(items, Calibrator.textLimit)
    let pixels = try isBuiltIn ? builtInPictures() : readPictures()
    let side = reference.imageTower?.imageSize ?? 0
    let pictures = side == 0 ? 0 : pixels.count / (3 * side * side)
    var key = CacheKey("calibration 2")
    key.add(reference.file.manifest.identity)
    key.add(Int(TCMLayout.numericsVersion))
    for text in texts { key.add(text) }
    for picture in 0..<pictures {
      let size = pixels.count / pictures
      key.add(pixels[picture * size..<(picture + 1) * size].bytes.array)
    }
    let bytes = key.finish()
    let path = cache.path("calibration", bytes, "bin")
    if let found = CalibrationFile.read(path: path, key: bytes) { return found }
    try cache.require(byteCount)
    let session: Session
    do throws(ModelError) {
      session = try Session(
        model: reference, threads: options.threads, instructionSet: options.instructionSet)
    } catch { throw .model(error) }
    let engine: Engine
    do throws(SystemError) {
      engine = try Engine(instructionSet: options.instructionSet, threads: options.threads)
    } catch { throw .system(error) }
    let writer: CalibrationFile.Writer
    do throws(WriteError) {
      writer = try CalibrationFile.Writer(path: path, key: bytes, limit: matrixCount)
    } catch { throw .write(error) }
    try walk("texts", try textProbes(session, texts), writer, engine)
    try walk("pictures", try imageProbes(session, pixels, pictures), writer, engine)
    do throws(WriteError) { try writer.finish(pictures: pictures, texts: texts.count) } catch {
      throw .write(error)
    }
    guard let made = CalibrationFile.read(path: path, key: bytes) else {
      throw .cache(path: path, SystemError(code: 5))
    }
    return made
  }

  private var layerCount: Int {
    (reference.textTower?.layers ?? 0) + (reference.imageTower?.layers ?? 0)
  }

  private var matrixCount: Int { 4 * layerCount }

  /// The size of the file, about.
  private var byteCount: Int {
    func layer(_ width: Int, _ mlpWidth: Int) -> Int {
      [width, width, width, mlpWidth].reduce(0) {
        $0 + 4 * ($1 * ($1 + 3) / 2 + InputCollector.sampleLimit * $1)
      }
    }
    let text = reference.textTower.map { $0.layers * layer($0.width, $0.mlpWidth) } ?? 0
    let image = reference.imageTower.map { $0.layers * layer($0.width, $0.mlpWidth) } ?? 0
    return text + image + (1 << 20)
  }

  private func readPictures() throws(EvaluationError) -> Block<Float> {
    let empty = try block(0).readOnly
    guard let tower = reference.imageTower, let source = options.pictures else { return empty }
    let reader = PictureReader(tower, options.limits)
    let size = 3 * tower.imageSize * tower.imageSize
    let chosen = spread(Array(0..<source.count), Calibrator.pictureLimit)
    let pixels = try block(chosen.count * size)
    var filled = 0
    var reason: String?
    for index in chosen {
      if let problem = reader.read(source, index, into: pixels[filled * size..<(filled + 1) * size])
      {
        reason = reason ?? problem
        events(.note("left out: \(problem)"))
        continue
      }
      filled += 1
    }
    if filled == 0 {
      throw .nothingReadable(
        dataset: "--calibrate", pictures: chosen.count, first: reason ?? "there is none")
    }
    return pixels[0..<filled * size].readOnly
  }

  private func builtInPictures() throws(EvaluationError) -> Block<Float> {
    guard let tower = reference.imageTower else { return try block(0).readOnly }
    let size = 3 * tower.imageSize * tower.imageSize
    let pixels = try block(BuiltInItems.pictureCount * size)
    for index in 0..<BuiltInItems.pictureCount {
      BuiltInItems.fill(pixels[index * size..<(index + 1) * size], index, for: tower)
    }
    return pixels.readOnly
  }

  private func block(_ count: Int) throws(EvaluationError) -> MutableBlock<Float> {
    do throws(SystemError) { return try MutableBlock(allocating: count) } catch {
      throw .system(error)
    }
  }
}

/// Walking through the towers.
extension Calibrator {
  /// Some items and the rows of their hidden states that are looked at.
  private struct Batch {
    let probe: TowerProbe
    let rows: [Int32]
  }

  private func textProbes(
    _ session: Session, _ texts: [String]
  ) throws(EvaluationError) -> [Batch] {
    guard let capacity = TowerProbe.capacity(session, .text) else { return [] }
    let inputs: [TokenIDs]
    do throws(SystemError) {
      inputs = try TokenIDs.batches(texts, of: capacity, reference)
    } catch { throw .system(error) }
    var batches: [Batch] = []
    for input in inputs {
      let tokens = input.tokens
      let rows = input.lengths.enumerated().flatMap { item, length in
        chosenRows(of: length, padded: tokens, items: texts.count).map { Int32(item * tokens + $0) }
      }
      do throws(ModelError) {
        let probe = try TowerProbe(session, ids: input.ids, tokens: tokens)
        batches.append(Batch(probe: probe, rows: rows))
      } catch { throw .model(error) }
    }
    return batches
  }

  private func imageProbes(
    _ session: Session, _ pixels: Block<Float>, _ pictures: Int
  ) throws(EvaluationError) -> [Batch] {
    guard let capacity = TowerProbe.capacity(session, .image), pictures > 0,
      let tokens = reference.imageTower?.tokens
    else { return [] }
    let size = pixels.count / pictures
    let chosen = chosenRows(of: tokens, padded: tokens, items: pictures)
    var batches: [Batch] = []
    for start in stride(from: 0, to: pictures, by: capacity) {
      let end = min(start + capacity, pictures)
      let rows = (0..<end - start).flatMap { item in chosen.map { Int32(item * tokens + $0) } }
      do throws(ModelError) {
        let probe = try TowerProbe(session, pixels: pixels[start * size..<end * size])
        batches.append(Batch(probe: probe, rows: rows))
      } catch { throw .model(error) }
    }
    return batches
  }

  /// The tokens of an item that are looked at: the first, which becomes the embedding, others at equal distances, and
  /// of padding, which attention reads too, a quarter as many.
  private func chosenRows(of tokens: Int, padded: Int, items: Int) -> [Int] {
    let count = min(tokens, max(Calibrator.rowLimit / max(items, 1), 16), 2_048)
    let padding = min(padded - tokens, count / 4)
    return (0..<count).map { $0 * tokens / count }
      + (0..<padding).map { tokens + $0 * (padded - tokens) / padding }
  }

  /// Takes all items through one layer after another.
  private func walk(
    _ stage: String, _ batches: [Batch], _ writer: CalibrationFile.Writer, _ engine: Engine
  ) throws(EvaluationError) {
    guard let first = batches.first?.probe else { return }
    let rowCount = batches.reduce(0) { $0 + $1.rows.count }
    var hidden: [Block<Float>] = []
    for layer in 0..<first.layerCount {
      events(.progress(stage: "calibration, \(stage)", done: layer, total: first.layerCount))
      var found: [(name: String, statistics: InputStatistics)] = []
      do throws(SystemError) {
        if layer == 0 { for batch in batches { hidden.append(try batch.probe.embed()) } }
        var collectors: [(step: TowerStep, collector: InputCollector)] = []
        for (index, batch) in batches.enumerated() {
          let tokens = batch.probe.items * batch.probe.tokens
          hidden[index] = try batch.probe.advance(layer, hidden[index]) {
            (step, input) throws(SystemError) in
            if index == 0 {
              collectors.append(
                (step, try InputCollector(columns: input.count / tokens, rows: rowCount, engine)))
            }
            try collectors.first { $0.step == step }?.collector.add(input, rows: batch.rows)
          }
        }
        for (step, collector) in collectors {
          found.append((step.tensor(of: first.kind), try collector.finish()))
        }
      } catch { throw .system(error) }
      do throws(WriteError) {
        for (name, statistics) in found { try writer.add(name, statistics) }
      } catch { throw .write(error) }
    }
    events(
      .progress(stage: "calibration, \(stage)", done: first.layerCount, total: first.layerCount))
  }
}
