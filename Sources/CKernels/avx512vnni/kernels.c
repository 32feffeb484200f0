// x86-64 with AVX-512 VNNI.
#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "../codes_i4.h"
#include "../constants.h"
#include "../kernels.h"

#pragma clang attribute push( \
    __attribute__((target("avx2,fma,f16c,prfchw,avx512f,avx512bw,avx512vl,avx512dq,avx512vnni"))), apply_to = function)

#include "../vector/functions.inc"

#define CK_HAS_ROUNDING
CK_INLINE i16 v_nearest(v16 v) { return (i16)_mm512_cvtps_epi32((__m512)v); }

// Packing works within 128-bit lanes and leaves four bytes of each vector in each lane; this sorts them.
#define CK_HAS_PACKING
CK_INLINE void store_packed(__m512i bytes, uint8_t *q) {
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  _mm512_storeu_si512(q, _mm512_permutexvar_epi32(order, bytes));
}

CK_INLINE void store_bytes(const i16 v[4], uint8_t *q) {
  store_packed(_mm512_packus_epi16(_mm512_packs_epi32((__m512i)v[0], (__m512i)v[1]),
                                   _mm512_packs_epi32((__m512i)v[2], (__m512i)v[3])),
               q);
}

CK_INLINE void split_planes(const i16 weights[4], uint8_t *high, uint8_t *low) {
  const __m512i a = _mm512_packus_epi32((__m512i)weights[0], (__m512i)weights[1]);
  const __m512i b = _mm512_packus_epi32((__m512i)weights[2], (__m512i)weights[3]);
  const __m512i ones = _mm512_set1_epi16(255);
  store_packed(_mm512_packus_epi16(_mm512_srli_epi16(a, 8), _mm512_srli_epi16(b, 8)), high);
  store_packed(_mm512_packus_epi16(_mm512_and_si512(a, ones), _mm512_and_si512(b, ones)), low);
}

#include "../vector/rows.inc"

// Thresholds between codes lie at least 11 apart, so of 32 stretches of 8, from -128.25 on, each holds one at most: where
// it is (or never), the code below it, and how far the next one is.
static const float code_middles[32] = {
    INFINITY, -117, INFINITY, INFINITY, -95, INFINITY, -74, INFINITY, -57, INFINITY, -42, INFINITY, -28.5f,
    INFINITY, -16, -4.5f, 7, INFINITY, 19, 31.5f, INFINITY, 45.5f, INFINITY, 61, INFINITY, 78.5f, INFINITY,
    INFINITY, 100.5f, INFINITY, INFINITY, INFINITY};
static const int32_t code_below[32] = {
    -127, -127, -107, -107, -107, -83, -83, -65, -65, -49, -49, -35, -35, -22, -22, -10, 1, 13, 13, 25, 38, 38,
    53, 53, 69, 69, 88, 88, 88, 113, 113, 113};
static const int32_t code_step[32] = {
    0, 20, 0, 0, 24, 0, 18, 0, 16, 0, 14, 0, 13, 0, 12, 11, 12, 0, 12, 13, 0, 15, 0, 16, 0, 19, 0, 0, 25, 0, 0,
    0};

#define CK_HAS_NEAREST_CODES
CK_INLINE i16 nearest_codes(v16 y, v16 inverse) {
  const __m512 t = (__m512)(y * inverse);
  const __m512 stretch = _mm512_fmadd_ps(t, _mm512_set1_ps(0.125f), _mm512_set1_ps(16.03125f));
  const __m512i at = _mm512_cvttps_epi32(_mm512_min_ps(_mm512_max_ps(stretch, _mm512_setzero_ps()), _mm512_set1_ps(31)));
  const __m512 middle = _mm512_permutex2var_ps(_mm512_loadu_ps(code_middles), at, _mm512_loadu_ps(code_middles + 16));
  const __m512i below = _mm512_permutex2var_epi32(_mm512_loadu_si512(code_below), at, _mm512_loadu_si512(code_below + 16));
  const __m512i step = _mm512_permutex2var_epi32(_mm512_loadu_si512(code_step), at, _mm512_loadu_si512(code_step + 16));
  return (i16)_mm512_mask_add_epi32(below, _mm512_cmp_ps_mask(t, middle, _CMP_GT_OQ), below, step);
}

#include "../vector/search_i4.inc"

#define CK_F32_ROWS 8
#define CK_F32_VECTORS 2
#include "../vector/gemm_f32.inc"

#include "../vector/epilogue_i8.inc"

// StepsAhead: how far before their use weights are brought from the second cache to the first.
enum { TileRows = 12, TilePanels = 2, ShortSteps = 32, StepsAhead = 4 };

