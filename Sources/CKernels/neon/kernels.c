// ARM64 as it is everywhere: Cortex-A53, A57, A72 and all others without 8-bit dot products.
#if defined(__aarch64__)
#include <arm_neon.h>
#include <math.h>
#include <string.h>

#include "../codes_i4.h"
#include "../constants.h"
#include "../kernels.h"

#include "../vector/functions.inc"

#include "hooks.inc"
#include "shared.h"

#include "../vector/rows.inc"
#include "../vector/search_i4.inc"

#include "multiply_f32.inc"

#include "../vector/gemm_f32.inc"

#include "../vector/epilogue_i8.inc"

// PackedUnit: an odd number of cache lines, so that rows do not fall on the same places of the first cache.
enum { RowUnit = 1, PartColumns = 512, Offset = 128, PackedUnit = 4 * PartColumns + 64 };

// Signed bytes, each four of them four times, since a register of weights is four columns of four k.
static void pack_rows(const uint8_t *a, int64_t lda, int rows, int count, uint8_t *packed) {
  for (int i = 0; i < rows; i++) {
    const uint8_t *row = a + i * lda;
    uint8_t *out = packed + i * PackedUnit;
    int k = 0;
    for (; k + 16 <= count; k += 16, out += 64) {
      const uint32x4_t fours = vreinterpretq_u32_u8(veorq_u8(vld1q_u8(row + k), vdupq_n_u8(128)));
      vst1q_u32((uint32_t *)out, vdupq_laneq_u32(fours, 0));
      vst1q_u32((uint32_t *)(out + 16), vdupq_laneq_u32(fours, 1));
      vst1q_u32((uint32_t *)(out + 32), vdupq_laneq_u32(fours, 2));
      vst1q_u32((uint32_t *)(out + 48), vdupq_laneq_u32(fours, 3));
    }
    for (; k < count; k += 4, out += 16) {
      uint32_t four;
      memcpy(&four, row + k, sizeof four);
      vst1q_u32((uint32_t *)out, vdupq_n_u32(four ^ 0x80808080));
    }
  }
}

// A product of bytes fits into 16 bits even at -128 * -128; a sum of two may not, so smlal is not used. Nothing is lost on
// Cortex-A72, where one vector pipe multiplies while the other adds products up in pairs. An accumulator holds two partial
// sums each of two columns; twenty-four of them, weights and products are all the registers there are, so a panel is gone
// through twice, eight columns each time.
CK_INLINE void multiply_i8(const uint8_t *packed, const int units, const int8_t *w, int steps, i16 *sums) {
  const int8_t *a = (const int8_t *)packed;
  for (int half = 0; half < 2; half++) {
    int32x4_t acc[6][4];
    for (int i = 0; i < units; i++)
      for (int c = 0; c < 4; c++) acc[i][c] = vdupq_n_s32(0);
    for (int k = 0; k < steps; k++) {
      const int8_t *step = w + (int64_t)k * 64 + 32 * half;
      const int8x16_t columns[2] = {vld1q_s8(step), vld1q_s8(step + 16)};
      for (int i = 0; i < units; i++) {
        const int8x16_t four = vld1q_s8(a + i * PackedUnit + (int64_t)k * 16);
        for (int c = 0; c < 4; c += 2) {
          acc[i][c] = vpadalq_s16(acc[i][c], vmull_s8(vget_low_s8(columns[c / 2]), vget_low_s8(four)));
          acc[i][c + 1] = vpadalq_s16(acc[i][c + 1], vmull_high_s8(columns[c / 2], four));
        }
      }
    }
    for (int i = 0; i < units; i++)
      for (int pair = 0; pair < 2; pair++) {
        int32_t *at = (int32_t *)(sums + i) + 8 * half + 4 * pair;
        vst1q_s32(at, vaddq_s32(vld1q_s32(at), vpaddq_s32(acc[i][2 * pair], acc[i][2 * pair + 1])));
      }
  }
}

#include "tiles.inc"

CK_INLINE int32x4_t add_sums(int32x4_t total, int8x16_t bytes) { return vpadalq_s16(total, vpaddlq_s8(bytes)); }

#include "decode_i4.inc"

CK_SHARED(CK_EXPORT)
CK_EXPORT(finish_i8)

const ck_kernels ck_kernels_neon = {
    .isa = CK_ISA_NEON, .gemm_i8 = gemm_i8, .weigh_values = weigh_values, .decode_i4 = decode_i4, CK_FROM_NEON};
#endif
