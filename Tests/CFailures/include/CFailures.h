// Lets system calls on open files fail, for tests: linked into a program, these functions take the place of libc's.
#ifndef C_FAILURES_H
#define C_FAILURES_H

/// Whether `fstat` fails with EIO in the calling thread.
void cf_fail_status(int fails);
/// Whether `pread` fails with EIO in the calling thread.
void cf_fail_reading(int fails);

#endif
