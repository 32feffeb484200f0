#include "codecs.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

typedef struct {
  const uint8_t *bytes;
  size_t left;
  size_t allowed;  // of `left`, what may be read yet
  jmp_buf escape;
  ic_picture *picture;
  int status;
} png_state;

static _Noreturn void on_error(png_structp png, png_const_charp message) {
  png_state *state = (png_state *)png_get_error_ptr(png);
  if (state->status == IC_OK) state->status = IC_DAMAGED;
  ic_set_message(state->picture, message);
  longjmp(state->escape, 1);
}

// With the ancillary chunks skipped, what libpng still warns of is damage in the ones that matter.
static void on_warning(png_structp png, png_const_charp message) { on_error(png, message); }

static png_voidp allocate(png_structp png, png_alloc_size_t size) {
  void *memory = malloc(size);
  if (memory == NULL) ((png_state *)png_get_mem_ptr(png))->status = IC_OUT_OF_MEMORY;
  return memory;
}

static void release(png_structp png, png_voidp memory) {
  (void)png;
  free(memory);
}

static void read_bytes(png_structp png, png_bytep output, size_t count) {
  png_state *state = (png_state *)png_get_io_ptr(png);
  if (count > state->left) png_error(png, "unexpected end of the file");
  if (count > state->allowed) png_error(png, "too much data after the last row");
  memcpy(output, state->bytes, count);
  state->bytes += count;
  state->left -= count;
  state->allowed -= count;
}

// Every chunk libpng knows except IHDR, PLTE, IDAT and IEND. They are skipped after their checksum: nothing in them is
// inflated or kept. Transparency is among them because RGB pixels do not depend on it.
static void skip_ancillary_chunks(png_structp png) {
  static const char names[] =
      "bKGD\0cHRM\0eXIf\0gAMA\0hIST\0iCCP\0iTXt\0oFFs\0pCAL\0pHYs\0sBIT\0sCAL\0sPLT\0sRGB\0tEXt\0tIME\0tRNS\0zTXt";
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, 0);
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, (png_const_bytep)names, (int)(sizeof names / 5));
}

