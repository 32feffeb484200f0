public import CLIPRuntime
internal import ImageInput
internal import Kernels
public import Quantization
internal import TCMFormat
internal import TCMWriter
internal import TensorCore
internal import Tokenization

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
    let texts = reference.textTower == nil ? [] : spread(options.texts, Calibrator.textLimit)
    let pixels = try readPictures()
    let side = reference.imageTower?.imageSize ?? 0
    let pictures = side == 0 ? 0 : pixels.count / (3 * side * side)
    var key = CacheKey("calibration 1")
    key.add(reference.file.manifest.identity)
    key.add(Int(TCMLayout.numericsVersion))
    for text in texts { key.add(text) }
    key.add(pictures)
    key.add(Int(WeightKernels.crc32c(pixels.bytes)))
    key.add(pixels.count)
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
    try walk("texts", try textProbes(session, texts), texts.count, writer, engine)
    try walk("pictures", try imageProbes(session, pixels, pictures), pictures, writer, engine)
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

  private func spread<Item>(_ items: [Item], _ count: Int) -> [Item] {
    if items.count <= count { return items }
    return (0..<count).map { items[$0 * items.count / count] }
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

  private func block(_ count: Int) throws(EvaluationError) -> MutableBlock<Float> {
    do throws(SystemError) { return try MutableBlock(allocating: count) } catch {
      throw .system(error)
    }
  }
}

/// Walking through the towers.
extension Calibrator {
  private func textProbes(
    _ session: Session, _ texts: [String]
  ) throws(EvaluationError) -> [TowerProbe] {
    guard let record = reference.textTower, let tokenizer = reference.tokenizer,
      let capacity = TowerProbe.capacity(session, .text)
    else { return [] }
    var probes: [TowerProbe] = []
    for start in stride(from: 0, to: texts.count, by: capacity) {
      var ids: [Int32] = []
      for text in texts[start..<min(start + capacity, texts.count)] {
        let tokens = tokenizer.encode(text, maximumLength: record.contextLength)
        ids += tokens
        for _ in tokens.count..<record.contextLength { ids.append(tokenizer.vocabulary.padding) }
      }
      let block: Block<Int32>
      do throws(SystemError) { block = try MutableBlock(copying: ids).readOnly } catch {
        throw .system(error)
      }
      do throws(ModelError) { probes.append(try TowerProbe(session, ids: block)) } catch {
        throw .model(error)
      }
    }
    return probes
  }

  private func imageProbes(
    _ session: Session, _ pixels: Block<Float>, _ pictures: Int
  ) throws(EvaluationError) -> [TowerProbe] {
    guard let capacity = TowerProbe.capacity(session, .image), pictures > 0 else { return [] }
    let size = pixels.count / pictures
    var probes: [TowerProbe] = []
    for start in stride(from: 0, to: pictures, by: capacity) {
      let end = min(start + capacity, pictures)
      do throws(ModelError) {
        probes.append(try TowerProbe(session, pixels: pixels[start * size..<end * size]))
      } catch { throw .model(error) }
    }
    return probes
  }

  /// Takes all items through one layer after another.
  private func walk(
    _ stage: String, _ probes: [TowerProbe], _ items: Int, _ writer: CalibrationFile.Writer,
    _ engine: Engine
  ) throws(EvaluationError) {
    guard let first = probes.first else { return }
    let rows = chosenRows(tokens: first.tokens, items: items)
    var hidden: [Block<Float>] = []
    for layer in 0..<first.layerCount {
      events(.progress(stage: "calibration, \(stage)", done: layer, total: first.layerCount))
      var found: [(name: String, statistics: InputStatistics)] = []
      do throws(SystemError) {
        if layer == 0 { for probe in probes { hidden.append(try probe.embed()) } }
        var collectors: [(step: TowerStep, collector: InputCollector)] = []
        for (index, probe) in probes.enumerated() {
          let chosen = (0..<probe.items).flatMap { item in
            rows.map { Int32(item * probe.tokens + $0) }
          }
          hidden[index] = try probe.advance(layer, hidden[index]) {
            (step, input) throws(SystemError) in
            let columns = input.count / (probe.items * probe.tokens)
            if index == 0 {
              collectors.append(
                (step, try InputCollector(columns: columns, rows: items * rows.count, engine)))
            }
            try collectors.first { $0.step == step }?.collector.add(input, rows: chosen)
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

  /// The tokens of an item that are looked at: the first, which becomes the embedding, and others at equal distances.
  private func chosenRows(tokens: Int, items: Int) -> [Int] {
    let count = min(tokens, max(Calibrator.rowLimit / max(items, 1), 16))
    return (0..<count).map { $0 * tokens / count }
  }
}
