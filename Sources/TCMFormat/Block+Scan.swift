internal import TensorCore

/// Scans in runs a compiler turns into vector instructions; a run that has what is looked for is looked through again.
private let runLength = 4_096

extension Block where Element == UInt8 {
  /// The index of the first byte that is not zero, or `nil`.
  var firstNonZero: Int? {
    var start = 0
    while start < count {
      let end = Swift.min(start + runLength, count)
      var bits: UInt8 = 0
      for index in start..<end { unsafe bits |= pointer[index] }
      if bits != 0 {
        for index in start..<end where self[index] != 0 { return index }
      }
      start = end
    }
    return nil
  }
}

extension Block where Element == Int8 {
  /// The index of the first −128, or `nil`.
  var firstLowest: Int? {
    var start = 0
    while start < count {
      let end = Swift.min(start + runLength, count)
      var least: Int8 = 0
      for index in start..<end { unsafe least = Swift.min(least, pointer[index]) }
      if least == .min {
        for index in start..<end where self[index] == .min { return index }
      }
      start = end
    }
    return nil
  }
}
