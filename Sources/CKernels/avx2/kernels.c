// x86-64 with AVX2, FMA and F16C, without VNNI.
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#include "../constants.h"
#include "../kernels.h"

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

#include "../vector/functions.inc"
#include "../vector/rows.inc"

#define CK_F32_ROWS 6
#define CK_F32_VECTORS 1
#include "../vector/gemm_f32.inc"

#include "../vector/epilogue_i8.inc"

enum { TileRows = 3 };

// vpmaddubsw would saturate, so both sides are widened to 16 bits: vpmaddwd then adds pairs of k exactly. Each 16 bytes
// of a panel step are four columns of four k; an accumulator holds two partial sums a column.
CK_INLINE void tile_i8(const ck_linear_i8 *l, int row, const int rows, int panel) {
  __m256i acc[TileRows][4];
  const int steps = l->k / CKPanelStep;
  const uint8_t *a = l->a + row * l->lda;
  const int8_t *w = l->w + (int64_t)panel * steps * 64;
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < 4; j++) acc[i][j] = _mm256_setzero_si256();
  for (int k = 0; k < steps; k++) {
    __m256i broadcast[TileRows];
    for (int i = 0; i < rows; i++) {
      int32_t four;
      memcpy(&four, a + i * l->lda + (int64_t)k * 4, 4);
      broadcast[i] = _mm256_cvtepu8_epi16(_mm_set1_epi32(four));
    }
    for (int j = 0; j < 4; j++) {
      __m256i columns = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(w + (int64_t)k * 64 + 16 * j)));
      for (int i = 0; i < rows; i++)
        acc[i][j] = _mm256_add_epi32(acc[i][j], _mm256_madd_epi16(broadcast[i], columns));
    }
  }
  for (int i = 0; i < rows; i++) {
    __m256i low = _mm256_permute4x64_epi64(_mm256_hadd_epi32(acc[i][0], acc[i][1]), 0xD8);
    __m256i high = _mm256_permute4x64_epi64(_mm256_hadd_epi32(acc[i][2], acc[i][3]), 0xD8);
    __m256i both[2] = {low, high};
    i16 sum;
    memcpy(&sum, both, sizeof sum);
    finish_i8(l, row + i, panel, sum);
  }
}

static void gemm_i8(const ck_linear_i8 *l, int row0, int row1, int panel0, int panel1) {
  for (int panel = panel0; panel < panel1; panel++) {
    int row = row0;
    for (; row + TileRows <= row1; row += TileRows) tile_i8(l, row, TileRows, panel);
    if (row1 - row == 2) tile_i8(l, row, 2, panel);
    if (row1 - row == 1) tile_i8(l, row, 1, panel);
  }
}

#pragma clang attribute pop

const ck_kernels ck_kernels_avx2 = {
    .isa = CK_ISA_AVX2, .f32_block = F32Columns, .gemm_i8 = gemm_i8, .gemm_f32 = gemm_f32, .epilogue = epilogue,
    .layer_norm = layer_norm, .quantize_row = quantize_row, .l2_normalize = l2_normalize, .softmax = softmax,
    .softmax_u8 = softmax_u8, .activate = activate, .function = function, .contraction = contraction,
};
#endif
