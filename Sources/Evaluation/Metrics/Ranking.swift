internal import TensorCore

/// Places of scores in a row; ties go to the lower index, what is not a number comes last.
enum Ranking {
  /// Whether the score at one index stands before that at another.
  static func precedes(_ a: Float, _ i: Int, _ b: Float, _ j: Int) -> Bool {
    if a.isNaN { return b.isNaN && i < j }
    return b.isNaN || a > b || (a == b && i < j)
  }

  /// How many scores stand before that at an index, and how many others equal it.
  static func rank(of index: Int, in scores: Block<Float>) -> (rank: Int, ties: Int) {
    var rank = 0
    var ties = 0
    for other in 0..<scores.count where other != index {
      if precedes(scores[other], other, scores[index], index) { rank += 1 }
      if scores[other] == scores[index] { ties += 1 }
    }
    return (rank, ties)
  }

  /// The indices of the first `count` scores, the best first.
  static func top(_ count: Int, of scores: Block<Float>) -> [Int] {
    var best: [Int] = []
    for index in 0..<scores.count {
      if best.count == count, let last = best.last,
        !precedes(scores[index], index, scores[last], last)
      {
        continue
      }
      var place = best.count
      while place > 0 && precedes(scores[index], index, scores[best[place - 1]], best[place - 1]) {
        place -= 1
      }
      best.insert(index, at: place)
      if best.count > count { best.removeLast() }
    }
    return best
  }

  /// The share of the first `count` that two rows of scores have in common.
  static func overlap(_ count: Int, _ a: Block<Float>, _ b: Block<Float>) -> Double {
    let first = Set(top(count, of: a))
    let both = top(count, of: b).reduce(0) { $0 + (first.contains($1) ? 1 : 0) }
    return Double(both) / Double(min(count, a.count))
  }

  /// The cosine of two rows; 1 for two rows of zeros.
  static func cosine(_ a: Block<Float>, _ b: Block<Float>) -> Double {
    var (product, squareA, squareB) = (0.0, 0.0, 0.0)
    for index in 0..<a.count {
      product += Double(a[index]) * Double(b[index])
      squareA += Double(a[index]) * Double(a[index])
      squareB += Double(b[index]) * Double(b[index])
    }
    let length = (squareA * squareB).squareRoot()
    return length == 0 ? (squareA == squareB ? 1 : 0) : product / length
  }
}
