/// Arithmetic on numbers that came out of a file: `nil` where the plain operator would trap.
extension Int {
  /// `self + other`, or `nil` if it does not fit.
  package func adding(_ other: Int) -> Int? {
    let (value, overflow) = addingReportingOverflow(other)
    return overflow ? nil : value
  }

  /// `self * other`, or `nil` if it does not fit.
  package func multiplied(by other: Int) -> Int? {
    let (value, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? nil : value
  }

  /// `self` rounded up to a multiple of `alignment` (positive), or `nil` if it does not fit.
  package func rounded(upTo alignment: Int) -> Int? {
    guard let sum = adding(alignment - 1) else { return nil }
    return sum / alignment * alignment
  }
}

/// The product of a shape's dimensions (1 for a scalar), or `nil` if one is negative or it overflows.
///
/// - Parameter shape: The dimensions.
package func elementCount(of shape: [Int]) -> Int? {
  var count = 1
  var isZero = false
  for dimension in shape {
    if dimension < 0 { return nil }
    if dimension == 0 {
      isZero = true
      continue
    }
    guard let next = count.multiplied(by: dimension) else { return nil }
    count = next
  }
  return isZero ? 0 : count
}
