#define _GNU_SOURCE
#include "CPlatform.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

int cp_open_read(const char *path) {
  int fd;
  do fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  while (fd < 0 && errno == EINTR);
  return fd < 0 ? -errno : fd;
}

void cp_close(int fd) { close(fd); }

static void fill(const struct stat *s, cp_file_status *status) {
  status->size = s->st_size;
  status->modified = (int64_t)s->st_mtim.tv_sec * 1000000000 + s->st_mtim.tv_nsec;
  status->device = s->st_dev;
  status->inode = s->st_ino;
  status->is_regular = S_ISREG(s->st_mode) ? 1 : 0;
  status->is_directory = S_ISDIR(s->st_mode) ? 1 : 0;
}

int cp_status(int fd, cp_file_status *status) {
  struct stat s;
  if (fstat(fd, &s) != 0) return -errno;
  fill(&s, status);
  return 0;
}

int cp_status_at(const char *path, cp_file_status *status) {
  struct stat s;
  if (stat(path, &s) != 0) return -errno;
  fill(&s, status);
  return 0;
}

int64_t cp_pread(int fd, void *buffer, size_t count, int64_t offset) {
  size_t done = 0;
  while (done < count) {
    ssize_t n = pread(fd, (char *)buffer + done, count - done, offset + (int64_t)done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return -errno;
    if (n == 0) break;
    done += (size_t)n;
  }
  return (int64_t)done;
}

const void *cp_map(int fd, size_t count, int *error) {
  void *base = mmap(NULL, count, PROT_READ, MAP_SHARED, fd, 0);
  if (base == MAP_FAILED) {
    *error = errno;
    return NULL;
  }
  return base;
}

void cp_unmap(const void *base, size_t count) { munmap((void *)base, count); }

int cp_create(const char *path, uint32_t mode) {
  int fd;
  do fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, (mode_t)mode);
  while (fd < 0 && errno == EINTR);
  return fd < 0 ? -errno : fd;
}

// Without privileges, only the link that /proc has for a descriptor leads to a file without a name.
static void link_of(int fd, char path[32]) { snprintf(path, 32, "/proc/self/fd/%d", fd); }

int cp_create_unnamed(const char *folder, uint32_t mode) {
#if defined(O_TMPFILE)
  int fd;
  do fd = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, (mode_t)mode);
  while (fd < 0 && errno == EINTR);
  // Kernels and file systems without such files say so in several ways.
  if (fd < 0) return errno == EISDIR || errno == EINVAL || errno == ENOENT || errno == ENOSYS ? -EOPNOTSUPP : -errno;
  char link[32];
  link_of(fd, link);
  if (access(link, F_OK) == 0) return fd;
  close(fd);
#else
  (void)folder, (void)mode;
#endif
  return -EOPNOTSUPP;
}

int64_t cp_age(const char *path) {
  struct stat status;
  if (lstat(path, &status) != 0) return -1;
  int64_t age = (int64_t)time(NULL) - (int64_t)status.st_ctime;
  return age > 0 ? age : 0;
}

