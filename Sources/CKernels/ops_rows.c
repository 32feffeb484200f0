// Operations on rows over the pool: a task is a run of rows, and each row is computed whole by one task.
#include <string.h>

#include "kernels.h"
#include "scalar/functions.h"

// As products divide rows, so that a thread mostly multiplies what it made.
enum { RowsPerTask = 12 };

typedef struct {
  const ck_kernels *kernels;
  const void *source;
  const float *gain, *bias;
  float *y;
  uint8_t *q;
  float *scale;
  int32_t *zero;
  const int32_t *ids;
  int64_t ldx, ldq;
  float epsilon;
  int rows, width, kind, flag, side;
} rows_job;

static void run_rows(ck_engine *engine, rows_job *job, void (*task)(void *, int, int)) {
  job->kernels = ck_engine_kernels(engine);
  ck_run(engine, (job->rows + RowsPerTask - 1) / RowsPerTask, task, job);
}

#define EACH_ROW(j, index) \
  for (int r = (index) * RowsPerTask; r < (j)->rows && r < ((index) + 1) * RowsPerTask; r++)

static void layer_norm_task(void *context, int index, int worker) {
  (void)worker;
  rows_job *j = context;
  const int row = index * RowsPerTask, rows = j->rows - row < RowsPerTask ? j->rows - row : RowsPerTask;
  const int64_t at = (int64_t)row * j->width;
  j->kernels->layer_norm((const float *)j->source + at, j->gain, j->bias, j->epsilon, rows, j->width, j->y + at);
}

void ck_layer_norm(ck_engine *engine, const float *x, const float *gain, const float *bias, float epsilon, int rows,
                   int width, float *y) {
  rows_job j = {.source = x, .gain = gain, .bias = bias, .y = y, .epsilon = epsilon, .rows = rows, .width = width};
  run_rows(engine, &j, layer_norm_task);
}

static void quantize_task(void *context, int index, int worker) {
  (void)worker;
  rows_job *j = context;
  EACH_ROW(j, index)
  j->kernels->quantize_row((const float *)j->source + r * j->ldx, j->gain, j->width, j->q + r * j->ldq, (int)j->ldq,
                           j->scale + r, j->zero + r);
}

void ck_quantize_rows(ck_engine *engine, const float *x, int64_t ldx, const float *input_scale, int rows, int width,
                      uint8_t *q, int64_t ldq, float *scale, int32_t *zero) {
  rows_job j = {.source = x, .ldx = ldx, .gain = input_scale, .q = q, .ldq = ldq, .scale = scale, .zero = zero,
                .rows = rows, .width = width};
  run_rows(engine, &j, quantize_task);
}

static void normalize_task(void *context, int index, int worker) {
  (void)worker;
  rows_job *j = context;
  EACH_ROW(j, index) j->kernels->l2_normalize(j->y + (int64_t)r * j->width, j->width);
}

void ck_l2_normalize(ck_engine *engine, float *x, int rows, int width) {
  rows_job j = {.y = x, .rows = rows, .width = width};
  run_rows(engine, &j, normalize_task);
}

static void gather_task(void *context, int index, int worker) {
  (void)worker;
  rows_job *j = context;
  EACH_ROW(j, index) {
    float *y = j->y + (int64_t)r * j->width;
    int64_t at = (int64_t)j->ids[r] * j->width;
    for (int i = 0; i < j->width; i++) {
      float v;
      if (j->kind == CK_F32) v = ((const float *)j->source)[at + i];
      else if (j->kind == CK_F16) v = ck_f16_value(((const uint16_t *)j->source)[at + i]);
      else v = (float)((const int8_t *)j->source)[at + i] * j->gain[j->ids[r]];
      y[i] = j->flag ? y[i] + v : v;
    }
  }
}

void ck_gather_rows(ck_engine *engine, const void *table, ck_storage storage, const float *scales, const int32_t *ids,
                    int rows, int width, int accumulate, float *out) {
  rows_job j = {.source = table, .kind = storage, .gain = scales, .ids = ids, .rows = rows, .width = width,
                .flag = accumulate, .y = out};
  run_rows(engine, &j, gather_task);
}

static void add_task(void *context, int index, int worker) {
  (void)worker;
  rows_job *j = context;
  EACH_ROW(j, index) {
    float *y = j->y + (int64_t)r * j->width;
    const float *x = j->gain + (int64_t)(r % j->side) * j->width;
    for (int i = 0; i < j->width; i++) y[i] = y[i] + x[i];
  }
}

void ck_add_rows(ck_engine *engine, float *y, const float *addend, int rows, int period, int width) {
  rows_job j = {.y = y, .gain = addend, .rows = rows, .side = period, .width = width};
  run_rows(engine, &j, add_task);
}

static void activate_task(void *context, int index, int worker) {
  (void)worker;
  rows_job *j = context;
  EACH_ROW(j, index) {
    int64_t from = (int64_t)r * 4096, left = j->ldx - from;
    j->kernels->activate(j->y + from, left < 4096 ? left : 4096, j->kind);
  }
}

void ck_activate(ck_engine *engine, float *x, int64_t count, ck_activation activation) {
  rows_job j = {.y = x, .ldx = count, .kind = activation, .rows = (int)((count + 4095) / 4096)};
  run_rows(engine, &j, activate_task);
}

static void patches_task(void *context, int index, int worker) {
  (void)worker;
  rows_job *j = context;
  int patch = j->kind, grid = j->side / patch;
  EACH_ROW(j, index) {
    int item = r / (grid * grid), py = r % (grid * grid) / grid, px = r % grid;
    float *y = j->y + (int64_t)r * 3 * patch * patch;
    for (int c = 0; c < 3; c++)
      for (int dy = 0; dy < patch; dy++, y += patch)
        memcpy(y, (const float *)j->source + (((int64_t)item * 3 + c) * j->side + py * patch + dy) * j->side + px * patch,
               (size_t)patch * sizeof(float));
  }
}

void ck_patches(ck_engine *engine, const float *pixels, int items, int side, int patch, float *rows) {
  int grid = side / patch;
  rows_job j = {.source = pixels, .y = rows, .side = side, .kind = patch, .rows = items * grid * grid};
  run_rows(engine, &j, patches_task);
}
