/// Whether a drop is within a tolerance, as far as the samples tell.
public enum Verdict: Equatable, Sendable {
  /// The upper bound of the drop is within the tolerance.
  case held
  /// Neither is certain; about so many more samples of the same kind would decide, or `nil` if none would.
  case undecided(furtherSamples: Int?)
  /// The lower bound of the drop is beyond the tolerance.
  case violated

  /// Decides by bounds.
  ///
  /// - Parameters:
  ///   - bounds: Of the drop.
  ///   - tolerance: The largest drop that is accepted, in the same unit.
  ///   - furtherSamples: Called only if it is undecided.
  public init(_ bounds: Bounds, tolerance: Double, furtherSamples: () -> Int?) {
    if bounds.upper <= tolerance {
      self = .held
    } else if bounds.lower > tolerance {
      self = .violated
    } else {
      self = .undecided(furtherSamples: furtherSamples())
    }
  }

  /// Decides about paired proportions by Tango's bounds.
  ///
  /// The number of further samples is the one with which the bounds would decide if losses and gains went on at the
  /// rates seen so far.
  ///
  /// - Parameters:
  ///   - counts: At least one sample.
  ///   - tolerance: The largest drop that is accepted, a share.
  public init(_ counts: PairedCounts, tolerance: Double) {
    self.init(Bounds(tango: counts), tolerance: tolerance) {
      Verdict.smallestFactor { factor in
        let bounds = Bounds(tango: counts.scaled(by: factor))
        return bounds.upper <= tolerance || bounds.lower > tolerance
      }.map { Int(((($0 - 1) * counts.count)).rounded(.up)) }
    }
  }

  /// The smallest factor from 1 to 10^6 for which a condition holds, if any.
  static func smallestFactor(_ holds: (Double) -> Bool) -> Double? {
    var high = 2.0
    while !holds(high) {
      high *= 2
      if high > 1e6 { return nil }
    }
    var low = high / 2
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if holds(middle) { high = middle } else { low = middle }
    }
    return high
  }

  /// 0 held, 1 undecided, 2 violated.
  private var severity: Int {
    switch self {
    case .held: 0
    case .undecided: 1
    case .violated: 2
    }
  }

  /// The worse of two: violated before undecided before held; of two undecided the one that needs more.
  public func worse(_ other: Verdict) -> Verdict {
    if case .undecided(let mine) = self, case .undecided(let its) = other {
      guard let mine, let its else { return .undecided(furtherSamples: nil) }
      return .undecided(furtherSamples: max(mine, its))
    }
    return severity >= other.severity ? self : other
  }

  /// `held`, `undecided` or `violated`.
  public var name: String {
    switch self {
    case .held: "held"
    case .undecided: "undecided"
    case .violated: "violated"
    }
  }
}
