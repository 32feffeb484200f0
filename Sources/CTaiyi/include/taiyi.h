// taiyi.h: Chinese CLIP models from .tcm files, in C.
//
// A model is opened once and never changes; any number of sessions, in any number of threads, may run it. A session is used
// by one thread at a time and owns the memory and the threads it works with. There is no global state. Nothing is printed, no
// signal handler is installed, and no function ends the process but for want of memory (see below).
//
// Embeddings are rows of taiyi_facts.embedding_width floats, of length 1 unless asked otherwise. Those of a quantized model have
// the same bits on every machine, for any number of threads and in any batch.
//
// Failures. Functions that can fail return TAIYI_OK (0) or another taiyi_status and, if `error` is not NULL, describe it there.
// A function that fails leaves what its output pointers lead to undefined, except that a handle is set to NULL; models, sessions
// and banks stay as they were and may be used again. NULL where a pointer is needed, an index out of range and a struct size that
// this library does not know give TAIYI_ERROR_ARGUMENT. A handle that was closed, or buffers smaller than said, are undefined
// behaviour, as always in C.
//
// Structs begin with their size, which the caller sets to sizeof. A library of this ABI version that knows a longer one takes the
// shorter one too, and treats what is missing as zero.
//
// Memory. Large buffers are asked for, and TAIYI_ERROR_MEMORY is returned where there are none. Small ones (strings, lists of tokens,
// a few bytes a label) are Swift's, which ends the process where the system has not even those.
//
// fork(): a child may use models, banks and sessions it inherited (a session then works on the calling thread alone), provided
// no other thread of the parent was inside this library at that moment.
//
// If the file of an open model is cut short by another process, touching it raises SIGBUS, as with any mapped file. Files that
// are replaced by renaming, as taiyi-convert does, stay valid for whoever has them open.
#ifndef TAIYI_H
#define TAIYI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Rises when a function or the meaning of a field changes; not when something is added.
#define TAIYI_ABI_VERSION 1

/// The library's TAIYI_ABI_VERSION. Compare it with the header's when loading the library at run time.
int32_t taiyi_abi_version(void);

// Errors

typedef int32_t taiyi_status;
enum {
  TAIYI_OK = 0,
  /// The call makes no sense: see above.
  TAIYI_ERROR_ARGUMENT = 1,
  /// A file cannot be opened or read.
  TAIYI_ERROR_FILE = 2,
  /// A .tcm file is malformed, damaged, or of a newer version.
  TAIYI_ERROR_FORMAT = 3,
  /// A picture is malformed, too large, or of an unknown kind.
  TAIYI_ERROR_IMAGE = 4,
  /// The model lacks the tower or the labels that a call needs, or the processor the instruction set.
  TAIYI_ERROR_UNSUPPORTED = 5,
  /// There is no memory, or more is needed than maximum_memory allows.
  TAIYI_ERROR_MEMORY = 6
};

typedef struct taiyi_error {
  size_t size;           ///< sizeof(taiyi_error), set by the caller
  taiyi_status status;   ///< what the function returned
  int32_t reserved;      ///< 0
  int64_t item;          ///< the text or picture at fault, counted from 0; -1 if none is
  char message[1000];    ///< one sentence in UTF-8, ended by NUL, cut where it is too long
} taiyi_error;

// Models

typedef struct taiyi_model taiyi_model;

/// What a model is.
typedef struct taiyi_facts {
  size_t size;               ///< sizeof(taiyi_facts), set by the caller
  int32_t embedding_width;   ///< floats in an embedding
  int32_t has_text;          ///< 1 if texts can be embedded
  int32_t has_image;         ///< 1 if pictures can be embedded
  int32_t context_length;    ///< most tokens of a text, [CLS] and [SEP] included; longer ones are cut; 0 without a text tower
  int32_t image_size;        ///< side of the input picture in pixels; 0 without an image tower
  int32_t is_quantized;      ///< 1 if embeddings have the same bits everywhere
  float logit_scale;         ///< factor of cosines before the softmax
  int32_t numerics_version;  ///< edition of the arithmetic
  uint8_t identity[32];      ///< SHA-256 of what the model computes with
} taiyi_facts;

/// Opens a .tcm file. Reads its manifest and checks its structure; weights are mapped, not read, so this takes milliseconds.
///
/// path    UTF-8.
/// model   Receives the model; close it with taiyi_model_close.
taiyi_status taiyi_model_open(const char *path, taiyi_model **model, taiyi_error *error);

/// The same of a file that lies in memory, which must stay there, unchanged, until the model and its sessions are closed.
///
/// bytes   Aligned to 64 bytes.
/// name    For messages; may be NULL.
taiyi_status taiyi_model_open_memory(const void *bytes, size_t size, const char *name, taiyi_model **model, taiyi_error *error);

/// Closes a model; NULL is allowed. Sessions keep what they need of it, so the order of closing does not matter.
void taiyi_model_close(taiyi_model *model);

/// Fills `facts`.
taiyi_status taiyi_model_facts(const taiyi_model *model, taiyi_facts *facts, taiyi_error *error);

// Sessions

typedef struct taiyi_session taiyi_session;

