// Portable C, one element at a time, in the plainest form: what every other instruction set is compared with.
#include "functions.h"

#include "../codes_i4.h"
#include "../kernels.h"

static float sum_lanes(const float *x, int width, float offset, int squares) {
  float lanes[16] = {0};
  for (int i = 0; i < width; i++) {
    float d = x[i] - offset;
    lanes[i % 16] = squares ? fmaf(d, d, lanes[i % 16]) : lanes[i % 16] + d;
  }
  return ck_fold_sum(lanes);
}

static void layer_norm(const float *x, const float *gain, const float *bias, float epsilon, int rows, int width, float *y) {
  for (int r = 0; r < rows; r++, x += width, y += width) {
    float mean = sum_lanes(x, width, 0, 0) / (float)width;
    float scale = 1.0f / sqrtf(sum_lanes(x, width, mean, 1) / (float)width + epsilon);
    for (int i = 0; i < width; i++) y[i] = fmaf((x[i] - mean) * scale, gain[i], bias[i]);
  }
}

static void quantize_row(const float *x, const float *input_scale, int width, uint8_t *q, int padded, float *scale,
                         int32_t *zero) {
  float low = 0, high = 0;
  for (int i = 0; i < width; i++) {
    float v = input_scale ? x[i] * input_scale[i] : x[i];
    low = ck_min(low, v);
    high = ck_max(high, v);
  }
  float range = high - low;
  if (!(range > CK_TINY)) range = 1;
  float inverse = 255.0f / range;
  float z = (-low * inverse + CK_ROUND) - CK_ROUND;
  *scale = range / 255.0f;
  *zero = (int32_t)z;
  for (int i = 0; i < width; i++) {
    float v = (input_scale ? x[i] * input_scale[i] : x[i]) * inverse;
    v = ((v + CK_ROUND) - CK_ROUND) + z;
    q[i] = (uint8_t)(int32_t)ck_min(ck_max(v, 0), 255);
  }
  for (int i = width; i < padded; i++) q[i] = 0;
}

static void l2_normalize(float *x, int width) {
  float length = sqrtf(sum_lanes(x, width, 0, 1));
  if (!(length > 0)) return;
  for (int i = 0; i < width; i++) x[i] = x[i] / length;
}

static float row_max(const float *x, int count) {
  float most = x[0];
  for (int i = 1; i < count; i++) most = ck_max(most, x[i]);
  return most;
}

static float softmax(float *x, int count) {
  float most = row_max(x, count), lanes[16] = {0};
  for (int i = 0; i < count; i++) {
    x[i] = ck_exp(x[i] - most);
    lanes[i % 16] = lanes[i % 16] + x[i];
  }
  return 1.0f / ck_fold_sum(lanes);
}

static float quantize_symmetric_row(const float *x, int width, int8_t *q, int32_t *sum) {
  float most = 0;
  for (int i = 0; i < width; i++) most = ck_max(most, x[i] < 0 ? -x[i] : x[i]);
  float scale = most > CK_TINY ? most / 127.0f : 0, inverse = scale > 0 ? 1.0f / scale : 0;
  for (int i = 0; i < width; i++) q[i] = (int8_t)(int32_t)((x[i] * inverse + CK_ROUND) - CK_ROUND);
  if (sum) *sum = 0;
  for (int i = 0; sum && i < width; i++) *sum += q[i];
  return scale;
}

static void quantize_symmetric(const float *x, int64_t ldx, int rows, int width, int8_t *q, int64_t ldq, float *scales,
                               int32_t *sums) {
  for (int r = 0; r < rows; r++)
    scales[r] = quantize_symmetric_row(x + r * ldx, width, q + r * ldq, sums ? sums + r : NULL);
}

static float quantize_weights(const float *w, const float *column_scale, int k, int8_t *q, int64_t stride, int32_t *sum) {
  float most = 0;
  for (int i = 0; i < k; i++) {
    float v = column_scale ? w[i] * column_scale[i] : w[i];
    most = ck_max(most, v < 0 ? -v : v);
  }
  const float scale = most > CK_TINY ? most / 127.0f : 1.0f, inverse = 1.0f / scale;
  *sum = 0;
  for (int i = 0; i < k; i++) {
    float v = column_scale ? w[i] * column_scale[i] : w[i];
    v = (v * inverse + CK_ROUND) - CK_ROUND;
    int8_t byte = (int8_t)(int32_t)ck_min(ck_max(v, -127), 127);
    q[i / 4 * stride + i % 4] = byte;
    *sum += byte;
  }
  return scale;
}

static float softmax_u16_row(float *x, const float *value_scales, int count, uint8_t *planes, int padded) {
  float most = row_max(x, count), largest = 0, lanes[16] = {0};
  for (int i = 0; i < count; i++) {
    float e = ck_exp(x[i] - most);
    lanes[i % 16] = lanes[i % 16] + e;
    x[i] = e * value_scales[i];
    largest = ck_max(largest, x[i]);
  }
  memset(planes, 0, 2 * (size_t)padded);
  if (!(largest > CK_TINY)) return 0;
  float factor = CK_WEIGHT_MAX / largest;
  for (int i = 0; i < count; i++) {
    int32_t weight = (int32_t)(fmaf(x[i], factor, CK_ROUND) - CK_ROUND);
    planes[i] = (uint8_t)(weight >> 8);
    planes[padded + i] = (uint8_t)(weight & 255);
  }
  return largest / CK_WEIGHT_MAX / ck_fold_sum(lanes);
}

