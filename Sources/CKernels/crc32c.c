// CRC-32C (Castagnoli, reflected polynomial 0x82F63B78), as in RFC 3720 appendix B.4.
#include <string.h>

#include "include/CKernels.h"

// Slicing by four: table[t][b] is the CRC of byte b followed by t zero bytes.
static void make_tables(uint32_t table[4][256]) {
  for (uint32_t b = 0; b < 256; b++) {
    uint32_t crc = b;
    for (int i = 0; i < 8; i++) crc = crc & 1 ? crc >> 1 ^ 0x82F63B78 : crc >> 1;
    table[0][b] = crc;
  }
  for (int t = 1; t < 4; t++)
    for (int b = 0; b < 256; b++) table[t][b] = table[t - 1][b] >> 8 ^ table[0][table[t - 1][b] & 255];
}

uint32_t ck_crc32c_scalar(uint32_t crc, const void *bytes, size_t count) {
  uint32_t table[4][256];
  make_tables(table);
  const uint8_t *p = bytes;
  crc = ~crc;
  for (; count >= 4; count -= 4, p += 4) {
    crc ^= (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
    crc = table[3][crc & 255] ^ table[2][crc >> 8 & 255] ^ table[1][crc >> 16 & 255] ^ table[0][crc >> 24];
  }
  for (; count > 0; count--, p++) crc = crc >> 8 ^ table[0][(crc ^ *p) & 255];
  return ~crc;
}

#if defined(__x86_64__)
#include <nmmintrin.h>

__attribute__((target("sse4.2"))) static uint32_t crc32c_sse42(uint32_t crc, const void *bytes, size_t count) {
  const uint8_t *p = bytes;
  uint64_t c = ~crc;
  for (; count >= 8; count -= 8, p += 8) {
    uint64_t word;
    memcpy(&word, p, 8);
    c = _mm_crc32_u64(c, word);
  }
  for (; count > 0; count--, p++) c = _mm_crc32_u8((uint32_t)c, *p);
  return ~(uint32_t)c;
}

uint32_t ck_crc32c(uint32_t crc, const void *bytes, size_t count) {
  return __builtin_cpu_supports("sse4.2") ? crc32c_sse42(crc, bytes, count) : ck_crc32c_scalar(crc, bytes, count);
}
#else
uint32_t ck_crc32c(uint32_t crc, const void *bytes, size_t count) { return ck_crc32c_scalar(crc, bytes, count); }
#endif
