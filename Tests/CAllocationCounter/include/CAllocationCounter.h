// Counts what a thread allocates, and lets an allocation fail, for tests: linked into a program, these functions take the place of libc's.
#ifndef C_ALLOCATION_COUNTER_H
#define C_ALLOCATION_COUNTER_H

/// 1 if allocations are counted; 0 in a build with a sanitizer.
int cac_available(void);
/// Begins to count the calling thread's allocations from 0.
void cac_begin(void);
/// Ends counting; the number of allocations since.
long cac_end(void);
/// Lets the calling thread's allocation of this number, counted from 1, fail; 0 for none. Swift's own must not.
void cac_fail(long number);

#endif
