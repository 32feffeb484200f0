/// A float matrix product made elsewhere, for example by OpenBLAS: y[m, n] = x[m, k]·w[n, k]ᵀ.
///
/// Only for float models: the same-bits promise does not cover it.
@safe public struct FloatProduct: Sendable {
  /// m, n, k, x `[m, k]`, w `[n, k]`, y `[m, n]`; all row-major and contiguous.
  public typealias Function =
    @convention(c) (
      Int, Int, Int, UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>
    ) -> Void

  let function: Function

  /// Wraps a function, which must read and write nothing but the three matrices.
  ///
  /// - Parameter function: Overwrites all of y.
  public init(_ function: @escaping Function) {
    unsafe self.function = function
  }
}
