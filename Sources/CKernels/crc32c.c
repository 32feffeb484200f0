// CRC-32C (Castagnoli, reflected polynomial 0x82F63B78), as in RFC 3720 appendix B.4.
#include <string.h>

#include "include/CKernels.h"

// Slicing by four: table[t][b] is the CRC of byte b followed by t zero bytes. It is linear in the bits of b, so that
// eight single bits give all 256 bytes, and the compiler writes the table down.
#define BYTE(b, c0, c1, c2, c3, c4, c5, c6, c7)                                                                   \
  (((b) & 1 ? c0 : 0) ^ ((b) & 2 ? c1 : 0) ^ ((b) & 4 ? c2 : 0) ^ ((b) & 8 ? c3 : 0) ^ ((b) & 16 ? c4 : 0) ^ \
   ((b) & 32 ? c5 : 0) ^ ((b) & 64 ? c6 : 0) ^ ((b) & 128 ? c7 : 0))
#define BYTES_4(b, ...) \
  BYTE(b, __VA_ARGS__), BYTE(b + 1, __VA_ARGS__), BYTE(b + 2, __VA_ARGS__), BYTE(b + 3, __VA_ARGS__)
#define BYTES_16(b, ...) \
  BYTES_4(b, __VA_ARGS__), BYTES_4(b + 4, __VA_ARGS__), BYTES_4(b + 8, __VA_ARGS__), BYTES_4(b + 12, __VA_ARGS__)
#define BYTES_64(b, ...) \
  BYTES_16(b, __VA_ARGS__), BYTES_16(b + 16, __VA_ARGS__), BYTES_16(b + 32, __VA_ARGS__), BYTES_16(b + 48, __VA_ARGS__)
#define BYTES(...) \
  BYTES_64(0, __VA_ARGS__), BYTES_64(64, __VA_ARGS__), BYTES_64(128, __VA_ARGS__), BYTES_64(192, __VA_ARGS__)

static const uint32_t table[4][256] = {
    {BYTES(0xF26B8303, 0xE13B70F7, 0xC79A971F, 0x8AD958CF, 0x105EC76F, 0x20BD8EDE, 0x417B1DBC, 0x82F63B78)},
    {BYTES(0x13A29877, 0x274530EE, 0x4E8A61DC, 0x9D14C3B8, 0x3FC5F181, 0x7F8BE302, 0xFF17C604, 0xFBC3FAF9)},
    {BYTES(0xA541927E, 0x4F6F520D, 0x9EDEA41A, 0x38513EC5, 0x70A27D8A, 0xE144FB14, 0xC76580D9, 0x8B277743)},
    {BYTES(0xDD45AAB8, 0xBF672381, 0x7B2231F3, 0xF64463E6, 0xE964B13D, 0xD725148B, 0xABA65FE7, 0x52A0C93F)},
};

uint32_t ck_crc32c_scalar(uint32_t crc, const void *bytes, size_t count) {
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
#elif defined(__aarch64__) && defined(__linux__)
#include <arm_acle.h>
#include <sys/auxv.h>

__attribute__((target("crc"))) static uint32_t crc32c_crc(uint32_t crc, const void *bytes, size_t count) {
  const uint8_t *p = bytes;
  crc = ~crc;
  for (; count >= 8; count -= 8, p += 8) {
    uint64_t word;
    memcpy(&word, p, 8);
    crc = __crc32cd(crc, word);
  }
  for (; count > 0; count--, p++) crc = __crc32cb(crc, *p);
  return ~crc;
}

uint32_t ck_crc32c(uint32_t crc, const void *bytes, size_t count) {
  // HWCAP_CRC32 of <asm/hwcap.h>.
  return getauxval(AT_HWCAP) >> 7 & 1 ? crc32c_crc(crc, bytes, count) : ck_crc32c_scalar(crc, bytes, count);
}
#else
uint32_t ck_crc32c(uint32_t crc, const void *bytes, size_t count) { return ck_crc32c_scalar(crc, bytes, count); }
#endif
