internal import Kernels
public import TensorCore

/// Comparing embeddings.
extension Session {
  /// The dot products of rows: cosines, for embeddings of length 1.
  ///
  /// Made by the own kernel in a fixed order, whatever makes the model's products.
  ///
  /// - Parameters:
  ///   - rows: `[m, width]`.
  ///   - others: `[n, width]`.
  ///   - width: Elements of a row, at least 1.
  /// - Returns: `[m, n]`.
  /// - Throws: `ModelError.system` when there is no memory.
  public func scores(
    of rows: Block<Float>, against others: Block<Float>, width: Int
  ) throws(ModelError) -> MutableBlock<Float> {
    precondition(width > 0 && rows.count % width == 0 && others.count % width == 0, "rows fit")
    let m = rows.count / width
    let n = others.count / width
    do throws(SystemError) {
      let result = try MutableBlock<Float>(allocating: m * n)
      if n == 0 { return result }
      try run.engine.reserve(Engine.scratchForFloatProducts(columns: width))
      let matrix = Matrix(rows: n, columns: width, storage: .float32(others))
      run.engine.linear(rows, matrix, bias: nil, rows: m, quantized: nil, into: result)
      return result
    } catch { throw .system(error) }
  }
}
