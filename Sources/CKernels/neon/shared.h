// What dotprod and i8mm take from NEON as it is: everything but products of bytes and the decoder. Code that is the same would
// be there three times otherwise. Included after functions.inc, for its types.
#ifndef CK_NEON_SHARED_H
#define CK_NEON_SHARED_H

#define CK_SHARED(share)                                                                               \
  share(gemm_f32) share(epilogue) share(layer_norm) share(quantize_row) share(l2_normalize)            \
  share(softmax) share(search_i4) share(search_i4_feedback) share(feed_back)                           \
  share(quantize_symmetric) share(quantize_weights) share(softmax_u16) share(activate) share(function) \
  share(contraction)

#define CK_DECLARE(name) extern __typeof__(*((const ck_kernels *)0)->name) ck_neon_##name;
CK_SHARED(CK_DECLARE)
extern void ck_neon_finish_i8(const ck_linear_i8 *l, int row0, int rows, int panel0, int panels, const i16 *acc, int stride);

// Rows of a table.
#define CK_FROM_NEON_ROW(name) .name = ck_neon_##name,
#define CK_FROM_NEON .f32_block = 16, CK_SHARED(CK_FROM_NEON_ROW)

// In neon/kernels.c: the names that others know.
#define CK_EXPORT(name) extern __typeof__(name) ck_neon_##name __attribute__((alias(#name)));

#endif
