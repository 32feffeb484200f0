#include "resample.h"

#include "kernels.h"

#include <string.h>

#define HALF (1 << (CK_RESAMPLE_BITS - 1))

static inline uint8_t clipped(int32_t sum) {
  // >> of a negative number is arithmetic on every compiler this is built with, as it is for Pillow.
  int32_t value = sum >> CK_RESAMPLE_BITS;
  return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

typedef int32_t i4 __attribute__((ext_vector_type(4)));
typedef uint8_t b4 __attribute__((ext_vector_type(4)));

// Channels side by side in a vector. `channels` is a constant in every call.
static inline __attribute__((always_inline)) void resample_row(
    const uint8_t *restrict row, const int channels, const ck_resample_axis *axis, uint8_t *restrict output) {
  for (int32_t i = 0; i < axis->outputs; i++) {
    const uint8_t *input = row + (size_t)axis->starts[i] * (size_t)channels;
    const int32_t *weights = axis->weights + (size_t)i * (size_t)axis->taps;
    const int32_t count = axis->counts[i];
    i4 sums = HALF;
    b4 pixel = 0;
    // Four bytes of every pixel but the last four, behind which nothing may be read: a pixel may be one byte. What is not
    // its own is not looked at.
    for (int32_t j = 0; j + 4 < count; j++, input += channels) {
      memcpy(&pixel, input, sizeof pixel);
      sums += __builtin_convertvector(pixel, i4) * weights[j];
    }
    for (int32_t j = count < 4 ? 0 : count - 4; j < count; j++, input += channels) {
      memcpy(&pixel, input, (size_t)channels);
      sums += __builtin_convertvector(pixel, i4) * weights[j];
    }
    for (int c = 0; c < channels; c++) output[i * channels + c] = clipped(sums[c]);
  }
}

static inline __attribute__((always_inline)) void resample_any_row(
    const uint8_t *row, int channels, const ck_resample_axis *axis, uint8_t *output) {
  switch (channels) {
    case 1: resample_row(row, 1, axis, output); break;
    case 2: resample_row(row, 2, axis, output); break;
    case 3: resample_row(row, 3, axis, output); break;
    default: resample_row(row, 4, axis, output); break;
  }
}

static inline __attribute__((always_inline)) void resample_all_columns(
    const uint8_t *source, size_t stride, size_t width, const ck_resample_axis *axis, uint8_t *output) {
  enum { BLOCK = 512 };
  int32_t sums[BLOCK];
  for (int32_t i = 0; i < axis->outputs; i++) {
    const uint8_t *top = source + (size_t)axis->starts[i] * stride;
    const int32_t *weights = axis->weights + (size_t)i * (size_t)axis->taps;
    const int32_t count = axis->counts[i];
    uint8_t *row = output + (size_t)i * width;
    for (size_t x = 0; x < width; x += BLOCK) {
      const size_t some = width - x < BLOCK ? width - x : BLOCK;
      for (size_t k = 0; k < some; k++) sums[k] = HALF;
      for (int32_t j = 0; j < count; j++) {
        const uint8_t *restrict input = top + (size_t)j * stride + x;
        const int32_t weight = weights[j];
        for (size_t k = 0; k < some; k++) sums[k] += input[k] * weight;
      }
      for (size_t k = 0; k < some; k++) row[x + k] = clipped(sums[k]);
    }
  }
}

// Baseline x86-64 has no 32-bit multiplication in vectors. Sums of integers are the same however they are made.
#if defined(__x86_64__)
#define WIDE __attribute__((target("avx2")))
WIDE static void row_avx2(const uint8_t *row, int channels, const ck_resample_axis *axis, uint8_t *output) {
  resample_any_row(row, channels, axis, output);
}

WIDE static void columns_avx2(
    const uint8_t *source, size_t stride, size_t width, const ck_resample_axis *axis, uint8_t *output) {
  resample_all_columns(source, stride, width, axis, output);
}
#endif

void ck_resample_row(const uint8_t *row, int channels, const ck_resample_axis *axis, uint8_t *output) {
#if defined(__x86_64__)
  if (ck_isa_available(CK_ISA_AVX2)) {
    row_avx2(row, channels, axis, output);
    return;
  }
#endif
  resample_any_row(row, channels, axis, output);
}

void ck_resample_columns(
    const uint8_t *source, size_t stride, size_t width, const ck_resample_axis *axis, uint8_t *output) {
#if defined(__x86_64__)
  if (ck_isa_available(CK_ISA_AVX2)) {
    columns_avx2(source, stride, width, axis, output);
    return;
  }
#endif
  resample_all_columns(source, stride, width, axis, output);
}

// Pillow's MULDIV255: (a * b + 127) / 255, without the division.
static inline uint8_t multiplied(unsigned a, unsigned b) {
  unsigned t = a * b + 128;
  return (uint8_t)(((t >> 8) + t) >> 8);
}

void ck_premultiply(const uint8_t *source, size_t pixels, int channels, uint8_t *output) {
  const int colours = channels - 1;
  for (size_t i = 0; i < pixels; i++, source += channels, output += channels) {
    const uint8_t alpha = source[colours];
    for (int c = 0; c < colours; c++) output[c] = multiplied(source[c], alpha);
    output[colours] = alpha;
  }
}

void ck_unpremultiply(const uint8_t *source, size_t pixels, int channels, uint8_t *output) {
  const int colours = channels - 1;
  for (size_t i = 0; i < pixels; i++, source += channels, output += colours) {
    const unsigned alpha = source[colours];
    for (int c = 0; c < colours; c++) {
      if (alpha == 0 || alpha == 255) {
        output[c] = source[c];
      } else {
        // The overshoot of the filter can leave a colour above its alpha.
        const unsigned value = 255u * source[c] / alpha;
        output[c] = (uint8_t)(value > 255 ? 255 : value);
      }
    }
  }
}

void ck_pick_pixels(const uint8_t *row, int channels, const int32_t *places, size_t count, uint8_t *output) {
  for (size_t i = 0; i < count; i++) {
    for (int c = 0; c < channels; c++) {
      output[i * (size_t)channels + (size_t)c] =
          places[i] < 0 ? 0 : row[(size_t)places[i] * (size_t)channels + (size_t)c];
    }
  }
}

void ck_grey_to_rgb(const uint8_t *source, size_t pixels, int channels, uint8_t *output) {
  for (size_t i = 0; i < pixels; i++) {
    const uint8_t value = source[i * (size_t)channels];
    output[3 * i] = value;
    output[3 * i + 1] = value;
    output[3 * i + 2] = value;
  }
}

void ck_rgba_to_rgb(const uint8_t *source, size_t pixels, uint8_t *output) {
  for (size_t i = 0; i < pixels; i++) memcpy(output + 3 * i, source + 4 * i, 3);
}

void ck_cmyk_to_rgb(const uint8_t *source, size_t pixels, uint8_t *output) {
  for (size_t i = 0; i < pixels; i++) {
    const unsigned light = 255u - source[4 * i + 3];
    // Never negative: the product divided by 255 is at most `light`.
    for (size_t c = 0; c < 3; c++) output[3 * i + c] = (uint8_t)(light - multiplied(source[4 * i + c], light));
  }
}

void ck_palette_to_rgb(const uint8_t *source, size_t pixels, const uint8_t *palette, uint8_t *output) {
  for (size_t i = 0; i < pixels; i++) memcpy(output + 3 * i, palette + 3 * (size_t)source[i], 3);
}

void ck_pixels_to_planes(const uint8_t *rgb, size_t pixels, const float *table, float *output) {
  for (size_t c = 0; c < 3; c++) {
    const float *values = table + 256 * c;
    float *plane = output + pixels * c;
    for (size_t i = 0; i < pixels; i++) plane[i] = values[rgb[3 * i + c]];
  }
}
