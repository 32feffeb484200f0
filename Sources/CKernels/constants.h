// Constants of the elementary functions. Part of the numerics version: changing a digit changes the bits.
#ifndef CK_CONSTANTS_H
#define CK_CONSTANTS_H

// Adding and taking off 1.5 * 2^23 rounds |x| < 2^22 to an integer, ties to even.
#define CK_ROUND 12582912.0f
#define CK_ROUND_BITS 0x4B400000

// exp: Cephes expf. x = n ln 2 + r, |r| <= ln 2 / 2; exp r = 1 + r + r^2 P(r).
#define CK_EXP_MIN (-87.0f)
#define CK_EXP_MAX 88.0f
#define CK_LOG2E 1.44269504088896341f
#define CK_LN2_HI 0.693359375f
#define CK_LN2_LO (-2.12194440e-4f)
#define CK_EXP_0 1.9875691500e-4f
#define CK_EXP_1 1.3981999507e-3f
#define CK_EXP_2 8.3334519073e-3f
#define CK_EXP_3 4.1665795894e-2f
#define CK_EXP_4 1.6666665459e-1f
#define CK_EXP_5 5.0000001201e-1f

// tanh: Cephes tanhf. |x| < 0.625: x + x z P(z), z = x^2; else 1 - 2 / (exp 2|x| + 1).
#define CK_TANH_LIMIT 0.625f
#define CK_TANH_0 (-5.70498872745e-3f)
#define CK_TANH_1 2.06390887954e-2f
#define CK_TANH_2 (-5.37397155531e-2f)
#define CK_TANH_3 1.33314422036e-1f
#define CK_TANH_4 (-3.33332819422e-1f)

// erf: rational minimax x P(x^2) / Q(x^2) on [-4, 4], as in Eigen's generic_fast_erf (Eigen 3.3).
#define CK_ERF_LIMIT 4.0f
#define CK_ERF_P0 (-2.72614225801306e-10f)
#define CK_ERF_P1 2.77068142495902e-08f
#define CK_ERF_P2 (-2.10102402082508e-06f)
#define CK_ERF_P3 (-5.69250639462346e-05f)
#define CK_ERF_P4 (-7.34990630326855e-04f)
#define CK_ERF_P5 (-2.95459980854025e-03f)
#define CK_ERF_P6 (-1.60960333262415e-02f)
#define CK_ERF_Q0 (-1.45660718464996e-05f)
#define CK_ERF_Q1 (-2.13374055278905e-04f)
#define CK_ERF_Q2 (-1.68282697438203e-03f)
#define CK_ERF_Q3 (-7.37332916720468e-03f)
#define CK_ERF_Q4 (-1.42647390514189e-02f)

#define CK_SQRT_HALF 0.70710678118654752f
#define CK_QUICK (-1.702f)

// Ranges no larger than this are taken for zero, so that their inverses stay finite.
#define CK_TINY 1e-30f

// Largest weight of a value in attention: two unsigned bytes.
#define CK_WEIGHT_MAX 65535.0f

#endif
