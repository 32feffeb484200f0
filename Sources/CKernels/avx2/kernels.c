// x86-64 with AVX2, FMA and F16C, without VNNI.
#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "../codes_i4.h"
#include "../constants.h"
#include "../kernels.h"

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,prfchw"))), apply_to = function)

#include "../vector/functions.inc"
#include "../vector/rows.inc"
#include "../vector/search_i4.inc"

#define CK_F32_ROWS 6
#define CK_F32_VECTORS 1
#include "../vector/gemm_f32.inc"

#include "../vector/epilogue_i8.inc"

// WeightsAhead: bytes; panels are too long for the first cache, and the second is slower than two products.
enum { TileRows = 6, TilePanels = 4, WideColumns = 2048, WeightsAhead = 1024 };

// vpmaddubsw would saturate, so both sides are widened to 16 bits: vpmaddwd then adds pairs of k exactly. Activations
// are widened beforehand, [rows][lda], so that four of them are one broadcast from memory. Each 16 bytes of a panel step
// are four columns of four k; an accumulator holds two partial sums a column. Twelve of them, two vectors of weights, a
// broadcast and a product are all the registers there are, so a panel is gone through twice, eight columns each time.
CK_INLINE void multiply_wide(const uint16_t *a, int64_t lda, const int rows, const int8_t *w, int steps,
                             ck_steps_ahead *ahead, i16 *sums) {
  for (int half = 0; half < 2; half++) {
    __m256i acc[TileRows][2];
    for (int i = 0; i < rows; i++) acc[i][0] = acc[i][1] = _mm256_setzero_si256();
    for (int k = 0; k < steps; k++) {
      const __m128i *step = (const __m128i *)(w + (int64_t)k * 64 + 32 * half);
      if (half == 0) _mm_prefetch((const char *)step + WeightsAhead, _MM_HINT_T0);
      else ck_step_ahead(ahead);
      const __m256i first = _mm256_cvtepi8_epi16(_mm_loadu_si128(step));
      const __m256i second = _mm256_cvtepi8_epi16(_mm_loadu_si128(step + 1));
      for (int i = 0; i < rows; i++) {
        int64_t four;
        memcpy(&four, a + i * lda + (int64_t)k * 4, 8);
        const __m256i broadcast = _mm256_set1_epi64x(four);
        acc[i][0] = _mm256_add_epi32(acc[i][0], _mm256_madd_epi16(broadcast, first));
        acc[i][1] = _mm256_add_epi32(acc[i][1], _mm256_madd_epi16(broadcast, second));
      }
    }
    for (int i = 0; i < rows; i++) {
      __m256i columns = _mm256_permute4x64_epi64(_mm256_hadd_epi32(acc[i][0], acc[i][1]), 0xD8);
      memcpy((char *)(sums + i) + 32 * half, &columns, sizeof columns);
    }
  }
}

// Rows of bytes as words; `count` is a multiple of 4 and at most WideColumns.
CK_INLINE void widen(const uint8_t *a, int64_t lda, int rows, int count, uint16_t *wide) {
  for (int i = 0; i < rows; i++) {
    int k = 0;
#pragma clang loop unroll_count(4)
    for (; k + 16 <= count; k += 16)
      _mm256_storeu_si256((__m256i *)(wide + i * count + k),
                          _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(a + i * lda + k))));
    for (; k < count; k++) wide[i * count + k] = a[i * lda + k];
  }
}

// Widened rows stay in the first cache while panels go by, so longer ones come in parts.
CK_INLINE void tile_i8(const ck_linear_i8 *l, int row, const int rows, int panel0, int panels,
                       ck_steps_ahead *ahead) {
  uint16_t wide[TileRows * WideColumns];
  i16 sums[TilePanels][TileRows], part[TileRows];
  for (int k = 0; k < l->k; k += WideColumns) {
    const int count = l->k - k < WideColumns ? l->k - k : WideColumns;
    widen(l->a + row * l->lda + k, l->lda, rows, count, wide);
    for (int j = 0; j < panels; j++) {
      const int8_t *w = l->w + ((int64_t)(panel0 + j) * l->k + k) * CKPanelRows;
      for (int i = 0; i < rows; i++) __builtin_prefetch(l->y + (row + i) * l->ldy + (panel0 + j) * CKPanelRows, 1);
      multiply_wide(wide, count, rows, w, count / CKPanelStep, ahead, k == 0 ? sums[j] : part);
      if (k > 0)
        for (int i = 0; i < rows; i++) sums[j][i] += part[i];
    }
  }
  for (int j = 0; j < panels; j++) {
    const i16 w_sum = *(const i16u *)(l->w_sum + (panel0 + j) * CKPanelRows);
    for (int i = 0; i < rows; i++) sums[j][i] -= l->a_zero[row + i] * w_sum;
    finish_i8(l, row, rows, panel0 + j, 1, sums[j], 1);
  }
}

#include "../vector/rows_i8.inc"
#include "../vector/decode_i4_256.inc"

// Both planes of a row are widened at once, a part of the tokens at a time.
CK_INLINE void tile_values(const ck_weighted_values *w, int row, const int rows) {
  enum { Part = WideColumns / 2 };
  uint16_t wide[2][TileRows * Part];
  const uint8_t *planes = w->planes + 2 * row * w->ld;
  ck_steps_ahead ahead = {(const char *)w->values, 0, 0};
  const int panels = (w->n + CKPanelRows - 1) / CKPanelRows;
  for (int panel = 0; panel < panels; panel++) {
    i16 high[TileRows] = {0}, low[TileRows] = {0}, part[TileRows];
    for (int k = 0; k < w->k; k += Part) {
      int count = w->k - k < Part ? w->k - k : Part;
      const int8_t *values = w->values + ((int64_t)panel * w->k + k) * CKPanelRows;
      if (panel == 0 || w->k > Part) {
        widen(planes + k, 2 * w->ld, rows, count, wide[0]);
        widen(planes + w->ld + k, 2 * w->ld, rows, count, wide[1]);
      }
      multiply_wide(wide[0], count, rows, values, count / CKPanelStep, &ahead, part);
      for (int i = 0; i < rows; i++) high[i] += part[i];
      multiply_wide(wide[1], count, rows, values, count / CKPanelStep, &ahead, part);
      for (int i = 0; i < rows; i++) low[i] += part[i];
    }
    for (int i = 0; i < rows; i++) finish_values(w, row + i, panel, high[i], low[i]);
  }
}

static void weigh_values(const ck_weighted_values *w) {
  int row = 0;
  for (; row + TileRows <= w->rows; row += TileRows) tile_values(w, row, TileRows);
  for (; row < w->rows; row++) tile_values(w, row, 1);
}

#pragma clang attribute pop

const ck_kernels ck_kernels_avx2 = {
    .isa = CK_ISA_AVX2, .f32_block = F32Columns, .gemm_i8 = gemm_i8, .gemm_f32 = gemm_f32, .epilogue = epilogue,
    .layer_norm = layer_norm, .quantize_row = quantize_row, .l2_normalize = l2_normalize, .softmax = softmax,
    .decode_i4 = decode_i4, .search_i4 = search_i4, .search_i4_feedback = search_i4_feedback,
    .feed_back = feed_back, .quantize_symmetric = quantize_symmetric, .quantize_weights = quantize_weights,
    .softmax_u16 = softmax_u16, .weigh_values = weigh_values,
    .activate = activate, .function = function, .contraction = contraction,
};
#endif