int cp_name(int fd, const char *path) {
  char link[32];
  link_of(fd, link);
  return linkat(AT_FDCWD, link, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0 ? 0 : -errno;
}

int cp_pwrite(int fd, const void *buffer, size_t count, int64_t offset) {
  size_t done = 0;
  while (done < count) {
    ssize_t n = pwrite(fd, (const char *)buffer + done, count - done, offset + (int64_t)done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return -errno;
    if (n == 0) return -ENOSPC;
    done += (size_t)n;
  }
  return 0;
}

int cp_sync(int fd) { return fsync(fd) == 0 ? 0 : -errno; }

int cp_close_written(int fd) { return close(fd) == 0 || errno == EINTR ? 0 : -errno; }

int cp_sync_folder(const char *path) {
  int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return -errno;
  int result = fsync(fd) == 0 ? 0 : -errno;
  close(fd);
  // Some file systems cannot sync a folder; the rename itself is then as safe as it gets.
  return result == -EINVAL ? 0 : result;
}

int cp_rename(const char *from, const char *to) { return rename(from, to) == 0 ? 0 : -errno; }
int cp_remove(const char *path) { return unlink(path) == 0 ? 0 : -errno; }

int cp_real_path(const char *path, char *buffer, size_t capacity) {
  char *real = realpath(path, NULL);
  if (real == NULL) return -errno;
  size_t length = strlen(real);
  int result = length < capacity ? (int)length : -ENAMETOOLONG;
  if (result >= 0) memcpy(buffer, real, length + 1);
  free(real);
  return result;
}

int cp_set_mode(int fd, uint32_t mode) { return fchmod(fd, (mode_t)mode) == 0 ? 0 : -errno; }

int cp_mode(const char *path) {
  struct stat s;
  return stat(path, &s) == 0 ? (int)(s.st_mode & 0777) : -errno;
}

int cp_process(void) { return (int)getpid(); }

int cp_make_folder(const char *path) {
  return mkdir(path, 0777) == 0 || errno == EEXIST ? 0 : -errno;
}

int cp_open_locked(const char *path) {
  int fd;
  do fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
  while (fd < 0 && errno == EINTR);
  if (fd < 0) return -errno;
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    int error = errno;
    close(fd);
    return -error;
  }
  return fd;
}

int cp_truncate(int fd, int64_t count) { return ftruncate(fd, count) == 0 ? 0 : -errno; }

int64_t cp_free_space(const char *path) {
  struct statvfs s;
  if (statvfs(path, &s) != 0) return -errno;
  return (int64_t)((uint64_t)s.f_bavail * s.f_frsize & INT64_MAX);
}

void *cp_allocate(size_t count, size_t alignment) {
  enum { HugePage = 2 << 20 };
  void *base = NULL;
  const int large = count >= HugePage;
  if (large && alignment < HugePage) alignment = HugePage;
  if (posix_memalign(&base, alignment, count > 0 ? count : alignment) != 0) return NULL;
  // A wish: where it is not granted, all is well, too. Rows of a matrix lie on different small pages, and looking those
  // up takes up to a tenth of an encode's time. What is left over of the last page is not asked for.
  if (large) madvise(base, count / HugePage * HugePage, MADV_HUGEPAGE);
  return base;
}

void cp_free(void *base) { free(base); }

size_t cp_error_text(int error, char *buffer, size_t capacity) {
  if (capacity == 0) return 0;
  const char *text = strerrordesc_np(error);
  snprintf(buffer, capacity, "%s", text ? text : "unknown error");
  return strlen(buffer);
}

// cgroup v2: "max 100000" or "<quota> <period>", in microseconds.
static int quota_processors(void) {
  FILE *f = fopen("/sys/fs/cgroup/cpu.max", "re");
  if (f == NULL) return 0;
  long long quota = 0, period = 0;
  int fields = fscanf(f, "%lld %lld", &quota, &period);
  fclose(f);
  if (fields != 2 || quota <= 0 || period <= 0) return 0;
  return (int)((quota + period - 1) / period);
}

int cp_processor_count(void) {
  cpu_set_t set;
  int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : (int)sysconf(_SC_NPROCESSORS_ONLN);
  int quota = quota_processors();
  if (quota > 0 && quota < count) count = quota;
  return count > 0 ? count : 1;
}

double cp_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

void cp_give_back(const void *base, size_t count) {
  uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  uintptr_t start = ((uintptr_t)base + page - 1) / page * page;
  uintptr_t end = ((uintptr_t)base + count) / page * page;
  // Advice: where it cannot be followed, memory stays as it was.
  if (start < end) madvise((void *)start, end - start, MADV_DONTNEED);
}

int cp_write(int fd, const void *bytes, size_t count) {
  const char *next = bytes;
  while (count > 0) {
    ssize_t written = write(fd, next, count);
    if (written < 0) {
      if (errno == EINTR) continue;
      return -errno;
    }
    next += written;
    count -= (size_t)written;
  }
  return 0;
}

int cp_is_terminal(int fd) { return isatty(fd); }

const char *cp_environment(const char *name) { return getenv(name); }

#ifdef TAIYI_EMBEDDED
#include <locale.h>

// What Embedded Swift's Double(String) asks of its runtime, which has none: the number at the start of a text, whatever the
// program's locale is. The first byte that does not belong to it, or NULL.
__attribute__((visibility("hidden"))) const char *_swift_stdlib_strtod_clocale(const char *text, double *result);
const char *_swift_stdlib_strtod_clocale(const char *text, double *result) {
  if (*text == ' ' || (*text >= '\t' && *text <= '\r')) return NULL;
  locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  if (c == (locale_t)0) return NULL;
  char *end = NULL;
  *result = strtod_l(text, &end, c);
  freelocale(c);
  return end;
}
#endif
