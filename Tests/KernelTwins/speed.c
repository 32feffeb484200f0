// How fast products are on the machine at hand: for boards, where a static program is copied in a second. Nothing is asserted.
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "twins.h"

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void *memory(size_t bytes) {
  void *p = NULL;
  if (posix_memalign(&p, 4096, bytes) != 0) exit(3);
  random_bytes(p, bytes < 1 << 16 ? bytes : 1 << 16);
  for (size_t at = 1 << 16; at < bytes; at += 1 << 16)
    memcpy((char *)p + at, p, bytes - at < 1 << 16 ? bytes - at : 1 << 16);
  return p;
}

// The best of several runs, in 10^9 multiply-adds a second.
static double rate_of(ck_engine *engine, int rows, int n, int k, int four_bits) {
  ck_linear_i4 l = {.product = {.rows = rows, .n = n, .k = k, .lda = k, .ldy = n}};
  uint8_t *a = memory((size_t)rows * (size_t)k), *codes = memory((size_t)n * (size_t)k / 2);
  int8_t *w = memory((size_t)n * (size_t)k), *subs = memory((size_t)n * (size_t)k / 16);
  float *a_scale = memory(4 * (size_t)rows), *w_scale = memory(4 * (size_t)n), *y = memory(4 * (size_t)rows * (size_t)n);
  int32_t *zero = memory(4 * (size_t)rows), *sum = memory(4 * (size_t)n);
  fill(a_scale, rows, Usual);
  fill(w_scale, n, Usual);
  l.product.a = a, l.product.a_scale = a_scale, l.product.a_zero = zero, l.product.w = w, l.product.w_scale = w_scale;
  l.product.w_sum = sum, l.product.y = y, l.codes = codes, l.sub_scales = subs;
  if (ck_engine_reserve(engine, ck_linear_i4_scratch(k)) != 0) exit(3);
  double best = 1e9, spent = 0;
  for (int i = 0; i < 3 || (spent < 0.5 && i < 100); i++) {
    const double start = seconds();
    if (four_bits) ck_linear_i4_run(engine, &l);
    else ck_linear_i8_run(engine, &l.product);
    const double taken = seconds() - start;
    spent += taken;
    best = taken < best ? taken : best;
  }
  void *all[] = {a, codes, w, subs, a_scale, w_scale, y, zero, sum};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
  return (double)rows * n * k * 1e-9 / best;
}

void print_speed(ck_isa isa, int threads) {
  // ViT-L/14's four products for one picture, and BERT-base's first of an MLP for a text of twelve tokens.
  static const int shapes[][3] = {{257, 3072, 1024}, {257, 1024, 1024}, {257, 4096, 1024}, {257, 1024, 4096}, {12, 3072, 768}};
  ck_engine *engine = ck_engine_create(isa, threads);
  if (!engine) exit(3);
  printf("%s, %d threads, GMAC/s\n", ck_isa_name(isa), threads);
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
    const int *s = shapes[i];
    const double eight = rate_of(engine, s[0], s[1], s[2], 0), four = rate_of(engine, s[0], s[1], s[2], 1);
    printf("  %4d x %4d x %4d  int8 %7.1f  int4 %7.1f\n", s[0], s[1], s[2], eight, four);
    fflush(stdout);
  }
  ck_engine_destroy(engine);
}
