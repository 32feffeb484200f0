// What a converter does to weights. Runs on the workstation; nothing here is part of an encode.
#include <math.h>
#include <string.h>

#include "float_environment.h"
#include "kernels.h"
#include "scalar/functions.h"

void ck_f16_to_f32(const void *x, float *y, int64_t count) {
  uint64_t saved = ck_float_environment_enter();
  for (int64_t i = 0; i < count; i++) {
    uint16_t half;
    memcpy(&half, (const char *)x + 2 * i, 2);
    float v = ck_f16_value(half);
    // The multiplication in there takes an infinity or NaN for a large number; put the exponent back.
    if ((half & 0x7C00) == 0x7C00) v = half & 0x3FF ? NAN : half & 0x8000 ? -INFINITY : INFINITY;
    y[i] = v;
  }
  ck_float_environment_leave(saved);
}

void ck_bf16_to_f32(const void *x, float *y, int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    uint16_t half;
    memcpy(&half, (const char *)x + 2 * i, 2);
    uint32_t bits = (uint32_t)half << 16;
    memcpy(y + i, &bits, 4);
  }
}

void ck_f64_to_f32(const void *x, float *y, int64_t count) {
  uint64_t saved = ck_float_environment_enter();
  for (int64_t i = 0; i < count; i++) {
    double v;
    memcpy(&v, (const char *)x + 8 * i, 8);
    y[i] = (float)v;
  }
  ck_float_environment_leave(saved);
}

static uint16_t f16_from(float x) {
  uint32_t bits;
  memcpy(&bits, &x, 4);
  uint32_t sign = bits >> 16 & 0x8000, magnitude = bits & 0x7FFFFFFF;
  if (magnitude > 0x7F800000) return (uint16_t)(sign | 0x7E00);
  if (magnitude >= 0x47800000) return (uint16_t)(sign | 0x7C00);
  if (magnitude < 0x38800000) {
    // Subnormal: adding 0.5 leaves the value in units of 2^-24 in the low bits, rounded to nearest even.
    float v;
    memcpy(&v, &magnitude, 4);
    v = v + 0.5f;
    memcpy(&magnitude, &v, 4);
    return (uint16_t)(sign | (magnitude - 0x3F000000));
  }
  magnitude += 0xC8000FFF + (magnitude >> 13 & 1);
  return (uint16_t)(sign | magnitude >> 13);
}

void ck_f32_to_f16(const float *x, uint16_t *y, int64_t count) {
  uint64_t saved = ck_float_environment_enter();
  for (int64_t i = 0; i < count; i++) y[i] = f16_from(x[i]);
  ck_float_environment_leave(saved);
}

int64_t ck_first_nonfinite(const float *x, int64_t count) {
  const int64_t chunk = 4096;
  for (int64_t start = 0; start < count; start += chunk) {
    int64_t end = start + chunk < count ? start + chunk : count;
    // An exponent of ones, and nothing else, carries into the sign bit.
    uint32_t carries = 0;
    for (int64_t i = start; i < end; i++) {
      uint32_t bits;
      memcpy(&bits, x + i, 4);
      carries |= (bits & 0x7FFFFFFF) + 0x00800000;
    }
    if (carries < 0x80000000) continue;
    for (int64_t i = start; i < end; i++)
      if (!isfinite(x[i])) return i;
  }
  return -1;
}

int ck_all_f16_exact(const float *x, int64_t count) {
  uint64_t saved = ck_float_environment_enter();
  int exact = 1;
  for (int64_t i = 0; i < count && exact; i++) {
    uint16_t h = f16_from(x[i]);
    exact = (h & 0x7C00) != 0x7C00 && ck_f16_value(h) == x[i];
  }
  ck_float_environment_leave(saved);
  return exact;
}

double ck_squared_distance(const float *x, const float *y, int64_t count) {
  double sum = 0;
  for (int64_t i = 0; i < count; i++) {
    double d = (double)x[i] - y[i];
    sum += d * d;
  }
  return sum;
}

void ck_transpose(const float *x, int rows, int k, float *y) {
  enum { Tile = 32 };
  for (int r0 = 0; r0 < rows; r0 += Tile)
    for (int k0 = 0; k0 < k; k0 += Tile)
      for (int j = k0; j < k0 + Tile && j < k; j++)
        for (int r = r0; r < r0 + Tile && r < rows; r++) y[(int64_t)j * rows + r] = x[(int64_t)r * k + j];
}

void ck_column_maxima(const float *x, int rows, int k, float *columns) {
  for (int r = 0; r < rows; r++, x += k)
    for (int i = 0; i < k; i++) {
      float v = x[i] < 0 ? -x[i] : x[i];
      columns[i] = ck_max(columns[i], v);
    }
}

typedef struct {
  ck_engine *engine;
  const float *w, *column_scale;
  const ck_feedback *feedback;
  int8_t *out;
  float *scales;
  int32_t *sums;
  int rows, k;
} quantize_job;

static float row_scale(const float *w, const float *column_scale, int k) {
  float most = 0;
  for (int i = 0; i < k; i++) {
    float v = column_scale ? w[i] * column_scale[i] : w[i];
    most = ck_max(most, v < 0 ? -v : v);
  }
  return most > CK_TINY ? most / 127.0f : 1.0f;
}

