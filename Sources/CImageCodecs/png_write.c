#include "CImageCodecs.h"

#include <setjmp.h>
#include <string.h>

#include <png.h>

typedef struct {
  uint8_t *output;
  size_t capacity;
  size_t written;
  jmp_buf escape;
} png_target;

static _Noreturn void on_error(png_structp png, png_const_charp message) {
  (void)message;
  longjmp(((png_target *)png_get_error_ptr(png))->escape, 1);
}

static void on_warning(png_structp png, png_const_charp message) {
  (void)png;
  (void)message;
}

static void write_bytes(png_structp png, png_bytep bytes, size_t count) {
  png_target *target = (png_target *)png_get_io_ptr(png);
  if (count > target->capacity - target->written) png_error(png, "no room");
  memcpy(target->output + target->written, bytes, count);
  target->written += count;
}

static void flush(png_structp png) { (void)png; }

size_t ic_png_bound(int32_t width, int32_t height) {
  if (width < 1 || height < 1 || width > IC_MAXIMUM_SIDE || height > IC_MAXIMUM_SIDE) return 0;
  const size_t raw = (1 + 3 * (size_t)width) * (size_t)height;
  // Stored deflate blocks and IDAT frames (12 bytes for each 8 KiB) take far less than a 64th.
  return raw + raw / 64 + 1024;
}

int ic_write_png(const uint8_t *rgb, int32_t width, int32_t height, uint8_t *output, size_t capacity, size_t *written) {
  png_target target = {.output = output, .capacity = capacity};
  png_structp volatile png = NULL;
  png_infop volatile info = NULL;
  if (setjmp(target.escape)) {
    png_structp png_now = png;
    png_infop info_now = info;
    png_destroy_write_struct(&png_now, &info_now);
    // The caller's room and sizes are right, so the only way here is an allocation that failed.
    return IC_OUT_OF_MEMORY;
  }
  png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &target, on_error, on_warning);
  if (png != NULL) info = png_create_info_struct(png);
  if (info == NULL) {
    png_structp png_now = png;
    png_destroy_write_struct(&png_now, NULL);
    return IC_OUT_OF_MEMORY;
  }
  png_set_write_fn(png, &target, write_bytes, flush);
  png_set_compression_level(png, 6);
  png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_PAETH);
  png_set_IHDR(
      png, info, (png_uint_32)width, (png_uint_32)height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
      PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  for (int32_t y = 0; y < height; y++) png_write_row(png, rgb + (size_t)y * 3 * (size_t)width);
  png_write_end(png, NULL);
  png_structp png_now = png;
  png_infop info_now = info;
  png_destroy_write_struct(&png_now, &info_now);
  *written = target.written;
  return IC_OK;
}
