/// One-sided bounds of a drop: each is passed by the true drop with at most 5 % probability.
public struct Bounds: Equatable, Sendable {
  /// The true drop is above this with 95 % confidence.
  public var lower: Double
  /// The true drop is below this with 95 % confidence.
  public var upper: Double

  /// Puts bounds together.
  public init(lower: Double, upper: Double) {
    self.lower = lower
    self.upper = upper
  }
}

extension Bounds {
  /// The 95 % point of the standard normal distribution.
  static let z = 1.6448536269514722

  /// Tango's score bounds of a difference of paired proportions.
  ///
  /// T. Tango, Equivalence test and confidence interval for the difference in proportions for the paired-sample
  /// design, Statistics in Medicine 17 (1998) 891–908. They hold for small samples and without discordant pairs
  /// too: 0 of n give an upper bound of z² / (n + z²), about 2.7 / n.
  ///
  /// - Parameter counts: At least one sample.
  public init(tango counts: PairedCounts) {
    precondition(counts.count > 0, "there is a sample")
    let drop = counts.drop
    lower = Bounds.root(from: -1, to: drop) { Bounds.score(counts, $0) > Bounds.z }
    upper = Bounds.root(from: drop, to: 1) { Bounds.score(counts, $0) > -Bounds.z }
  }

  /// How many standard deviations the observed drop lies above a supposed one; falls as that grows.
  static func score(_ counts: PairedCounts, _ drop: Double) -> Double {
    let n = counts.count
    let (lost, won) = (counts.lost, counts.won)
    // The share of won samples that is most likely if the drop is the supposed one.
    let b = -lost - won + (2 * n - lost + won) * drop
    let c = -won * drop * (1 - drop)
    let root = max(b * b - 8 * n * c, 0).squareRoot()
    // Of the two forms of the root, the one that subtracts nothing alike.
    let share = b > 0 ? -2 * c / (b + root) : (root - b) / (4 * n)
    let variance = n * (2 * share + drop * (1 - drop))
    let difference = lost - won - n * drop
    if variance <= 0 { return difference == 0 ? 0 : difference * .infinity }
    return difference / variance.squareRoot()
  }

  /// Where a condition that holds at the beginning of an interval stops to hold.
  static func root(from low: Double, to high: Double, _ holds: (Double) -> Bool) -> Double {
    var (low, high) = (low, high)
    for _ in 0..<200 {
      let middle = low + (high - low) / 2
      if middle <= low || middle >= high { break }
      if holds(middle) { low = middle } else { high = middle }
    }
    return low + (high - low) / 2
  }
}
