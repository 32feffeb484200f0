/// Quantiles with linear interpolation, as numpy's default.
enum Quantile {
  /// The value below which a share of the values lies.
  ///
  /// - Parameters:
  ///   - sorted: In rising order, at least one.
  ///   - share: 0 to 1.
  static func of(_ sorted: [Double], _ share: Double) -> Double {
    let place = share * Double(sorted.count - 1)
    let low = Int(place.rounded(.down))
    let high = min(low + 1, sorted.count - 1)
    return sorted[low] + (sorted[high] - sorted[low]) * (place - Double(low))
  }
}