static void softmax_u16(float *x, int64_t ldx, int rows, const float *value_scales, int count, uint8_t *planes, int padded,
                        float *units) {
  for (int r = 0; r < rows; r++)
    units[r] = softmax_u16_row(x + r * ldx, value_scales, count, planes + 2 * (int64_t)r * padded, padded);
}

static void activate(float *x, int64_t count, ck_activation activation) {
  for (int64_t i = 0; i < count; i++) x[i] = ck_apply(x[i], activation);
}

static void function(int which, const float *x, float *y, int64_t count) {
  for (int64_t i = 0; i < count; i++)
    y[i] = which == 0 ? ck_exp(x[i]) : which == 1 ? ck_erf(x[i]) : which == 2 ? ck_tanh(x[i]) : ck_sigmoid(x[i]);
}

static float contraction(float a, float b, float c) { return a * b + c; }

static void gemm_i8(const ck_linear_i8 *l, int row0, int row1, int panel0, int panel1, ck_ahead next) {
  (void)next;
  int steps = l->k / CKPanelStep;
  for (int panel = panel0; panel < panel1; panel++)
    for (int row = row0; row < row1; row++) {
      const uint8_t *a = l->a + row * l->lda;
      const int8_t *w = l->w + (int64_t)panel * steps * 64;
      int32_t acc[CKPanelRows] = {0};
      for (int k = 0; k < steps; k++)
        for (int j = 0; j < CKPanelRows; j++)
          for (int i = 0; i < CKPanelStep; i++) acc[j] += a[k * 4 + i] * w[k * 64 + j * 4 + i];
      for (int j = 0; j < CKPanelRows && panel * CKPanelRows + j < l->n; j++) {
        int n = panel * CKPanelRows + j;
        float scale = l->a_scale[row] * l->w_scale[n];
        // Unsigned, because the sums of a damaged file may be anything and must wrap as vector code does.
        uint32_t sum = (uint32_t)acc[j] - (uint32_t)l->a_zero[row] * (uint32_t)l->w_sum[n];
        float v = fmaf((float)(int32_t)sum, scale, l->bias ? l->bias[n] : 0);
        v = ck_apply(v, l->activation);
        l->y[row * l->ldy + n] = l->residual ? l->residual[row * l->ld_residual + n] + v : v;
      }
    }
}

static void decode_i4(const uint8_t *codes, const int8_t *sub_scales, int steps, int8_t *panel, int32_t *sums) {
  memset(sums, 0, CKPanelRows * sizeof *sums);
  for (int step = 0; step < steps; step++)
    for (int i = 0; i < 64; i++) {
      int row = i / 4, byte = codes[step * 32 + i % 32];
      int code = ck_i4_codes[i < 32 ? byte & 15 : byte >> 4], sub_scale = sub_scales[step / CKGroupSteps * 16 + row];
      // >> of a negative number rounds down with every compiler this is built by.
      int8_t value = (int8_t)((code * sub_scale + 64) >> 7);
      panel[step * 64 + i] = value;
      sums[row] += value;
    }
}

static int nearest_code(float y, float inverse) {
  float t = y * inverse;
  int index = 0;
  while (index < 15 && t > ck_i4_middles[index]) index++;
  return index;
}

static int decoded(int index, int sub_scale) { return (ck_i4_codes[index] * sub_scale + 64) >> 7; }

// The code of a column, and what its byte misses; error[k] is what later columns hear of if there is feedback.
static int code_of_column(const ck_i4_block *b, int row, int k, int feeds_back, float inverse, int sub_scale,
                          float *error, float *miss) {
  float t = feeds_back ? b->target[k][row] : b->y[k][row];
  if (feeds_back)
    for (int j = 0; j < k; j++) t = fmaf(error[j], b->coefficients[k * 16 + j], t);
  int index = nearest_code(t, inverse);
  float byte = (float)decoded(index, sub_scale);
  error[k] = fmaf(byte, -128, b->y[k][row]);
  *miss = fmaf(t, 0.0078125f, -byte);
  return index;
}

