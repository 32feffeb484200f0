// Labels a picture: classify MODEL.tcm PICTURE LABEL...
//
//   cc classify.c -IDIR DIR/libtaiyi.a -lm -lpthread -o classify    (DIR is what .ci/edge made, for example .build/edge/x86_64)
#include <stdio.h>
#include <stdlib.h>

#include "taiyi.h"

static int failed(const taiyi_error *error) {
  fprintf(stderr, "error: %s\n", error->message);
  return 1;
}

int main(int count, char **words) {
  if (count < 4) {
    fprintf(stderr, "usage: %s MODEL.tcm PICTURE LABEL...\n", words[0]);
    return 64;
  }
  const char *const *labels = (const char *const *)words + 3;
  size_t labels_count = (size_t)count - 3;
  const char *picture = words[2];
  int status = 1;

  taiyi_error error = {.size = sizeof error};
  taiyi_facts facts = {.size = sizeof facts};
  taiyi_model *model = NULL;
  taiyi_session *session = NULL;
  float *rows = NULL;
  if (taiyi_model_open(words[1], &model, &error) || taiyi_model_facts(model, &facts, &error) ||
      taiyi_session_open(model, NULL, &session, &error)) {
    failed(&error);
    goto end;
  }

  // One row for the picture, one for each label, and their probabilities.
  size_t width = (size_t)facts.embedding_width;
  rows = malloc(sizeof(float) * ((1 + labels_count) * width + labels_count));
  if (rows == NULL) goto end;
  float *embeddings = rows + width, *probabilities = embeddings + labels_count * width;
  if (taiyi_embed_image_files(session, &picture, 1, 0, rows, &error) ||
      taiyi_embed_labels(session, labels, labels_count, NULL, 0, 0, embeddings, &error) ||
      taiyi_classify(model, rows, embeddings, labels_count, NULL, probabilities, &error)) {
    failed(&error);
    goto end;
  }
  for (size_t i = 0; i < labels_count; i++) printf("%.4f  %s\n", probabilities[i], labels[i]);
  status = 0;

end:
  free(rows);
  taiyi_session_close(session);
  taiyi_model_close(model);
  return status;
}
