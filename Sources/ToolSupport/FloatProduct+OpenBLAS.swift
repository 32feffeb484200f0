internal import COpenBLAS
public import Kernels

extension FloatProduct {
  /// Products made by OpenBLAS with the threads it is told, or `nil`, which stands for the own kernel: where OpenBLAS does not
  /// know the processor and would be slower, and, with a note on standard error, where it is not installed or a limit of
  /// memory leaves no room for its 128 MiB a thread.
  ///
  /// - Parameter threads: At least 1.
  /// - Returns: Products for f32 models.
  public static func openBLAS(threads: Int) -> FloatProduct? {
    switch cob_open(Int32(threads)) {
    case COB_READY:
      return unsafe FloatProduct { m, n, k, x, w, y in
        unsafe cob_product(Int32(m), Int32(n), Int32(k), x, w, y)
      }
    case COB_NO_MEMORY:
      Tool.note(
        "OpenBLAS has no room for \(threads) threads under this limit of memory; the own kernel multiplies"
      )
    case COB_OUTDATED: break
    default:
      Tool.note("OpenBLAS is not installed (libopenblas.so.0); the own kernel multiplies")
    }
    return nil
  }
}
