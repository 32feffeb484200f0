/// OpenBLAS, loaded when it is first needed.
///
/// Linked, it would start its threads and give each 128 MiB of address space before `main`, also in a process that
/// never multiplies a float, and under a limit of memory (RLIMIT_DATA, RLIMIT_AS) it tries that for ever.
#ifndef COPENBLAS_H
#define COPENBLAS_H

#ifdef __cplusplus
extern "C" {
#endif

/// Why OpenBLAS cannot be used.
typedef enum {
  COB_READY = 0,
  /// There is no libopenblas.so.0, or not one with cblas_sgemm.
  COB_MISSING = 1,
  /// Its buffers do not fit the process's limit of memory.
  COB_NO_MEMORY = 2,
  /// It does not know this processor and would run on a fraction of it.
  COB_OUTDATED = 3,
} cob_status;

/// Loads the library, once; later calls only set the threads. Call it before other threads are started.
cob_status cob_open(int threads);

/// y[m, n] = x[m, k] · w[n, k]ᵀ, all row-major. Needs `cob_open` to have returned `COB_READY`.
void cob_product(int m, int n, int k, const float *x, const float *w, float *y);

#ifdef __cplusplus
}
#endif

#endif
