// Shared by the files of this target.
#ifndef CODECS_H
#define CODECS_H

#include "CImageCodecs.h"

/// Decodes, or with `pixels` NULL only reads the header.
int ic_read_jpeg(const uint8_t *bytes, size_t count, const ic_limits *limits, ic_picture *picture, uint8_t *pixels);
int ic_read_png(const uint8_t *bytes, size_t count, const ic_limits *limits, ic_picture *picture, uint8_t *pixels);

/// IC_OK, IC_SIDE_TOO_LONG or IC_TOO_MANY_PIXELS for the picture's width and height.
int ic_check_size(const ic_picture *picture, const ic_limits *limits);

/// Copies `text` into the picture's message, cut to fit.
void ic_set_message(ic_picture *picture, const char *text);

#endif
