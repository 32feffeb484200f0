// What has no scalar twin in the table: against the plainest way to say it.
#include <stdlib.h>

#include "twins.h"

static uint32_t crc_by_bits(uint32_t crc, const uint8_t *bytes, size_t count) {
  crc = ~crc;
  for (size_t i = 0; i < count; i++) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0x82F63B78 : 0);
  }
  return ~crc;
}

static void test_checksums(void) {
  at("CRC-32C");
  holds("123456789", ck_crc32c(0, "123456789", 9) == 0xE3069283);
  for (size_t count = 0; count <= 67; count++)
    for (size_t start = 0; start < 9; start++) {
      uint8_t *bytes = slot(0, start + count);
      random_bytes(bytes, start + count);
      const uint32_t seed = random_bits(), expected = crc_by_bits(seed, bytes + start, count);
      at("CRC-32C of %zu bytes", count);
      holds("with instructions", ck_crc32c(seed, bytes + start, count) == expected);
      holds("without", ck_crc32c_scalar(seed, bytes + start, count) == expected);
    }
}

static uint8_t resampled(const uint8_t *from, size_t step, const ck_resample_axis *axis, int i) {
  int64_t sum = 1 << (CK_RESAMPLE_BITS - 1);
  for (int j = 0; j < axis->counts[i]; j++)
    sum += (int64_t)from[(size_t)(axis->starts[i] + j) * step] * axis->weights[i * axis->taps + j];
  sum >>= CK_RESAMPLE_BITS;
  return (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
}

static void test_pictures(void) {
  enum { Taps = 7, Outputs = 23, Length = 41 };
  int32_t starts[Outputs], counts[Outputs], weights[Outputs * Taps];
  for (int i = 0; i < Outputs; i++) {
    counts[i] = 1 + random_below(Taps);
    starts[i] = i == Outputs - 1 ? Length - counts[i] : random_below(Length - counts[i]);
    for (int j = 0; j < Taps; j++) weights[i * Taps + j] = random_below(1 << 20) - (1 << 18);
  }
  const ck_resample_axis axis = {starts, counts, weights, Taps, Outputs};
  for (int channels = 1; channels <= 4; channels++) {
    const size_t bytes = Length * (size_t)channels, outputs = Outputs * (size_t)channels;
    uint8_t *row = slot(0, bytes), *expected = slot(1, outputs), *found = output(2, outputs);
    random_bytes(row, bytes);
    for (size_t i = 0; i < outputs; i++)
      expected[i] = resampled(row + i % (size_t)channels, (size_t)channels, &axis, (int)(i / (size_t)channels));
    ck_resample_row(row, channels, &axis, found);
    at("a row of %d channels", channels);
    same("resampled", expected, found, outputs);
  }
  for (size_t width = 1; width <= 1200; width += width < 40 ? 1 : 193) {
    const size_t stride = width + 3;
    uint8_t *source = slot(0, stride * Length), *expected = slot(1, width * Outputs), *found = output(2, width * Outputs);
    random_bytes(source, stride * Length);
    for (size_t i = 0; i < width * Outputs; i++) expected[i] = resampled(source + i % width, stride, &axis, (int)(i / width));
    ck_resample_columns(source, stride, width, &axis, found);
    at("%zu columns", width);
    same("resampled", expected, found, width * Outputs);
  }
}

// ARM64 has an instruction for half floats; x86-64 without F16C has a library's function.
static void test_halves(void) {
#if defined(__aarch64__)
  float *values = slot(0, 4 * 65536), *expected = slot(1, 4 * 65536);
  uint16_t *halves = slot(2, 2 * 65536), *found = slot(3, 2 * 65536);
  for (int i = 0; i < 65536; i++) halves[i] = (uint16_t)i;
  ck_f16_to_f32(halves, values, 65536);
  at("half floats");
  for (int i = 0; i < 65536; i++) {
    __fp16 half;
    memcpy(&half, &halves[i], 2);
    expected[i] = (float)half;
    if (expected[i] != expected[i]) expected[i] = values[i] != values[i] ? values[i] : 0;
  }
  same("to floats", expected, values, 4 * 65536);
  for (int i = 0; i < 65536; i++) {
    uint32_t bits = (uint32_t)i << 16 | random_bits() >> 16;
    if ((bits & 0x7F800000) == 0x7F800000) bits = 0x7F800000;
    memcpy(values + i, &bits, 4);
    const __fp16 half = (__fp16)values[i];
    memcpy(&halves[i], &half, 2);
  }
  ck_f32_to_f16(values, found, 65536);
  same("to halves", halves, found, 2 * 65536);
#endif
}

void test_others(void) {
  test_checksums();
  test_pictures();
  test_halves();
}
