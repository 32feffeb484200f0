/// A part of a data set in which each class has its share.
enum StratifiedSample {
  /// Draws items.
  ///
  /// Each stratum gives its share of the sample, rounded by largest remainder, the first ones first among equals;
  /// inside a stratum every item is as likely as another.
  ///
  /// - Parameters:
  ///   - size: Items wanted; if there are not more, all are taken.
  ///   - strata: The stratum of each item, not negative.
  ///   - seed: The same items for the same seed.
  /// - Returns: Indices of items, rising.
  static func draw(_ size: Int, strata: [Int32], seed: UInt64) -> [Int] {
    if size >= strata.count { return Array(strata.indices) }
    var members = [[Int]](repeating: [], count: Int(strata.max() ?? 0) + 1)
    for (index, stratum) in strata.enumerated() { members[Int(stratum)].append(index) }
    var quotas = members.map { $0.count * size / strata.count }
    let remainders = members.map { $0.count * size % strata.count }
    let order = members.indices.sorted { (-remainders[$0], $0) < (-remainders[$1], $1) }
    for stratum in order.prefix(size - quotas.reduce(0, +)) { quotas[stratum] += 1 }
    var random = RandomNumbers(seed: seed)
    var chosen: [Int] = []
    for (stratum, quota) in quotas.enumerated() {
      // The first steps of Fisher and Yates' shuffle.
      for place in 0..<quota {
        let other = place + random.index(below: members[stratum].count - place)
        members[stratum].swapAt(place, other)
      }
      chosen += members[stratum].prefix(quota)
    }
    return chosen.sorted()
  }
}
