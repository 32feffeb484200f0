#include "codecs.h"

#include <string.h>

int ic_check_size(const ic_picture *picture, const ic_limits *limits) {
  if (picture->width > IC_MAXIMUM_SIDE || picture->height > IC_MAXIMUM_SIDE) return IC_SIDE_TOO_LONG;
  if ((int64_t)picture->width * picture->height > limits->pixels) return IC_TOO_MANY_PIXELS;
  return IC_OK;
}

void ic_set_message(ic_picture *picture, const char *text) {
  size_t length = strlen(text);
  if (length > IC_MESSAGE_BYTES - 1) length = IC_MESSAGE_BYTES - 1;
  memcpy(picture->message, text, length);
  picture->message[length] = 0;
}

static int format_of(const uint8_t *bytes, size_t count) {
  static const uint8_t jpeg[3] = {0xFF, 0xD8, 0xFF};
  static const uint8_t png[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  if (count >= sizeof jpeg && memcmp(bytes, jpeg, sizeof jpeg) == 0) return IC_JPEG;
  if (count >= sizeof png && memcmp(bytes, png, sizeof png) == 0) return IC_PNG;
  return 0;
}

int ic_read_header(const uint8_t *bytes, size_t count, const ic_limits *limits, ic_picture *picture) {
  memset(picture, 0, sizeof *picture);
  picture->format = format_of(bytes, count);
  switch (picture->format) {
    case IC_JPEG: return ic_read_jpeg(bytes, count, limits, picture, NULL);
    case IC_PNG: return ic_read_png(bytes, count, limits, picture, NULL);
    default: return IC_NOT_A_PICTURE;
  }
}

int ic_read_pixels(
    const uint8_t *bytes, size_t count, const ic_limits *limits, ic_picture *picture, uint8_t *pixels) {
  switch (picture->format) {
    case IC_JPEG: return ic_read_jpeg(bytes, count, limits, picture, pixels);
    case IC_PNG: return ic_read_png(bytes, count, limits, picture, pixels);
    default: return IC_NOT_A_PICTURE;
  }
}
