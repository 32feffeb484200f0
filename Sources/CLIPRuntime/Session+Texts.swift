internal import TCMFormat
public import TensorCore
internal import Tokenization

/// From texts to embeddings.
extension Session {
  /// The ids of a text, truncated to the model's context length, not padded.
  ///
  /// - Parameter text: Any text.
  /// - Returns: Ids with [CLS] and [SEP].
  /// - Throws: `ModelError.noTextTower`.
  public func tokenize(_ text: String) throws(ModelError) -> [Int32] {
    guard let tokenizer = model.tokenizer, let record = model.textTower else {
      throw .noTextTower(path: model.file.path)
    }
    return tokenizer.encode(text, maximumLength: record.contextLength)
  }

  /// Embeddings of texts.
  ///
  /// - Parameters:
  ///   - texts: Any texts; longer ones are truncated to the model's context length.
  ///   - padding: By default as the model was evaluated.
  ///   - normalize: Whether embeddings are brought to length 1.
  /// - Returns: `[texts.count, embeddingWidth]`, in the order of `texts`.
  /// - Throws: `ModelError.noTextTower`, or `.system` when there is no memory.
  public func embed(
    texts: [String], padding: TextPadding = .fixed, normalize: Bool = true
  ) throws(ModelError) -> MutableBlock<Float> {
    guard let tokenizer = model.tokenizer, let tower = model.text, let scratch = textScratch
    else { throw .noTextTower(path: model.file.path) }
    let padding = tower.record.masksPadding ? TextPadding.none : padding
    var ids: [[Int32]] = []
    for text in texts { ids.append(try tokenize(text)) }
    let longest = ids.reduce(0) { max($0, $1.count) }
    let width = model.embeddingWidth
    do throws(SystemError) {
      let embeddings = try MutableBlock<Float>(allocating: texts.count * width)
      // Texts of one length after padding are encoded together.
      var order = Array(0..<texts.count)
      if padding == .none { order.sort { (ids[$0].count, $0) < (ids[$1].count, $1) } }
      var start = 0
      while start < order.count {
        let tokens: Int
        switch padding {
        case .fixed: tokens = tower.record.contextLength
        case .longest: tokens = longest
        case .length(let length):
          precondition(length >= longest, "no text is longer than the padding")
          precondition(length <= tower.record.positions, "there is a position for each token")
          tokens = length
        case .none: tokens = ids[order[start]].count
        }
        var end = start
        var batch: [Int32] = []
        while end < order.count, padding != .none || ids[order[end]].count == tokens {
          let item = ids[order[end]]
          batch += item
          for _ in item.count..<tokens { batch.append(tokenizer.vocabulary.padding) }
          end += 1
        }
        let block = try MutableBlock(copying: batch)
        let part = try MutableBlock<Float>(allocating: (end - start) * width)
        encode(tower, scratch, block.readOnly, end - start, tokens, normalize, part)
        for row in start..<end {
          let from = (row - start) * width
          let to = order[row] * width
          for column in 0..<width { embeddings[to + column] = part[from + column] }
        }
        start = end
      }
      return embeddings
    } catch { throw .system(error) }
  }
}
