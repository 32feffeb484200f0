// The arithmetic of the runtime: matrix products, row operations and attention over a thread pool, with one table of
// kernels for each instruction set.
//
// The same-bits promise: for equal inputs every function here writes the same bits whatever the instruction set, the
// number of threads and the other rows of the batch. Formats/numerics.md defines each operation to the bit.
// Nothing here prints, allocates behind the caller's back (engines own their scratch memory) or touches global state.
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "resample.h"

/// Instruction sets, best last within an architecture. The values are not stored anywhere.
typedef enum {
  CK_ISA_SCALAR = 0,      ///< portable C, on every machine
  CK_ISA_AVX2 = 1,        ///< x86-64 with AVX2, FMA and F16C
  CK_ISA_AVXVNNI = 2,     ///< the same with AVX-VNNI
  CK_ISA_AVX512VNNI = 3,  ///< x86-64 with AVX-512 F, BW, VL, DQ and VNNI
  CK_ISA_NEON = 4,        ///< ARM64
  CK_ISA_DOTPROD = 5,     ///< ARM64 with 8-bit dot products
  CK_ISA_I8MM = 6,        ///< ARM64 with 8-bit dot and matrix products
  CK_ISA_COUNT = 7,
} ck_isa;

/// What is applied to the output of a linear layer after its bias.
typedef enum {
  CK_ACTIVATION_NONE = 0,
  CK_ACTIVATION_GELU = 1,        ///< x/2 (1 + erf(x/sqrt 2))
  CK_ACTIVATION_QUICK_GELU = 2,  ///< x sigmoid(1.702 x)
  CK_ACTIVATION_TANH = 3,
} ck_activation;

/// How the elements of a row-major table or matrix are stored.
typedef enum {
  CK_F32 = 0,
  CK_F16 = 1,
  CK_I8_ROWS = 2,  ///< signed bytes with one f32 scale a row
} ck_storage;

/// A pool of threads, the kernels of one instruction set and the scratch memory they need. Used by one caller at a time.
typedef struct ck_engine ck_engine;

/// Short name of an instruction set, as TAIYI_ISA spells it.
const char *ck_isa_name(ck_isa isa);
/// 1 if this processor runs `isa` and this library has kernels for it.
int ck_isa_available(ck_isa isa);
/// The best available instruction set.
ck_isa ck_isa_best(void);

/// An engine with `threads` threads (the caller counts as one), or NULL when there is no memory or no thread to be had.
/// `isa` must be available.
ck_engine *ck_engine_create(ck_isa isa, int threads);
void ck_engine_destroy(ck_engine *engine);
int ck_engine_threads(const ck_engine *engine);
ck_isa ck_engine_isa(const ck_engine *engine);
/// Makes sure that each thread has `bytes` of scratch memory; 0, or -1 when there is no memory.
int ck_engine_reserve(ck_engine *engine, size_t bytes);
/// The scratch memory each thread has.
size_t ck_engine_reserved(const ck_engine *engine);

/// Calls `task(context, index, worker)` for every index in [0, count), each exactly once, spread over the threads, with
/// the floating-point environment of the promise (round to nearest, subnormals kept). Returns when all are done.
void ck_run(ck_engine *engine, int count, void (*task)(void *context, int index, int worker), void *context);

// MARK: Matrix products

/// Y[rows, n] = activation(X W^T + bias) (+ residual), with quantized X and panels of W. See Formats/numerics.md §5.
typedef struct {
  const uint8_t *a;         ///< [rows, lda] quantized activations
  const float *a_scale;     ///< [rows]
  const int32_t *a_zero;    ///< [rows] zero points
  const int8_t *w;          ///< N16K4 panels: [ceil(n/16)][k/4][16][4]
  const float *w_scale;     ///< [n rounded up to 16]
  const int32_t *w_sum;     ///< [n rounded up to 16] sums of each row of W
  const float *bias;        ///< [n] or NULL
  const float *residual;    ///< [rows, ld_residual] or NULL; may be `y`
  float *y;                 ///< [rows, ldy]
  int64_t lda, ld_residual, ldy;
  int32_t rows, n, k;       ///< k is a multiple of 4, at least 4
  int32_t activation;       ///< a ck_activation
} ck_linear_i8;

void ck_linear_i8_run(ck_engine *engine, const ck_linear_i8 *linear);

/// The same with weights of 4 bits, which are decoded to such panels a few at a time. See Formats/numerics.md §5.3.
typedef struct {
  ck_linear_i8 product;     ///< without `w` and `w_sum`; k is a multiple of 16
  const uint8_t *codes;     ///< [ceil(n/16)][k/4][32]
  const int8_t *sub_scales; ///< [ceil(n/16)][k/16][16]
} ck_linear_i4;

/// Scratch memory a thread needs for `ck_linear_i4_run` with this k.
size_t ck_linear_i4_scratch(int k);
void ck_linear_i4_run(ck_engine *engine, const ck_linear_i4 *linear);

