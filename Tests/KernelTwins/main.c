// Runs all comparisons for each instruction set there is, or the one TAIYI_ISA names, and says what was compared.
//   twins                  compares
//   twins speed [THREADS]  says how fast products are instead
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "twins.h"

static char place[256];
static long comparisons, failures;
static uint32_t digest;  // of all results an instruction set is compared with: the same for each, on every machine
#define SEED 0x9E3779B97F4A7C15
static uint64_t random_state = SEED;

void at(const char *format, ...) {
  va_list list;
  va_start(list, format);
  vsnprintf(place, sizeof place, format, list);
  va_end(list);
}

static void fail(const char *what, const char *how) {
  if (++failures <= 20) fprintf(stderr, "error: %s: %s%s\n", place, what, how);
}

void same(const char *what, const void *expected, const void *found, size_t bytes) {
  comparisons++;
  digest = ck_crc32c(digest, expected, bytes);
  if (memcmp(expected, found, bytes) == 0) return;
  const uint8_t *e = expected, *f = found;
  size_t i = 0, count = 0;
  while (e[i] == f[i]) i++;
  for (size_t j = i; j < bytes; j++) count += e[j] != f[j];
  char how[96];
  snprintf(how, sizeof how, ": %zu of %zu bytes differ, first %zu: %d for %d", count, bytes, i, f[i], e[i]);
  fail(what, how);
}

void holds(const char *what, int condition) {
  comparisons++;
  if (!condition) fail(what, "");
}

void *slot(int index, size_t bytes) {
  enum { Size = 4 << 20, Guard = 1 << 16, Slots = 20 };
  static char *base;
  if (base == NULL) {
    base = mmap(NULL, (size_t)Slots * (Size + Guard), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED) exit(3);
    for (int i = 0; i < Slots; i++)
      if (mprotect(base + (size_t)i * (Size + Guard) + Size, Guard, PROT_NONE) != 0) exit(3);
  }
  if (bytes > Size || index >= Slots) {
    fprintf(stderr, "error: no slot %d of %zu bytes\n", index, bytes);
    exit(3);
  }
  return base + (size_t)index * (Size + Guard) + Size - bytes;
}

void *output(int index, size_t bytes) { return memset(slot(index, bytes), 0xA5, bytes); }

uint32_t random_bits(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return (uint32_t)(random_state >> 32);
}

int random_below(int below) { return (int)(random_bits() % (uint32_t)below); }

void random_bytes(void *bytes, size_t count) {
  uint8_t *p = bytes;
  for (size_t i = 0; i < count; i++) p[i] = (uint8_t)random_bits();
}

// Sums of three, so that there are outliers and many small ones.
static float usual(void) {
  float sum = 0;
  for (int i = 0; i < 3; i++) sum += (float)random_below(1 << 20) / (float)(1 << 19) - 1;
  return sum;
}

void fill(float *x, int64_t count, kind which) {
  for (int64_t i = 0; i < count; i++) {
    kind k = which == Mixed ? (kind)random_below(Mixed) : which;
    float v = usual();
    if (k == Subnormal) v *= 1e-39f;
    if (k == Zeros) v = random_below(2) ? 0.0f : -0.0f;
    if (k == Large) v *= 1e12f;
    if (k == Equal) v = 0.37f;
    if (k == Negative) v = -5 - v;
    if (k == Halves) v = (float)(random_below(500) - 250) / 2;
    x[i] = v;
  }
  if (which != Halves || count < 2) return;
  // Unsigned bytes of scale 1 and zero point 154, the largest of which would be 256; or signed bytes of scale 1.
  const int is_unsigned = random_below(2);
  for (int64_t i = 0; is_unsigned && i < count; i++) x[i] = x[i] > 101.5f ? 101.5f : x[i];
  x[0] = is_unsigned ? -153.5f : -127;
  x[count - 1] = is_unsigned ? 101.5f : 126.5f;
}

float *floats(int index, int64_t count, kind which) {
  float *x = slot(index, (size_t)count * sizeof(float));
  fill(x, count, which);
  return x;
}

// An instruction set that this processor lacks must be refused.
static void check_refusals(void) {
  for (int i = 0; i < CK_ISA_COUNT; i++) {
    ck_engine *engine = ck_engine_create((ck_isa)i, 1);
    at("%s", ck_isa_name((ck_isa)i));
    holds("an engine if and only if it is available", (engine != NULL) == ck_isa_available((ck_isa)i));
    ck_engine_destroy(engine);
  }
}

static void compare(ck_isa isa) {
  const twins t = {ck_kernels_for(CK_ISA_SCALAR), ck_kernels_for(isa)};
  const long before = comparisons;
  digest = 0;
  random_state = SEED;
  at("%s", ck_isa_name(isa));
  holds("the table is its own", t.other->isa == isa);
  test_rows(&t);
  test_products(&t);
  test_floats(&t);
  test_codes(&t);
  test_whole(&t);
  test_environment(&t);
  printf("%s: %ld comparisons, digest %08x\n", ck_isa_name(isa), comparisons - before, digest);
  fflush(stdout);
}

int main(int count, char **arguments) {
  const int only_speed = count > 1 && strcmp(arguments[1], "speed") == 0;
  const int threads = count > 2 ? atoi(arguments[2]) : 1;
  const char *forced = getenv("TAIYI_ISA");
  int compared = 0;
  for (int i = 1; i < CK_ISA_COUNT; i++) {
    const ck_isa isa = (ck_isa)i;
    if (forced && strcmp(forced, ck_isa_name(isa)) != 0) continue;
    if (ck_isa_available(isa)) {
      if (only_speed) print_speed(isa, threads);
      else compare(isa);
      compared++;
    } else if (forced) {
      fprintf(stderr, "error: TAIYI_ISA is %s, which this processor does not run\n", forced);
      return ck_engine_create(isa, 1) == NULL ? 2 : 1;
    }
  }
  if (compared == 0) {
    fprintf(stderr, "error: nothing to compare with\n");
    return 3;
  }
  if (only_speed) return 0;
  check_refusals();
  test_others();
  printf("%ld comparisons in all, %ld failures\n", comparisons, failures);
  return failures > 0;
}
