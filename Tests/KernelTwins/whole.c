// Whole operations over the pool, with the host's floating-point environment and with others.
#include <fenv.h>

#include "twins.h"

typedef struct {
  ck_engine *scalar, *other;
} engines;

static void test_attention(const engines *e, int items, int tokens, int queries, int heads, int size) {
  const int width = heads * size;
  const size_t all = (size_t)(items * queries * width);
  ck_attention a = {.qkv = floats(0, (int64_t)items * tokens * 3 * width, Usual), .items = items, .tokens = tokens,
                    .queries = queries, .heads = heads, .head_size = size};
  float *expected = output(1, 4 * all), *found = output(2, 4 * all);
  at("%s, attention, %d x %d of %d tokens, %d x %d", ck_isa_name(ck_engine_isa(e->other)), items, queries, tokens, heads, size);
  for (int bytes = 0; bytes < 2; bytes++) {
    const size_t scratch = bytes ? ck_attention_i8_scratch(tokens, size) : ck_attention_f32_scratch(tokens, size);
    holds("memory", ck_engine_reserve(e->scalar, scratch) == 0 && ck_engine_reserve(e->other, scratch) == 0);
    a.y = expected;
    (bytes ? ck_attention_i8_run : ck_attention_f32_run)(e->scalar, &a);
    a.y = found;
    (bytes ? ck_attention_i8_run : ck_attention_f32_run)(e->other, &a);
    same(bytes ? "with bytes" : "with floats", expected, found, 4 * all);
  }
}

static void test_projection(const engines *e, int rows, int k, int four_bits) {
  enum { Heads = 3, Size = 32, N = 3 * Heads * Size };
  const size_t outputs = (size_t)N * (size_t)rows, words = 12 * Heads * (size_t)rows;
  uint8_t *a = slot(0, (size_t)(rows * k)), *codes = slot(5, N * (size_t)k / 2);
  int8_t *subs = slot(6, N * (size_t)k / 16), *panels = slot(7, N * (size_t)k);
  int32_t *zeros = slot(4, 4 * (size_t)rows), *sums = slot(8, 4 * N);
  random_bytes(a, (size_t)(rows * k));
  random_bytes(codes, N * (size_t)k / 2);
  random_bytes(subs, N * (size_t)k / 16);
  for (int r = 0; r < rows; r++) zeros[r] = random_below(256);
  ck_decode_i4(ck_engine_isa(e->other), codes, subs, N, k, panels, sums);
  ck_linear_i4 l = {.product = {.a = a, .a_scale = floats(1, rows, Usual), .a_zero = zeros, .w = panels, .w_sum = sums,
                                .w_scale = floats(2, N, Usual), .bias = floats(3, N, Usual), .lda = k, .ldy = N,
                                .rows = rows, .n = N, .k = k},
                    .codes = codes, .sub_scales = subs};
  for (int i = 0; i < 2; i++) {
    ck_engine *engine = i ? e->other : e->scalar;
    holds("memory", ck_engine_reserve(engine, ck_project_scratch(k)) == 0);
    const ck_heads heads = {.bytes = output(11 + i, outputs), .scales = output(13 + i, words), .rows = rows,
                            .sums = output(15 + i, words), .heads = Heads, .head_size = Size};
    l.product.y = output(9 + i, 4 * outputs);
    if (four_bits) {
      ck_linear_i4_run(engine, &l);
      ck_project_i4_run(engine, &l, &heads);
    } else {
      ck_linear_i8_run(engine, &l.product);
      ck_project_i8_run(engine, &l.product, &heads);
    }
  }
  at("%s, projection of %d rows, k %d, four bits %d", ck_isa_name(ck_engine_isa(e->other)), rows, k, four_bits);
  same("product", slot(9, 4 * outputs), slot(10, 4 * outputs), 4 * outputs);
  same("bytes", slot(11, outputs), slot(12, outputs), outputs);
  same("scales", slot(13, words), slot(14, words), words);
  same("sums", slot(15, words), slot(16, words), words);
}