// Of what is read next, a tile brings two places nearer each step, half a stride apart, to the second cache.
typedef struct {
  const char *at;
  int64_t stride;
} ahead;

// Keeps the compiler from adding up beforehand what it knows of a number.
#define OPAQUE(x) __asm__("" : "+r"(x))

CK_INLINE void step_row(const uint8_t *a, const int panels, const __m512i columns[TilePanels], __m512i acc[TilePanels]) {
  int32_t four;
  memcpy(&four, a, 4);
  const __m512i broadcast = _mm512_set1_epi32(four);
  for (int j = 0; j < panels; j++) acc[j] = _mm512_dpbusd_epi32(acc[j], broadcast, columns[j]);
}

// Where a tile reads activations: two places six rows apart and the distances of one, three and five rows reach all twelve
// by what an address adds up anyway. A pointer or a sum for each row would be an instruction more each, and Intel's
// processors of the time begin four a cycle.
typedef struct {
  const uint8_t *first, *seventh;
  int64_t one, three, five;
} tile_rows;

// One 64-byte step of a panel feeds one vpdpbusd: 16 columns, four k each. Activations are broadcast four at a time.
CK_INLINE void step_i8(tile_rows *a, const int rows, const int8_t *w, int64_t stride, const int panels, ahead *next,
                       __m512i acc[TileRows][TilePanels]) {
  __m512i columns[TilePanels];
  for (int j = 0; j < panels; j++) {
    columns[j] = _mm512_loadu_si512(w + j * stride);
    _mm_prefetch((const char *)(w + j * stride + StepsAhead * 64), _MM_HINT_T0);
  }
  _mm_prefetch(next->at, _MM_HINT_T1);
  _mm_prefetch(next->at + next->stride / 2, _MM_HINT_T1);
  next->at += next->stride;
  OPAQUE(a->first);
  OPAQUE(a->seventh);
  step_row(a->first, panels, columns, acc[0]);
  if (rows > 1) step_row(a->first + a->one, panels, columns, acc[1]);
  if (rows > 2) step_row(a->first + 2 * a->one, panels, columns, acc[2]);
  if (rows > 3) step_row(a->first + a->three, panels, columns, acc[3]);
  if (rows > 4) step_row(a->first + 4 * a->one, panels, columns, acc[4]);
  if (rows > 5) step_row(a->first + a->five, panels, columns, acc[5]);
  if (rows > 6) step_row(a->seventh, panels, columns, acc[6]);
  if (rows > 7) step_row(a->seventh + a->one, panels, columns, acc[7]);
  if (rows > 8) step_row(a->seventh + 2 * a->one, panels, columns, acc[8]);
  if (rows > 9) step_row(a->seventh + a->three, panels, columns, acc[9]);
  if (rows > 10) step_row(a->seventh + 4 * a->one, panels, columns, acc[10]);
  if (rows > 11) step_row(a->seventh + a->five, panels, columns, acc[11]);
  a->first += 4;
  a->seventh += 4;
}

// Where a tile's results go, and what they are added to, is on its way before the tile is done: a row with each of the
// first steps, since all at once they would take the buffers that lines of weights come in by.
CK_INLINE void multiply_i8(const uint8_t *a, int64_t lda, const int rows, const int8_t *w, int steps, const int panels,
                           ahead next, const float *y, int64_t ldy, const float *residual, int64_t ld_residual,
                           __m512i acc[TileRows][TilePanels]) {
  const int64_t stride = (int64_t)steps * 64;
  tile_rows from = {a, rows > 6 ? a + 6 * lda : a, lda, 3 * lda, 5 * lda};
  OPAQUE(from.three);
  OPAQUE(from.five);
  int k = 0;
  for (; y && k < steps && k < rows; k++, y += ldy, w += 64) {
    for (int j = 0; j < panels; j++) __builtin_prefetch(y + j * CKPanelRows, 1);
    if (residual) {
      for (int j = 0; j < panels; j++) __builtin_prefetch(residual + j * CKPanelRows, 0);
      residual += ld_residual;
    }
    step_i8(&from, rows, w, stride, panels, &next, acc);
  }
  for (; k < steps; k++, w += 64) step_i8(&from, rows, w, stride, panels, &next, acc);
}

