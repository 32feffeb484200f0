#include "include/CAllocationCounter.h"

#include <errno.h>
#include <stddef.h>

// A sanitizer has functions of its own there.
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)

int cac_available(void) { return 0; }
void cac_begin(void) {}
long cac_end(void) { return 0; }
void cac_fail(long number) { (void)number; }

#else

int cac_available(void) { return 1; }

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *pointer, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static _Thread_local int counts;
static _Thread_local long allocations;
static _Thread_local long failing;

void cac_begin(void) {
  allocations = 0;
  counts = 1;
}

long cac_end(void) {
  counts = 0;
  return allocations;
}

void cac_fail(long number) { failing = number; }

// Whether the allocation that is asked for is the one that fails.
static int fails(void) {
  allocations += counts;
  if (failing == 0 || --failing > 0) return 0;
  errno = ENOMEM;
  return 1;
}

void *malloc(size_t size) {
  if (fails()) return NULL;
  return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
  if (fails()) return NULL;
  return __libc_calloc(count, size);
}

void *realloc(void *pointer, size_t size) {
  if (fails()) return NULL;
  return __libc_realloc(pointer, size);
}

void *memalign(size_t alignment, size_t size) {
  if (fails()) return NULL;
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **pointer, size_t alignment, size_t size) {
  *pointer = memalign(alignment, size);
  return *pointer ? 0 : ENOMEM;
}

#endif
