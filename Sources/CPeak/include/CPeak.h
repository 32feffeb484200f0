// What a machine's multiply-add units can do at most, for the benchmark tool: loops that stay in registers.
#ifndef CPEAK_H
#define CPEAK_H

/// Instructions whose rate is measured.
typedef enum {
  CPEAK_F32_FMA = 0,      ///< f32 fused multiply-add, the widest vectors there are
  CPEAK_I8_VPMADDWD = 1,  ///< AVX2: 16-bit pairs, what 8-bit products without VNNI come down to
  CPEAK_I8_VPDPBUSD = 2,  ///< AVX-512 VNNI: four 8-bit products a lane
} cpeak_kind;

/// 1 if this processor has the instruction.
int cpeak_available(cpeak_kind kind);
/// Runs about `rounds` × 768 lanes' worth of the instruction on this thread; the multiply-adds done.
double cpeak_run(cpeak_kind kind, long rounds);

#endif
