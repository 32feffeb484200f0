// Lets one call fail, for .ci/faults: the TAIYI_FAULT_NUMBER-th (from 1) of the calls TAIYI_FAULT_CALL on files below
// TAIYI_FAULT_FOLDER. Preloaded; calls that the C library makes inside itself are not seen, as they are not ours.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

enum { Descriptors = 1024 };
static atomic_int count;
static atomic_int watched[Descriptors];

static int is_below(const char *path) {
  const char *folder = getenv("TAIYI_FAULT_FOLDER");
  return folder && path && strncmp(path, folder, strlen(folder)) == 0;
}

// Whether this call is the one that fails. The total is written at the end of the process.
static int fails(const char *call) {
  const char *wanted = getenv("TAIYI_FAULT_CALL"), *number = getenv("TAIYI_FAULT_NUMBER");
  if (!wanted || strcmp(wanted, call) != 0) return 0;
  return atomic_fetch_add(&count, 1) + 1 == (number ? atoi(number) : 0);
}

static int is_watched(int fd) { return fd >= 0 && fd < Descriptors && atomic_load(&watched[fd]); }

__attribute__((destructor)) static void report(void) {
  const char *path = getenv("TAIYI_FAULT_COUNT");
  int (*original)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open");
  if (!path || !original) return;
  int fd = original(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
  char text[16];
  int n = atomic_load(&count), length = 0;
  char digits[16];
  do digits[length++] = (char)('0' + n % 10);
  while (n /= 10);
  for (int i = 0; i < length; i++) text[i] = digits[length - 1 - i];
  if (fd >= 0 && write(fd, text, (size_t)length) < 0) _exit(9);
}

#define ORIGINAL(type, name, ...) \
  static type (*original)(__VA_ARGS__); \
  if (!original) original = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)
#define FAIL(code, value) \
  do { \
    errno = code; \
    return value; \
  } while (0)

static int opened(int fd, int below) {
  if (fd >= 0 && fd < Descriptors) atomic_store(&watched[fd], below);
  return fd;
}

int open(const char *path, int flags, ...) {
  ORIGINAL(int, open, const char *, int, ...);
  va_list list;
  va_start(list, flags);
  mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0;
  va_end(list);
  int below = is_below(path);
  if (below && fails("open")) FAIL(EMFILE, -1);
  return opened(original(path, flags, mode), below);
}

int open64(const char *path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0;
  va_end(list);
  return open(path, flags, mode);
}

ssize_t pread(int fd, void *buffer, size_t size, off_t offset) {
  ORIGINAL(ssize_t, pread, int, void *, size_t, off_t);
  if (is_watched(fd) && fails("read")) FAIL(EIO, -1);
  return original(fd, buffer, size, offset);
}

ssize_t read(int fd, void *buffer, size_t size) {
  ORIGINAL(ssize_t, read, int, void *, size_t);
  if (is_watched(fd) && fails("read")) FAIL(EIO, -1);
  return original(fd, buffer, size);
}

ssize_t pwrite(int fd, const void *buffer, size_t size, off_t offset) {
  ORIGINAL(ssize_t, pwrite, int, const void *, size_t, off_t);
  if (is_watched(fd) && fails("write")) FAIL(ENOSPC, -1);
  return original(fd, buffer, size, offset);
}

int fsync(int fd) {
  ORIGINAL(int, fsync, int);
  if (is_watched(fd) && fails("fsync")) FAIL(EIO, -1);
  return original(fd);
}

int close(int fd) {
  ORIGINAL(int, close, int);
  int below = is_watched(fd);
  if (below) atomic_store(&watched[fd], 0);
  int result = original(fd);
  if (below && fails("close")) FAIL(EIO, -1);
  return result;
}

int rename(const char *from, const char *to) {
  ORIGINAL(int, rename, const char *, const char *);
  if (is_below(to) && fails("rename")) FAIL(EACCES, -1);
  return original(from, to);
}

int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags) {
  ORIGINAL(int, linkat, int, const char *, int, const char *, int);
  if (is_below(to) && fails("link")) FAIL(ENOSPC, -1);
  return original(from_folder, from, to_folder, to, flags);
}

int fstat(int fd, struct stat *status) {
  ORIGINAL(int, fstat, int, struct stat *);
  if (is_watched(fd) && fails("fstat")) FAIL(EIO, -1);
  return original(fd, status);
}

void *mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset) {
  ORIGINAL(void *, mmap, void *, size_t, int, int, int, off_t);
  if (is_watched(fd) && fails("mmap")) FAIL(ENOMEM, MAP_FAILED);
  return original(address, size, protection, flags, fd, offset);
}
