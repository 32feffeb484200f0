internal import CKernels
public import TensorCore

/// Memory for queries, keys and values quantized where they are made: signed bytes, a scale a row and head.
public struct QuantizedHeads: Sendable {
  /// Most rows (tokens) it holds.
  public let capacity: Int
  /// Number of heads.
  public let heads: Int
  /// Elements a head.
  public let headSize: Int
  private let bytes: MutableBlock<Int8>
  private let scales: MutableBlock<Float>
  private let sums: MutableBlock<Int32>

  /// Whether heads of this size can be quantized where they are made: a task of the product then makes whole heads.
  public static func supports(headSize: Int) -> Bool { [16, 32, 64].contains(headSize) }

  /// Allocates memory for `capacity` rows.
  ///
  /// - Parameters:
  ///   - capacity: Number of rows.
  ///   - heads: Number of heads.
  ///   - headSize: Elements a head, of a size that is supported; otherwise misuse and traps.
  /// - Throws: `SystemError.outOfMemory`.
  public init(capacity: Int, heads: Int, headSize: Int) throws(SystemError) {
    precondition(Self.supports(headSize: headSize), "heads are whole in a task")
    self.capacity = capacity
    self.heads = heads
    self.headSize = headSize
    bytes = try MutableBlock(allocating: capacity * 3 * heads * headSize)
    scales = try MutableBlock(allocating: capacity * 3 * heads)
    sums = try MutableBlock(allocating: capacity * 3 * heads)
  }

  /// The memory as C sees it, laid out for `rows` rows.
  func withHeads(rows: Int, _ body: (UnsafeMutablePointer<ck_heads>) -> Void) {
    precondition(rows <= capacity, "sizes fit")
    var heads = unsafe ck_heads(
      bytes: bytes.pointer, scales: scales.pointer, sums: sums.pointer, rows: Int64(rows),
      heads: Int32(heads), head_size: Int32(headSize))
    unsafe body(&heads)
  }
}
