// Resampling of 8-bit pictures to the bit as Pillow does it (src/libImaging/Resample.c and Convert.c), and the look-up
// that makes the tensor. Integers only: the caller computes the coefficients.
//
// Pixels are tight: `channels` bytes each, nothing between them. Source and output never overlap.
#ifndef RESAMPLE_H
#define RESAMPLE_H

#include <stddef.h>
#include <stdint.h>

/// Bits after the binary point of a coefficient: 1.0 is 1 << CK_RESAMPLE_BITS.
#define CK_RESAMPLE_BITS 22

/// One axis: output i is the sum over j in [0, counts[i]) of the input at starts[i] + j times weights[i * taps + j],
/// rounded and clipped to 0...255. The absolute values of an output's weights sum to less than 2.
typedef struct {
  const int32_t *starts;
  const int32_t *counts;
  const int32_t *weights;
  int32_t taps;     ///< weights of an output; counts never exceed it
  int32_t outputs;  ///< length of `starts` and `counts`
} ck_resample_axis;

/// Resamples one row of `channels` (1 to 4) bytes a pixel: `axis->outputs` pixels out.
void ck_resample_row(const uint8_t *row, int channels, const ck_resample_axis *axis, uint8_t *output);

/// Resamples columns: `width` bytes of each row of a picture whose rows are `stride` bytes apart. The output has
/// `axis->outputs` rows of `width` bytes.
void ck_resample_columns(
    const uint8_t *source, size_t stride, size_t width, const ck_resample_axis *axis, uint8_t *output);

/// `pixels` pixels of `channels` (2 or 4) bytes, the last of them alpha: colours times alpha (LA to La, RGBA to RGBa).
void ck_premultiply(const uint8_t *source, size_t pixels, int channels, uint8_t *output);

/// Undoes `ck_premultiply` and drops alpha: `pixels` pixels of 1 or 3 bytes out of 2 or 4.
void ck_unpremultiply(const uint8_t *source, size_t pixels, int channels, uint8_t *output);

/// Picks pixels: output i is source pixel `places[i]`, or zero bytes where that is negative.
void ck_pick_pixels(const uint8_t *row, int channels, const int32_t *places, size_t count, uint8_t *output);

/// Grey (1 channel) or grey with alpha (2) to RGB; alpha is dropped.
void ck_grey_to_rgb(const uint8_t *source, size_t pixels, int channels, uint8_t *output);

/// RGBA to RGB; alpha is dropped.
void ck_rgba_to_rgb(const uint8_t *source, size_t pixels, uint8_t *output);

/// CMYK (255 is full ink) to RGB.
void ck_cmyk_to_rgb(const uint8_t *source, size_t pixels, uint8_t *output);

/// Palette indices to RGB; `palette` has 256 entries of 3 bytes.
void ck_palette_to_rgb(const uint8_t *source, size_t pixels, const uint8_t *palette, uint8_t *output);

/// RGB pixels to three planes of floats: plane c of `output` holds table[c * 256 + value].
void ck_pixels_to_planes(const uint8_t *rgb, size_t pixels, const float *table, float *output);

#endif
