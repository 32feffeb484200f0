internal import Kernels
internal import TCMFormat
internal import TensorCore

/// Running in little memory.
extension Session {
  /// The bytes that a session with a limit takes at most, with the pages of the model's file that it touches at a time.
  ///
  /// Decoded pictures come on top: three bytes a pixel.
  ///
  /// - Parameters:
  ///   - model: The model.
  ///   - threads: As in `init`.
  public static func memoryNeeded(_ model: Model, threads: Int) -> Int {
    var scratch = 0
    if let tower = model.text {
      let tokens = tower.record.positions
      scratch += bytes(tower.sizes, rows: tokens, patchElements: 0)
      scratch += threads * bytesOfEngine(tower.sizes, tokens: tokens, columns: 0)
    }
    if let tower = model.image {
      let record = tower.record
      let columns = 3 * record.patchSize * record.patchSize
      scratch += bytes(tower.sizes, rows: record.tokens, patchElements: record.tokens * columns)
      scratch += threads * bytesOfEngine(tower.sizes, tokens: record.tokens, columns: columns)
      // The picture at the tower's size, and what becomes of it.
      scratch += record.imageSize * record.imageSize * 3 * 8
    }
    // Of tables of texts only the rows of a text's tokens are touched; labels are, whole.
    var largest = 0
    for section in model.file.manifest.sections where section.name != "text.embeddings" {
      largest = max(largest, section.byteCount)
    }
    return scratch + largest + (model.labels?.embeddings.count ?? 0) * 4 + fixedBytes
  }

  /// The program itself, its manifest and vocabulary, pages of other parts of the file around those that are used, and
  /// what rounding to huge pages takes.
  private static let fixedBytes = 24 << 20

  private static func bytes(_ sizes: TowerSizes, rows: Int, patchElements: Int) -> Int {
    let floats = rows * 6 * sizes.width + max(rows * sizes.mlpWidth, patchElements)
    // Queries, keys, and values in two planes of bytes, with their scales.
    let heads = sizes.quantizesHeads ? rows * (4 * sizes.width + 16 * sizes.heads) : 0
    return 4 * floats + heads + rows * (sizes.quantizedColumns + 16)
  }

  private static func bytesOfEngine(_ sizes: TowerSizes, tokens: Int, columns: Int) -> Int {
    let widest = max(sizes.width, sizes.mlpWidth, columns)
    return max(
      max(
        Engine.scratchForFloatProducts(columns: widest),
        Engine.scratchForInt4Products(columns: max(sizes.width, sizes.mlpWidth))),
      max(
        Engine.scratchForAttention(
          sizes.arithmetic, tokens: tokens, headSize: sizes.headSize),
        Engine.scratchForProjection(columns: sizes.width)))
  }
}
