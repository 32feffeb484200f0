// Products of bytes.
#include "twins.h"

// Bytes as they come, or at their ends, which is where sums of products overflow first.
static void bytes_of(uint8_t *bytes, size_t count, int ends) {
  random_bytes(bytes, count);
  if (ends == 1)
    for (size_t i = 0; i < count; i++) bytes[i] = bytes[i] & 1 ? 255 : 0;
  if (ends >= 2) memset(bytes, ends == 2 ? 0 : 255, count);
}

static void weights_of(int8_t *bytes, size_t count, int ends) {
  random_bytes(bytes, count);
  if (ends == 1)
    for (size_t i = 0; i < count; i++) bytes[i] = bytes[i] & 1 ? -128 : 127;
  if (ends >= 2) memset(bytes, ends == 2 ? -128 : 127, count);
}

typedef struct {
  int rows, n, k, ends, activation, bias, residual;
} shape;

static void test_linear(const twins *t, shape s) {
  const int panels = (s.n + 15) / 16, lanes = panels * 16;
  const int64_t lda = s.k + 4 * random_below(9), ldy = s.n + random_below(5);
  const size_t all = (size_t)ldy * (size_t)s.rows;
  at("%s, %d x %d x %d, ends %d, activation %d, bias %d, residual %d", ck_isa_name(t->other->isa), s.rows, s.n, s.k,
     s.ends, s.activation, s.bias, s.residual);
  uint8_t *a = slot(0, (size_t)(lda * s.rows));
  bytes_of(a, (size_t)(lda * s.rows), s.ends);
  float *a_scale = floats(1, s.rows, Usual), *w_scale = floats(2, lanes, Usual);
  int32_t *zeros = slot(3, 4 * (size_t)s.rows), *sums = slot(4, 4 * (size_t)lanes);
  for (int r = 0; r < s.rows; r++) {
    zeros[r] = s.ends == 2 ? 255 : s.ends == 3 ? 0 : random_below(3) == 0 ? random_below(2) * 255 : random_below(256);
    a_scale[r] *= 0.01f;
  }
  int8_t *w = slot(5, (size_t)lanes * (size_t)s.k);
  weights_of(w, (size_t)lanes * (size_t)s.k, s.ends);
  // Weights that do not matter end a file: the last panel ends where the memory does.
  ck_panel_sums(w, s.n, s.k, sums);
  ck_linear_i8 l = {.a = a, .a_scale = a_scale, .a_zero = zeros, .w = w, .w_scale = w_scale, .w_sum = sums,
                    .bias = s.bias ? floats(6, s.n, Usual) : NULL,
                    .residual = s.residual ? floats(7, (int64_t)all, Usual) : NULL, .lda = lda, .ldy = ldy,
                    .ld_residual = ldy, .rows = s.rows, .n = s.n, .k = s.k, .activation = s.activation};
  float *expected = output(8, 4 * all), *found = output(9, 4 * all);
  l.y = expected;
  t->scalar->gemm_i8(&l, 0, s.rows, 0, panels, (ck_ahead){w, 0});
  l.y = found;
  t->other->gemm_i8(&l, 0, s.rows, 0, panels, (ck_ahead){w, 0});
  same("whole product", expected, found, 4 * all);
  // In parts, as tasks do it, the results going where the residuals are.
  if (!s.residual) return;
  memcpy(found, l.residual, 4 * all);
  for (size_t i = 0; i < all; i++)
    if ((int64_t)i % ldy >= s.n) memset(found + i, 0xA5, 4);
  l.residual = found;
  const int row = random_below(s.rows + 1), panel = random_below(panels + 1);
  for (int i = 0; i < 4; i++)
    t->other->gemm_i8(&l, i & 1 ? row : 0, i & 1 ? s.rows : row, i & 2 ? panel : 0, i & 2 ? panels : panel, (ck_ahead){w, 0});
  same("product in parts", expected, found, 4 * all);
}

