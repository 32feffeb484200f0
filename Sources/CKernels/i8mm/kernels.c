// ARM64 with 8-bit matrix products: Cortex-A510, A710, X2, Neoverse V1, N2 and their successors.
#if defined(__aarch64__)
#include <arm_neon.h>
#include <math.h>
#include <string.h>

#include "../codes_i4.h"
#include "../constants.h"
#include "../kernels.h"

#pragma clang attribute push(__attribute__((target("dotprod,i8mm"))), apply_to = function)

#include "../vector/functions.inc"

#include "../neon/shared.h"

#define CK_HAS_FINISH_I8
#define finish_i8 ck_neon_finish_i8
#include "../vector/epilogue_i8.inc"

// PackedUnit: an odd number of cache lines, so that rows do not fall on the same places of the first cache.
enum { RowUnit = 2, PartColumns = 1024, Offset = 0, PackedUnit = 2 * PartColumns + 64 };

// Eight bytes of a row, then eight of the next; what fills up the last eight are zeros.
static void pack_rows(const uint8_t *a, int64_t lda, int rows, int count, uint8_t *packed) {
  for (int i = 0; 2 * i < rows; i++) {
    const int has_second = 2 * i + 1 < rows;
    const uint8_t *first = a + 2 * i * lda, *second = has_second ? first + lda : first;
    const uint64x2_t kept = vdupq_n_u64(has_second ? ~(uint64_t)0 : 0);
    uint8_t *out = packed + i * PackedUnit;
    int k = 0;
    for (; k + 16 <= count; k += 16) {
      const uint64x2_t x = vreinterpretq_u64_u8(vld1q_u8(first + k));
      const uint64x2_t y = vandq_u64(vreinterpretq_u64_u8(vld1q_u8(second + k)), kept);
      vst1q_u8(out + 2 * k, vreinterpretq_u8_u64(vzip1q_u64(x, y)));
      vst1q_u8(out + 2 * k + 16, vreinterpretq_u8_u64(vzip2q_u64(x, y)));
    }
    for (; k < count; k += 8) {
      const size_t some = count - k < 8 ? (size_t)(count - k) : 8;
      memset(out + 2 * k, 0, 16);
      memcpy(out + 2 * k, first + k, some);
      if (has_second) memcpy(out + 2 * k + 8, second + k, some);
    }
  }
}

// usmmla multiplies two rows of activations with two columns, eight k each; two steps of a panel make its order by zips.
// Those are work, too: of a tile of twelve rows by eight columns, four beside twenty-four products. So a panel is gone
// through twice. An accumulator holds two columns of the first row, then of the second.
CK_INLINE void eight_k(const uint8_t *a, const int units, const int8_t *even, const int8_t *odd, int32x4_t acc[6][4]) {
  int8x16_t columns[4];
  for (int c = 0; c < 2; c++) {
    const int32x4_t x = vreinterpretq_s32_s8(vld1q_s8(even + 16 * c)), y = vreinterpretq_s32_s8(vld1q_s8(odd + 16 * c));
    columns[2 * c] = vreinterpretq_s8_s32(vzip1q_s32(x, y));
    columns[2 * c + 1] = vreinterpretq_s8_s32(vzip2q_s32(x, y));
  }
  for (int i = 0; i < units; i++) {
    const uint8x16_t rows = vld1q_u8(a + i * PackedUnit);
    for (int c = 0; c < 4; c++) acc[i][c] = vusmmlaq_s32(acc[i][c], rows, columns[c]);
  }
}

CK_INLINE int32_t *add_to(int32_t *at, int64x2_t columns) {
  vst1q_s32(at, vaddq_s32(vld1q_s32(at), vreinterpretq_s32_s64(columns)));
  return at + 4;
}

CK_INLINE void multiply_i8(const uint8_t *packed, const int units, const int8_t *w, int steps, i16 *sums) {
  for (int half = 0; half < 2; half++) {
    int32x4_t acc[6][4];
    for (int i = 0; i < units; i++)
      for (int c = 0; c < 4; c++) acc[i][c] = vdupq_n_s32(0);
    const int8_t *at = w + 32 * half;
    const uint8_t *a = packed;
    int k = 0;
    for (; k + 2 <= steps; k += 2, a += 16, at += 128) eight_k(a, units, at, at + 64, acc);
    // The last four of eight activations are zeros, so it does not matter what they are multiplied with.
    if (k < steps) eight_k(a, units, at, at, acc);
    for (int i = 0; i < units; i++) {
      int32_t *first = (int32_t *)(sums + 2 * i) + 8 * half, *second = (int32_t *)(sums + 2 * i + 1) + 8 * half;
      for (int c = 0; c < 4; c += 2) {
        const int64x2_t x = vreinterpretq_s64_s32(acc[i][c]), y = vreinterpretq_s64_s32(acc[i][c + 1]);
        first = add_to(first, vzip1q_s64(x, y));
        second = add_to(second, vzip2q_s64(x, y));
      }
    }
  }
}

#include "../neon/tiles.inc"

CK_INLINE int32x4_t add_sums(int32x4_t total, int8x16_t bytes) { return vdotq_s32(total, bytes, vdupq_n_s8(1)); }

#include "../neon/decode_i4.inc"

#pragma clang attribute pop

const ck_kernels ck_kernels_i8mm = {
    .isa = CK_ISA_I8MM, .gemm_i8 = gemm_i8, .weigh_values = weigh_values, .decode_i4 = decode_i4, CK_FROM_NEON};
#endif
