internal import CKernels
public import TensorCore

/// What the rounding error of a weight asks of the weights after it in a row, so that outputs stay.
///
/// From the second moments H of the matrix's inputs: H = U·D·Uᵀ, U upper with a unit diagonal. Chosen one after another,
/// weight k is brought near w[k] + Σ e[j]·U[j, k] over the errors e of those before it, and its miss counts D[k] (LDLQ:
/// Chee et al., NeurIPS 2023, arXiv 2307.13304; the same rounding as GPTQ, arXiv 2210.17323).
public struct ErrorFeedback: Sendable {
  /// K, a multiple of 16.
  public let columns: Int
  /// D, one number a column.
  public let weights: Block<Float>
  /// `[K/16][K][16]`: U[16·g + j, k] at g, k, j; zeros on and below the diagonal.
  public let coefficients: Block<Float>

  /// The share of the mean second moment added to each, as in GPTQ.
  public static let damping: Float = 0.01
}

extension Engine {
  /// Bytes of scratch memory a thread needs to quantize with feedback.
  public static func scratchForFeedback(columns: Int) -> Int {
    ck_feedback_scratch(Int32(columns))
  }

  /// Factors second moments.
  ///
  /// - Parameters:
  ///   - moments: Upper triangle of H, row by row, K·(K + 1)/2 elements.
  ///   - inputScales: What the inputs are multiplied by first, one a column, or none.
  ///   - columns: K, a multiple of 16.
  /// - Throws: `SystemError.outOfMemory`.
  /// - Complexity: O(K³) time, 8·K² bytes while it runs and 4·K² after.
  public func errorFeedback(
    moments: Block<Float>, inputScales: Block<Float>?, columns: Int
  ) throws(SystemError) -> ErrorFeedback {
    precondition(columns % 16 == 0 && moments.count == columns * (columns + 1) / 2, "sizes fit")
    precondition(inputScales.map { $0.count == columns } ?? true, "one scale an input")
    let workspace = try MutableBlock<Float>(allocating: columns * columns)
    let weights = try MutableBlock<Float>(allocating: columns)
    let coefficients = try MutableBlock<Float>(allocating: columns * columns)
    let status = unsafe ck_factor_moments(
      pointer, moments.pointer, inputScales?.pointer, Int32(columns), ErrorFeedback.damping,
      workspace.pointer, weights.pointer, coefficients.pointer)
    if status != 0 { throw .outOfMemory }
    return ErrorFeedback(
      columns: columns, weights: weights.readOnly, coefficients: coefficients.readOnly)
  }

  /// moments += XᵀX, of which only the upper triangle is of use.
  ///
  /// - Parameters:
  ///   - x: Xᵀ, `[columns, rows]`.
  ///   - rows: At most 4,096 at a time, so that float sums stay exact enough.
  ///   - moments: `[columns, columns]`.
  /// - Throws: `SystemError.outOfMemory`.
  public func addMoments(
    _ x: Block<Float>, rows: Int, to moments: MutableBlock<Float>
  ) throws(SystemError) {
    let columns = rows == 0 ? 0 : x.count / rows
    precondition(rows <= 4_096 && columns * rows == x.count, "sizes fit")
    precondition(moments.count == columns * columns, "sizes fit")
    if rows == 0 { return }
    if unsafe ck_add_moments(pointer, x.pointer, Int32(rows), Int32(columns), moments.pointer) != 0
    {
      throw .outOfMemory
    }
  }
}
