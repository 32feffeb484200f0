// The table of kernels each instruction set fills. A kernel works on a range of rows or panels and never splits an
// output element; the drivers in ops_*.c spread ranges over threads.
#ifndef CK_KERNELS_H
#define CK_KERNELS_H

#include "include/CKernels.h"

enum { CKPanelRows = 16, CKPanelStep = 4, CKFloatPackMax = 64, CKGroupSteps = 4 };

/// Y[rows, n] = values weighted by probabilities of 16 bits, see Formats/numerics.md §6.2.
typedef struct {
  const uint8_t *planes;  ///< [rows][2][ld]: the high bytes of a row, then its low bytes
  const float *unit;      ///< [rows] what a sum is multiplied by
  const int8_t *values;   ///< N16K4 panels: [ceil(n/16)][k/4][16][4]
  float *y;               ///< [rows, ldy]
  int64_t ld, ldy;
  int32_t rows, n, k;     ///< k is a multiple of 4
} ck_weighted_values;

/// What is read after the work at hand: a kernel may bring it nearer meanwhile. Weights are read once for all the rows of
/// a task, from memory, and whoever reads them first would wait.
typedef struct {
  const void *at;
  int64_t bytes;
} ck_ahead;

/// A way through what is read next, a little each step: asked for all at once, it would take the buffers that lines of
/// weights come in by.
typedef struct {
  const char *at;
  int64_t position, stride;  ///< in 256ths of a byte: with many steps, little is each one's
} ck_steps_ahead;

/// Nothing to come is `own` again and again: behind the weights there may be no page, and to find that out costs more than
/// a step.
static inline ck_steps_ahead ck_in_steps(ck_ahead ahead, int64_t steps, const void *own) {
  if (ahead.bytes == 0) return (ck_steps_ahead){own, 0, 0};
  return (ck_steps_ahead){ahead.at, 0, ahead.bytes * 256 / steps};
}

/// Asks for a step's part, to the second cache.
static inline void ck_step_ahead(ck_steps_ahead *ahead) {
  __builtin_prefetch(ahead->at + (ahead->position >> 8), 0, 2);
  ahead->position += ahead->stride;
}

/// 16 rows of 16 weights that share a sub-scale each, on the way to codes. Row r is lane r.
typedef struct {
  float y[16][16];            ///< [column][row]: weights in units of the row's scale / 128
  float importance[16];       ///< of each column
  uint8_t index[16][16];      ///< [column][row]: the codes found
  int8_t sub_scale[16];       ///< [row]
  float products[16];         ///< [row]: grows by importance * y * byte
  float squares[16];          ///< [row]: grows by importance * byte * byte
  float target[16][16];       ///< [column][row]: y with what errors of columns before the block ask for
  const float *coefficients;  ///< [column k][column j]: how much of j's error k makes good, for j < k
  float error[16][16];        ///< [column][row]: y less what the code found stands for
} ck_i4_block;

typedef struct {
  ck_isa isa;
  /// Columns of W that gemm_f32 packs and works on at a time.
  int f32_block;
  /// Rows [row0, row1) times panels [panel0, panel1).
  void (*gemm_i8)(const ck_linear_i8 *linear, int row0, int row1, int panel0, int panel1, ck_ahead next);
  /// One panel of `steps` steps, a multiple of 4: bytes and the sum of each row's.
  void (*decode_i4)(const uint8_t *codes, const int8_t *sub_scales, int steps, int8_t *panel, int32_t *sums);
  /// Finds index and sub_scale of a block.
  void (*search_i4)(ck_i4_block *block);
  /// The same with `target` and `coefficients`: each column makes good what those before it miss. Writes `error`, not
  /// `products` and `squares`.
  void (*search_i4_feedback)(ck_i4_block *block);
  /// target[k][row] += sum of coefficients[k][j] * error[j][row] over the 16 columns j, for `count` columns k.
  void (*feed_back)(const float (*error)[16], const float *coefficients, int count, float (*target)[16]);
  /// All rows times columns [n0, n1); n1 - n0 <= f32_block. `scratch` holds k * f32_block floats.
  void (*gemm_f32)(const ck_linear_f32 *linear, int n0, int n1, float *scratch);
  /// Columns [n0, n1) of all rows: y = activation(y + bias) (+ residual).
  void (*epilogue)(const ck_linear_f32 *linear, int row0, int row1);
  void (*layer_norm)(const float *x, const float *gain, const float *bias, float epsilon, int rows, int width, float *y);
  void (*quantize_row)(const float *x, const float *input_scale, int width, uint8_t *q, int padded, float *scale,
                       int32_t *zero);
  void (*l2_normalize)(float *x, int width);
  /// x = exp(x - max) and returns 1 / sum.
  float (*softmax)(float *x, int count);
  /// Symmetric signed bytes of rows ldx and ldq apart, their scales, 0 for a row of zeros, and their sums unless `sums` is
  /// NULL.
  void (*quantize_symmetric)(const float *x, int64_t ldx, int rows, int width, int8_t *q, int64_t ldq, float *scales,
                             int32_t *sums);
  /// Signed bytes of a row of weights (times column_scale, or NULL) and their sum, see Formats/numerics.md §7.1: byte k goes
  /// to q[k / 4 * stride + k % 4]. Returns the scale.
  float (*quantize_weights)(const float *w, const float *column_scale, int k, int8_t *q, int64_t stride, int32_t *sum);
  /// Probabilities times the scales of the values in 16 bits, see Formats/numerics.md §6.2, for rows of scores `ldx`
  /// apart: high bytes of row r from `planes + 2 * r * padded`, its low bytes `padded` further. `padded` is a multiple of
  /// 16, at most ldx; x is overwritten, and what it holds beyond `count` has no influence. value_scales has `padded` elements, zeros beyond `count`. units[r] is what a sum of
  /// weighted values is multiplied by.
  void (*softmax_u16)(float *x, int64_t ldx, int rows, const float *value_scales, int count, uint8_t *planes, int padded,
                      float *units);
  /// All rows and panels.
  void (*weigh_values)(const ck_weighted_values *job);
  void (*activate)(float *x, int64_t count, ck_activation activation);
  void (*function)(int function, const float *x, float *y, int64_t count);
  float (*contraction)(float a, float b, float c);
} ck_kernels;

extern const ck_kernels ck_kernels_scalar;
#if defined(__x86_64__)
extern const ck_kernels ck_kernels_avx2;
extern const ck_kernels ck_kernels_avxvnni;
extern const ck_kernels ck_kernels_avx512vnni;
#elif defined(__aarch64__)
extern const ck_kernels ck_kernels_neon;
extern const ck_kernels ck_kernels_dotprod;
extern const ck_kernels ck_kernels_i8mm;
#endif

/// Adds 128 to bytes of queries, which makes them unsigned.
void ck_bias_queries(int8_t *bytes, int64_t count);
/// The kernels of an available instruction set.
const ck_kernels *ck_kernels_for(ck_isa isa);
/// The engine's kernels and the scratch memory of one worker.
const ck_kernels *ck_engine_kernels(const ck_engine *engine);
void *ck_engine_scratch(ck_engine *engine, int worker);

#endif
