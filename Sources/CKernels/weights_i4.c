// Weights of 4 bits, as a converter and a checker need them.
#include <math.h>
#include <string.h>

#include "codes_i4.h"
#include "float_environment.h"
#include "kernels.h"
#include "scalar/functions.h"

typedef struct {
  const ck_kernels *kernels;
  const float *w, *column_scale, *importance;
  uint8_t *codes;
  float *scales;
  int8_t *sub_scales;
  int rows, k;
} quantize_job;

static float weight(const quantize_job *j, int n, int k) {
  float v = j->w[(int64_t)n * j->k + k];
  return j->column_scale ? v * j->column_scale[k] : v;
}

static float row_scale(const quantize_job *j, int n) {
  float most = 0;
  for (int k = 0; k < j->k; k++) {
    float v = weight(j, n, k);
    most = ck_max(most, v < 0 ? -v : v);
  }
  return most > CK_TINY ? most / CK_I4_TOP : 1.0f;
}

static void panel_task(void *context, int index, int worker) {
  (void)worker;
  const quantize_job *j = context;
  const int row0 = index * CKPanelRows, rows = j->rows - row0 < CKPanelRows ? j->rows - row0 : CKPanelRows;
  uint8_t *codes = j->codes + (int64_t)index * j->k * 8;
  float scale[CKPanelRows] = {0}, inverse[CKPanelRows] = {0};
  for (int row = 0; row < rows; row++) {
    scale[row] = row_scale(j, row0 + row);
    inverse[row] = 128.0f / scale[row];
  }
  ck_i4_block block = {0};
  for (int group = 0; group < j->k / 16; group++) {
    for (int k = 0; k < 16; k++) {
      block.importance[k] = j->importance ? j->importance[group * 16 + k] : 1;
      for (int row = 0; row < rows; row++) block.y[k][row] = weight(j, row0 + row, group * 16 + k) * inverse[row];
    }
    j->kernels->search_i4(&block);
    memcpy(j->sub_scales + (int64_t)index * j->k + group * 16, block.sub_scale, 16);
    for (int step = 0; step < CKGroupSteps; step++)
      for (int i = 0; i < 32; i++) {
        int low = block.index[step * 4 + i % 4][i / 4], high = block.index[step * 4 + i % 4][8 + i / 4];
        codes[(group * CKGroupSteps + step) * 32 + i] = (uint8_t)(low | high << 4);
      }
  }
  for (int row = 0; row < CKPanelRows; row++) {
    // The scale that suits the bytes best, by least squares; y is weight * 128 / scale.
    float fitted = scale[row] * (block.products[row] / block.squares[row] / 128.0f);
    j->scales[row0 + row] = block.squares[row] > 0 && fitted > CK_TINY && isfinite(fitted) ? fitted : scale[row];
  }
}

void ck_quantize_i4(ck_engine *engine, const float *w, const float *column_scale, const float *importance, int rows,
                    int k, uint8_t *codes, float *scales, int8_t *sub_scales) {
  quantize_job j = {ck_engine_kernels(engine), w, column_scale, importance, codes, scales, sub_scales, rows, k};
  ck_run(engine, (rows + CKPanelRows - 1) / CKPanelRows, panel_task, &j);
}

void ck_decode_i4(ck_isa isa, const uint8_t *codes, const int8_t *sub_scales, int n, int k, int8_t *panels,
                  int32_t *sums) {
  const ck_kernels *kernels = ck_kernels_for(isa);
  const int steps = k / CKPanelStep;
  for (int64_t panel = 0; panel * CKPanelRows < n; panel++)
    kernels->decode_i4(codes + panel * steps * 32, sub_scales + panel * k, steps, panels + panel * steps * 64,
                       sums + panel * CKPanelRows);
}
