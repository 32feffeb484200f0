// Self-attention over the pool: a task is one head of one item.
#include <math.h>
#include <string.h>

#include "kernels.h"
#include "scalar/functions.h"

// Queries worked on at a time, so that scores stay in the cache.
enum { QueryBlock = 48 };

typedef struct {
  ck_engine *engine;
  const ck_kernels *kernels;
  const ck_attention *attention;
} job;

static int64_t round_up(int64_t x, int64_t to) { return (x + to - 1) / to * to; }

static void *take(char **scratch, size_t bytes) {
  void *p = *scratch;
  *scratch += round_up((int64_t)bytes, 64);
  return p;
}

// MARK: f32

size_t ck_attention_f32_scratch(int tokens, int head_size) {
  size_t longest = (size_t)(tokens > head_size ? tokens : head_size);
  size_t floats = 2 * (size_t)tokens * (size_t)head_size + QueryBlock * (size_t)(tokens + head_size);
  return ck_linear_f32_scratch((int)longest) + floats * sizeof(float) + 8 * 64;
}

static void multiply(const ck_kernels *kernels, const ck_linear_f32 *l, float *packed) {
  for (int n = 0; n < l->n; n += kernels->f32_block)
    kernels->gemm_f32(l, n, n + kernels->f32_block < l->n ? n + kernels->f32_block : l->n, packed);
}

static void attention_f32_task(void *context, int index, int worker) {
  const job *j = context;
  const ck_attention *a = j->attention;
  const int tokens = a->tokens, size = a->head_size, width = a->heads * size;
  const int64_t ld = 3 * (int64_t)width;
  const float *q = a->qkv + index / a->heads * (tokens * ld) + index % a->heads * size;
  float *y = a->y + (int64_t)(index / a->heads) * a->queries * width + index % a->heads * size;
  const float scale = 1.0f / sqrtf((float)size);

  char *scratch = ck_engine_scratch(j->engine, worker);
  float *packed = take(&scratch, ck_linear_f32_scratch(tokens > size ? tokens : size));
  float *keys = take(&scratch, sizeof(float) * (size_t)tokens * (size_t)size);
  float *values = take(&scratch, sizeof(float) * (size_t)tokens * (size_t)size);
  float *scores = take(&scratch, sizeof(float) * QueryBlock * (size_t)tokens);
  float *scaled = take(&scratch, sizeof(float) * QueryBlock * (size_t)size);

  for (int t = 0; t < tokens; t++) {
    memcpy(keys + (int64_t)t * size, q + width + t * ld, sizeof(float) * (size_t)size);
    for (int d = 0; d < size; d++) values[(int64_t)d * tokens + t] = q[2 * width + t * ld + d];
  }
  for (int t0 = 0; t0 < a->queries; t0 += QueryBlock) {
    int rows = a->queries - t0 < QueryBlock ? a->queries - t0 : QueryBlock;
    for (int r = 0; r < rows; r++)
      for (int d = 0; d < size; d++) scaled[r * size + d] = q[(t0 + r) * ld + d] * scale;
    ck_linear_f32 qk = {.x = scaled, .ldx = size, .w = keys, .y = scores, .ldy = tokens, .rows = rows, .n = tokens,
                        .k = size};
    multiply(j->kernels, &qk, packed);
    float inverse[QueryBlock];
    for (int r = 0; r < rows; r++) inverse[r] = j->kernels->softmax(scores + (int64_t)r * tokens, tokens);
    ck_linear_f32 pv = {.x = scores, .ldx = tokens, .w = values, .y = y + (int64_t)t0 * width, .ldy = width,
                        .rows = rows, .n = size, .k = tokens};
    multiply(j->kernels, &pv, packed);
    for (int r = 0; r < rows; r++)
      for (int d = 0; d < size; d++) y[(int64_t)(t0 + r) * width + d] = y[(int64_t)(t0 + r) * width + d] * inverse[r];
  }
}

void ck_attention_f32_run(ck_engine *engine, const ck_attention *attention) {
  job j = {engine, ck_engine_kernels(engine), attention};
  ck_run(engine, attention->items * attention->heads, attention_f32_task, &j);
}

// MARK: 8-bit integers

typedef struct {
  size_t key_panels, value_panels;  // bytes
  int padded_tokens, padded_size;   // multiples of 4
  int token_lanes, size_lanes;      // multiples of 16
} layout_i8;

static layout_i8 layout_for(int tokens, int size) {
  layout_i8 l;
  l.padded_tokens = (int)round_up(tokens, 4);
  l.padded_size = (int)round_up(size, 4);
  l.token_lanes = (int)round_up(tokens, 16);
  l.size_lanes = (int)round_up(size, 16);
  l.key_panels = (size_t)l.token_lanes * (size_t)l.padded_size;
  l.value_panels = (size_t)l.size_lanes * (size_t)l.padded_tokens;
  return l;
}

