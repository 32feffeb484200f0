// Second moments of a matrix's inputs and their factors, for error feedback.
//
// With H = U D U^T the squared error of the outputs is the sum over columns k of D[k] (e[k] + sum e[j] U[j, k], j < k)^2:
// going through the columns, each can make good what those before it miss. The LDLQ form (Chee et al., NeurIPS 2023,
// arXiv 2307.13304) of GPTQ (Frantar et al., ICLR 2023, arXiv 2210.17323), which needs no inverse.
#include <stdlib.h>
#include <string.h>

#include "float_environment.h"
#include "kernels.h"

enum { Block = 64 };

int ck_add_moments(ck_engine *engine, const float *x, int rows, int k, float *moments) {
  if (ck_engine_reserve(engine, ck_linear_f32_scratch(rows)) != 0) return -1;
  ck_linear_f32 product = {.x = x, .w = x, .residual = moments, .y = moments, .ldx = rows, .ld_residual = k, .ldy = k,
                           .rows = k, .n = k, .k = rows, .storage = CK_F32};
  ck_linear_f32_run(engine, &product);
  return 0;
}

typedef struct {
  float *a;       // [n, n]
  int n, k0, width;
  const float *block;  // [width][Block]: the block's U, transposed
  const double *d;     // [width]
  float *scaled, *plain;  // [k0, width]: U D and U of the rows above the block
} block_job;

// Rows of U above a diagonal block: u D U_block^T = a, solved from the last column.
static void solve_task(void *context, int index, int worker) {
  (void)worker;
  const block_job *j = context;
  for (int row = index * Block; row < (index + 1) * Block && row < j->k0; row++) {
    float *a = j->a + (int64_t)row * j->n + j->k0, v[Block];
    memcpy(v, a, j->width * sizeof *v);
    for (int k = j->width - 1; k >= 0; k--) {
      const float *column = j->block + k * Block, scaled = v[k];
      for (int m = 0; m < k; m++) v[m] -= scaled * column[m];
      a[k] = (float)(scaled / j->d[k]);
      j->scaled[(int64_t)row * j->width + k] = -scaled;
      j->plain[(int64_t)row * j->width + k] = a[k];
    }
  }
}

// The diagonal block, in place: U above the diagonal, and D.
static void factor_block(float *a, int n, int width, float least, double *d, float *transposed) {
  double b[Block][Block];
  for (int i = 0; i < width; i++)
    for (int k = i; k < width; k++) b[i][k] = a[(int64_t)i * n + k];
  for (int k = width - 1; k >= 0; k--) {
    // Rounding may take what damping left.
    d[k] = b[k][k] > least ? b[k][k] : least;
    for (int i = 0; i < k; i++) {
      double u = b[i][k] / d[k];
      for (int m = i; m < k; m++) b[i][m] -= u * b[m][k];
      a[(int64_t)i * n + k] = (float)u;
      transposed[k * Block + i] = (float)u;
    }
  }
}

static void store_coefficients(const float *a, int n, float *coefficients) {
  for (int group = 0; group < n / 16; group++)
    for (int column = 0; column < n; column++)
      for (int j = 0; j < 16; j++)
        coefficients[((int64_t)group * n + column) * 16 + j] =
            column > group * 16 + j ? a[(int64_t)(group * 16 + j) * n + column] : 0;
}

static int factor_moments(ck_engine *engine, const float *moments, const float *input_scale, int k, float damping,
                          float *workspace, float *weights, float *coefficients) {
  const int n = k;
  float *a = workspace;
  double trace = 0;
  for (int i = 0; i < n; i++)
    for (int j = i; j < n; j++) {
      float v = *moments++ * (input_scale ? input_scale[i] * input_scale[j] : 1);
      a[(int64_t)i * n + j] = v;
      a[(int64_t)j * n + i] = v;
      if (i == j) trace += v;
    }
  const double mean = trace > 0 ? trace / n : 1;
  for (int i = 0; i < n; i++) a[(int64_t)i * n + i] += (float)(damping * mean);
  float *rows = malloc(2 * (size_t)n * Block * sizeof *rows);
  if (!rows || ck_engine_reserve(engine, ck_linear_f32_scratch(Block)) != 0) {
    free(rows);
    return -1;
  }
  float block[Block * Block];
  double d[Block];
  for (int k1 = n; k1 > 0;) {
    const int k0 = k1 > Block ? k1 - Block : 0, width = k1 - k0;
    factor_block(a + (int64_t)k0 * n + k0, n, width, (float)(1e-3 * damping * mean), d, block);
    for (int i = 0; i < width; i++) weights[k0 + i] = (float)d[i];
    block_job job = {a, n, k0, width, block, d, rows, rows + (int64_t)n * Block};
    ck_run(engine, (k0 + Block - 1) / Block, solve_task, &job);
    ck_linear_f32 update = {.x = job.scaled, .w = job.plain, .residual = a, .y = a, .ldx = width, .ld_residual = n,
                            .ldy = n, .rows = k0, .n = k0, .k = width, .storage = CK_F32};
    if (k0 > 0) ck_linear_f32_run(engine, &update);
    k1 = k0;
  }
  free(rows);
  store_coefficients(a, n, coefficients);
  return 0;
}

int ck_factor_moments(ck_engine *engine, const float *moments, const float *input_scale, int k, float damping,
                      float *workspace, float *weights, float *coefficients) {
  uint64_t saved = ck_float_environment_enter();
  const int result = factor_moments(engine, moments, input_scale, k, damping, workspace, weights, coefficients);
  ck_float_environment_leave(saved);
  return result;
}
