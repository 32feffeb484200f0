public import Checkpoints
internal import TensorCore

/// What has to be read from tensors themselves.
public struct WeightEvidence: Sendable {
  /// Whether every value of these F32 tensors is exactly representable as F16.
  package let isExactlyHalf: @Sendable (_ indices: [Int]) throws(CheckpointError) -> Bool
  /// The first element of a float tensor.
  package let scalar: @Sendable (_ index: Int) throws(CheckpointError) -> Double

  /// The given answers.
  ///
  /// - Parameters:
  ///   - isExactlyHalf: Whether all values of these F32 tensors, by their places, are exact F16.
  ///   - scalar: The first element of the float tensor at a place.
  public init(
    isExactlyHalf: @escaping @Sendable ([Int]) throws(CheckpointError) -> Bool,
    scalar: @escaping @Sendable (Int) throws(CheckpointError) -> Double
  ) {
    self.isExactlyHalf = isExactlyHalf
    self.scalar = scalar
  }

  /// Reads from a checkpoint, at most 1 MiB at a time, and stops at the first value that decides.
  ///
  /// - Parameter checkpoint: Stays open as long as this value.
  public init(reading checkpoint: any Checkpoint) {
    self.init(
      isExactlyHalf: { (indices) throws(CheckpointError) in
        for index in indices where try !holdsOnlyHalves(checkpoint, tensor: index) { return false }
        return true
      },
      scalar: { (index) throws(CheckpointError) in
        let type = checkpoint.tensors[index].elementType
        let buffer = try allocate(type.byteCount, checkpoint.path)
        try checkpoint.read(tensor: index, bytes: 0..<type.byteCount, into: buffer)
        return float(buffer.array, type)
      })
  }
}

private func allocate(_ count: Int, _ path: String) throws(CheckpointError) -> MutableBlock<UInt8> {
  do { return try MutableBlock<UInt8>(allocating: count) } catch {
    throw .file(.cannotRead(path: path, error))
  }
}

private func holdsOnlyHalves(
  _ checkpoint: any Checkpoint, tensor index: Int
) throws(CheckpointError) -> Bool {
  let byteCount = checkpoint.tensors[index].byteCount
  let buffer = try allocate(min(byteCount, 1 << 20), checkpoint.path)
  var start = 0
  while start < byteCount {
    let count = min(byteCount - start, buffer.count)
    let part = buffer[0..<count]
    try checkpoint.read(tensor: index, bytes: start..<start + count, into: part)
    for place in stride(from: 0, to: count, by: 4) {
      let low = UInt32(part[place]) | UInt32(part[place + 1]) << 8
      let high = UInt32(part[place + 2]) << 16 | UInt32(part[place + 3]) << 24
      if !isHalf(low | high) { return false }
    }
    start += count
  }
  return true
}

/// Whether the binary32 with these bits is exactly representable as binary16.
package func isHalf(_ bits: UInt32) -> Bool {
  let exponent = Int(bits >> 23 & 0xFF) - 127
  let fraction = bits & 0x7F_FFFF
  switch exponent {
  case -127: return fraction == 0
  case -24 ... -15: return fraction & ((1 << UInt32(-1 - exponent)) - 1) == 0
  case -14...15: return fraction & 0x1FFF == 0
  default: return false
  }
}

/// A float of any type from its little-endian bytes.
private func float(_ bytes: [UInt8], _ type: ElementType) -> Double {
  var bits: UInt64 = 0
  for byte in bytes.reversed() { bits = bits << 8 | UInt64(byte) }
  switch type {
  case .float64: return Double(bitPattern: bits)
  case .float32: return Double(Float(bitPattern: UInt32(bits)))
  case .bfloat16: return Double(Float(bitPattern: UInt32(bits) << 16))
  case .float16: return Double(Float16(bitPattern: UInt16(bits)))
  default: return .nan
  }
}
