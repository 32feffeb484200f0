internal import TensorCore

extension TensorRecord {
  /// The parts an encoding has for a shape, with their sizes in bytes, in the order they are listed.
  ///
  /// - Parameters:
  ///   - encoding: How the elements are stored.
  ///   - shape: One or two positive dimensions; one dimension only with f32 and f16.
  ///   - hasInputScales: Whether input scales follow; only with int8-row and int4-group.
  /// - Returns: Roles and sizes, or `nil` if the shape does not suit the encoding or overflows.
  public static func expectedParts(
    _ encoding: Encoding, shape: [Int], hasInputScales: Bool
  ) -> [(role: Role, byteCount: Int)]? {
    guard shape.count == 1 || shape.count == 2, let count = elementCount(of: shape), count > 0
    else { return nil }
    if hasInputScales && encoding != .int8Row && encoding != .int4Group { return nil }
    switch encoding {
    case .float32:
      return count.multiplied(by: 4).map { [(.values, $0)] }
    case .float16:
      return count.multiplied(by: 2).map { [(.values, $0)] }
    case .int8Table:
      guard shape.count == 2, let scales = shape[0].multiplied(by: 4) else { return nil }
      return [(.values, count), (.rowScales, scales)]
    case .int8Row:
      guard shape.count == 2, shape[1] <= TCMLayout.int8ColumnLimit,
        let lanes = shape[0].rounded(upTo: 16), let columns = shape[1].rounded(upTo: 4),
        let values = lanes.multiplied(by: columns), let scales = lanes.multiplied(by: 4)
      else { return nil }
      let parts: [(role: Role, byteCount: Int)] = [
        (.values, values), (.rowScales, scales), (.rowSums, scales),
      ]
      return hasInputScales ? parts + [(.inputScales, shape[1] * 4)] : parts
    case .int4Group:
      guard shape.count == 2, shape[1] <= TCMLayout.int8ColumnLimit, shape[1] % 16 == 0,
        let lanes = shape[0].rounded(upTo: 16), let values = lanes.multiplied(by: shape[1] / 2),
        let scales = lanes.multiplied(by: 4)
      else { return nil }
      var parts: [(role: Role, byteCount: Int)] = [(.values, values), (.rowScales, scales)]
      if hasInputScales { parts.append((.inputScales, shape[1] * 4)) }
      return parts + [(.subScales, values / 8)]
    }
  }
}
