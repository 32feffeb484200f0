#include "CPeak.h"

enum { ACCUMULATORS = 12 };

#if defined(__x86_64__)
#include <immintrin.h>

// The empty assembly makes the compiler believe that someone reads the accumulators, so that the loop stays.
#define KEEP(c) \
  __asm__ volatile("" : "+v"(c[0]), "+v"(c[1]), "+v"(c[2]), "+v"(c[3]), "+v"(c[4]), "+v"(c[5]), "+v"(c[6]), \
                   "+v"(c[7]), "+v"(c[8]), "+v"(c[9]), "+v"(c[10]), "+v"(c[11]))
#define AVX2 __attribute__((target("avx2,fma")))
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")))

AVX512 static double vpdpbusd(long rounds) {
  __m512i a = _mm512_set1_epi8(1), b = _mm512_set1_epi8(2), c[ACCUMULATORS];
  for (int i = 0; i < ACCUMULATORS; i++) c[i] = _mm512_setzero_si512();
  for (long round = 0; round < rounds; round++) {
    for (int i = 0; i < ACCUMULATORS; i++) c[i] = _mm512_dpbusd_epi32(c[i], a, b);
    KEEP(c);
  }
  return (double)rounds * ACCUMULATORS * 64;
}

AVX512 static double fma512(long rounds) {
  __m512 a = _mm512_set1_ps(0.5f), b = _mm512_set1_ps(0.25f), c[ACCUMULATORS];
  for (int i = 0; i < ACCUMULATORS; i++) c[i] = _mm512_setzero_ps();
  for (long round = 0; round < rounds; round++) {
    for (int i = 0; i < ACCUMULATORS; i++) c[i] = _mm512_fmadd_ps(a, b, c[i]);
    KEEP(c);
  }
  return (double)rounds * ACCUMULATORS * 16;
}

AVX2 static double fma256(long rounds) {
  __m256 a = _mm256_set1_ps(0.5f), b = _mm256_set1_ps(0.25f), c[ACCUMULATORS];
  for (int i = 0; i < ACCUMULATORS; i++) c[i] = _mm256_setzero_ps();
  for (long round = 0; round < rounds; round++) {
    for (int i = 0; i < ACCUMULATORS; i++) c[i] = _mm256_fmadd_ps(a, b, c[i]);
    KEEP(c);
  }
  return (double)rounds * ACCUMULATORS * 8;
}

// A product with accumulation is vpmaddwd and vpaddd: both are run, the multiply-adds are counted.
AVX2 static double vpmaddwd(long rounds) {
  __m256i a = _mm256_set1_epi16(1), c[ACCUMULATORS];
  for (int i = 0; i < ACCUMULATORS; i++) c[i] = _mm256_set1_epi16((short)i);
  __m256i b = a;
  for (long round = 0; round < rounds; round++) {
    for (int i = 0; i < ACCUMULATORS; i++) {
      // Unknown each time, or one product would do for all.
      __asm__ volatile("" : "+v"(b));
      __m256i product = _mm256_madd_epi16(a, b);
      __asm__ volatile("" : "+v"(product));
      c[i] = _mm256_add_epi32(c[i], product);
    }
    KEEP(c);
  }
  return (double)rounds * ACCUMULATORS * 16;
}

int cpeak_available(cpeak_kind kind) {
  int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  return kind == CPEAK_I8_VPDPBUSD ? !!__builtin_cpu_supports("avx512vnni") : avx2;
}

double cpeak_run(cpeak_kind kind, long rounds) {
  switch (kind) {
    case CPEAK_F32_FMA: return __builtin_cpu_supports("avx512vnni") ? fma512(rounds) : fma256(rounds);
    case CPEAK_I8_VPMADDWD: return vpmaddwd(rounds);
    case CPEAK_I8_VPDPBUSD: return vpdpbusd(rounds);
  }
  return 0;
}

#else

int cpeak_available(cpeak_kind kind) { return (void)kind, 0; }
double cpeak_run(cpeak_kind kind, long rounds) { return (void)kind, (void)rounds, 0; }

#endif