// The usual case, straight from the registers: a whole tile without activation.
CK_INLINE void finish_whole(const ck_linear_i8 *l, int row, int panel, const int panels, const int has_residual,
                            __m512i acc[TileRows][TilePanels]) {
  // A loop that is left would find accumulators by an index, so in memory.
#pragma clang loop unroll(full)
  for (int j = 0; j < panels; j++) {
    const int n = (panel + j) * CKPanelRows;
    const v16 w_scale = v_load(l->w_scale + n), bias = l->bias ? v_load(l->bias + n) : v_splat(0);
    for (int i = 0; i < TileRows; i++) {
      v16 v = scaled_i8(l, row + i, __builtin_bit_cast(i16, acc[i][j]), w_scale, bias);
      if (has_residual) v = v_load(l->residual + (row + i) * l->ld_residual + n) + v;
      v_store(l->y + (row + i) * l->ldy + n, v);
    }
  }
}

CK_INLINE void tile_i8(const ck_linear_i8 *l, int row, const int rows, int panel, const int panels, ahead next) {
  __m512i acc[TileRows][TilePanels];
  const int steps = l->k / CKPanelStep;
  // What zero points add is taken off beforehand, where it costs no time at a tile's end.
  for (int j = 0; j < panels; j++) {
    const __m512i sums = _mm512_loadu_si512(l->w_sum + (panel + j) * CKPanelRows);
    for (int i = 0; i < rows; i++) acc[i][j] = _mm512_mullo_epi32(sums, _mm512_set1_epi32(-l->a_zero[row + i]));
  }
  const int n = panel * CKPanelRows;
  // What a short product makes is read again soon and still near.
  const float *y = steps > ShortSteps ? l->y + row * l->ldy + n : NULL;
  const float *residual = l->residual ? l->residual + row * l->ld_residual + n : NULL;
  multiply_i8(l->a + row * l->lda, l->lda, rows, l->w + (int64_t)panel * steps * 64, steps, panels, next, y, l->ldy,
              residual, l->ld_residual, acc);
  if (rows == TileRows && l->activation == CK_ACTIVATION_NONE && (panel + panels) * CKPanelRows <= l->n) {
    if (l->residual) finish_whole(l, row, panel, panels, 1, acc);
    else finish_whole(l, row, panel, panels, 0, acc);
    return;
  }
  // A copy: what loops index by variables does not stay in registers.
  i16 t[TileRows][TilePanels];
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < panels; j++) t[i][j] = __builtin_bit_cast(i16, acc[i][j]);
  finish_i8(l, row, rows, panel, panels, t[0], TilePanels);
}

CK_INLINE void rows_i8(const ck_linear_i8 *l, int row0, int row1, int panel, const int panels, ck_ahead after) {
  const int steps = l->k / CKPanelStep, tiles = (row1 - row0 + TileRows - 1) / TileRows;
  // Of a step's two lines no more can be had than it takes away: what comes next is as long as what is at hand, at most.
  ahead next = {after.at, after.bytes / (tiles * steps)};
  if (next.stride > 64 * TilePanels) next.stride = 0;
  // Nothing to come: behind the weights there may be no page, and to find that out costs more than a step.
  if (next.stride == 0) next.at = (const char *)l->w;
  for (int row = row0; row < row1; row += TileRows, next.at += next.stride * steps) {
    switch (row1 - row) {
      default: tile_i8(l, row, TileRows, panel, panels, next); break;
      case 11: tile_i8(l, row, 11, panel, panels, next); break;
      case 10: tile_i8(l, row, 10, panel, panels, next); break;
      case 9: tile_i8(l, row, 9, panel, panels, next); break;
      case 8: tile_i8(l, row, 8, panel, panels, next); break;
      case 7: tile_i8(l, row, 7, panel, panels, next); break;
      case 6: tile_i8(l, row, 6, panel, panels, next); break;
      case 5: tile_i8(l, row, 5, panel, panels, next); break;
      case 4: tile_i8(l, row, 4, panel, panels, next); break;
      case 3: tile_i8(l, row, 3, panel, panels, next); break;
      case 2: tile_i8(l, row, 2, panel, panels, next); break;
      case 1: tile_i8(l, row, 1, panel, panels, next); break;
    }
  }
}

static void gemm_i8(const ck_linear_i8 *l, int row0, int row1, int panel0, int panel1, ck_ahead next) {
  const int64_t size = (int64_t)l->k * CKPanelRows;
  if (row0 >= row1) return;
  for (int panel = panel0; panel < panel1; panel += TilePanels) {
    const int left = panel1 - panel - TilePanels;
    ck_ahead after = {l->w + (panel + TilePanels) * size, (left < TilePanels ? left : TilePanels) * size};
    if (left <= 0) after = (ck_ahead){next.at, next.bytes < TilePanels * size ? next.bytes : TilePanels * size};
    if (left >= 0) rows_i8(l, row0, row1, panel, TilePanels, after);
    else rows_i8(l, row0, row1, panel, 1, after);
  }
}

