/// What a change of one tower does to the cosines with the other's embeddings.
enum CosineChange {
  /// The sum of squared changes over all pairs.
  ///
  /// - Parameters:
  ///   - before: `[items, width]`, of length 1.
  ///   - after: The same items.
  ///   - others: `[items, width]` of the other tower.
  ///   - width: Elements of an embedding.
  static func squared(
    from before: [Float], to after: [Float], against others: [Float], width: Int
  ) -> Double {
    var sum = 0.0
    for item in 0..<before.count / width {
      for other in 0..<others.count / width {
        var change = 0.0
        for column in 0..<width {
          let at = item * width + column
          change += Double(after[at] - before[at]) * Double(others[other * width + column])
        }
        sum += change * change
      }
    }
    return sum
  }
}
