// ARM64 with 8-bit dot products: Cortex-A55, A76, A78AE and their successors (Raspberry Pi 5, RK3588, Orin).
#if defined(__aarch64__)
#include <arm_neon.h>
#include <math.h>
#include <string.h>

#include "../codes_i4.h"
#include "../constants.h"
#include "../kernels.h"

#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)

#include "../vector/functions.inc"

#include "../neon/shared.h"

#define CK_HAS_FINISH_I8
#define finish_i8 ck_neon_finish_i8
#include "../vector/epilogue_i8.inc"

// PackedUnit: an odd number of cache lines, so that rows do not fall on the same places of the first cache.
enum { RowUnit = 1, PartColumns = 2048, Offset = 128, PackedUnit = PartColumns + 64 };

// sdot wants both sides signed.
static void pack_rows(const uint8_t *a, int64_t lda, int rows, int count, uint8_t *packed) {
  for (int i = 0; i < rows; i++) {
    const uint8_t *row = a + i * lda;
    uint8_t *out = packed + i * PackedUnit;
    int k = 0;
    for (; k + 16 <= count; k += 16) vst1q_u8(out + k, veorq_u8(vld1q_u8(row + k), vdupq_n_u8(128)));
    for (; k < count; k++) out[k] = row[k] ^ 128;
  }
}

// A panel step is four registers of four columns, four k each; sdot takes the four activations from a lane. Twenty-four
// accumulators, sixteen bytes of each of six rows and two registers of weights are all there are.
CK_INLINE void multiply_i8(const uint8_t *packed, const int units, const int8_t *w, int steps, i16 *sums) {
  const int8_t *a = (const int8_t *)packed;
  int32x4_t acc[6][4];
  for (int i = 0; i < units; i++) memcpy(acc[i], sums + i, sizeof acc[i]);
  int k = 0;
  for (; k + 4 <= steps; k += 4, a += 16, w += 256) {
    int8x16_t fours[6];
    for (int i = 0; i < units; i++) fours[i] = vld1q_s8(a + i * PackedUnit);
#define STEP(lane)                                                                                       \
  for (int c = 0; c < 4; c++) {                                                                          \
    const int8x16_t columns = vld1q_s8(w + 64 * lane + 16 * c);                                          \
    for (int i = 0; i < units; i++) acc[i][c] = vdotq_laneq_s32(acc[i][c], columns, fours[i], lane);     \
  }
    STEP(0) STEP(1) STEP(2) STEP(3)
#undef STEP
  }
  for (; k < steps; k++, a += 4, w += 64)
    for (int i = 0; i < units; i++) {
      int32_t four;
      memcpy(&four, a + i * PackedUnit, 4);
      for (int c = 0; c < 4; c++)
        acc[i][c] = vdotq_s32(acc[i][c], vld1q_s8(w + 16 * c), vreinterpretq_s8_s32(vdupq_n_s32(four)));
    }
  for (int i = 0; i < units; i++) memcpy(sums + i, acc[i], sizeof acc[i]);
}

#include "../neon/tiles.inc"

CK_INLINE int32x4_t add_sums(int32x4_t total, int8x16_t bytes) { return vdotq_s32(total, bytes, vdupq_n_s8(1)); }

#include "../neon/decode_i4.inc"

#pragma clang attribute pop

const ck_kernels ck_kernels_dotprod = {
    .isa = CK_ISA_DOTPROD, .gemm_i8 = gemm_i8, .weigh_values = weigh_values, .decode_i4 = decode_i4, CK_FROM_NEON};
#endif
