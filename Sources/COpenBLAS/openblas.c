#include "COpenBLAS.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/mman.h>

// As cblas.h has them; the header is not needed to build.
typedef void sgemm_function(int order, int transpose_a, int transpose_b, int m, int n, int k, float alpha,
                            const float *a, int lda, const float *b, int ldb, float beta, float *c, int ldc);
typedef void set_threads_function(int threads);
typedef char *core_name_function(void);

enum { ROW_MAJOR = 101, NO_TRANSPOSE = 111, TRANSPOSE = 112 };

/// What OpenBLAS 0.3 maps for each thread on 64-bit machines (BUFFER_SIZE, common_x86_64.h and common_arm64.h).
static const size_t buffer_bytes = (size_t)128 << 20;

static sgemm_function *sgemm;
static set_threads_function *set_threads;

/// Whether the process may map that much more writable memory. Nothing is touched.
static int may_map(size_t bytes) {
  void *base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED) return 0;
  munmap(base, bytes);
  return 1;
}

/// Whether the kernels that OpenBLAS chose are those of a processor much older than this one: it takes what it does not
/// know for one that it knows, in 0.3.21 an Emerald Rapids for a Prescott and a Zen 5 for a Haswell.
static int is_outdated(const char *core) {
#if defined(__x86_64__)
  static const char *const with_avx512[] = {"SkylakeX", "Cooperlake", "SapphireRapids"}, *const with_avx2[] = {"Haswell", "Zen"};
  __builtin_cpu_init();
  const int avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vnni");
  const int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (!avx2) return 0;
  for (size_t i = 0; i < sizeof with_avx512 / sizeof *with_avx512; i++)
    if (strcasecmp(core, with_avx512[i]) == 0) return 0;
  for (size_t i = 0; i < sizeof with_avx2 / sizeof *with_avx2; i++)
    if (!avx512 && strcasecmp(core, with_avx2[i]) == 0) return 0;
  return 1;
#else
  (void)core;
  return 0;
#endif
}

cob_status cob_open(int threads) {
  if (sgemm) {
    set_threads(threads);
    return COB_READY;
  }
  // The buffers of `threads` threads, and room for their stacks and the library itself.
  if (!may_map((size_t)(threads + 1) * buffer_bytes)) return COB_NO_MEMORY;
  char number[16];
  snprintf(number, sizeof number, "%d", threads);
  // Read when the library is loaded, which starts no more threads than that.
  setenv("OPENBLAS_NUM_THREADS", number, 1);
  void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
  if (!library) return COB_MISSING;
  set_threads = (set_threads_function *)dlsym(library, "openblas_set_num_threads");
  sgemm_function *found = (sgemm_function *)dlsym(library, "cblas_sgemm");
  core_name_function *core_name = (core_name_function *)dlsym(library, "openblas_get_corename");
  if (!found || !set_threads) return COB_MISSING;
  if (core_name && is_outdated(core_name())) {
    // Its threads would go on asking for the processor.
    set_threads(1);
    return COB_OUTDATED;
  }
  set_threads(threads);
  sgemm = found;
  return COB_READY;
}

void cob_product(int m, int n, int k, const float *x, const float *w, float *y) {
  sgemm(ROW_MAJOR, NO_TRANSPOSE, TRANSPOSE, m, n, k, 1, x, k, w, k, 0, y, n);
}