size_t ck_attention_i8_scratch(int tokens, int head_size) {
  layout_i8 l = layout_for(tokens, head_size);
  size_t lanes = (size_t)l.token_lanes;
  size_t bytes = l.key_panels + l.value_panels + 12 * lanes;
  bytes += 3 * ((size_t)tokens * (size_t)l.size_lanes + 4 * lanes) + 4 * lanes;
  bytes += QueryBlock * (2 * lanes + 4 * lanes);
  return bytes + 14 * 64;
}

// One head of one item: rows of size_lanes bytes, zeros beyond head_size. Queries are unsigned, 128 more.
typedef struct {
  const int8_t *q, *k, *v;
  const float *q_scales, *k_scales, *v_scales;
  const int32_t *k_sums;
} head_i8;

void ck_bias_queries(int8_t *bytes, int64_t count) {
  for (int64_t i = 0; i < count; i++) bytes[i] ^= (int8_t)0x80;
}

// Quantizes queries, keys or values of a head out of rows of floats.
static const int8_t *quantize_rows(const ck_kernels *kernels, const float *x, int64_t ld, int tokens, int size, int lanes,
                                   int8_t *bytes, float *scales, int32_t *sums) {
  kernels->quantize_symmetric(x, ld, tokens, size, bytes, lanes, scales, sums);
  for (int t = 0; t < tokens && size < lanes; t++) memset(bytes + (int64_t)t * lanes + size, 0, (size_t)(lanes - size));
  return bytes;
}

static head_i8 quantize_head(const ck_kernels *kernels, const ck_attention *a, int item, int head, const layout_i8 *l,
                             char **scratch) {
  const int tokens = a->tokens, size = a->head_size, width = a->heads * size, lanes = l->size_lanes;
  const int64_t ld = 3 * (int64_t)width;
  const float *x = a->qkv + item * (tokens * ld) + head * size;
  const size_t bytes = (size_t)tokens * (size_t)lanes;
  int8_t *rows[3];
  float *scales[3];
  for (int i = 0; i < 3; i++) {
    rows[i] = take(scratch, bytes);
    scales[i] = take(scratch, 4 * (size_t)l->token_lanes);
  }
  int32_t *sums = take(scratch, 4 * (size_t)l->token_lanes);
  quantize_rows(kernels, x, ld, a->queries, size, lanes, rows[0], scales[0], NULL);
  for (int t = 0; t < a->queries; t++) ck_bias_queries(rows[0] + (int64_t)t * lanes, size);
  quantize_rows(kernels, x + width, ld, tokens, size, lanes, rows[1], scales[1], sums);
  quantize_rows(kernels, x + 2 * width, ld, tokens, size, lanes, rows[2], scales[2], NULL);
  return (head_i8){rows[0], rows[1], rows[2], scales[0], scales[1], scales[2], sums};
}

static head_i8 find_head(const ck_attention *a, int item, int head) {
  const ck_heads *h = a->quantized;
  const int64_t first = (int64_t)item * a->tokens;
#define ROWS(part) (((int64_t)(part) * a->heads + head) * h->rows + first)
  return (head_i8){
      .q = h->bytes + ROWS(0) * a->head_size, .k = h->bytes + ROWS(1) * a->head_size,
      .v = h->bytes + ROWS(2) * a->head_size, .q_scales = h->scales + ROWS(0), .k_scales = h->scales + ROWS(1),
      .v_scales = h->scales + ROWS(2), .k_sums = h->sums + ROWS(1)};
#undef ROWS
}

static void copy_padded(void *to, const void *from, int count, int padded) {
  memcpy(to, from, 4 * (size_t)count);
  memset((char *)to + 4 * (size_t)count, 0, 4 * (size_t)(padded - count));
}

typedef int8_t bytes16 __attribute__((ext_vector_type(16)));
typedef int8_t bytes32 __attribute__((ext_vector_type(32)));
typedef int32_t words4 __attribute__((ext_vector_type(4)));

// What stands beyond the last token.
static const int8_t no_bytes[16];

// Keys are the 16-row side of panels: a key's bytes in groups of four, 64 bytes apart.
static void pack_keys(const int8_t *rows, int tokens, const layout_i8 *l, int8_t *panels) {
  for (int t = 0; t < l->token_lanes; t += 4) {
    int8_t *panel = panels + (int64_t)(t / CKPanelRows) * CKPanelRows * l->padded_size + t % CKPanelRows * CKPanelStep;
    for (int d = 0; d < l->padded_size; d += 16) {
      words4 r[4];
      for (int i = 0; i < 4; i++)
        memcpy(&r[i], t + i < tokens ? rows + (int64_t)(t + i) * l->size_lanes + d : no_bytes, sizeof r[i]);
      const words4 a = __builtin_shufflevector(r[0], r[1], 0, 4, 1, 5), b = __builtin_shufflevector(r[2], r[3], 0, 4, 1, 5);
      const words4 c = __builtin_shufflevector(r[0], r[1], 2, 6, 3, 7), e = __builtin_shufflevector(r[2], r[3], 2, 6, 3, 7);
      const words4 groups[4] = {
          __builtin_shufflevector(a, b, 0, 1, 4, 5), __builtin_shufflevector(a, b, 2, 3, 6, 7),
          __builtin_shufflevector(c, e, 0, 1, 4, 5), __builtin_shufflevector(c, e, 2, 3, 6, 7)};
      const int count = (l->padded_size - d) / CKPanelStep;
      for (int g = 0; g < 4 && g < count; g++)
        memcpy(panel + (int64_t)(d / CKPanelStep + g) * 64, &groups[g], sizeof groups[g]);
    }
  }
}