static uint32_t big_endian(const uint8_t *bytes) {
  return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

// The size in IHDR, before libpng sees it, so that a huge one gets its own sentence; damage is left to libpng.
static int check_size(const uint8_t *bytes, size_t count, const ic_limits *limits, ic_picture *picture) {
  if (count < 24 || memcmp(bytes + 12, "IHDR", 4) != 0) return IC_OK;
  const uint32_t width = big_endian(bytes + 16), height = big_endian(bytes + 20);
  if (width > INT32_MAX || height > INT32_MAX) return IC_OK;
  picture->width = (int32_t)width;
  picture->height = (int32_t)height;
  return ic_check_size(picture, limits);
}

// Fills mode and channels and asks libpng for the bytes Pillow would have.
static void choose_mode(png_structp png, png_infop info, ic_picture *picture) {
  const int depth = png_get_bit_depth(png, info);
  picture->width = (int32_t)png_get_image_width(png, info);
  picture->height = (int32_t)png_get_image_height(png, info);
  switch (png_get_color_type(png, info)) {
    case PNG_COLOR_TYPE_GRAY:
      picture->mode = depth == 1 ? IC_BILEVEL : IC_GREY;
      picture->channels = 1;
      if (depth < 8) png_set_expand_gray_1_2_4_to_8(png);
      break;
    case PNG_COLOR_TYPE_GRAY_ALPHA:
      picture->mode = IC_GREY_ALPHA;
      picture->channels = 2;
      break;
    case PNG_COLOR_TYPE_PALETTE:
      picture->mode = IC_PALETTE;
      picture->channels = 1;
      if (depth < 8) png_set_packing(png);
      break;
    case PNG_COLOR_TYPE_RGB:
      picture->mode = IC_RGB;
      picture->channels = 3;
      break;
    default:
      picture->mode = IC_RGBA;
      picture->channels = 4;
      break;
  }
  if (depth == 16) png_set_strip_16(png);
}

static void copy_palette(png_structp png, png_infop info, ic_picture *picture) {
  png_colorp colours = NULL;
  int count = 0;
  // libpng has refused a file without one; with no colour at all, every pixel would be refused.
  (void)png_get_PLTE(png, info, &colours, &count);
  if (count > 256) count = 256;
  picture->palette_count = count;
  for (int i = 0; i < count; i++) {
    picture->palette[3 * i] = colours[i].red;
    picture->palette[3 * i + 1] = colours[i].green;
    picture->palette[3 * i + 2] = colours[i].blue;
  }
}

typedef struct {
  int pass;
  int32_t y;
} place;

// The last row that libpng reads anything for: with it, it inflates whatever follows in the chunks of pixels, to complain
// of it at the end. A megabyte there can be a gigabyte of zeros, so little may follow: 64 KB take a tenth of a second.
enum { AFTER_LAST_ROW = 65536 };
static place last_row(int passes, const ic_picture *picture) {
  const png_uint_32 width = (png_uint_32)picture->width, height = (png_uint_32)picture->height;
  if (passes == 1) return (place){0, picture->height - 1};
  for (int pass = passes - 1; pass > 0; pass--) {
    if (PNG_PASS_COLS(width, pass) > 0 && PNG_PASS_ROWS(height, pass) > 0)
      return (place){pass, (int32_t)PNG_ROW_FROM_PASS_ROW(PNG_PASS_ROWS(height, pass) - 1, pass)};
  }
  return (place){0, (int32_t)PNG_ROW_FROM_PASS_ROW(PNG_PASS_ROWS(height, 0) - 1, 0)};
}

static void decode(png_structp png, png_infop info, ic_picture *picture, uint8_t *pixels) {
  const int passes = png_set_interlace_handling(png);
  const size_t row_bytes = (size_t)picture->width * (size_t)picture->channels;
  png_read_update_info(png, info);
  if (png_get_rowbytes(png, info) != row_bytes) png_error(png, "rows of an unexpected length");
  const place last = last_row(passes, picture);
  png_state *state = (png_state *)png_get_io_ptr(png);
  for (int pass = 0; pass < passes; pass++) {
    for (int32_t y = 0; y < picture->height; y++) {
      // 16 bits a sample are twice a row, what deflate makes of noise hardly more.
      if (pass == last.pass && y == last.y) state->allowed = 4 * row_bytes + AFTER_LAST_ROW;
      png_read_row(png, pixels + (size_t)y * row_bytes, NULL);
    }
  }
  state->allowed = state->left;
  png_read_end(png, NULL);
  if (picture->mode == IC_PALETTE) {
    const size_t count = row_bytes * (size_t)picture->height;
    for (size_t i = 0; i < count; i++) {
      if (pixels[i] >= picture->palette_count) png_error(png, "a pixel's colour is not in the palette");
    }
  }
}

int ic_read_png(const uint8_t *bytes, size_t count, const ic_limits *limits, ic_picture *picture, uint8_t *pixels) {
  const ic_picture header = *picture;
  const int size_status = check_size(bytes, count, limits, picture);
  if (size_status != IC_OK) return size_status;
  png_state state;
  memset(&state, 0, sizeof state);
  state.bytes = bytes;
  state.left = count;
  state.allowed = count;
  state.picture = picture;
  // The structs of libpng outlive a jump, so the variables that hold them must not live in registers.
  png_structp volatile png = NULL;
  png_infop volatile info = NULL;
  if (setjmp(state.escape)) {
    png_structp png_now = png;
    png_infop info_now = info;
    png_destroy_read_struct(&png_now, &info_now, NULL);
    return state.status;
  }
  png = png_create_read_struct_2(
      PNG_LIBPNG_VER_STRING, &state, on_error, on_warning, &state, allocate, release);
  if (png != NULL) info = png_create_info_struct(png);
  if (info == NULL) {
    png_structp png_now = png;
    png_destroy_read_struct(&png_now, NULL, NULL);
    return IC_OUT_OF_MEMORY;
  }
  png_set_read_fn(png, &state, read_bytes);
  png_set_user_limits(png, IC_MAXIMUM_SIDE, IC_MAXIMUM_SIDE);
  // Of chunks that are skipped nothing is kept, however long they are; the others have sizes of their own.
  png_set_chunk_malloc_max(png, (png_alloc_size_t)1 << 30);
  png_set_chunk_cache_max(png, 1);
  png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
  png_set_benign_errors(png, 0);
  png_set_check_for_invalid_index(png, -1);  // `decode` checks every index itself
  skip_ancillary_chunks(png);
  png_read_info(png, info);
  choose_mode(png, info, picture);
  // libpng passes over chunks before IHDR, where `check_size` does not find it.
  const int real_status = ic_check_size(picture, limits);
  // It has read more than the 24 bytes that this looks at.
  if (memcmp(bytes + 12, "IHDR", 4) != 0) {
    state.status = real_status;
    png_error(png, "IHDR is not the first chunk");
  }
  if (picture->mode == IC_PALETTE) copy_palette(png, info, picture);
  if (pixels != NULL) {
    if (header.mode != picture->mode || header.width != picture->width || header.height != picture->height) {
      png_error(png, "the bytes changed while they were being read");
    }
    decode(png, info, picture, pixels);
  }
  png_structp png_now = png;
  png_infop info_now = info;
  png_destroy_read_struct(&png_now, &info_now, NULL);
  return IC_OK;
}