typedef struct taiyi_session_options {
  size_t size;                  ///< sizeof(taiyi_session_options)
  int32_t threads;              ///< 1 to 1024, the calling one included; 0: as many as affinity and cgroup quota allow
  int32_t reserved;             ///< 0
  const char *instruction_set;  ///< for example "neon" or "avx2"; NULL: the best
  int64_t maximum_pixels;       ///< of a picture that is decoded; 0: 50,000,000
  int64_t maximum_memory;       ///< bytes that the session and the mapped file may take together, decoded pictures apart; 0: no limit.
                                ///< Within one, each layer's pages are given back when it was used: slower, with the same bits
} taiyi_session_options;

/// Starts a session. It holds working memory for about a thousand tokens.
///
/// options   May be NULL.
taiyi_status taiyi_session_open(const taiyi_model *model, const taiyi_session_options *options, taiyi_session **session,
                                taiyi_error *error);

/// Ends a session and its threads; NULL is allowed.
void taiyi_session_close(taiyi_session *session);

/// The number of threads, and the name of the instruction set, which stays valid as long as the session.
int32_t taiyi_session_threads(const taiyi_session *session);
const char *taiyi_session_instruction_set(const taiyi_session *session);

// Embeddings

/// For `flags`.
enum {
  /// Leave embeddings as the towers give them, not of length 1.
  TAIYI_RAW = 1,
  /// Do not pad texts, which is faster, and for models that attend to padding gives other embeddings than those they were
  /// evaluated with. Without it texts are padded as the model asks.
  TAIYI_UNPADDED = 2
};

/// Embeds texts.
///
/// texts        `count` strings in UTF-8, ended by NUL; ill-formed bytes are left out.
/// flags        TAIYI_RAW, TAIYI_UNPADDED.
/// embeddings   Receives [count, embedding_width] floats, in the order of the texts.
taiyi_status taiyi_embed_texts(taiyi_session *session, const char *const *texts, size_t count, uint32_t flags, float *embeddings,
                               taiyi_error *error);

/// Embeds labels: each of them in every template ("{}" or "{c}" is where the label goes), the mean of their embeddings brought to
/// length 1, as CLIP does. Without templates that is the embedding of the label.
///
/// flags        TAIYI_UNPADDED.
/// embeddings   Receives [count, embedding_width] floats.
taiyi_status taiyi_embed_labels(taiyi_session *session, const char *const *labels, size_t count, const char *const *templates,
                                size_t template_count, uint32_t flags, float *embeddings, taiyi_error *error);

/// Embeds JPEG or PNG files, told by their content.
///
/// paths        `count` strings in UTF-8.
/// flags        TAIYI_RAW.
/// embeddings   Receives [count, embedding_width] floats.
taiyi_status taiyi_embed_image_files(taiyi_session *session, const char *const *paths, size_t count, uint32_t flags,
                                     float *embeddings, taiyi_error *error);

/// An encoded picture in memory.
typedef struct taiyi_bytes {
  const void *data;
  size_t size;
} taiyi_bytes;

/// Embeds pictures whose files lie in memory.
taiyi_status taiyi_embed_images(taiyi_session *session, const taiyi_bytes *images, size_t count, uint32_t flags, float *embeddings,
                                taiyi_error *error);

/// A decoded picture: rows of pixels, three bytes each, red, green, blue.
typedef struct taiyi_pixels {
  const uint8_t *data;
  int32_t width, height;  ///< 1 to 65535
  size_t stride;          ///< bytes from one row to the next; 0: 3 * width
} taiyi_pixels;

/// Embeds decoded pictures; they are resized, cropped and normalised as the model asks.
taiyi_status taiyi_embed_pixels(taiyi_session *session, const taiyi_pixels *images, size_t count, uint32_t flags, float *embeddings,
                                taiyi_error *error);

// Classification

/// Compares one picture's embedding with those of labels, all of length 1.
///
/// labels          [count, embedding_width] floats.
/// cosines         Receives `count` floats; may be NULL.
/// probabilities   Receives the softmax of logit scale times cosine; may be NULL.
taiyi_status taiyi_classify(const taiyi_model *model, const float *embedding, const float *labels, size_t count, float *cosines,
                            float *probabilities, taiyi_error *error);

/// A label bank: class names and their embeddings, as `taiyi-convert labels` stores them, or `--labels` in a classifier.
typedef struct taiyi_bank taiyi_bank;

/// Opens a label bank. It may be used with the model that made it, or another conversion of the same checkpoints.
taiyi_status taiyi_bank_open(const char *path, taiyi_bank **bank, taiyi_error *error);

/// Closes a bank; NULL is allowed. Its embeddings are gone with it.
void taiyi_bank_close(taiyi_bank *bank);

/// The number of labels, the floats in each embedding, and the embeddings [count, width].
size_t taiyi_bank_count(const taiyi_bank *bank);
int32_t taiyi_bank_width(const taiyi_bank *bank);
const float *taiyi_bank_embeddings(const taiyi_bank *bank);

/// Copies a label, ended by NUL, cut where `capacity` is too small.
///
/// label    May be NULL if capacity is 0.
/// Returns the bytes of the whole label, without the NUL; 0 for an index out of range.
size_t taiyi_bank_label(const taiyi_bank *bank, size_t index, char *label, size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
