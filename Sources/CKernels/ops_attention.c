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
  float *y = a->y + (int64_t)(index / a->heads) * tokens * width + index % a->heads * size;
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
  for (int t0 = 0; t0 < tokens; t0 += QueryBlock) {
    int rows = tokens - t0 < QueryBlock ? tokens - t0 : QueryBlock;
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
  int64_t key_panels, value_panels;  // bytes
  int padded_tokens, padded_size;    // multiples of 4
  int token_lanes, size_lanes;       // multiples of 16
} layout_i8;

static layout_i8 layout_for(int tokens, int size) {
  layout_i8 l;
  l.padded_tokens = (int)round_up(tokens, 4);
  l.padded_size = (int)round_up(size, 4);
  l.token_lanes = (int)round_up(tokens, 16);
  l.size_lanes = (int)round_up(size, 16);
  l.key_panels = (int64_t)l.token_lanes * l.padded_size;
  l.value_panels = (int64_t)l.size_lanes * l.padded_tokens;
  return l;
}

size_t ck_attention_i8_scratch(int tokens, int head_size) {
  layout_i8 l = layout_for(tokens, head_size);
  size_t bytes = (size_t)(l.key_panels + l.value_panels);
  bytes += 8 * (size_t)(l.token_lanes + l.size_lanes) + 4 * (size_t)head_size;
  bytes += QueryBlock * ((size_t)l.padded_size + 2 * (size_t)l.padded_tokens + 4 * (size_t)tokens + 16);
  return bytes + 16 * 64;
}

// Symmetric signed bytes: scale = largest magnitude / 127, ties to even.
static float symmetric_scale(float most) { return most > CK_TINY ? most / 127.0f : 1.0f; }

static int8_t symmetric(float x, float inverse) {
  float v = (x * inverse + CK_ROUND) - CK_ROUND;
  return (int8_t)(int32_t)ck_min(ck_max(v, -127), 127);
}

// Keys are the 16-row side of panels: one symmetric scale a key, after taking off the mean key of the item. The mean
// changes every score of a query by the same amount, which softmax does not see, and frees range for what differs.
static void pack_keys(const float *k, int64_t ld, int tokens, int size, const layout_i8 *l, const float *mean,
                      int8_t *panels, float *scales, int32_t *sums) {
  memset(panels, 0, (size_t)l->key_panels);
  for (int t = 0; t < l->token_lanes; t++) {
    scales[t] = 0;
    sums[t] = 0;
    if (t >= tokens) continue;
    const float *row = k + t * ld;
    float most = 0;
    for (int d = 0; d < size; d++) {
      float v = row[d] - mean[d];
      most = ck_max(most, v < 0 ? -v : v);
    }
    scales[t] = symmetric_scale(most);
    float inverse = 1.0f / scales[t];
    int8_t *panel = panels + (int64_t)(t / 16) * 16 * l->padded_size + t % 16 * 4;
    for (int d = 0; d < size; d++) {
      int8_t q = symmetric(row[d] - mean[d], inverse);
      panel[d / 4 * 64 + d % 4] = q;
      sums[t] += q;
    }
  }
}

// Values transposed: channels are the 16-row side, one symmetric scale a channel.
static void pack_values(const float *v, int64_t ld, int tokens, int size, const layout_i8 *l, int8_t *panels,
                        float *scales, int32_t *sums) {
  memset(panels, 0, (size_t)l->value_panels);
  for (int d = 0; d < l->size_lanes; d++) scales[d] = 0, sums[d] = 0;
  for (int t = 0; t < tokens; t++)
    for (int d = 0; d < size; d++) {
      float x = v[t * ld + d];
      scales[d] = ck_max(scales[d], x < 0 ? -x : x);
    }
  for (int d = 0; d < size; d++) scales[d] = symmetric_scale(scales[d]);
  for (int d = 0; d < size; d++) {
    float inverse = 1.0f / scales[d];
    int8_t *panel = panels + (int64_t)(d / 16) * 16 * l->padded_tokens + d % 16 * 4;
    for (int t = 0; t < tokens; t++) panel[t / 4 * 64 + t % 4] = symmetric(v[t * ld + d], inverse);
  }
}

