internal import TensorCore

extension Vocabulary {
  /// The text of a token.
  ///
  /// - Parameter id: Any number.
  /// - Returns: The token, with `##` if it continues a word; `nil` if there is no such id.
  /// - Complexity: O(length of the token).
  public func token(_ id: Int32) -> String? {
    guard let range = byteRange(of: Int(id)) else { return nil }
    return String(decoding: section[range].array, as: UTF8.self)
  }

  /// The id of a token.
  ///
  /// - Parameter token: The whole token, with `##` if it continues a word. Compared scalar by
  ///   scalar: an equivalent spelling in another normal form is another token.
  /// - Returns: The id, or `nil` if it is not in the vocabulary.
  /// - Complexity: O(length of the token).
  public func id(of token: String) -> Int32? {
    let bytes = [UInt8](token.utf8)
    return find(bytes, in: 0..<bytes.count, isContinuation: false, hash: TokenHash(bytes: bytes))
  }

  /// The id of a token whose hash is known.
  ///
  /// - Parameters:
  ///   - bytes: Any bytes.
  ///   - range: Where in them the token is, for a continuation without its `##`.
  ///   - isContinuation: Whether to look for the token with `##` before it.
  ///   - hash: The hash of the whole token, `##` included.
  /// - Returns: The id, or `nil` if it is not in the vocabulary.
  func find(
    _ bytes: [UInt8], in range: Range<Int>, isContinuation: Bool, hash: TokenHash
  ) -> Int32? {
    let lastSlot = slotCount - 1
    var slot = Int(hash.value) & lastSlot
    for _ in 0..<VocabularyLayout.maximumProbeCount {
      let entry = Self.number(in: section, at: tableStart + 4 * slot)
      if entry == 0 { return nil }
      let id = Int(entry - 1)
      if let token = byteRange(of: id), matches(token, bytes, range, isContinuation) {
        return Int32(truncatingIfNeeded: id)
      }
      slot = (slot + 1) & lastSlot
    }
    return nil
  }

  /// Where in the section the bytes of a token are; `nil` if there is no such id or its offsets are
  /// wrong.
  private func byteRange(of id: Int) -> Range<Int>? {
    if id < 0 || id >= count { return nil }
    let start = Int(Self.number(in: section, at: offsetsStart + 4 * id))
    let end = Int(Self.number(in: section, at: offsetsStart + 4 * id + 4))
    if start > end || end > byteCount { return nil }
    return bytesStart + start..<bytesStart + end
  }

  private func matches(
    _ token: Range<Int>, _ bytes: [UInt8], _ range: Range<Int>, _ isContinuation: Bool
  ) -> Bool {
    let prefix = isContinuation ? 2 : 0
    if token.count != range.count + prefix { return false }
    for index in 0..<prefix where section[token.lowerBound + index] != 0x23 { return false }
    let start = token.lowerBound + prefix
    for index in 0..<range.count where section[start + index] != bytes[range.lowerBound + index] {
      return false
    }
    return true
  }
}
