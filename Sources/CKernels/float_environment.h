// Rounding to nearest and subnormals kept, whatever the host program has set: both change bits.
#ifndef CK_FLOAT_ENVIRONMENT_H
#define CK_FLOAT_ENVIRONMENT_H

#include <stdint.h>

#if defined(__x86_64__)
/// Sets the environment of the promise; returns the old one for `ck_float_environment_leave`.
static inline uint64_t ck_float_environment_enter(void) {
  unsigned saved = __builtin_ia32_stmxcsr();
  __builtin_ia32_ldmxcsr(0x1F80);
  return saved;
}
static inline void ck_float_environment_leave(uint64_t saved) { __builtin_ia32_ldmxcsr((unsigned)saved); }
#elif defined(__aarch64__)
static inline uint64_t ck_float_environment_enter(void) {
  uint64_t saved, plain = 0;
  __asm__ volatile("mrs %0, fpcr" : "=r"(saved));
  __asm__ volatile("msr fpcr, %0" ::"r"(plain));
  return saved;
}
static inline void ck_float_environment_leave(uint64_t saved) { __asm__ volatile("msr fpcr, %0" ::"r"(saved)); }
#else
static inline uint64_t ck_float_environment_enter(void) { return 0; }
static inline void ck_float_environment_leave(uint64_t saved) { (void)saved; }
#endif

#endif