static void attention_i8_task(void *context, int index, int worker) {
  const job *j = context;
  const ck_attention *a = j->attention;
  const int tokens = a->tokens, size = a->head_size, width = a->heads * size;
  const int64_t ld = 3 * (int64_t)width;
  const float *q = a->qkv + index / a->heads * (tokens * ld) + index % a->heads * size;
  float *y = a->y + (int64_t)(index / a->heads) * tokens * width + index % a->heads * size;
  const float root = 1.0f / sqrtf((float)size);
  const layout_i8 l = layout_for(tokens, size);

  char *scratch = ck_engine_scratch(j->engine, worker);
  int8_t *keys = take(&scratch, (size_t)l.key_panels), *values = take(&scratch, (size_t)l.value_panels);
  float *key_scales = take(&scratch, 4 * (size_t)l.token_lanes), *value_scales = take(&scratch, 4 * (size_t)l.size_lanes);
  int32_t *key_sums = take(&scratch, 4 * (size_t)l.token_lanes), *value_sums = take(&scratch, 4 * (size_t)l.size_lanes);
  float *mean = take(&scratch, 4 * (size_t)size);
  uint8_t *query = take(&scratch, QueryBlock * (size_t)l.padded_size);
  uint8_t *high = take(&scratch, QueryBlock * (size_t)l.padded_tokens);
  uint8_t *low = take(&scratch, QueryBlock * (size_t)l.padded_tokens);
  float *scores = take(&scratch, 4 * QueryBlock * (size_t)tokens);
  float query_scales[QueryBlock], low_scales[QueryBlock], high_scales[QueryBlock];
  int32_t query_zeros[QueryBlock], no_zeros[QueryBlock] = {0};

  for (int d = 0; d < size; d++) mean[d] = 0;
  for (int t = 0; t < tokens; t++)
    for (int d = 0; d < size; d++) mean[d] = mean[d] + q[width + t * ld + d];
  for (int d = 0; d < size; d++) mean[d] = mean[d] / (float)tokens;
  pack_keys(q + width, ld, tokens, size, &l, mean, keys, key_scales, key_sums);
  pack_values(q + 2 * width, ld, tokens, size, &l, values, value_scales, value_sums);

  for (int t0 = 0; t0 < tokens; t0 += QueryBlock) {
    int rows = tokens - t0 < QueryBlock ? tokens - t0 : QueryBlock;
    for (int r = 0; r < rows; r++) {
      j->kernels->quantize_row(q + (t0 + r) * ld, NULL, size, query + r * l.padded_size, l.padded_size,
                               query_scales + r, query_zeros + r);
      query_scales[r] = query_scales[r] * root;
    }
    ck_linear_i8 qk = {.a = query, .lda = l.padded_size, .a_scale = query_scales, .a_zero = query_zeros, .w = keys,
                       .w_scale = key_scales, .w_sum = key_sums, .y = scores, .ldy = tokens, .rows = rows,
                       .n = tokens, .k = l.padded_size};
    j->kernels->gemm_i8(&qk, 0, rows, 0, l.token_lanes / 16);
    for (int r = 0; r < rows; r++) {
      low_scales[r] = j->kernels->softmax_u8(scores + (int64_t)r * tokens, tokens, high + r * l.padded_tokens,
                                             low + r * l.padded_tokens, l.padded_tokens);
      high_scales[r] = low_scales[r] * 256.0f;
    }
    float *out = y + (int64_t)t0 * width;
    ck_linear_i8 pv = {.a = low, .lda = l.padded_tokens, .a_scale = low_scales, .a_zero = no_zeros, .w = values,
                       .w_scale = value_scales, .w_sum = value_sums, .y = out, .ldy = width, .rows = rows,
                       .n = size, .k = l.padded_tokens};
    j->kernels->gemm_i8(&pv, 0, rows, 0, l.size_lanes / 16);
    pv.a = high;
    pv.a_scale = high_scales;
    pv.residual = out;
    pv.ld_residual = width;
    j->kernels->gemm_i8(&pv, 0, rows, 0, l.size_lanes / 16);
  }
}

void ck_attention_i8_run(ck_engine *engine, const ck_attention *attention) {
  job j = {engine, ck_engine_kernels(engine), attention};
  ck_run(engine, attention->items * attention->heads, attention_i8_task, &j);
}
