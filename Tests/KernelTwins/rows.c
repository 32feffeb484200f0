// Row operations and elementary functions.
#include "twins.h"

static const int widths[] = {1,  2,  3,  4,  7,  8,  12, 15, 16, 17, 20, 31, 32, 33, 47, 48,
                             49, 63, 64, 65, 79, 80, 96, 97, 127, 128, 129, 191, 257, 768, 1029};
#define EACH_WIDTH(width)                                                    \
  for (size_t w_ = 0, width = 1; w_ < sizeof widths / sizeof *widths; w_++) \
    if ((width = (size_t)widths[w_]) > 0)

static const char *const kinds[] = {"usual", "subnormal", "zeros", "large", "mixed", "equal", "negative", "halves"};

static void test_functions(const twins *t) {
  static const float edges[] = {0, -0.0f, 0.625f, 0.62499994f, -0.625f, 4, -4, 3.9999998f, 88, 87, -87, -88, 1e-45f,
                                -1e-45f, 1.1754944e-38f, 3.4e38f, -3.4e38f, __builtin_inff(), -__builtin_inff()};
  enum { Edges = sizeof edges / sizeof *edges, Most = 4096 };
  for (int which = 0; which < 4; which++)
    for (uint32_t start = 0, step = 90011; start < 0x7F800000; start += step * Most / 2) {
      float *x = slot(0, Most * 4);
      int count = 0;
      for (uint64_t bits = start; bits < 0x7F800000 && count + 2 <= Most - Edges; bits += step, count += 2) {
        const uint32_t both[2] = {(uint32_t)bits, (uint32_t)bits | 0x80000000};
        memcpy(x + count, both, sizeof both);
      }
      memcpy(x + count, edges, sizeof edges);
      count += Edges;
      float *expected = output(1, Most * 4), *found = output(2, Most * 4);
      t->scalar->function(which, x, expected, count);
      t->other->function(which, x, found, count);
      at("function %d from %08x", which, start);
      same("result", expected, found, Most * 4);
    }
  for (int activation = 0; activation < 4; activation++)
    EACH_WIDTH(width) {
      const float *x = floats(0, (int64_t)width, Mixed);
      float *expected = slot(1, 4 * width), *found = slot(2, 4 * width);
      memcpy(expected, x, 4 * width);
      memcpy(found, x, 4 * width);
      t->scalar->activate(expected, (int64_t)width, (ck_activation)activation);
      t->other->activate(found, (int64_t)width, (ck_activation)activation);
      at("activation %d, %zu", activation, width);
      same("result", expected, found, 4 * width);
    }
}

static void test_norms(const twins *t, size_t width, kind k) {
  enum { Rows = 6 };  // four together, and two by themselves
  const float *x = floats(0, (int64_t)(Rows * width), k);
  const float *gain = floats(1, (int64_t)width, Usual), *bias = floats(2, (int64_t)width, Usual);
  float *expected = output(3, Rows * 4 * width), *found = output(4, Rows * 4 * width);
  t->scalar->layer_norm(x, gain, bias, 1e-5f, Rows, (int)width, expected);
  t->other->layer_norm(x, gain, bias, 1e-5f, Rows, (int)width, found);
  same("layer norm", expected, found, Rows * 4 * width);
  memcpy(expected, x, 4 * width);
  memcpy(found, x, 4 * width);
  t->scalar->l2_normalize(expected, (int)width);
  t->other->l2_normalize(found, (int)width);
  same("length", expected, found, 4 * width);
  memcpy(expected, x, 4 * width);
  memcpy(found, x, 4 * width);
  const float a = t->scalar->softmax(expected, (int)width), b = t->other->softmax(found, (int)width);
  same("softmax", expected, found, 4 * width);
  same("its sum", &a, &b, sizeof a);
}