/// Y[rows, n] = activation(X W^T + bias) (+ residual) in f32: one chain of fused multiply-adds an output, k ascending.
typedef struct {
  const float *x;           ///< [rows, ldx]
  const void *w;            ///< [n, k] row-major
  const float *bias;        ///< [n] or NULL
  const float *residual;    ///< [rows, ld_residual] or NULL; may be `y`
  float *y;                 ///< [rows, ldy]
  int64_t ldx, ld_residual, ldy;
  int32_t rows, n, k;
  int32_t storage;          ///< CK_F32 or CK_F16, of `w`
  int32_t activation;       ///< a ck_activation
} ck_linear_f32;

/// Scratch memory a thread needs for `ck_linear_f32_run` with this k.
size_t ck_linear_f32_scratch(int k);
void ck_linear_f32_run(ck_engine *engine, const ck_linear_f32 *linear);

/// bias, activation and residual alone, for products made by another library: y[rows, ldy] is changed in place.
void ck_epilogue_run(ck_engine *engine, const ck_linear_f32 *linear);

// MARK: Row operations, each over [rows, width], row-major and contiguous

/// y = (x - mean) / sqrt(variance + epsilon) * gain + bias; y may be x.
void ck_layer_norm(ck_engine *engine, const float *x, const float *gain, const float *bias, float epsilon, int rows,
                   int width, float *y);
/// Quantizes each row to unsigned bytes with its own scale and zero point, after multiplying by `input_scale` (or
/// NULL). Row r of q starts at q + r * ldq; bytes [width, ldq) are set to zero.
void ck_quantize_rows(ck_engine *engine, const float *x, int64_t ldx, const float *input_scale, int rows, int width,
                      uint8_t *q, int64_t ldq, float *scale, int32_t *zero);
/// Divides each row by its Euclidean length; a row of zeros stays as it is.
void ck_l2_normalize(ck_engine *engine, float *x, int rows, int width);
/// out[r] = table[ids[r]] (+ out[r] if `accumulate`). Every id must lie inside the table.
void ck_gather_rows(ck_engine *engine, const void *table, ck_storage storage, const float *scales, const int32_t *ids,
                    int rows, int width, int accumulate, float *out);
/// y[r] += addend[r % period], rows of `width`.
void ck_add_rows(ck_engine *engine, float *y, const float *addend, int rows, int period, int width);
/// x = activation(x), `count` elements.
void ck_activate(ck_engine *engine, float *x, int64_t count, ck_activation activation);
/// Cuts pictures [items][3][side][side] into rows [items * (side/patch)^2][3 * patch * patch], patches row by row.
void ck_patches(ck_engine *engine, const float *pixels, int items, int side, int patch, float *rows);

// MARK: Attention

/// Queries, keys and values as symmetric bytes, head by head: heads of queries, then of keys, then of values. See
/// Formats/numerics.md §6.2.
typedef struct {
  int8_t *bytes;   ///< [3 * heads][rows][head_size]; queries with 128 added, as unsigned bytes
  float *scales;   ///< [3 * heads][rows]
  int32_t *sums;   ///< [3 * heads][rows] sums of the bytes; of keys only
  int64_t rows;
  int32_t heads;
  int32_t head_size;  ///< a multiple of 16 that divides 64
} ck_heads;

/// Scratch memory a thread needs for `ck_project_i8_run` and `ck_project_i4_run` with this k.
size_t ck_project_scratch(int k);
/// The linear layer of n = 3 * heads * head_size outputs that makes queries, keys and values, quantized where they are
/// made; `y`, `residual` and `activation` are not used.
void ck_project_i8_run(ck_engine *engine, const ck_linear_i8 *linear, const ck_heads *heads);
void ck_project_i4_run(ck_engine *engine, const ck_linear_i4 *linear, const ck_heads *heads);

/// Bidirectional self-attention without a mask over packed rows [items * tokens][3 * heads * head_size] (q, k, v).
typedef struct {
  const float *qkv;
  float *y;                 ///< [items * queries][heads * head_size]
  int32_t items, tokens;
  int32_t queries;          ///< how many of each item's first tokens are asked for, at most `tokens`
  int32_t heads, head_size;
  const ck_heads *quantized;  ///< of items * tokens rows, instead of qkv, or NULL; not for floats
} ck_attention;

/// Scratch memory a thread needs.
size_t ck_attention_f32_scratch(int tokens, int head_size);
size_t ck_attention_i8_scratch(int tokens, int head_size);
/// Products in f32 (float models).
void ck_attention_f32_run(ck_engine *engine, const ck_attention *attention);
/// Products in 8-bit integers (quantized models); at most 65,536 tokens and elements a head.
void ck_attention_i8_run(ck_engine *engine, const ck_attention *attention);

