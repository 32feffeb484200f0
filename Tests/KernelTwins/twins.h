// Compares the kernels of an instruction set with their scalar twins, bit by bit. Plain C, so that it runs where there is
// no Swift: under an emulator, or on a board.
#ifndef TWINS_H
#define TWINS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "../../Sources/CKernels/kernels.h"

/// The two that are compared.
typedef struct {
  const ck_kernels *scalar, *other;
} twins;

/// Says where we are, for messages about what follows.
void at(const char *format, ...) __attribute__((format(printf, 1, 2)));
/// Counts a comparison, and a failure with a message if the bytes differ.
void same(const char *what, const void *expected, const void *found, size_t bytes);
/// The same for anything else that must hold.
void holds(const char *what, int condition);

/// Memory that ends where a page begins that must not be touched; what it held before is lost. There are 20 of 4 MB.
void *slot(int index, size_t bytes);
/// The same, filled with a pattern: outputs, whose gaps are compared, too.
void *output(int index, size_t bytes);

uint32_t random_bits(void);
/// In [0, below).
int random_below(int below);
void random_bytes(void *bytes, size_t count);

/// Floats of one kind. Halves are ties when they are rounded to bytes, and their ends round beyond 0 and 255.
typedef enum { Usual, Subnormal, Zeros, Large, Mixed, Equal, Negative, Halves, Kinds } kind;
void fill(float *x, int64_t count, kind which);
float *floats(int index, int64_t count, kind which);

void test_rows(const twins *t);
void test_products(const twins *t);
void test_floats(const twins *t);
void test_codes(const twins *t);
void test_whole(const twins *t);
void test_environment(const twins *t);
/// What is not in the table: checksums, pictures, half floats.
void test_others(void);

/// Prints how fast products of bytes are.
void print_speed(ck_isa isa, int threads);

#endif
