// x86-64 with AVX-VNNI and without AVX-512: processors of small cores (N100 and the like) and Alder Lake's successors.
#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "../codes_i4.h"
#include "../constants.h"
#include "../kernels.h"

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,avxvnni"))), apply_to = function)

#include "../vector/functions.inc"
#include "../vector/rows.inc"
#include "../vector/search_i4.inc"

#define CK_F32_ROWS 6
#define CK_F32_VECTORS 1
#include "../vector/gemm_f32.inc"

#include "../vector/epilogue_i8.inc"
#include "../vector/decode_i4_256.inc"

enum { TileRows = 6, TilePanels = 1 };

// A panel step is two vectors of eight columns, four k each. Twelve accumulators, two vectors of weights and a broadcast
// are fifteen of sixteen registers. `sums` holds what they start from.
CK_INLINE void multiply_i8(const uint8_t *a, int64_t lda, const int rows, const int8_t *w, int steps,
                           ck_steps_ahead *ahead, i16 *sums) {
  __m256i acc[TileRows][2];
  for (int i = 0; i < rows; i++) memcpy(acc[i], sums + i, sizeof acc[i]);
  for (int k = 0; k < steps; k++) {
    ck_step_ahead(ahead);
    const __m256i first = _mm256_loadu_si256((const __m256i *)(w + (int64_t)k * 64));
    const __m256i second = _mm256_loadu_si256((const __m256i *)(w + (int64_t)k * 64 + 32));
    for (int i = 0; i < rows; i++) {
      int32_t four;
      memcpy(&four, a + i * lda + (int64_t)k * 4, 4);
      const __m256i broadcast = _mm256_set1_epi32(four);
      acc[i][0] = _mm256_dpbusd_avx_epi32(acc[i][0], broadcast, first);
      acc[i][1] = _mm256_dpbusd_avx_epi32(acc[i][1], broadcast, second);
    }
  }
  for (int i = 0; i < rows; i++) memcpy(sums + i, acc[i], sizeof acc[i]);
}

CK_INLINE void tile_i8(const ck_linear_i8 *l, int row, const int rows, int panel, int panels,
                       ck_steps_ahead *ahead) {
  const int steps = l->k / CKPanelStep;
  for (int j = panel; j < panel + panels; j++) {
    const i16 w_sum = *(const i16u *)(l->w_sum + j * CKPanelRows);
    i16 sums[TileRows];
    for (int i = 0; i < rows; i++) sums[i] = w_sum * -l->a_zero[row + i];
    multiply_i8(l->a + row * l->lda, l->lda, rows, l->w + (int64_t)j * steps * 64, steps, ahead, sums);
    finish_i8(l, row, rows, j, 1, sums, 1);
  }
}

#include "../vector/rows_i8.inc"

// The two planes of a row of probabilities are two rows of a tile.
CK_INLINE void tile_values(const ck_weighted_values *w, int row, const int rows) {
  const int panels = (w->n + CKPanelRows - 1) / CKPanelRows, steps = w->k / CKPanelStep;
  ck_steps_ahead ahead = {(const char *)w->values, 0, 0};
  for (int panel = 0; panel < panels; panel++) {
    i16 sums[TileRows] = {0};
    multiply_i8(w->planes + 2 * row * w->ld, w->ld, 2 * rows, w->values + (int64_t)panel * steps * 64, steps, &ahead,
                sums);
    for (int i = 0; i < rows; i++) finish_values(w, row + i, panel, sums[2 * i], sums[2 * i + 1]);
  }
}

static void weigh_values(const ck_weighted_values *w) {
  int row = 0;
  for (; row + TileRows / 2 <= w->rows; row += TileRows / 2) tile_values(w, row, TileRows / 2);
  for (; row < w->rows; row++) tile_values(w, row, 1);
}

#pragma clang attribute pop

const ck_kernels ck_kernels_avxvnni = {
    .isa = CK_ISA_AVXVNNI, .f32_block = F32Columns, .gemm_i8 = gemm_i8, .gemm_f32 = gemm_f32, .epilogue = epilogue,
    .layer_norm = layer_norm, .quantize_row = quantize_row, .l2_normalize = l2_normalize, .softmax = softmax,
    .decode_i4 = decode_i4, .search_i4 = search_i4, .search_i4_feedback = search_i4_feedback,
    .feed_back = feed_back, .quantize_symmetric = quantize_symmetric, .quantize_weights = quantize_weights,
    .softmax_u16 = softmax_u16, .weigh_values = weigh_values,
    .activate = activate, .function = function, .contraction = contraction,
};
#endif
