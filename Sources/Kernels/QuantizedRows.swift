public import TensorCore

/// Memory for activations quantized row by row: unsigned bytes, a scale and a zero point a row.
public struct QuantizedRows: Sendable {
  /// Most rows it holds.
  public let capacity: Int
  /// The bytes, rows `stride(of:)` apart.
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
    try self.init(capacity: capacity, bytes: capacity * Self.stride(of: width))
  }

  /// Allocates memory for `capacity` rows, `bytes` bytes in all: fewer rows where they are long.
  package init(capacity: Int, bytes: Int) throws(SystemError) {
    self.capacity = capacity
    self.values = try MutableBlock(allocating: bytes)
    self.scales = try MutableBlock(allocating: capacity)
    self.zeros = try MutableBlock(allocating: capacity)
  }

  /// Bytes from one row of `width` elements to the next: an odd number of cache lines, so that the rows of a tile do not
  /// all fall on the same few places of the first cache, as those of 1024 or 4096 bytes would.
  package static func stride(of width: Int) -> Int { ((width + 63) / 64 | 1) * 64 }
}
