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

#include "../vector/rows.inc"
#include "../vector/search_i4.inc"

#define CK_F32_ROWS 6
#define CK_F32_VECTORS 1
#include "../vector/gemm_f32.inc"

#include "../vector/epilogue_i8.inc"

enum { RowUnit = 1, PartColumns = 1024, Offset = 128, PackedRow = 2 * PartColumns, PackedBytes = 6 * PackedRow };

// Signed bytes, each four twice: half a register of weights is two columns of four k.
CK_INLINE void pack_rows(const uint8_t *a, int64_t lda, int rows, const int units, int count, uint8_t *packed) {
  (void)units;
  for (int i = 0; i < rows; i++) {
    const uint8_t *row = a + i * lda;
    uint8_t *out = packed + i * PackedRow;
    int k = 0;
    for (; k + 16 <= count; k += 16) {
      const uint32x4_t fours = vreinterpretq_u32_u8(veorq_u8(vld1q_u8(row + k), vdupq_n_u8(128)));
      vst1q_u8(out + 2 * k, vreinterpretq_u8_u32(vzip1q_u32(fours, fours)));
      vst1q_u8(out + 2 * k + 16, vreinterpretq_u8_u32(vzip2q_u32(fours, fours)));
    }
    for (; k < count; k++) out[2 * k - k % 4] = out[2 * k - k % 4 + 4] = row[k] ^ 128;
  }
}

// A product of bytes fits into 16 bits even at -128 * -128, two of them may not: so each is added up by itself, in pairs
// of k, which on Cortex-A72 takes the pipe that multiplies as long as smlal would. An accumulator holds two partial sums
// each of two columns; twenty-four of them, weights and products are all the registers there are, so a panel is gone
// through twice, eight columns each time.
CK_INLINE void multiply_i8(const uint8_t *packed, const int units, const int8_t *w, int steps, i16 *sums) {
  const int8_t *a = (const int8_t *)packed;
  for (int half = 0; half < 2; half++) {
    int32x4_t acc[6][4];
    for (int i = 0; i < units; i++)
      for (int c = 0; c < 4; c++) acc[i][c] = vdupq_n_s32(0);
    for (int k = 0; k < steps; k++) {
      int8x8_t columns[4];
      for (int c = 0; c < 4; c++) columns[c] = vld1_s8(w + (int64_t)k * 64 + 32 * half + 8 * c);
      for (int i = 0; i < units; i++) {
        const int8x8_t four = vld1_s8(a + i * PackedRow + (int64_t)k * 8);
        for (int c = 0; c < 4; c++) acc[i][c] = vpadalq_s16(acc[i][c], vmull_s8(columns[c], four));
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

const ck_kernels ck_kernels_neon = {
    .isa = CK_ISA_NEON, .f32_block = F32Columns, .gemm_i8 = gemm_i8, .gemm_f32 = gemm_f32, .epilogue = epilogue,
    .layer_norm = layer_norm, .quantize_row = quantize_row, .l2_normalize = l2_normalize, .softmax = softmax,
    .decode_i4 = decode_i4, .search_i4 = search_i4, .search_i4_feedback = search_i4_feedback,
    .feed_back = feed_back, .quantize_symmetric = quantize_symmetric, .quantize_weights = quantize_weights,
    .softmax_u16 = softmax_u16, .weigh_values = weigh_values,
    .activate = activate, .function = function, .contraction = contraction,
};
#endif
