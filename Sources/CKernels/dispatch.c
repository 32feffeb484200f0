// Which kernels this processor runs.
#include "kernels.h"

#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

static const char *const names[CK_ISA_COUNT] = {"scalar", "avx2", "avxvnni", "avx512vnni", "neon", "dotprod", "i8mm"};

const char *ck_isa_name(ck_isa isa) { return names[isa]; }

int ck_isa_available(ck_isa isa) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (isa == CK_ISA_AVX2)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
  if (isa == CK_ISA_AVXVNNI) return ck_isa_available(CK_ISA_AVX2) && __builtin_cpu_supports("avxvnni");
  if (isa == CK_ISA_AVX512VNNI)
    return ck_isa_available(CK_ISA_AVX2) && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vnni");
#elif defined(__aarch64__)
  if (isa == CK_ISA_NEON) return 1;
#if defined(__linux__)
  // As <asm/hwcap.h> numbers them: HWCAP_ASIMDDP and HWCAP2_I8MM.
  if (isa == CK_ISA_DOTPROD) return (int)(getauxval(AT_HWCAP) >> 20 & 1);
  if (isa == CK_ISA_I8MM) return ck_isa_available(CK_ISA_DOTPROD) && getauxval(AT_HWCAP2) >> 13 & 1;
#endif
#endif
  return isa == CK_ISA_SCALAR;
}

ck_isa ck_isa_best(void) {
  for (int isa = CK_ISA_COUNT - 1; isa > 0; isa--)
    if (ck_isa_available((ck_isa)isa)) return (ck_isa)isa;
  return CK_ISA_SCALAR;
}

const ck_kernels *ck_kernels_for(ck_isa isa) {
#if defined(__x86_64__)
  if (isa == CK_ISA_AVX2) return &ck_kernels_avx2;
  if (isa == CK_ISA_AVXVNNI) return &ck_kernels_avxvnni;
  if (isa == CK_ISA_AVX512VNNI) return &ck_kernels_avx512vnni;
#elif defined(__aarch64__)
  if (isa == CK_ISA_NEON) return &ck_kernels_neon;
  if (isa == CK_ISA_DOTPROD) return &ck_kernels_dotprod;
  if (isa == CK_ISA_I8MM) return &ck_kernels_i8mm;
#endif
  (void)isa;
  return &ck_kernels_scalar;
}
