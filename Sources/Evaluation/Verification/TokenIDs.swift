internal import CLIPRuntime
internal import TCMFormat
internal import TensorCore
internal import Tokenization

/// Texts as a text tower is given them.
enum TokenIDs {
  /// The ids of texts, each padded to the model's context length.
  ///
  /// - Parameters:
  ///   - texts: Any texts.
  ///   - model: One with a text tower; another is misuse and traps.
  /// - Returns: `[texts, contextLength]`, and the tokens of each text without padding.
  static func padded(
    _ texts: [String], _ model: Model
  ) throws(SystemError) -> (ids: Block<Int32>, lengths: [Int]) {
    guard let record = model.textTower, let tokenizer = model.tokenizer else {
      preconditionFailure("there is a text tower")
    }
    var ids: [Int32] = []
    var lengths: [Int] = []
    for text in texts {
      let tokens = tokenizer.encode(text, maximumLength: record.contextLength)
      ids += tokens
      lengths.append(tokens.count)
      for _ in tokens.count..<record.contextLength { ids.append(tokenizer.vocabulary.padding) }
    }
    return (try MutableBlock(copying: ids).readOnly, lengths)
  }
}
