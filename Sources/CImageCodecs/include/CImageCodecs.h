// JPEG (libjpeg-turbo) and PNG (libpng) behind functions that return a status and a message of fixed size.
//
// Pixels come out as Pillow decodes them, in the mode Pillow gives the file, except that 16-bit grey keeps its upper
// byte. What Pillow forgives is refused: a wrong checksum, missing data, corrupt codes. Text, profiles, EXIF (and its
// rotation), gamma and transparency chunks are skipped unread. setjmp and longjmp stay inside: nothing here calls back
// into its caller, prints, or keeps global state.
#ifndef CIMAGECODECS_H
#define CIMAGECODECS_H

#include <stddef.h>
#include <stdint.h>

/// What became of a call.
typedef enum {
  IC_OK = 0,
  IC_NOT_A_PICTURE = 1,    ///< neither JPEG nor PNG by its first bytes
  IC_DAMAGED = 2,          ///< `message` is the library's
  IC_UNSUPPORTED = 3,      ///< a JPEG with two components or more than 8 bits
  IC_SIDE_TOO_LONG = 4,    ///< width or height above IC_MAXIMUM_SIDE
  IC_TOO_MANY_PIXELS = 5,  ///< width and height are set
  IC_TOO_MANY_SCANS = 6,   ///< a JPEG with more scans than allowed
  IC_MEMORY_LIMIT = 7,     ///< a JPEG that needs more working memory than allowed
  IC_OUT_OF_MEMORY = 8,
} ic_status;

/// File formats.
typedef enum { IC_JPEG = 1, IC_PNG = 2 } ic_format;

/// Pillow's modes, as far as JPEG and PNG have them. 16-bit samples keep their upper byte.
typedef enum {
  IC_BILEVEL = 1,     ///< "1": a byte, 0 or 255
  IC_GREY = 2,        ///< "L"
  IC_GREY_ALPHA = 3,  ///< "LA"
  IC_PALETTE = 4,     ///< "P": an index into `palette`, always below `palette_count`
  IC_RGB = 5,
  IC_RGBA = 6,        ///< alpha not premultiplied
  IC_CMYK = 7,        ///< 255 is full ink
} ic_mode;

enum { IC_MAXIMUM_SIDE = 65535, IC_MESSAGE_BYTES = 200 };

/// What a file may cost.
typedef struct {
  int64_t pixels;  ///< width times height
  int32_t scans;   ///< scans of a JPEG
  int64_t memory;  ///< bytes that libjpeg may allocate
} ic_limits;

/// A picture's header, or why there is none.
typedef struct {
  int32_t format;    ///< an ic_format; 0 if unknown
  int32_t mode;      ///< an ic_mode
  int32_t channels;  ///< bytes a pixel
  int32_t width;
  int32_t height;
  int32_t palette_count;
  uint8_t palette[768];            ///< RGB; zero from `palette_count` on
  char message[IC_MESSAGE_BYTES];  ///< ends with NUL; empty unless damaged or unsupported
} ic_picture;

/// Reads the header of the picture in `bytes` and fills `picture`.
int ic_read_header(const uint8_t *bytes, size_t count, const ic_limits *limits, ic_picture *picture);

/// Decodes the same bytes. `picture` is what `ic_read_header` filled; `pixels` has room for exactly width * height *
/// channels bytes, rows from the top, nothing between them. On failure `pixels` holds anything.
int ic_read_pixels(
    const uint8_t *bytes, size_t count, const ic_limits *limits, ic_picture *picture, uint8_t *pixels);

/// The most bytes `ic_write_png` can need, or 0 if a side is below 1 or above IC_MAXIMUM_SIDE.
size_t ic_png_bound(int32_t width, int32_t height);

/// Encodes 8-bit RGB rows as a PNG without any ancillary chunk (compression level 6, filter Paeth for every row).
/// `*written` gets the number of bytes.
int ic_write_png(const uint8_t *rgb, int32_t width, int32_t height, uint8_t *output, size_t capacity, size_t *written);

#endif
