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
      scratch += bytes(tower.sizes, rows: tokens, threads: threads, patchElements: 0)
      scratch += threads * scratchOfThread(tower.sizes, tokens: tokens, columns: 0)
    }
    if let tower = model.image {
      let record = tower.record
      let columns = 3 * record.patchSize * record.patchSize
      scratch += bytes(
        tower.sizes, rows: record.tokens, threads: threads, patchElements: record.tokens * columns)
      scratch += threads * scratchOfThread(tower.sizes, tokens: record.tokens, columns: columns)
      // The picture at the tower's size, and what becomes of it.
      scratch += record.imageSize * record.imageSize * 3 * 8
    }
    return scratch + bytesOfFile(model) + fixedBytes
  }

  /// The bytes of the file that are touched at a time: the largest layer, and all that is in no layer.
  private static func bytesOfFile(_ model: Model) -> Int {
    var largest = 0
    for layer in (model.text?.layers ?? []) + (model.image?.layers ?? []) {
      largest = max(largest, layer.extent.count)
    }
    var rest = 0
    for tensor in model.file.manifest.tensors {
      if tensor.name.utf8.starts(with: "text.layers.".utf8)
        || tensor.name.utf8.starts(with: "image.layers.".utf8)
      {
        continue
      }
      var bytes = 0
      for part in tensor.parts { bytes += part.byteCount }
      // Of the words only the rows of a text's tokens, each with the pages that the system maps around it.
      if tensor.name == "text.embeddings.word", let text = model.textTower {
        bytes = min(bytes, text.positions * 65_536)
      }
      rest += bytes
    }
    return largest + rest
  }

  /// The program itself, its manifest and vocabulary, pages of other parts of the file around those that are used, and
  /// what rounding to huge pages takes.
  private static let fixedBytes = 24 << 20

  private static func bytes(
    _ sizes: TowerSizes, rows: Int, threads: Int, patchElements: Int
  ) -> Int {
    let together = Run.rowsTogether(threads: threads)
    let floats =
      rows * 6 * sizes.width
      + sizes.hiddenElements(rows: rows, together: together, patchElements: patchElements)
    // Queries, keys, and values in two planes of bytes, with their scales.
    let heads = sizes.quantizesHeads ? rows * (4 * sizes.width + 16 * sizes.heads) : 0
    return 4 * floats + heads + sizes.quantizedBytes(rows: rows, together: together) + rows * 16
  }
}
