internal import COpenBLAS
public import Kernels

extension FloatProduct {
  /// Products made by OpenBLAS, with the threads it was told.
  ///
  /// - Parameter threads: At least 1.
  /// - Returns: Products for f32 models.
  public static func openBLAS(threads: Int) -> FloatProduct {
    openblas_set_num_threads(Int32(threads))
    return unsafe FloatProduct { m, n, k, x, w, y in
      unsafe cblas_sgemm(
        CblasRowMajor, CblasNoTrans, CblasTrans, Int32(m), Int32(n), Int32(k), 1, x, Int32(k),
        w, Int32(k), 0, y, Int32(n))
    }
  }
}
