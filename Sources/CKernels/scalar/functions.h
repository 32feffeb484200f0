// Elementary functions, one element at a time: the twins of vector/functions.inc.
#ifndef CK_SCALAR_FUNCTIONS_H
#define CK_SCALAR_FUNCTIONS_H

#include <math.h>
#include <string.h>

#include "../constants.h"
#include "../include/CKernels.h"

// a > b ? a : b, not fmaxf: what happens to zeros of either sign is then the same in every instruction set.
static inline float ck_max(float a, float b) { return a > b ? a : b; }
static inline float ck_min(float a, float b) { return a < b ? a : b; }

static inline float ck_exp(float x) {
  x = ck_min(ck_max(x, CK_EXP_MIN), CK_EXP_MAX);
  float shifted = fmaf(x, CK_LOG2E, CK_ROUND), n = shifted - CK_ROUND;
  float r = fmaf(n, -CK_LN2_HI, x);
  r = fmaf(n, -CK_LN2_LO, r);
  float p = CK_EXP_0;
  p = fmaf(p, r, CK_EXP_1);
  p = fmaf(p, r, CK_EXP_2);
  p = fmaf(p, r, CK_EXP_3);
  p = fmaf(p, r, CK_EXP_4);
  p = fmaf(p, r, CK_EXP_5);
  p = fmaf(p, r * r, r) + 1.0f;
  int32_t bits;
  memcpy(&bits, &shifted, 4);
  bits = (bits - CK_ROUND_BITS + 127) << 23;
  float power;
  memcpy(&power, &bits, 4);
  return p * power;
}

static inline float ck_erf(float x) {
  x = ck_min(ck_max(x, -CK_ERF_LIMIT), CK_ERF_LIMIT);
  float z = x * x;
  float p = CK_ERF_P0;
  p = fmaf(p, z, CK_ERF_P1);
  p = fmaf(p, z, CK_ERF_P2);
  p = fmaf(p, z, CK_ERF_P3);
  p = fmaf(p, z, CK_ERF_P4);
  p = fmaf(p, z, CK_ERF_P5);
  p = fmaf(p, z, CK_ERF_P6);
  float q = CK_ERF_Q0;
  q = fmaf(q, z, CK_ERF_Q1);
  q = fmaf(q, z, CK_ERF_Q2);
  q = fmaf(q, z, CK_ERF_Q3);
  q = fmaf(q, z, CK_ERF_Q4);
  return x * p / q;
}

static inline float ck_tanh(float x) {
  float z = x * x;
  float p = CK_TANH_0;
  p = fmaf(p, z, CK_TANH_1);
  p = fmaf(p, z, CK_TANH_2);
  p = fmaf(p, z, CK_TANH_3);
  p = fmaf(p, z, CK_TANH_4);
  float small = fmaf(p * z, x, x);
  float magnitude = x < 0 ? -x : x;
  float large = 1.0f - 2.0f / (ck_exp(magnitude + magnitude) + 1.0f);
  large = x < 0 ? -large : large;
  return magnitude < CK_TANH_LIMIT ? small : large;
}

static inline float ck_sigmoid(float x) { return 1.0f / (1.0f + ck_exp(-x)); }

static inline float ck_apply(float x, int activation) {
  switch (activation) {
    case CK_ACTIVATION_GELU: return (0.5f * x) * (1.0f + ck_erf(x * CK_SQRT_HALF));
    case CK_ACTIVATION_QUICK_GELU: return x / (1.0f + ck_exp(x * CK_QUICK));
    case CK_ACTIVATION_TANH: return ck_tanh(x);
    default: return x;
  }
}

// Sixteen partial results, folded 8, 4, 2, 1.
static inline float ck_fold_sum(float lanes[16]) {
  for (int half = 8; half > 0; half /= 2)
    for (int i = 0; i < half; i++) lanes[i] = lanes[i] + lanes[i + half];
  return lanes[0];
}

static inline float ck_fold_max(float lanes[16]) {
  for (int half = 8; half > 0; half /= 2)
    for (int i = 0; i < half; i++) lanes[i] = ck_max(lanes[i], lanes[i + half]);
  return lanes[0];
}

static inline float ck_f16_value(uint16_t h) {
  uint32_t bits = (uint32_t)(h & 0x7FFF) << 13;
  float value;
  memcpy(&value, &bits, 4);
  value = value * 0x1p112f;
  return h & 0x8000 ? -value : value;
}

#endif
