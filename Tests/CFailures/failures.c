#define _GNU_SOURCE
#include "include/CFailures.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static _Thread_local int status_fails;
static _Thread_local int reading_fails;

void cf_fail_status(int fails) { status_fails = fails; }

void cf_fail_reading(int fails) { reading_fails = fails; }

int fstat(int fd, struct stat *status) {
  if (status_fails) {
    errno = EIO;
    return -1;
  }
  return fstatat(fd, "", status, AT_EMPTY_PATH);
}

ssize_t pread(int fd, void *buffer, size_t size, off_t offset) {
  if (reading_fails) {
    errno = EIO;
    return -1;
  }
  return syscall(SYS_pread64, fd, buffer, size, offset);
}
