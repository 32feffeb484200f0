// The 16 codes of 4-bit weights, part of the format (Formats/tcm.md section 5), and what the search for them needs.
#ifndef CK_CODES_I4_H
#define CK_CODES_I4_H

#include <stdint.h>

#include "constants.h"

static const int8_t ck_i4_codes[16] = {-127, -107, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 88, 113};

// Half way from each code to the next, exactly.
static const float ck_i4_middles[15] = {-117, -95, -74, -57, -42, -28.5f, -16, -4.5f, 7, 19, 31.5f, 45.5f, 61, 78.5f, 100.5f};

// Sub-scales tried: these times what brings a group's largest weight to the code -127, and to the other end at 113.
enum { CKSearchSizes = 24 };
static const float ck_i4_sizes[CKSearchSizes] = {
    0.74f, 0.758f, 0.777f, 0.795f, 0.813f, 0.831f, 0.85f, 0.868f, 0.886f, 0.904f, 0.923f, 0.941f,
    0.959f, 0.977f, 0.996f, 1.01f, 1.03f, 1.05f, 1.07f, 1.09f, 1.11f, 1.12f, 1.14f, 1.16f};
#define CK_I4_OTHER_END (127.0f / 113.0f)

// A row's largest weight is 126 of its scale: -127 times sub-scale 127, over 128 and rounded.
#define CK_I4_TOP 126.0f

#endif