static void test_weights(const engines *e, int rows, int k) {
  const size_t lanes = (size_t)((rows + 15) / 16 * 16), padded = (size_t)((k + 3) / 4 * 4);
  const float *w = floats(0, (int64_t)rows * k, Usual), *columns = floats(1, k, Usual);
  at("%s, weights %d x %d", ck_isa_name(ck_engine_isa(e->other)), rows, k);
  for (int i = 0; i < 2; i++) {
    ck_engine *engine = i ? e->other : e->scalar;
    ck_quantize_panels(engine, w, columns, NULL, rows, k, output(2 + i, lanes * padded), output(4 + i, 4 * lanes),
                       output(6 + i, 4 * lanes));
    ck_quantize_i4(engine, w, columns, NULL, NULL, rows, k / 16 * 16, output(8 + i, lanes * (size_t)(k / 16) * 8),
                   output(10 + i, 4 * lanes), output(12 + i, lanes * (size_t)(k / 16)));
  }
  same("panels", slot(2, lanes * padded), slot(3, lanes * padded), lanes * padded);
  same("scales", slot(4, 4 * lanes), slot(5, 4 * lanes), 4 * lanes);
  same("sums", slot(6, 4 * lanes), slot(7, 4 * lanes), 4 * lanes);
  same("codes", slot(8, lanes * (size_t)(k / 16) * 8), slot(9, lanes * (size_t)(k / 16) * 8), lanes * (size_t)(k / 16) * 8);
  same("scales of codes", slot(10, 4 * lanes), slot(11, 4 * lanes), 4 * lanes);
  same("sub-scales", slot(12, lanes * (size_t)(k / 16)), slot(13, lanes * (size_t)(k / 16)), lanes * (size_t)(k / 16));
}

void test_whole(const twins *t) {
  for (int threads = 1; threads <= 3; threads += 2) {
    const engines e = {ck_engine_create(t->scalar->isa, 1), ck_engine_create(t->other->isa, threads)};
    at("%s, %d threads", ck_isa_name(t->other->isa), threads);
    holds("engines", e.scalar && e.other);
    if (!e.scalar || !e.other) return;
    for (int tokens = 1; tokens <= 77; tokens += 19)
      for (int size = 16; size <= 80; size += 24) test_attention(&e, 2, tokens, tokens, 2, size);
    test_attention(&e, 1, 257, 1, 1, 64);
    test_attention(&e, 1, 50, 49, 3, 61);
    for (int four_bits = 0; four_bits < 2; four_bits++)
      for (int rows = 1; rows <= 40; rows += 13) test_projection(&e, rows, 48, four_bits);
    test_projection(&e, 270, 112, threads > 1);
    test_weights(&e, 19, 70);
    ck_engine_destroy(e.scalar);
    ck_engine_destroy(e.other);
  }
}

// MARK: Environments

static void set_flushing(int on) {
#if defined(__aarch64__)
  uint64_t mode;
  __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
  mode = on ? mode | 1u << 24 : mode & ~((uint64_t)1 << 24);
  __asm__ volatile("msr fpcr, %0" ::"r"(mode));
#elif defined(__x86_64__)
  __builtin_ia32_ldmxcsr(on ? __builtin_ia32_stmxcsr() | 0x8040 : __builtin_ia32_stmxcsr() & ~0x8040u);
#endif
}

static uint64_t control(void) {
#if defined(__aarch64__)
  uint64_t mode;
  __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
  return mode;
#elif defined(__x86_64__)
  return __builtin_ia32_stmxcsr() & ~0x3Fu;
#else
  return (uint64_t)fegetround();
#endif
}

// Everything is computed, and the host's modes are as before, whatever they are.
void test_environment(const twins *t) {
  static const int roundings[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
  enum { Rows = 5, Width = 67, Count = Rows * Width };
  ck_engine *engine = ck_engine_create(t->other->isa, 2);
  holds("engine", engine != NULL);
  if (!engine) return;
  for (kind k = Usual; k <= Subnormal; k++) {
    float *x = floats(0, Count, k);
    x[1] = 1e-40f;
    for (int i = 0; i < 8; i++) {
      // What they are without modes is the first.
      float *y = output(i == 0 ? 1 : 2, 5 * 4 * Count), *at_y = y;
      fesetround(roundings[i & 3]);
      set_flushing(i >> 2);
      const uint64_t before = control();
      for (int function = 0; function < 3; function++, at_y += Count)
        ck_probe_function(t->other->isa, function, x, at_y, Count);
      ck_layer_norm(engine, x, x, x, 1e-5f, Rows, Width, at_y);
      at_y += Count;
      memcpy(at_y, x, 4 * Count);
      ck_add_rows(engine, at_y, x, Rows, Rows, Width);
      const uint64_t after = control();
      set_flushing(0);
      fesetround(FE_TONEAREST);
      at("%s, kind %d, rounding %d, flushing %d", ck_isa_name(t->other->isa), k, i & 3, i >> 2);
      holds("the modes are as before", before == after);
      same("results", slot(1, 5 * 4 * Count), y, 5 * 4 * Count);
    }
  }
  ck_engine_destroy(engine);
}
