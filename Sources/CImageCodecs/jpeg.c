#include "codecs.h"

#include <setjmp.h>
#include <stdio.h>  // jpeglib.h needs FILE
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

// One decoding; the libjpeg structs come first in a struct of their own so that a callback finds the rest.
typedef struct {
  struct jpeg_error_mgr manager;
  struct jpeg_progress_mgr progress;
  jmp_buf escape;
  ic_picture *picture;
  int32_t maximum_scans;
  int status;
} jpeg_state;

static const char not_8_bits[] = "its samples are not 8 bits";
static const char other_coding[] = "it is lossless or differential";

static jpeg_state *state_of(j_common_ptr common) { return (jpeg_state *)common->client_data; }

static _Noreturn void fail(j_common_ptr common, int status) {
  jpeg_state *state = state_of(common);
  char text[JMSG_LENGTH_MAX];
  common->err->format_message(common, text);
  if (status == IC_UNSUPPORTED) memcpy(text, not_8_bits, sizeof not_8_bits);
  if (common->err->msg_code == JERR_SOF_UNSUPPORTED) memcpy(text, other_coding, sizeof other_coding);
  ic_set_message(state->picture, text);
  state->status = status;
  longjmp(state->escape, 1);
}

static _Noreturn void on_error(j_common_ptr common) {
  switch (common->err->msg_code) {
    case JERR_OUT_OF_MEMORY: fail(common, IC_OUT_OF_MEMORY);
    case JERR_NO_BACKING_STORE: fail(common, IC_MEMORY_LIMIT);
    case JERR_BAD_PRECISION:
    case JERR_SOF_UNSUPPORTED: fail(common, IC_UNSUPPORTED);
    case JERR_IMAGE_TOO_BIG: {
      // libjpeg's own limit is a little lower.
      j_decompress_ptr decoder = (j_decompress_ptr)common;
      state_of(common)->picture->width = (int32_t)decoder->image_width;
      state_of(common)->picture->height = (int32_t)decoder->image_height;
      fail(common, IC_SIDE_TOO_LONG);
    }
    default: fail(common, IC_DAMAGED);
  }
}

// libjpeg decodes on after damage and leaves the verdict to its caller: here every such warning refuses the file.
// An unknown JFIF version or Adobe colour code is not damage.
static void on_message(j_common_ptr common, int level) {
  if (level >= 0) return;
  const int code = common->err->msg_code;
  if (code == JWRN_JFIF_MAJOR || code == JWRN_ADOBE_XFORM) return;
  fail(common, IC_DAMAGED);
}

static void print_nothing(j_common_ptr common) { (void)common; }

// Called throughout; a scan of a few bytes can cost as much time as the picture has pixels.
static void on_progress(j_common_ptr common) {
  j_decompress_ptr decoder = (j_decompress_ptr)common;
  jpeg_state *state = state_of(common);
  if (decoder->input_scan_number > state->maximum_scans) {
    state->status = IC_TOO_MANY_SCANS;
    longjmp(state->escape, 1);
  }
}

static int unsupported(ic_picture *picture, const char *message) {
  ic_set_message(picture, message);
  return IC_UNSUPPORTED;
}

// Width, height and mode; IC_OK if the file can be decoded.
static int describe(struct jpeg_decompress_struct *decoder, const ic_limits *limits, ic_picture *picture) {
  picture->width = (int32_t)decoder->image_width;
  picture->height = (int32_t)decoder->image_height;
  if (decoder->data_precision != 8) return unsupported(picture, not_8_bits);
  picture->channels = decoder->num_components;
  switch (decoder->num_components) {
    case 1: picture->mode = IC_GREY; break;
    case 3: picture->mode = IC_RGB; break;
    case 4: picture->mode = IC_CMYK; break;
    default: return unsupported(picture, "its number of colour components is not 1, 3 or 4");
  }
  return ic_check_size(picture, limits);
}

static void decode(struct jpeg_decompress_struct *decoder, const ic_picture *picture, uint8_t *pixels) {
  switch (picture->mode) {
    case IC_GREY: decoder->out_color_space = JCS_GRAYSCALE; break;
    case IC_RGB: decoder->out_color_space = JCS_RGB; break;
    default: decoder->out_color_space = JCS_CMYK; break;
  }
  decoder->dct_method = JDCT_ISLOW;
  decoder->do_fancy_upsampling = TRUE;
  decoder->do_block_smoothing = TRUE;
  (void)jpeg_start_decompress(decoder);
  const size_t row_bytes = (size_t)picture->width * (size_t)picture->channels;
  while (decoder->output_scanline < decoder->output_height) {
    JSAMPROW row = pixels + decoder->output_scanline * row_bytes;
    (void)jpeg_read_scanlines(decoder, &row, 1);
    // Adobe's programs store CMYK inverted, others follow them, and Pillow takes it for granted.
    if (picture->mode == IC_CMYK) {
      for (size_t i = 0; i < row_bytes; i++) row[i] = (JSAMPLE)~row[i];
    }
  }
  (void)jpeg_finish_decompress(decoder);
}

// Segments up to the first scan: libjpeg takes one whose length does not even count its own two bytes.
static int segments_are_whole(const uint8_t *bytes, size_t count) {
  size_t at = 2;
  while (at + 4 <= count && bytes[at] == 0xFF) {
    const uint8_t marker = bytes[at + 1];
    if (marker == 0xFF) {
      at += 1;
    } else if (marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8)) {
      at += 2;
    } else if (marker == 0xD9 || marker == 0xDA) {
      return 1;
    } else {
      const size_t length = (size_t)bytes[at + 2] << 8 | bytes[at + 3];
      if (length < 2) return 0;
      at += 2 + length;
    }
  }
  return 1;
}

int ic_read_jpeg(const uint8_t *bytes, size_t count, const ic_limits *limits, ic_picture *picture, uint8_t *pixels) {
  struct jpeg_decompress_struct decoder;
  jpeg_state state;
  if (!segments_are_whole(bytes, count)) {
    ic_set_message(picture, "a segment's length is less than 2");
    return IC_DAMAGED;
  }
  memset(&decoder, 0, sizeof decoder);
  memset(&state, 0, sizeof state);
  state.picture = picture;
  state.maximum_scans = limits->scans;
  decoder.err = jpeg_std_error(&state.manager);
  state.manager.error_exit = on_error;
  state.manager.emit_message = on_message;
  state.manager.output_message = print_nothing;
  decoder.client_data = &state;
  if (setjmp(state.escape)) {
    jpeg_destroy_decompress(&decoder);
    return state.status;
  }
  jpeg_create_decompress(&decoder);
  state.progress.progress_monitor = on_progress;
  decoder.progress = &state.progress;
  decoder.mem->max_memory_to_use = limits->memory;
  jpeg_mem_src(&decoder, (unsigned char *)(uintptr_t)bytes, count);
  (void)jpeg_read_header(&decoder, TRUE);
  ic_picture header = *picture;
  int status = describe(&decoder, limits, &header);
  if (pixels == NULL || status != IC_OK) {
    *picture = header;
  } else if (header.width != picture->width || header.height != picture->height || header.mode != picture->mode) {
    ic_set_message(picture, "the bytes changed while they were being read");
    status = IC_DAMAGED;
  } else {
    decode(&decoder, picture, pixels);
  }
  jpeg_destroy_decompress(&decoder);
  return status;
}
