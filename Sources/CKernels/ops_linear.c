// Matrix products over the pool.
#include "kernels.h"

// RowsTogether: what kernels work on at a time is a divisor of it, but for f32.
enum { RowsPerTask = 240, RowsTogether = 6, PanelsPerTask = 4 };

static int divide_up(int a, int b) { return (a + b - 1) / b; }

typedef struct {
  const ck_kernels *kernels;
  ck_engine *engine;
  const void *linear;
  int row_blocks, block_rows;
} job;

// Blocks of rows of nearly the same length, so that no thread waits long for the other's last.
static void divide_rows(job *j, int rows) {
  j->row_blocks = divide_up(rows, RowsPerTask);
  j->block_rows = divide_up(divide_up(rows, j->row_blocks), RowsTogether) * RowsTogether;
}

static void linear_i8_task(void *context, int index, int worker) {
  (void)worker;
  const job *j = context;
  const ck_linear_i8 *l = j->linear;
  int row0 = index % j->row_blocks * j->block_rows, panel0 = index / j->row_blocks * PanelsPerTask;
  int row1 = row0 + j->block_rows < l->rows ? row0 + j->block_rows : l->rows;
  int panels = divide_up(l->n, CKPanelRows);
  int panel1 = panel0 + PanelsPerTask < panels ? panel0 + PanelsPerTask : panels;
  j->kernels->gemm_i8(l, row0, row1, panel0, panel1);
}

void ck_linear_i8_run(ck_engine *engine, const ck_linear_i8 *linear) {
  job j = {ck_engine_kernels(engine), engine, linear, 0, 0};
  divide_rows(&j, linear->rows);
  int panel_blocks = divide_up(divide_up(linear->n, CKPanelRows), PanelsPerTask);
  ck_run(engine, j.row_blocks * panel_blocks, linear_i8_task, &j);
}

// Panels are decoded once and multiplied with all rows while they are in the cache.
static void linear_i4_task(void *context, int index, int worker) {
  const job *j = context;
  const ck_linear_i4 *l = j->linear;
  const int steps = l->product.k / CKPanelStep, panels = divide_up(l->product.n, CKPanelRows);
  const int panel0 = index * PanelsPerTask;
  const int count = panel0 + PanelsPerTask < panels ? PanelsPerTask : panels - panel0;
  const int64_t n0 = (int64_t)panel0 * CKPanelRows;
  int8_t *decoded = ck_engine_scratch(j->engine, worker);
  int32_t *sums = (int32_t *)(decoded + (int64_t)PanelsPerTask * steps * 64);
  for (int i = 0; i < count; i++) {
    int64_t panel = panel0 + i;
    j->kernels->decode_i4(l->codes + panel * steps * 32, l->sub_scales + panel * (steps / CKGroupSteps) * 16, steps,
                          decoded + (int64_t)i * steps * 64, sums + i * CKPanelRows);
  }
  ck_linear_i8 part = l->product;
  part.w = decoded;
  part.w_sum = sums;
  part.w_scale += n0;
  part.n -= (int32_t)n0;
  if (part.n > count * CKPanelRows) part.n = count * CKPanelRows;
  if (part.bias) part.bias += n0;
  if (part.residual) part.residual += n0;
  part.y += n0;
  for (int row = 0; row < part.rows; row += RowsPerTask)
    j->kernels->gemm_i8(&part, row, row + RowsPerTask < part.rows ? row + RowsPerTask : part.rows, 0, count);
}

size_t ck_linear_i4_scratch(int k) {
  return PanelsPerTask * ((size_t)k * CKPanelRows + CKPanelRows * sizeof(int32_t));
}

void ck_linear_i4_run(ck_engine *engine, const ck_linear_i4 *linear) {
  job j = {ck_engine_kernels(engine), engine, linear, 1, 0};
  ck_run(engine, divide_up(divide_up(linear->product.n, CKPanelRows), PanelsPerTask), linear_i4_task, &j);
}

static void linear_f32_task(void *context, int index, int worker) {
  const job *j = context;
  const ck_linear_f32 *l = j->linear;
  int n0 = index * j->kernels->f32_block;
  int n1 = n0 + j->kernels->f32_block < l->n ? n0 + j->kernels->f32_block : l->n;
  j->kernels->gemm_f32(l, n0, n1, ck_engine_scratch(j->engine, worker));
}

size_t ck_linear_f32_scratch(int k) { return (size_t)k * CKFloatPackMax * sizeof(float); }

void ck_linear_f32_run(ck_engine *engine, const ck_linear_f32 *linear) {
  job j = {ck_engine_kernels(engine), engine, linear, 1, 0};
  ck_run(engine, divide_up(linear->n, j.kernels->f32_block), linear_f32_task, &j);
}

static void epilogue_task(void *context, int index, int worker) {
  (void)worker;
  const job *j = context;
  j->kernels->epilogue(j->linear, index, index + 1);
}

void ck_epilogue_run(ck_engine *engine, const ck_linear_f32 *linear) {
  job j = {ck_engine_kernels(engine), engine, linear, 1, 0};
  ck_run(engine, linear->rows, epilogue_task, &j);
}
