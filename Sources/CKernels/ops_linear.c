// Matrix products over the pool.
#include "kernels.h"

enum { RowsPerTask = 240, PanelsPerTask = 4 };

static int divide_up(int a, int b) { return (a + b - 1) / b; }

typedef struct {
  const ck_kernels *kernels;
  ck_engine *engine;
  const void *linear;
  int row_blocks;
} job;

static void linear_i8_task(void *context, int index, int worker) {
  (void)worker;
  const job *j = context;
  const ck_linear_i8 *l = j->linear;
  int row0 = index % j->row_blocks * RowsPerTask, panel0 = index / j->row_blocks * PanelsPerTask;
  int row1 = row0 + RowsPerTask < l->rows ? row0 + RowsPerTask : l->rows;
  int panels = divide_up(l->n, CKPanelRows);
  int panel1 = panel0 + PanelsPerTask < panels ? panel0 + PanelsPerTask : panels;
  j->kernels->gemm_i8(l, row0, row1, panel0, panel1);
}

void ck_linear_i8_run(ck_engine *engine, const ck_linear_i8 *linear) {
  job j = {ck_engine_kernels(engine), engine, linear, divide_up(linear->rows, RowsPerTask)};
  int panel_blocks = divide_up(divide_up(linear->n, CKPanelRows), PanelsPerTask);
  ck_run(engine, j.row_blocks * panel_blocks, linear_i8_task, &j);
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
  job j = {ck_engine_kernels(engine), engine, linear, 1};
  ck_run(engine, divide_up(linear->n, j.kernels->f32_block), linear_f32_task, &j);
}

static void epilogue_task(void *context, int index, int worker) {
  (void)worker;
  const job *j = context;
  j->kernels->epilogue(j->linear, index, index + 1);
}

void ck_epilogue_run(ck_engine *engine, const ck_linear_f32 *linear) {
  job j = {ck_engine_kernels(engine), engine, linear, 1};
  ck_run(engine, linear->rows, epilogue_task, &j);
}
