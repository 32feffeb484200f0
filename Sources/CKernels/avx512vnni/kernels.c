// x86-64 with AVX-512 VNNI.
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#include "../constants.h"
#include "../kernels.h"

#pragma clang attribute push( \
    __attribute__((target("avx2,fma,f16c,avx512f,avx512bw,avx512vl,avx512dq,avx512vnni"))), apply_to = function)

#include "../vector/functions.inc"
#include "../vector/rows.inc"

#define CK_F32_ROWS 8
#define CK_F32_VECTORS 2
#include "../vector/gemm_f32.inc"

#include "../vector/epilogue_i8.inc"

enum { TileRows = 6, TilePanels = 4 };

// One 64-byte step of a panel feeds one vpdpbusd: 16 columns, four k each. Activations are broadcast four at a time.
CK_INLINE void tile_i8(const ck_linear_i8 *l, int row, const int rows, int panel, const int panels) {
  __m512i acc[TileRows][TilePanels];
  const int steps = l->k / CKPanelStep;
  const int64_t stride = (int64_t)steps * 64;
  const uint8_t *a = l->a + row * l->lda;
  const int8_t *w = l->w + panel * stride;
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < panels; j++) acc[i][j] = _mm512_setzero_si512();
  for (int k = 0; k < steps; k++) {
    __m512i columns[TilePanels];
    for (int j = 0; j < panels; j++) columns[j] = _mm512_loadu_si512(w + j * stride + (int64_t)k * 64);
    for (int i = 0; i < rows; i++) {
      int32_t four;
      memcpy(&four, a + i * l->lda + (int64_t)k * 4, 4);
      __m512i broadcast = _mm512_set1_epi32(four);
      for (int j = 0; j < panels; j++) acc[i][j] = _mm512_dpbusd_epi32(acc[i][j], broadcast, columns[j]);
    }
  }
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < panels; j++) finish_i8(l, row + i, panel + j, __builtin_bit_cast(i16, acc[i][j]));
}

CK_INLINE void rows_i8(const ck_linear_i8 *l, int row0, int row1, int panel, const int panels) {
  int row = row0;
  for (; row + TileRows <= row1; row += TileRows) tile_i8(l, row, TileRows, panel, panels);
  switch (row1 - row) {
    case 5: tile_i8(l, row, 5, panel, panels); break;
    case 4: tile_i8(l, row, 4, panel, panels); break;
    case 3: tile_i8(l, row, 3, panel, panels); break;
    case 2: tile_i8(l, row, 2, panel, panels); break;
    case 1: tile_i8(l, row, 1, panel, panels); break;
    default: break;
  }
}

static void gemm_i8(const ck_linear_i8 *l, int row0, int row1, int panel0, int panel1) {
  int panel = panel0;
  for (; panel + TilePanels <= panel1; panel += TilePanels) rows_i8(l, row0, row1, panel, TilePanels);
  for (; panel < panel1; panel++) rows_i8(l, row0, row1, panel, 1);
}

#pragma clang attribute pop

const ck_kernels ck_kernels_avx512vnni = {
    .isa = CK_ISA_AVX512VNNI, .f32_block = F32Columns, .gemm_i8 = gemm_i8, .gemm_f32 = gemm_f32, .epilogue = epilogue,
    .layer_norm = layer_norm, .quantize_row = quantize_row, .l2_normalize = l2_normalize, .softmax = softmax,
    .softmax_u8 = softmax_u8, .activate = activate, .function = function, .contraction = contraction,
};
#endif