// MARK: Weights, as a converter and a checker need them

/// f32 from `count` elements at `x`, which need not be aligned: f16 and bf16 exactly, f64 to nearest, ties to even.
void ck_f16_to_f32(const void *x, float *y, int64_t count);
void ck_bf16_to_f32(const void *x, float *y, int64_t count);
void ck_f64_to_f32(const void *x, float *y, int64_t count);
/// f16 from f32, to nearest, ties to even; too large becomes infinite.
void ck_f32_to_f16(const float *x, uint16_t *y, int64_t count);
/// The index of the first infinite or NaN element, or -1.
int64_t ck_first_nonfinite(const float *x, int64_t count);
/// 1 if every element is a binary16 value.
int ck_all_f16_exact(const float *x, int64_t count);
/// columns[k] = max(columns[k], |x[r, k]|) over the rows of x.
void ck_column_maxima(const float *x, int rows, int k, float *columns);
/// The sum of (x[i] - y[i])^2, in order.
double ck_squared_distance(const float *x, const float *y, int64_t count);
/// y[k][r] = x[r][k].
void ck_transpose(const float *x, int rows, int k, float *y);
/// What a column's error asks of the columns after it: H = U D U^T of the inputs' second moments, U with a unit diagonal.
typedef struct {
  const float *weights;       ///< [k] D: what the squared error of a column counts when those before it are made good
  const float *coefficients;  ///< [k/16][k][16]: U[16 g + j, c] at [g][c][j]
} ck_feedback;

/// Quantizes `rows` rows of W[., k] (after multiplying column j by column_scale[j], or NULL) to signed bytes with one
/// symmetric scale a row. Writes the panels of rows rounded up to 16 and k rounded up to 4, padded with zeros, and
/// scales and sums of rows rounded up to 16. With `feedback` (or NULL) columns make good what those before them miss; k is
/// then a multiple of 16 and the engine's scratch memory at least `ck_feedback_scratch`.
void ck_quantize_panels(ck_engine *engine, const float *w, const float *column_scale, const ck_feedback *feedback,
                        int rows, int k, int8_t *panels, float *scales, int32_t *sums);
/// Scratch memory a thread needs to quantize with feedback.
size_t ck_feedback_scratch(int k);
/// Factors second moments of `k` inputs, k a multiple of 16.
///
/// `moments` holds the upper triangle, row by row; `input_scale` (or NULL) is what the inputs are multiplied by first.
/// `damping` times the mean of the diagonal is added to it. `workspace` [k, k] is overwritten. 0, or -1 when there is no
/// memory.
int ck_factor_moments(ck_engine *engine, const float *moments, const float *input_scale, int k, float damping,
                      float *workspace, float *weights, float *coefficients);
/// moments += X^T X, the upper triangle of which matters: `x` is transposed, [k, rows].
int ck_add_moments(ck_engine *engine, const float *x, int rows, int k, float *moments);

/// Quantizes `rows` rows of W[., k], k a multiple of 16, to 4-bit codes with a sub-scale for each 16 columns and a scale
/// a row. Without `feedback`, the sum of importance[j] (1 if NULL) times the squared error is small; with it, columns
/// make good what those before them miss, and the engine's scratch memory is at least `ck_feedback_scratch`. Padding
/// rows are zeros.
void ck_quantize_i4(ck_engine *engine, const float *w, const float *column_scale, const float *importance,
                    const ck_feedback *feedback, int rows, int k, uint8_t *codes, float *scales, int8_t *sub_scales);
/// The panels that codes and sub-scales stand for, and their sums, n rounded up to 16.
void ck_decode_i4(ck_isa isa, const uint8_t *codes, const int8_t *sub_scales, int n, int k, int8_t *panels,
                  int32_t *sums);
/// The same scheme for a table: row-major bytes, no padding, no sums.
void ck_quantize_table(ck_engine *engine, const float *w, int rows, int k, int8_t *q, float *scales);
/// Sums of the rows of panels, for a checker: sums[rows rounded up to 16].
void ck_panel_sums(const int8_t *panels, int rows, int k, int32_t *sums);
/// CRC-32C (Castagnoli) of `count` bytes, continuing from `crc` (0 to begin).
uint32_t ck_crc32c(uint32_t crc, const void *bytes, size_t count);
/// The same without special instructions.
uint32_t ck_crc32c_scalar(uint32_t crc, const void *bytes, size_t count);

// MARK: Probes for tests

/// a * b + c as the kernels of `isa` compile it; differs from the fused result for chosen operands unless the compiler
/// contracts.
float ck_probe_contraction(ck_isa isa, float a, float b, float c);
/// The elementary functions as the kernels of `isa` compute them: 0 exp, 1 erf, 2 tanh, 3 sigmoid.
void ck_probe_function(ck_isa isa, int function, const float *x, float *y, int64_t count);

#endif
