public import TensorCore

/// Memory for activations quantized row by row: unsigned bytes, a scale and a zero point a row.
public struct QuantizedRows: Sendable {
  /// Most rows it holds.
  public let capacity: Int
  /// The bytes, each row padded to a multiple of 4.
  package let values: MutableBlock<UInt8>
  /// One a row.
  package let scales: MutableBlock<Float>
  /// One a row.
  package let zeros: MutableBlock<Int32>

  /// Allocates memory for `capacity` rows of up to `width` elements.
  ///
  /// - Parameters:
  ///   - capacity: Number of rows.
  ///   - width: Elements a row, at most.
  /// - Throws: `SystemError.outOfMemory`.
  public init(capacity: Int, width: Int) throws(SystemError) {
    self.capacity = capacity
    self.values = try MutableBlock(allocating: capacity * ((width + 3) / 4 * 4))
    self.scales = try MutableBlock(allocating: capacity)
    self.zeros = try MutableBlock(allocating: capacity)
  }
}
