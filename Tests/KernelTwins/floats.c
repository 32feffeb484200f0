// Products of floats, and the search for 4-bit codes.
#include "twins.h"

static void test_linear(const twins *t, int rows, int n, int k, int half, kind which) {
  const int64_t ldx = k + random_below(3), ldy = n + random_below(3);
  const size_t all = (size_t)ldy * (size_t)rows, weights = (size_t)n * (size_t)k;
  float *expected = output(5, 4 * all), *found = output(6, 4 * all), *scratch = slot(7, ck_linear_f32_scratch(k));
  ck_linear_f32 l = {.x = floats(0, ldx * rows, which), .ldx = ldx, .ld_residual = ldy, .ldy = ldy, .rows = rows, .n = n,
                     .k = k, .storage = half ? CK_F16 : CK_F32, .activation = random_below(4)};
  l.w = floats(1, (int64_t)weights, which);
  if (half) {
    uint16_t *values = slot(2, 2 * weights);
    random_bytes(values, 2 * weights);
    for (size_t i = 0; i < weights; i++)
      if ((values[i] & 0x7C00) == 0x7C00) values[i] &= 0x83FF;  // finite, and some subnormal
    l.w = values;
  }
  if (random_below(2)) l.bias = floats(3, n, Usual);
  if (random_below(2)) l.residual = floats(4, (int64_t)all, Usual);
  at("%s, %d x %d x %d, half %d, kind %d, activation %d, bias %d, residual %d", ck_isa_name(t->other->isa), rows, n, k, half,
     which, l.activation, l.bias != NULL, l.residual != NULL);
  l.y = expected;
  for (int n0 = 0; n0 < n; n0 += t->scalar->f32_block)
    t->scalar->gemm_f32(&l, n0, n0 + t->scalar->f32_block < n ? n0 + t->scalar->f32_block : n, scratch);
  l.y = found;
  for (int n0 = 0; n0 < n; n0 += t->other->f32_block)
    t->other->gemm_f32(&l, n0, n0 + t->other->f32_block < n ? n0 + t->other->f32_block : n, scratch);
  same("product", expected, found, 4 * all);
  l.y = expected;
  t->scalar->epilogue(&l, 0, rows);
  l.y = found;
  t->other->epilogue(&l, 0, rows);
  same("epilogue", expected, found, 4 * all);
}

void test_floats(const twins *t) {
  static const int ks[] = {1, 2, 3, 7, 15, 16, 17, 31, 32, 48, 65, 147};
  for (size_t i = 0; i < sizeof ks / sizeof *ks; i++)
    for (int rows = 1; rows <= 13; rows++)
      for (int n = 1; n <= 50; n += 7) test_linear(t, rows, n, ks[i], random_below(2), (kind)random_below(Large));
  for (int i = 0; i < 8; i++) test_linear(t, 20, 70, 64, i & 1, i & 2 ? Mixed : Large);
}

static void compare_blocks(const ck_i4_block *e, const ck_i4_block *f) {
  same("codes", e->index, f->index, sizeof e->index);
  same("sub-scales", e->sub_scale, f->sub_scale, sizeof e->sub_scale);
  same("products", e->products, f->products, sizeof e->products);
  same("squares", e->squares, f->squares, sizeof e->squares);
  same("errors", e->error, f->error, sizeof e->error);
}

void test_codes(const twins *t) {
  for (int i = 0; i < 40; i++) {
    const kind k = i < Kinds ? (kind)i : Usual;
    float *coefficients = floats(0, 16 * 64, Usual);
    static ck_i4_block e, f;
    memset(&e, 0, sizeof e);
    // In units of the row's scale / 128: no larger than its largest weight.
    fill(&e.y[0][0], 256, k == Large ? Usual : k);
    fill(&e.target[0][0], 256, k == Large ? Usual : k);
    for (int j = 0; j < 256; j++) (&e.y[0][0])[j] *= 40, (&e.target[0][0])[j] *= 40;
    for (int j = 0; j < 16; j++) e.importance[j] = i % 3 ? 1 : (float)random_below(1000) / 100;
    for (int j = 0; j < 16 * 64; j++) coefficients[j] *= 0.2f;
    e.coefficients = coefficients;
    f = e;
    at("%s, block %d", ck_isa_name(t->other->isa), i);
    t->scalar->search_i4(&e);
    t->other->search_i4(&f);
    compare_blocks(&e, &f);
    t->scalar->search_i4_feedback(&e);
    t->other->search_i4_feedback(&f);
    compare_blocks(&e, &f);
    const int count = i % 33;
    float(*te)[16] = slot(1, (size_t)count * 64), (*tf)[16] = slot(2, (size_t)count * 64);
    fill(&te[0][0], count * 16, Usual);
    memcpy(tf, te, (size_t)count * 64);
    t->scalar->feed_back((const float(*)[16])e.error, coefficients, count, te);
    t->other->feed_back((const float(*)[16])e.error, coefficients, count, tf);
    same("feedback", te, tf, (size_t)count * 64);
  }
}
