// What the runtime asks of the operating system: files, mappings, memory. No function here prints, exits or keeps
// global state; failures come back as negative errno values or NULL.
#ifndef CPLATFORM_H
#define CPLATFORM_H

#include <stddef.h>
#include <stdint.h>

/// What `cp_status` reports about an open file.
typedef struct {
  int64_t size;           ///< bytes
  int64_t modified;       ///< last modification, nanoseconds since 1970
  uint64_t device;        ///< with `inode`, the file's identity
  uint64_t inode;
  int32_t is_regular;     ///< 1 for a regular file
  int32_t is_directory;   ///< 1 for a folder
} cp_file_status;

/// Opens a file for reading without following it into blocking (FIFOs return at once). A descriptor, or -errno.
int cp_open_read(const char *path);
/// Closes a descriptor; errors while closing a file read-only are of no consequence.
void cp_close(int fd);
/// Fills `status`; 0 or -errno.
int cp_status(int fd, cp_file_status *status);
/// The same by name, following links.
int cp_status_at(const char *path, cp_file_status *status);
/// Reads until `count` bytes or the end of the file; the bytes read, or -errno.
int64_t cp_pread(int fd, void *buffer, size_t count, int64_t offset);

/// Maps the first `count` bytes read-only and shared; NULL with `*error` set to the errno on failure.
const void *cp_map(int fd, size_t count, int *error);
/// Gives the whole pages among `count` bytes of a mapping made by `cp_map` back to the system; they are read again when they are
/// touched again.
void cp_give_back(const void *base, size_t count);
/// Ends a mapping made by `cp_map`.
void cp_unmap(const void *base, size_t count);

/// Creates a file that must not exist yet, for writing; a descriptor, or -errno.
int cp_create(const char *path, uint32_t mode);
/// Creates a file without a name in a folder, for writing: it is gone with its descriptor. A descriptor; -EOPNOTSUPP where
/// the file system or the kernel has no such files, or they could not be named later; or -errno.
int cp_create_unnamed(const char *folder, uint32_t mode);
/// Seconds since the entry at `path`, not followed, last changed; -1 if there is none.
int64_t cp_age(const char *path);
/// Gives a file without a name one that must not exist yet; 0 or -errno.
int cp_name(int fd, const char *path);
/// Writes all `count` bytes at `offset`; 0 or -errno.
int cp_pwrite(int fd, const void *buffer, size_t count, int64_t offset);
/// Waits until the file's bytes are on the device; 0 or -errno.
int cp_sync(int fd);
/// Closes a descriptor that was written to; 0 or -errno.
int cp_close_written(int fd);
/// Opens the folder at `path` and waits until its entries are on the device; 0 or -errno.
int cp_sync_folder(const char *path);
/// Replaces `to` by `from` in one step; 0 or -errno.
int cp_rename(const char *from, const char *to);
/// Removes a file; 0 or -errno.
int cp_remove(const char *path);
/// Writes the absolute path without links that `path` leads to; its length, or -errno if nothing is there.
int cp_real_path(const char *path, char *buffer, size_t capacity);
/// Sets the permission bits of an open file; 0 or -errno.
int cp_set_mode(int fd, uint32_t mode);
/// Permission bits of a file, or -errno.
int cp_mode(const char *path);
/// This process's number, for names of temporary files.
int cp_process(void);

/// Creates a folder that may exist already; its parent must. 0 or -errno.
int cp_make_folder(const char *path);
/// Opens a file for reading and writing, creates it if needed (mode 0600 less umask), and locks it for this process alone. A
/// descriptor, or -errno; -EWOULDBLOCK (11) while another process has it.
int cp_open_locked(const char *path);
/// Cuts a file to `count` bytes; 0 or -errno.
int cp_truncate(int fd, int64_t count);
/// Bytes free for this user on the file system of `path`, or -errno.
int64_t cp_free_space(const char *path);

/// `count` bytes aligned to `alignment` (a power of two, at least 8); NULL when there is no memory. 2 MB and more come on
/// huge pages where the system has them.
void *cp_allocate(size_t count, size_t alignment);
/// Frees what `cp_allocate` returned.
void cp_free(void *base);

/// The length of `strerror` text for `error`, written to `buffer` (always NUL-terminated).
size_t cp_error_text(int error, char *buffer, size_t capacity);
/// Processors this process may use: affinity and the cgroup's CPU quota, at least 1.
int cp_processor_count(void);
/// Seconds on a monotonic clock.
double cp_seconds(void);

/// Writes all bytes to an open descriptor; 0 or -errno.
int cp_write(int fd, const void *bytes, size_t count);
/// Whether a descriptor is a terminal.
int cp_is_terminal(int fd);
/// The value of an environment variable, or NULL.
const char *cp_environment(const char *name);

#endif