static void test_values(const twins *t, int rows, int n, int k, int ends) {
  const int panels = (n + 15) / 16;
  const int64_t ld = k + 4 * random_below(5), ldy = n + random_below(4);
  const size_t all = (size_t)ldy * (size_t)rows;
  uint8_t *planes = slot(0, (size_t)(2 * ld * rows));
  bytes_of(planes, (size_t)(2 * ld * rows), ends);
  int8_t *values = slot(1, (size_t)panels * 16 * (size_t)k);
  weights_of(values, (size_t)panels * 16 * (size_t)k, ends);
  float *expected = output(3, 4 * all), *found = output(4, 4 * all);
  ck_weighted_values w = {.planes = planes, .unit = floats(2, rows, Usual), .values = values, .y = expected, .ld = ld,
                          .ldy = ldy, .rows = rows, .n = n, .k = k};
  t->scalar->weigh_values(&w);
  w.y = found;
  t->other->weigh_values(&w);
  at("%s, values %d x %d x %d, ends %d", ck_isa_name(t->other->isa), rows, n, k, ends);
  same("weighted values", expected, found, 4 * all);
}

static void test_decoding(const twins *t) {
  for (int steps = 4; steps <= 64; steps += steps < 16 ? 4 : 12)
    for (int ends = 0; ends < 4; ends++) {
      uint8_t *codes = slot(0, (size_t)steps * 32);
      int8_t *subs = slot(1, (size_t)steps * 4);
      bytes_of(codes, (size_t)steps * 32, ends == 1 ? 0 : ends);
      weights_of(subs, (size_t)steps * 4, ends);
      int8_t *expected = output(2, (size_t)steps * 64), *found = output(3, (size_t)steps * 64);
      int32_t *se = output(4, 64), *sf = output(5, 64);
      t->scalar->decode_i4(codes, subs, steps, expected, se);
      t->other->decode_i4(codes, subs, steps, found, sf);
      at("%s, %d steps, ends %d", ck_isa_name(t->other->isa), steps, ends);
      same("panel", expected, found, (size_t)steps * 64);
      same("sums", se, sf, 64);
    }
  // Every code with every sub-scale, at every place of a step.
  for (int sub = -128; sub < 128; sub += 16)
    for (int code = 0; code < 16; code++) {
      uint8_t *codes = slot(0, 128);
      int8_t *subs = slot(1, 16), *expected = output(2, 256), *found = output(3, 256);
      int32_t se[16], sf[16];
      memset(codes, code | code << 4, 128);
      for (int i = 0; i < 16; i++) subs[i] = (int8_t)(sub + i);
      t->scalar->decode_i4(codes, subs, 4, expected, se);
      t->other->decode_i4(codes, subs, 4, found, sf);
      at("%s, code %d, sub-scales from %d", ck_isa_name(t->other->isa), code, sub);
      same("panel", expected, found, 256);
      same("sums", se, sf, 64);
    }
}

void test_products(const twins *t) {
  static const int ks[] = {4, 8, 12, 16, 20, 28, 64, 68, 100, 1020, 1024, 1028, 2044, 2048, 2052, 2060};
  for (size_t i = 0; i < sizeof ks / sizeof *ks; i++)
    for (int rows = 1; rows <= 13; rows++) {
      const int few = ks[i] > 200;
      for (int n = 1; n <= (few ? 17 : 82); n += few ? 16 : 9)
        test_linear(t, (shape){rows, n, ks[i], random_below(4), random_below(4), random_below(2), random_below(2)});
      if (few && rows % 4 != 1) continue;
      test_values(t, rows, random_below(80) + 1, ks[i], random_below(4));
    }
  // Every way of finishing; all ends; more rows than a tile, by more panels than one.
  for (int i = 0; i < 64; i++)
    test_linear(t, (shape){7 + i % 20, 60 + i % 23, 32 + 4 * (i % 3), i & 3, i >> 2 & 3, i >> 4 & 1, i >> 5});
  for (int ends = 0; ends < 4; ends++) {
    test_linear(t, (shape){25, 144, 4096, ends, 0, 1, 1});
    test_values(t, 48, 64, 260, ends);
    test_values(t, 13, 80, 3100, ends);
  }
  test_decoding(t);
}
