/// What two models did on the same samples: how often both, one, or none was right.
///
/// Counts are real numbers, so that a sample can be thought larger than it was.
public struct PairedCounts: Equatable, Sendable {
  /// The number of samples.
  public var count: Double
  /// Samples both got right.
  public var bothRight: Double
  /// Samples only the reference got right: what was lost.
  public var lost: Double
  /// Samples only the candidate got right: what was won.
  public var won: Double

  /// Puts counts together.
  public init(count: Double, bothRight: Double, lost: Double, won: Double) {
    self.count = count
    self.bothRight = bothRight
    self.lost = lost
    self.won = won
  }

  /// Counts pairs of outcomes.
  ///
  /// - Parameters:
  ///   - reference: Whether the reference was right, one a sample.
  ///   - candidate: The same of the candidate.
  public init(reference: [Bool], candidate: [Bool]) {
    precondition(reference.count == candidate.count, "outcomes come in pairs")
    self.init(count: Double(reference.count), bothRight: 0, lost: 0, won: 0)
    for (was, remains) in zip(reference, candidate) {
      switch (was, remains) {
      case (true, true): bothRight += 1
      case (true, false): lost += 1
      case (false, true): won += 1
      case (false, false): break
      }
    }
  }

  /// The reference's share of right samples, 0 to 1.
  public var reference: Double { count == 0 ? 0 : (bothRight + lost) / count }

  /// The candidate's share of right samples, 0 to 1.
  public var candidate: Double { count == 0 ? 0 : (bothRight + won) / count }

  /// Reference minus candidate, −1 to 1.
  public var drop: Double { count == 0 ? 0 : (lost - won) / count }

  /// The same shares in a sample `factor` times as large.
  func scaled(by factor: Double) -> PairedCounts {
    PairedCounts(
      count: count * factor, bothRight: bothRight * factor, lost: lost * factor,
      won: won * factor)
  }
}