static void test_quantizing(const twins *t, size_t width, kind k) {
  const float *x = floats(0, (int64_t)width, k), *scale = floats(1, (int64_t)width, Usual);
  const size_t padded = (width + 15) / 16 * 16 + 16;
  for (int scaled = 0; scaled < 2; scaled++) {
    uint8_t *expected = output(2, padded), *found = output(3, padded);
    struct {
      float scale;
      int32_t zero, sum;
    } e = {0}, f = {0};
    t->scalar->quantize_row(x, scaled ? scale : NULL, (int)width, expected, (int)padded, &e.scale, &e.zero);
    t->other->quantize_row(x, scaled ? scale : NULL, (int)width, found, (int)padded, &f.scale, &f.zero);
    same("bytes", expected, found, padded);
    same("scale and zero", &e, &f, sizeof e);
    // As panels, and row-major.
    for (int64_t stride = 4; stride <= 64; stride += 60) {
      const size_t bytes = (width / 4 * (size_t)stride) + (width % 4 ? width % 4 : 4);
      int8_t *we = output(4, bytes + (size_t)stride), *wf = output(5, bytes + (size_t)stride);
      e.scale = t->scalar->quantize_weights(x, scaled ? scale : NULL, (int)width, we, stride, &e.sum);
      f.scale = t->other->quantize_weights(x, scaled ? scale : NULL, (int)width, wf, stride, &f.sum);
      same("weights", we, wf, bytes + (size_t)stride);
      same("scale and sum of weights", &e, &f, sizeof e);
    }
  }
}

static void test_symmetric(const twins *t, int rows, size_t width, kind k) {
  const size_t ldx = width + (size_t)random_below(3), ldq = width + (size_t)random_below(3), all = ldq * (size_t)rows;
  const float *x = floats(0, (int64_t)ldx * rows, k);
  for (int summed = 0; summed < 2; summed++) {
    int8_t *expected = output(1, all), *found = output(2, all);
    float *se = output(3, 4 * (size_t)rows), *sf = output(4, 4 * (size_t)rows);
    int32_t *ne = output(5, 4 * (size_t)rows), *nf = output(6, 4 * (size_t)rows);
    t->scalar->quantize_symmetric(x, (int64_t)ldx, rows, (int)width, expected, (int64_t)ldq, se, summed ? ne : NULL);
    t->other->quantize_symmetric(x, (int64_t)ldx, rows, (int)width, found, (int64_t)ldq, sf, summed ? nf : NULL);
    same("symmetric bytes", expected, found, all);
    same("their scales", se, sf, 4 * (size_t)rows);
    same("their sums", ne, nf, 4 * (size_t)rows);
  }
}

static void test_probabilities(const twins *t, int rows, size_t count, kind k) {
  const size_t padded = (count + 15) / 16 * 16, ldx = padded + 16 * (size_t)random_below(2), all = ldx * (size_t)rows;
  const float *x = floats(0, (int64_t)all, k);
  float *scales = floats(1, (int64_t)padded, Usual);
  for (size_t i = 0; i < padded; i++) scales[i] = i < count ? (scales[i] < 0 ? -scales[i] : scales[i]) : 0;
  float *xe = slot(2, 4 * all), *xf = slot(3, 4 * all);
  memcpy(xe, x, 4 * all);
  memcpy(xf, x, 4 * all);
  const size_t bytes = 2 * padded * (size_t)rows;
  uint8_t *expected = output(4, bytes), *found = output(5, bytes);
  float *ue = output(6, 4 * (size_t)rows), *uf = output(7, 4 * (size_t)rows);
  t->scalar->softmax_u16(xe, (int64_t)ldx, rows, scales, (int)count, expected, (int)padded, ue);
  t->other->softmax_u16(xf, (int64_t)ldx, rows, scales, (int)count, found, (int)padded, uf);
  same("planes", expected, found, bytes);
  same("units", ue, uf, 4 * (size_t)rows);
}

void test_rows(const twins *t) {
  test_functions(t);
  for (kind k = 0; k < Kinds; k++)
    EACH_WIDTH(width) {
      at("%s, %zu %s", ck_isa_name(t->other->isa), width, kinds[k]);
      test_norms(t, width, k);
      test_quantizing(t, width, k);
      for (int rows = 1; rows <= 7; rows += 2) test_probabilities(t, rows, width, k);
      for (int rows = 1; rows <= 10; rows += 3) test_symmetric(t, rows, width, k);
    }
  // Fails without -ffp-contract=off: with one rounding it is 2^-24.
  volatile float a = 1 + 0x1p-12f, c = -(1 + 0x1p-11f);
  at("%s", ck_isa_name(t->other->isa));
  holds("a product and a sum are two roundings", t->other->contraction(a, a, c) == 0);
  holds("so they are in its twin", t->scalar->contraction(a, a, c) == 0);
}
