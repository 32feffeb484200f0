internal import CLIPRuntime
internal import TCMFormat
internal import TensorCore
internal import Tokenization

/// Some texts as a text tower is given them, all of one length.
struct TokenIDs {
  /// `[texts, tokens]`, every one attended to.
  let ids: Block<Int32>
  /// Length of each text, padding included.
  let tokens: Int
  /// The tokens of each text without padding.
  let lengths: [Int]

  /// The ids of texts, a few at a time: padded to the model's context length, or where the model masks padding, texts
  /// of one length together.
  ///
  /// - Parameters:
  ///   - texts: Any texts.
  ///   - capacity: Most texts at a time, at least 1.
  ///   - model: One with a text tower; another is misuse and traps.
  /// - Returns: In the order of the texts, or of their lengths.
  static func batches(
    _ texts: [String], of capacity: Int, _ model: Model
  ) throws(SystemError) -> [TokenIDs] {
    guard let record = model.textTower, let tokenizer = model.tokenizer else {
      preconditionFailure("there is a text tower")
    }
    var items = texts.map { tokenizer.encode($0, maximumLength: record.contextLength) }
    if record.masksPadding {
      let order = items.indices.sorted { (items[$0].count, $0) < (items[$1].count, $1) }
      items = order.map { items[$0] }
    }
    var result: [TokenIDs] = []
    var start = 0
    while start < items.count {
      let tokens = record.masksPadding ? items[start].count : record.contextLength
      var end = start
      var ids: [Int32] = []
      while end < min(start + capacity, items.count), items[end].count <= tokens {
        ids += items[end]
        for _ in items[end].count..<tokens { ids.append(tokenizer.vocabulary.padding) }
        end += 1
      }
      result.append(
        TokenIDs(
          ids: try MutableBlock(copying: ids).readOnly, tokens: tokens,
          lengths: items[start..<end].map(\.count)))
      start = end
    }
    return result
  }
}