static int8_t quantize(float v, float inverse) {
  v = (v * inverse + CK_ROUND) - CK_ROUND;
  return (int8_t)(int32_t)ck_min(ck_max(v, -127), 127);
}

static float weight(const quantize_job *j, int n, int k) {
  float v = j->w[(int64_t)n * j->k + k];
  return j->column_scale ? v * j->column_scale[k] : v;
}

static void panel_task(void *context, int index, int worker) {
  (void)worker;
  const quantize_job *j = context;
  const ck_kernels *kernels = ck_engine_kernels(j->engine);
  int padded = (j->k + 3) / 4 * 4;
  int8_t *panel = j->out + (int64_t)index * 16 * padded;
  memset(panel, 0, (size_t)padded * 16);
  for (int row = 0; row < 16; row++) {
    int n = index * 16 + row;
    j->scales[n] = 0;
    j->sums[n] = 0;
    if (n >= j->rows) continue;
    j->scales[n] = kernels->quantize_weights(j->w + (int64_t)n * j->k, j->column_scale, j->k, panel + row * 4, 64,
                                             j->sums + n);
  }
}

// The same, columns making good what those before them miss; target and error are in units of the row's scale.
static void panel_feedback_task(void *context, int index, int worker) {
  const quantize_job *j = context;
  const ck_kernels *kernels = ck_engine_kernels(j->engine);
  const int rows = j->rows - index * 16 < 16 ? j->rows - index * 16 : 16;
  float(*target)[16] = ck_engine_scratch(j->engine, worker), error[16][16], inverse[16] = {0};
  int8_t *panel = j->out + (int64_t)index * 16 * j->k;
  memset(panel, 0, (size_t)j->k * 16);
  memset(target, 0, (size_t)j->k * sizeof *target);
  for (int row = 0; row < 16; row++) {
    const int n = index * 16 + row;
    j->scales[n] = 0;
    j->sums[n] = 0;
    if (row >= rows) continue;
    j->scales[n] = row_scale(j->w + (int64_t)n * j->k, j->column_scale, j->k);
    inverse[row] = 1.0f / j->scales[n];
    for (int k = 0; k < j->k; k++) target[k][row] = weight(j, n, k) * inverse[row];
  }
  for (int group = 0; group < j->k / 16; group++) {
    const float *coefficients = j->feedback->coefficients + (int64_t)group * j->k * 16;
    const int k0 = group * 16;
    for (int i = 0; i < 16; i++) {
      const int k = k0 + i;
      float t[16];
      memcpy(t, target[k], sizeof t);
      for (int e = 0; e < i; e++)
        for (int row = 0; row < 16; row++) t[row] += error[e][row] * coefficients[(int64_t)k * 16 + e];
      for (int row = 0; row < 16; row++) {
        const int8_t q = quantize(t[row], 1);
        error[i][row] = (row < rows ? weight(j, index * 16 + row, k) * inverse[row] : 0) - (float)q;
        panel[k / 4 * 64 + row * 4 + k % 4] = q;
        j->sums[index * 16 + row] += q;
      }
    }
    kernels->feed_back(error, coefficients + (int64_t)(k0 + 16) * 16, j->k - k0 - 16, target + k0 + 16);
  }
}

void ck_quantize_panels(ck_engine *engine, const float *w, const float *column_scale, const ck_feedback *feedback,
                        int rows, int k, int8_t *panels, float *scales, int32_t *sums) {
  quantize_job j = {engine, w, column_scale, feedback, panels, scales, sums, rows, k};
  ck_run(engine, (rows + 15) / 16, feedback ? panel_feedback_task : panel_task, &j);
}

static void table_task(void *context, int index, int worker) {
  (void)worker;
  const quantize_job *j = context;
  for (int n = index * 64; n < j->rows && n < (index + 1) * 64; n++) {
    const int64_t at = (int64_t)n * j->k;
    int32_t sum;
    j->scales[n] = ck_engine_kernels(j->engine)->quantize_weights(j->w + at, NULL, j->k, j->out + at, 4, &sum);
  }
}

void ck_quantize_table(ck_engine *engine, const float *w, int rows, int k, int8_t *q, float *scales) {
  quantize_job j = {engine, w, NULL, NULL, q, scales, NULL, rows, k};
  ck_run(engine, (rows + 63) / 64, table_task, &j);
}

void ck_panel_sums(const int8_t *panels, int rows, int k, int32_t *sums) {
  int steps = (k + 3) / 4;
  for (int n = 0; n < (rows + 15) / 16 * 16; n++) {
    const int8_t *w = panels + (int64_t)(n / 16) * steps * 64 + n % 16 * 4;
    int32_t sum = 0;
    for (int s = 0; s < steps; s++) sum += w[s * 64] + w[s * 64 + 1] + w[s * 64 + 2] + w[s * 64 + 3];
    sums[n] = sum;
  }
}

float ck_probe_contraction(ck_isa isa, float a, float b, float c) { return ck_kernels_for(isa)->contraction(a, b, c); }

void ck_probe_function(ck_isa isa, int function, const float *x, float *y, int64_t count) {
  uint64_t saved = ck_float_environment_enter();
  ck_kernels_for(isa)->function(function, x, y, count);
  ck_float_environment_leave(saved);
}