// Codes become the high bytes of 16-bit words, so that vpmulhrsw rounds code * sub_scale / 128. Within a 128-bit lane
// the low half holds two rows, the high half two more.
static void decode_i4(const uint8_t *codes, const int8_t *sub_scales, int steps, int8_t *panel, int32_t *sums) {
  const __m512i table = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)ck_i4_codes));
  // A step's bytes stand in both halves; the upper one takes their high four bits.
  const __m512i shifts = _mm512_inserti64x4(_mm512_setzero_si512(), _mm256_set1_epi64x(4), 1), low = _mm512_set1_epi8(15);
  const __m512i zero = _mm512_setzero_si512(), ones = _mm512_set1_epi8(1);
  __m512i total = zero;
  for (int step = 0; step < steps; step += CKGroupSteps, sub_scales += 16) {
    __m512i each = _mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)sub_scales));
    __m512i pairs = _mm512_mask_blend_epi16(0xAAAAAAAA, each, _mm512_slli_epi32(each, 16));
    __m512i first = _mm512_shuffle_epi32(pairs, 0x50), second = _mm512_shuffle_epi32(pairs, 0xFA);
    for (int i = 0; i < CKGroupSteps; i++) {
      __m512i two = _mm512_broadcast_i64x4(_mm256_loadu_si256((const __m256i *)(codes + (int64_t)(step + i) * 32)));
      __m512i index = _mm512_and_si512(_mm512_srlv_epi64(two, shifts), low);
      __m512i code = _mm512_shuffle_epi8(table, index);
      __m512i bytes = _mm512_packs_epi16(_mm512_mulhrs_epi16(_mm512_unpacklo_epi8(zero, code), first),
                                         _mm512_mulhrs_epi16(_mm512_unpackhi_epi8(zero, code), second));
      _mm512_storeu_si512(panel + (int64_t)(step + i) * 64, bytes);
      total = _mm512_dpbusd_epi32(total, ones, bytes);
    }
  }
  _mm512_storeu_si512(sums, total);
}

// The two planes of a row of probabilities are two rows of a tile.
CK_INLINE void tile_values(const ck_weighted_values *w, int row, const int rows, int panel, const int panels) {
  __m512i acc[TileRows][TilePanels];
  const int steps = w->k / CKPanelStep;
  for (int i = 0; i < 2 * rows; i++)
    for (int j = 0; j < panels; j++) acc[i][j] = _mm512_setzero_si512();
  multiply_i8(w->planes + 2 * row * w->ld, w->ld, 2 * rows, w->values + (int64_t)panel * steps * 64, steps, panels,
              (ahead){(const char *)w->values, 0}, NULL, 0, NULL, 0, acc);
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < panels; j++)
      finish_values(w, row + i, panel + j, __builtin_bit_cast(i16, acc[2 * i][j]),
                    __builtin_bit_cast(i16, acc[2 * i + 1][j]));
}

CK_INLINE void rows_values(const ck_weighted_values *w, int panel, const int panels) {
  int row = 0;
  for (; row + TileRows / 2 <= w->rows; row += TileRows / 2) tile_values(w, row, TileRows / 2, panel, panels);
  if (w->rows - row >= 3) tile_values(w, row, 3, panel, panels), row += 3;
  if (w->rows - row == 2) tile_values(w, row, 2, panel, panels);
  if (w->rows - row == 1) tile_values(w, row, 1, panel, panels);
}

static void weigh_values(const ck_weighted_values *w) {
  int panel = 0, panels = (w->n + CKPanelRows - 1) / CKPanelRows;
  for (; panel + TilePanels <= panels; panel += TilePanels) rows_values(w, panel, TilePanels);
  for (; panel < panels; panel++) rows_values(w, panel, 1);
}

#pragma clang attribute pop

const ck_kernels ck_kernels_avx512vnni = {
    .isa = CK_ISA_AVX512VNNI, .f32_block = F32Columns, .gemm_i8 = gemm_i8, .gemm_f32 = gemm_f32, .epilogue = epilogue,
    .layer_norm = layer_norm, .quantize_row = quantize_row, .l2_normalize = l2_normalize, .softmax = softmax,
    .decode_i4 = decode_i4, .search_i4 = search_i4, .search_i4_feedback = search_i4_feedback,
    .feed_back = feed_back, .quantize_symmetric = quantize_symmetric, .quantize_weights = quantize_weights,
    .softmax_u16 = softmax_u16, .weigh_values = weigh_values,
    .activate = activate, .function = function, .contraction = contraction,
};
#endif