// Sixteen bytes of each of four rows, column by column.
static void interleave(const int8_t *const rows[4], int8_t *step) {
  bytes16 r[4];
  for (int i = 0; i < 4; i++) memcpy(&r[i], rows[i], sizeof r[i]);
#define PAIRS 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
  const bytes32 a = __builtin_shufflevector(r[0], r[1], PAIRS), b = __builtin_shufflevector(r[2], r[3], PAIRS);
  for (int half = 0; half < 2; half++) {
    bytes16 low, high;
    memcpy(&low, (const int8_t *)&a + 16 * half, sizeof low);
    memcpy(&high, (const int8_t *)&b + 16 * half, sizeof high);
    const bytes32 four = __builtin_shufflevector(low, high, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23, 8, 9,
                                                 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31);
    memcpy(step + 32 * half, &four, sizeof four);
  }
}

// Channels are the 16-row side: four tokens' bytes side by side for each.
static void pack_values(const int8_t *rows, int tokens, const layout_i8 *l, int8_t *panels) {
  for (int t = 0; t < tokens; t += CKPanelStep)
    for (int d = 0; d < l->size_lanes; d += CKPanelRows) {
      const int8_t *four[4];
      for (int i = 0; i < 4; i++) four[i] = t + i < tokens ? rows + (int64_t)(t + i) * l->size_lanes + d : no_bytes;
      interleave(four, panels + (int64_t)d * l->padded_tokens + t * CKPanelRows);
    }
}

static void attention_i8_task(void *context, int index, int worker) {
  const job *j = context;
  const ck_attention *a = j->attention;
  const int tokens = a->tokens, size = a->head_size, width = a->heads * size;
  const int item = index / a->heads, head = index % a->heads;
  float *y = a->y + (int64_t)item * a->queries * width + head * size;
  const float root = 1.0f / sqrtf((float)size);
  const layout_i8 l = layout_for(tokens, size);

  char *scratch = ck_engine_scratch(j->engine, worker);
  int8_t *keys = take(&scratch, l.key_panels), *values = take(&scratch, l.value_panels);
  float *key_scales = take(&scratch, 4 * (size_t)l.token_lanes);
  float *value_scales = take(&scratch, 4 * (size_t)l.token_lanes);
  int32_t *key_sums = take(&scratch, 4 * (size_t)l.token_lanes);
  uint8_t *planes = take(&scratch, QueryBlock * 2 * (size_t)l.token_lanes);
  float *scores = take(&scratch, 4 * QueryBlock * (size_t)l.token_lanes);
  float query_scales[QueryBlock], units[QueryBlock];
  int32_t zeros[QueryBlock];

  const head_i8 h = a->quantized ? find_head(a, item, head) : quantize_head(j->kernels, a, item, head, &l, &scratch);
  pack_keys(h.k, tokens, &l, keys);
  pack_values(h.v, tokens, &l, values);
  copy_padded(key_scales, h.k_scales, tokens, l.token_lanes);
  copy_padded(key_sums, h.k_sums, tokens, l.token_lanes);
  copy_padded(value_scales, h.v_scales, tokens, l.token_lanes);
  // The product wants one side unsigned: queries are 128 more, which the zero point takes off again exactly.
  for (int r = 0; r < QueryBlock; r++) zeros[r] = 128;

  for (int t0 = 0; t0 < a->queries; t0 += QueryBlock) {
    int rows = a->queries - t0 < QueryBlock ? a->queries - t0 : QueryBlock;
    for (int r = 0; r < rows; r++) query_scales[r] = h.q_scales[t0 + r] * root;
    ck_linear_i8 qk = {.a = (const uint8_t *)h.q + (int64_t)t0 * l.size_lanes, .lda = l.size_lanes,
                       .a_scale = query_scales, .a_zero = zeros, .w = keys, .w_scale = key_scales, .w_sum = key_sums,
                       .y = scores, .ldy = l.token_lanes, .rows = rows, .n = l.token_lanes, .k = l.padded_size};
    j->kernels->gemm_i8(&qk, 0, rows, 0, l.token_lanes / CKPanelRows, (ck_ahead){values, 0});
    j->kernels->softmax_u16(scores, l.token_lanes, rows, value_scales, tokens, planes, l.token_lanes, units);
    ck_weighted_values pv = {.planes = planes, .unit = units, .values = values, .y = y + (int64_t)t0 * width,
                             .ld = l.token_lanes, .ldy = width, .rows = rows, .n = size, .k = l.padded_tokens};
    j->kernels->weigh_values(&pv);
  }
}

void ck_attention_i8_run(ck_engine *engine, const ck_attention *attention) {
  job j = {engine, ck_engine_kernels(engine), attention};
  ck_run(engine, attention->items * attention->heads, attention_i8_task, &j);
}
