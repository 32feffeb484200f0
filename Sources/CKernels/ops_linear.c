// Matrix products over the pool.
#include "kernels.h"

// RowsTogether: what kernels work on at a time is a divisor of it, but for f32. RowsApart: fewer rows for each thread
// than that are not worth reading all weights for, so threads then divide the weights. RowsOfHeads: as many floats of a
// task's heads stay near until they are bytes.
enum { RowsPerTask = 264, RowsOfHeads = 132, RowsTogether = 12, RowsApart = 96 };
enum { PanelsPerTask = 4, PanelsOfTile = 2, FirstCache = 32 << 10 };

static int divide_up(int a, int b) { return (a + b - 1) / b; }
static int smaller(int a, int b) { return a < b ? a : b; }

typedef struct {
  const ck_kernels *kernels;
  ck_engine *engine;
  const void *linear;
  int block_rows, panels, panel_blocks;
  const ck_heads *heads;  // where results go instead, or NULL
} job;

// Blocks of rows of nearly the same length, so that no thread waits long for the other's last. Tasks go through the
// weights for one block, then for the next: with a block or more for each thread, activations stay where they were made.
static int divide_rows(job *j, int rows, int threads) {
  int blocks = divide_up(rows, j->heads ? RowsOfHeads : RowsPerTask);
  if (rows >= threads * RowsApart) blocks = divide_up(blocks, threads) * threads;
  j->block_rows = divide_up(divide_up(rows, blocks), RowsTogether) * RowsTogether;
  return divide_up(rows, j->block_rows);
}

// What a task makes of the columns from n0 on: columns counted from there.
static ck_linear_i8 columns_from(const ck_linear_i8 *l, int64_t n0, int count) {
  ck_linear_i8 part = *l;
  part.w_scale += n0;
  part.n = smaller(l->n - (int32_t)n0, count);
  if (part.bias) part.bias += n0;
  if (part.residual) part.residual += n0;
  if (part.y) part.y += n0;
  return part;
}

enum { TaskColumns = PanelsPerTask * CKPanelRows };

// Rows [row0, row1) of a part, `y` being [RowsPerTask][TaskColumns], to bytes: the heads of a task are whole.
static void project(const job *j, ck_linear_i8 *part, int row0, int row1, int n0, ck_ahead next) {
  const ck_heads *h = j->heads;
  const int size = h->head_size;
  float *y = part->y;
  part->ldy = TaskColumns;
  part->a += row0 * part->lda;
  part->a_scale += row0;
  part->a_zero += row0;
  part->rows = row1 - row0;
  part->residual = NULL;
  part->activation = CK_ACTIVATION_NONE;
  j->kernels->gemm_i8(part, 0, part->rows, 0, divide_up(part->n, CKPanelRows), next);
  for (int n = 0; n < part->n; n += size) {
    const int head = (n0 + n) / size, is_key = head / h->heads == 1;
    const int64_t at = head * h->rows + row0;
    int8_t *bytes = h->bytes + at * size;
    j->kernels->quantize_symmetric(y + n, TaskColumns, part->rows, size, bytes, size, h->scales + at,
                                   is_key ? h->sums + at : NULL);
    if (head < h->heads) ck_bias_queries(bytes, (int64_t)part->rows * size);
  }
}

static void linear_i8_task(void *context, int index, int worker) {
  const job *j = context;
  const ck_linear_i8 *l = j->linear;
  const int row0 = index / j->panel_blocks * j->block_rows, panel0 = index % j->panel_blocks * PanelsPerTask;
  const int row1 = smaller(row0 + j->block_rows, l->rows), panel1 = smaller(panel0 + PanelsPerTask, j->panels);
  const int64_t size = (int64_t)l->k * CKPanelRows;
  const ck_ahead next = {l->w + panel1 * size, smaller(PanelsPerTask, j->panels - panel1) * size};
  if (j->heads == NULL) {
    j->kernels->gemm_i8(l, row0, row1, panel0, panel1, next);
    return;
  }
  const int n0 = panel0 * CKPanelRows;
  ck_linear_i8 part = columns_from(l, n0, TaskColumns);
  part.w += panel0 * size;
  part.w_sum += n0;
  part.y = ck_engine_scratch(j->engine, worker);
  project(j, &part, row0, row1, n0, next);
}

static void run_i8(ck_engine *engine, const ck_linear_i8 *linear, const ck_heads *heads) {
  if (linear->rows <= 0 || linear->n <= 0) return;
  const int panels = divide_up(linear->n, CKPanelRows);
  job j = {ck_engine_kernels(engine), engine, linear, 0, panels, divide_up(panels, PanelsPerTask), heads};
  const int blocks = divide_rows(&j, linear->rows, ck_engine_threads(engine));
  ck_run(engine, blocks * j.panel_blocks, linear_i8_task, &j);
}