static void search_row_i4(ck_i4_block *b, int row, int feeds_back) {
  float(*targets)[16] = feeds_back ? b->target : b->y;
  float high = targets[0][row], low = -high, errors[16], miss;
  for (int k = 1; k < 16; k++) {
    high = ck_max(high, targets[k][row]);
    low = ck_max(low, -targets[k][row]);
  }
  float most = ck_max(high, low), least_error = INFINITY;
  int toward = high > low ? -1 : 1, best = 0;
  for (int end = 0; end < 2; end++)
    for (int i = 0; i < CKSearchSizes; i++) {
      float size = most * (ck_i4_sizes[i] * (end ? CK_I4_OTHER_END : 1.0f) / 127.0f);
      size = ck_min(ck_max((size + CK_ROUND) - CK_ROUND, 1), 127);
      int sub_scale = (int)size * (end ? -toward : toward);
      float inverse = 1.0f / (float)sub_scale, error = 0;
      for (int k = 0; k < 16; k++) {
        code_of_column(b, row, k, feeds_back, inverse, sub_scale, errors, &miss);
        error = fmaf(miss * miss, b->importance[k], error);
      }
      if (error < least_error) {
        least_error = error;
        best = sub_scale;
      }
    }
  if (!(most > 0)) best = 0;
  float inverse = best ? 1.0f / (float)best : 0;
  b->sub_scale[row] = (int8_t)best;
  for (int k = 0; k < 16; k++) {
    int index = code_of_column(b, row, k, feeds_back, inverse, best, errors, &miss);
    float byte = (float)decoded(index, best), weighted = byte * b->importance[k];
    b->index[k][row] = (uint8_t)index;
    if (feeds_back) {
      b->error[k][row] = errors[k];
      continue;
    }
    b->products[row] = fmaf(weighted, b->y[k][row], b->products[row]);
    b->squares[row] = fmaf(weighted, byte, b->squares[row]);
  }
}

static void search_i4(ck_i4_block *block) {
  for (int row = 0; row < 16; row++) search_row_i4(block, row, 0);
}

static void search_i4_feedback(ck_i4_block *block) {
  for (int row = 0; row < 16; row++) search_row_i4(block, row, 1);
}

static void feed_back(const float (*error)[16], const float *coefficients, int count, float (*target)[16]) {
  for (int k = 0; k < count; k++)
    for (int row = 0; row < 16; row++)
      for (int j = 0; j < 16; j++) target[k][row] = fmaf(error[j][row], coefficients[(int64_t)k * 16 + j], target[k][row]);
}

static void weigh_values(const ck_weighted_values *w) {
  int steps = w->k / CKPanelStep;
  for (int n0 = 0; n0 < w->n; n0 += CKPanelRows)
    for (int row = 0; row < w->rows; row++) {
      const uint8_t *high = w->planes + 2 * row * w->ld, *low = high + w->ld;
      const int8_t *values = w->values + (int64_t)n0 * w->k;
      int32_t high_sums[CKPanelRows] = {0}, low_sums[CKPanelRows] = {0};
      for (int k = 0; k < steps; k++)
        for (int j = 0; j < CKPanelRows; j++)
          for (int i = 0; i < CKPanelStep; i++) {
            int8_t value = values[k * 64 + j * 4 + i];
            high_sums[j] += high[k * 4 + i] * value;
            low_sums[j] += low[k * 4 + i] * value;
          }
      for (int j = 0; j < CKPanelRows && n0 + j < w->n; j++)
        w->y[row * w->ldy + n0 + j] = fmaf((float)high_sums[j], 256.0f, (float)low_sums[j]) * w->unit[row];
    }
}

static float weight(const ck_linear_f32 *l, int64_t index) {
  return l->storage == CK_F16 ? ck_f16_value(((const uint16_t *)l->w)[index]) : ((const float *)l->w)[index];
}

static float finish(const ck_linear_f32 *l, int row, int n, float v) {
  if (l->bias) v = v + l->bias[n];
  v = ck_apply(v, l->activation);
  return l->residual ? l->residual[row * l->ld_residual + n] + v : v;
}

static void gemm_f32(const ck_linear_f32 *l, int n0, int n1, float *scratch) {
  for (int n = n0; n < n1; n++) {
    for (int k = 0; k < l->k; k++) scratch[k] = weight(l, (int64_t)n * l->k + k);
    for (int row = 0; row < l->rows; row++) {
      float acc = 0;
      for (int k = 0; k < l->k; k++) acc = fmaf(l->x[row * l->ldx + k], scratch[k], acc);
      l->y[row * l->ldy + n] = finish(l, row, n, acc);
    }
  }
}

static void epilogue(const ck_linear_f32 *l, int row0, int row1) {
  for (int row = row0; row < row1; row++)
    for (int n = 0; n < l->n; n++) l->y[row * l->ldy + n] = finish(l, row, n, l->y[row * l->ldy + n]);
}

const ck_kernels ck_kernels_scalar = {
    .isa = CK_ISA_SCALAR, .f32_block = 16, .gemm_i8 = gemm_i8, .gemm_f32 = gemm_f32, .epilogue = epilogue,
    .layer_norm = layer_norm, .quantize_row = quantize_row, .l2_normalize = l2_normalize, .softmax = softmax,
    .decode_i4 = decode_i4, .search_i4 = search_i4, .search_i4_feedback = search_i4_feedback,
    .feed_back = feed_back, .quantize_symmetric = quantize_symmetric, .quantize_weights = quantize_weights,
    .softmax_u16 = softmax_u16, .weigh_values = weigh_values,
    .activate = activate, .function = function, .contraction = contraction,
};
