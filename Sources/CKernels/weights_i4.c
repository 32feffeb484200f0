// Weights of 4 bits, as a converter and a checker need them.
#include <math.h>
#include <string.h>

#include "codes_i4.h"
#include "float_environment.h"
#include "kernels.h"
#include "scalar/functions.h"

typedef struct {
  ck_engine *engine;
  const ck_kernels *kernels;
  const float *w, *column_scale, *importance;
  const ck_feedback *feedback;
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

static void store_group(const quantize_job *j, int index, int group, const ck_i4_block *block) {
  memcpy(j->sub_scales + (int64_t)index * j->k + group * 16, block->sub_scale, 16);
  uint8_t *codes = j->codes + (int64_t)index * j->k * 8;
  for (int step = 0; step < CKGroupSteps; step++)
    for (int i = 0; i < 32; i++) {
      int low = block->index[step * 4 + i % 4][i / 4], high = block->index[step * 4 + i % 4][8 + i / 4];
      codes[(group * CKGroupSteps + step) * 32 + i] = (uint8_t)(low | high << 4);
    }
}

static void panel_task(void *context, int index, int worker) {
  const quantize_job *j = context;
  const int row0 = index * CKPanelRows, rows = j->rows - row0 < CKPanelRows ? j->rows - row0 : CKPanelRows;
  float scale[CKPanelRows] = {0}, inverse[CKPanelRows] = {0};
  for (int row = 0; row < rows; row++) {
    scale[row] = row_scale(j, row0 + row);
    inverse[row] = 128.0f / scale[row];
  }
  ck_i4_block block = {0};
  // With feedback: what is asked of each column, [k][row].
  float(*target)[16] = j->feedback ? ck_engine_scratch(j->engine, worker) : NULL;
  for (int k = 0; target && k < j->k; k++)
    for (int row = 0; row < CKPanelRows; row++)
      target[k][row] = row < rows ? weight(j, row0 + row, k) * inverse[row] : 0;
  for (int group = 0; group < j->k / 16; group++) {
    const int k0 = group * 16;
    for (int k = 0; k < 16; k++) {
      block.importance[k] = j->feedback ? j->feedback->weights[k0 + k] : j->importance ? j->importance[k0 + k] : 1;
      for (int row = 0; row < rows; row++) block.y[k][row] = weight(j, row0 + row, k0 + k) * inverse[row];
    }
    if (target) {
      const float *coefficients = j->feedback->coefficients + (int64_t)group * j->k * 16;
      memcpy(block.target, target + k0, sizeof block.target);
      block.coefficients = coefficients + (int64_t)k0 * 16;
      j->kernels->search_i4_feedback(&block);
      j->kernels->feed_back(block.error, coefficients + (int64_t)(k0 + 16) * 16, j->k - k0 - 16, target + k0 + 16);
    } else {
      j->kernels->search_i4(&block);
    }
    store_group(j, index, group, &block);
  }
  for (int row = 0; row < CKPanelRows; row++) {
    // The scale that suits the bytes best, by least squares; y is weight * 128 / scale. Feedback was told of errors of
    // the first scale, which stays.
    float fitted = scale[row] * (block.products[row] / block.squares[row] / 128.0f);
    j->scales[row0 + row] = block.squares[row] > 0 && fitted > CK_TINY && isfinite(fitted) ? fitted : scale[row];
  }
}

size_t ck_feedback_scratch(int k) { return (size_t)k * CKPanelRows * sizeof(float); }

void ck_quantize_i4(ck_engine *engine, const float *w, const float *column_scale, const float *importance,
                    const ck_feedback *feedback, int rows, int k, uint8_t *codes, float *scales, int8_t *sub_scales) {
  quantize_job j = {engine, ck_engine_kernels(engine), w, column_scale, importance, feedback,
                    codes,  scales, sub_scales, rows, k};
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