void ck_linear_i8_run(ck_engine *engine, const ck_linear_i8 *linear) { run_i8(engine, linear, NULL); }

void ck_project_i8_run(ck_engine *engine, const ck_linear_i8 *linear, const ck_heads *heads) {
  run_i8(engine, linear, heads);
}

static const size_t task_results = sizeof(float) * RowsPerTask * TaskColumns;

// Panels are decoded once and multiplied with all rows while they are in the first cache: all of a task if they fit, or
// where its heads become bytes, which takes whole heads of some rows; else as many as a tile has.
static void linear_i4_task(void *context, int index, int worker) {
  const job *j = context;
  const ck_linear_i4 *l = j->linear;
  const int steps = l->product.k / CKPanelStep, rows = l->product.rows, first = index * PanelsPerTask;
  const int end = smaller(first + PanelsPerTask, j->panels);
  const int together = j->heads || PanelsPerTask * steps * 64 <= FirstCache ? PanelsPerTask : PanelsOfTile;
  char *scratch = ck_engine_scratch(j->engine, worker);
  int8_t *decoded = (int8_t *)scratch + (j->heads ? task_results : 0);
  int32_t *sums = (int32_t *)(decoded + (int64_t)PanelsPerTask * steps * 64);
  for (int panel0 = first; panel0 < end; panel0 += together) {
    const int count = smaller(together, end - panel0), n0 = panel0 * CKPanelRows;
    for (int i = 0; i < count; i++) {
      int64_t panel = panel0 + i;
      j->kernels->decode_i4(l->codes + panel * steps * 32, l->sub_scales + panel * (steps / CKGroupSteps) * 16, steps,
                            decoded + (int64_t)i * steps * 64, sums + i * CKPanelRows);
    }
    ck_linear_i8 part = columns_from(&l->product, n0, count * CKPanelRows);
    part.w = decoded;
    part.w_sum = sums;
    // The codes of the next panels, a little each block of rows.
    const int blocks = divide_up(rows, RowsPerTask);
    const int64_t coming = (int64_t)smaller(together, j->panels - panel0 - count) * steps * 32 / blocks;
    const uint8_t *codes = l->codes + (int64_t)(panel0 + count) * steps * 32;
    for (int i = 0; i < blocks; i++, codes += coming) {
      const int row0 = i * RowsPerTask, row1 = smaller(row0 + RowsPerTask, rows);
      const ck_ahead next = {codes, coming};
      if (j->heads) {
        ck_linear_i8 block = part;
        block.y = (float *)scratch;
        project(j, &block, row0, row1, n0, next);
      } else {
        j->kernels->gemm_i8(&part, row0, row1, 0, count, next);
      }
    }
  }
}

size_t ck_linear_i4_scratch(int k) {
  return PanelsPerTask * ((size_t)k * CKPanelRows + CKPanelRows * sizeof(int32_t));
}

size_t ck_project_scratch(int k) { return task_results + ck_linear_i4_scratch(k); }

static void run_i4(ck_engine *engine, const ck_linear_i4 *linear, const ck_heads *heads) {
  if (linear->product.rows <= 0 || linear->product.n <= 0) return;
  const int panels = divide_up(linear->product.n, CKPanelRows);
  job j = {ck_engine_kernels(engine), engine, linear, 0, panels, divide_up(panels, PanelsPerTask), heads};
  ck_run(engine, j.panel_blocks, linear_i4_task, &j);
}

void ck_linear_i4_run(ck_engine *engine, const ck_linear_i4 *linear) { run_i4(engine, linear, NULL); }

void ck_project_i4_run(ck_engine *engine, const ck_linear_i4 *linear, const ck_heads *heads) {
  run_i4(engine, linear, heads);
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
  job j = {ck_engine_kernels(engine), engine, linear, 0, 0, 0, NULL};
  ck_run(engine, divide_up(linear->n, j.kernels->f32_block), linear_f32_task, &j);
}

static void epilogue_task(void *context, int index, int worker) {
  (void)worker;
  const job *j = context;
  j->kernels->epilogue(j->linear, index, index + 1);
}

void ck_epilogue_run(ck_engine *engine, const ck_linear_f32 *linear) {
  job j = {ck_engine_kernels(engine), engine, linear, 0, 0, 0, NULL};
  ck_run(engine, linear->rows, epilogue_task, &j);
}
