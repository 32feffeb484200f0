internal import Glibc

/// Clopper and Pearson's exact bound of a proportion (Biometrika 26, 1934).
enum ExactProportion {
  /// The one-sided 95 % upper bound of a share that was seen `hits` times in `count`.
  ///
  /// - Parameters:
  ///   - hits: 0 to `count`.
  ///   - count: At least 1.
  /// - Returns: 0 to 1; for 0 hits 1 − 0.05^(1/count), about 3 / count.
  static func upperBound(_ hits: Int, of count: Int) -> Double {
    precondition(count > 0 && (0...count).contains(hits), "hits are some of the samples")
    if hits == count { return 1 }
    // At most `hits` of `count` have probability 5 %: one minus an incomplete beta function.
    return Bounds.root(from: Double(hits) / Double(count), to: 1) { share in
      1 - incompleteBeta(share, Double(hits) + 1, Double(count - hits)) > 0.05
    }
  }

  /// The regularized incomplete beta function I_x(a, b), by its continued fraction.
  ///
  /// Modified Lentz's method (Press and others, Numerical Recipes, 3rd edition, section 6.4).
  static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
    if x <= 0 { return 0 }
    if x >= 1 { return 1 }
    // The fraction converges fast below the mean; above it, the complement does.
    if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(1 - x, b, a) }
    let front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
    let tiny = 1e-300
    var c = 1.0
    var d = 1 - (a + b) * x / (a + 1)
    d = 1 / (abs(d) < tiny ? tiny : d)
    var fraction = d
    for m in 1...10_000 {
      let m = Double(m)
      for step in [
        m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
        -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
      ] {
        d = 1 + step * d
        d = 1 / (abs(d) < tiny ? tiny : d)
        c = 1 + step / c
        if abs(c) < tiny { c = tiny }
        fraction *= d * c
      }
      if abs(d * c - 1) < 1e-16 { break }
    }
    return front * fraction
  }
}
