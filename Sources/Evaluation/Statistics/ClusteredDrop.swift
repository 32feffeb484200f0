/// A drop over queries that come in groups, as captions come with their pictures.
///
/// Captions of one picture succeed and fail together, so the picture is the unit that is drawn again.
public struct ClusteredDrop: Sendable {
  /// One picture: its queries, and how many more of them the reference got right.
  public struct Unit: Hashable, Sendable {
    /// Hits of the reference minus hits of the candidate.
    public var lost: Int
    /// Number of queries, at least 1.
    public var queries: Int

    /// Puts a unit together.
    public init(lost: Int, queries: Int) {
      self.lost = lost
      self.queries = queries
    }
  }

  /// The units; at least one.
  public let units: [Unit]
  /// Units in which any query differs between the models, even if they cancel out.
  public let discordant: Int

  /// Puts a drop together.
  ///
  /// - Parameters:
  ///   - units: At least one.
  ///   - discordant: Units in which any query differs.
  public init(units: [Unit], discordant: Int) {
    precondition(!units.isEmpty, "there is a unit")
    self.units = units
    self.discordant = discordant
  }

  /// Reference minus candidate over all queries, −1 to 1.
  public var drop: Double {
    let lost = units.reduce(0) { $0 + $1.lost }
    return Double(lost) / Double(units.reduce(0) { $0 + $1.queries })
  }

  /// The 5 % and 95 % points of the drop when units are drawn again with replacement.
  ///
  /// Efron's percentile bootstrap (Efron and Tibshirani 1993, chapter 13). Most units are alike: nothing lost, the
  /// usual number of queries. How many of a resample are not is drawn from its binomial distribution, then which; that is the
  /// same as drawing each.
  ///
  /// - Parameters:
  ///   - resamples: How often all units are drawn again.
  ///   - seed: The same bounds for the same seed.
  /// - Complexity: O(resamples · units that are not alike).
  public func bootstrap(resamples: Int = 10_000, seed: UInt64 = 20_221_118) -> Bounds {
    var counts: [Unit: Int] = [:]
    for unit in units { counts[unit, default: 0] += 1 }
    let usual = counts.max { ($0.value, $0.key.queries) < ($1.value, $1.key.queries) }?.key
    guard let usual else { return Bounds(lower: 0, upper: 0) }
    let others = units.filter { $0 != usual }
    if others.isEmpty { return Bounds(lower: drop, upper: drop) }
    let binomial = BinomialTable(
      trials: units.count, share: Double(others.count) / Double(units.count))
    var random = RandomNumbers(seed: seed)
    var drops: [Double] = []
    drops.reserveCapacity(resamples)
    for _ in 0..<resamples {
      let different = binomial.draw(&random)
      var lost = (units.count - different) * usual.lost
      var queries = (units.count - different) * usual.queries
      for _ in 0..<different {
        let unit = others[random.index(below: others.count)]
        lost += unit.lost
        queries += unit.queries
      }
      drops.append(Double(lost) / Double(queries))
    }
    let sorted = drops.sorted()
    return Bounds(lower: Quantile.of(sorted, 0.05), upper: Quantile.of(sorted, 0.95))
  }

  /// The bootstrap's bounds, at least as far from the drop as the exact bound of the share of discordant units is from that share.
  ///
  /// With few discordant units resamples hardly differ, and without any not at all; the exact bound keeps 0 of n
  /// from looking certain: it gives about 3 / n.
  public var bounds: Bounds {
    let resampled = bootstrap()
    let share = Double(discordant) / Double(units.count)
    let margin = ExactProportion.upperBound(discordant, of: units.count) - share
    return Bounds(
      lower: max(min(resampled.lower, drop - margin), -1),
      upper: min(max(resampled.upper, drop + margin), 1))
  }

  /// Decides by `bounds`.
  ///
  /// The number of further units supposes that the distances of the bounds from the drop shrink with the root of their number.
  ///
  /// - Parameter tolerance: The largest drop that is accepted, a share.
  /// - Returns: The verdict; further samples are units.
  public func verdict(_ bounds: Bounds, tolerance: Double) -> Verdict {
    Verdict(bounds, tolerance: tolerance) {
      Verdict.smallestFactor { factor in
        let root = factor.squareRoot()
        return drop + (bounds.upper - drop) / root <= tolerance
          || drop - (drop - bounds.lower) / root > tolerance
      }.map { Int((($0 - 1) * Double(units.count)).rounded(.up)) }
    }
  }
}

/// The binomial distribution as a table of sums, made with additions, multiplications and divisions alone, so that
/// every machine draws the same.
struct BinomialTable {
  private let first: Int
  private let sums: [Double]

  /// Makes the table; what is less likely than 10^-20 of the likeliest is left out.
  init(trials: Int, share: Double) {
    let mode = min(Int(Double(trials + 1) * share), trials)
    let odds = share / (1 - share)
    var below: [Double] = []
    var weight = 1.0
    var k = mode
    while k > 0 && weight > 1e-20 {
      weight *= Double(k) / (Double(trials - k + 1) * odds)
      below.append(weight)
      k -= 1
    }
    first = k
    var weights = Array(below.reversed()) + [1.0]
    weight = 1
    k = mode
    while k < trials && weight > 1e-20 {
      weight *= Double(trials - k) / Double(k + 1) * odds
      weights.append(weight)
      k += 1
    }
    let total = weights.reduce(0, +)
    var sum = 0.0
    sums = weights.map {
      sum += $0 / total
      return sum
    }
  }

  /// A number of successes.
  func draw(_ random: inout RandomNumbers) -> Int {
    let value = random.unit()
    var (low, high) = (0, sums.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if sums[middle] > value { high = middle } else { low = middle + 1 }
    }
    return first + low
  }
}
