// The thread pool. In a child process, where its threads are not, it works on the caller alone, with the same result. Each thread takes tasks from a share of its own, in order, so that what it made it works on again; one
// that is done helps the others. Which thread takes which never matters to the result, because each output element is
// computed whole by one task.
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "float_environment.h"
#include "kernels.h"

enum { SpinRounds = 2000 };

// On a cache line of its own: the owner counts it up without asking the other threads for it.
typedef struct {
  _Alignas(64) atomic_int next;
  int end;
} share;

typedef struct {
  ck_engine *engine;
  pthread_t thread;
  int index;
} worker;

struct ck_engine {
  const ck_kernels *kernels;
  int threads;
  pid_t process;  // whose threads they are: a child that was forked has none of them
  worker *workers;  // workers[0] is the caller
  void **scratch;
  size_t scratch_size;

  pthread_mutex_t mutex;
  pthread_cond_t wake, done;
  atomic_uint generation;
  atomic_int running;
  int stopping;
  share *shares;  // one a thread
  void (*task)(void *, int, int);
  void *context;
};

static void relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static void work(ck_engine *engine, int index) {
  for (int i = 0; i < engine->threads; i++) {
    share *from = &engine->shares[(index + i) % engine->threads];
    for (;;) {
      int task = atomic_fetch_add_explicit(&from->next, 1, memory_order_relaxed);
      if (task >= from->end) break;
      engine->task(engine->context, task, index);
    }
  }
}

static void *run_worker(void *argument) {
  worker *self = argument;
  ck_engine *engine = self->engine;
#if defined(__linux__)
  pthread_setname_np(pthread_self(), "taiyi-kernels");
#endif
  ck_float_environment_enter();
  unsigned seen = 0;
  for (;;) {
    for (int i = 0; i < SpinRounds; i++) {
      if (atomic_load_explicit(&engine->generation, memory_order_acquire) != seen) break;
      relax();
    }
    if (atomic_load_explicit(&engine->generation, memory_order_acquire) == seen) {
      pthread_mutex_lock(&engine->mutex);
      while (atomic_load_explicit(&engine->generation, memory_order_acquire) == seen)
        pthread_cond_wait(&engine->wake, &engine->mutex);
      pthread_mutex_unlock(&engine->mutex);
    }
    seen++;
    if (engine->stopping) return NULL;
    work(engine, self->index);
    if (atomic_fetch_sub_explicit(&engine->running, 1, memory_order_acq_rel) == 1) {
      pthread_mutex_lock(&engine->mutex);
      pthread_cond_signal(&engine->done);
      pthread_mutex_unlock(&engine->mutex);
    }
  }
}

// Publishes a new generation to all workers.
static void publish(ck_engine *engine) {
  pthread_mutex_lock(&engine->mutex);
  atomic_fetch_add_explicit(&engine->generation, 1, memory_order_release);
  pthread_cond_broadcast(&engine->wake);
  pthread_mutex_unlock(&engine->mutex);
}

void ck_run(ck_engine *engine, int count, void (*task)(void *, int, int), void *context) {
  uint64_t saved = ck_float_environment_enter();
  if (engine->threads == 1 || count == 1 || (count > 0 && getpid() != engine->process)) {
    for (int i = 0; i < count; i++) task(context, i, 0);
  } else if (count > 0) {
    engine->task = task;
    engine->context = context;
    for (int i = 0; i < engine->threads; i++) {
      engine->shares[i].end = (int)((int64_t)count * (i + 1) / engine->threads);
      atomic_store_explicit(&engine->shares[i].next, (int)((int64_t)count * i / engine->threads), memory_order_relaxed);
    }
    atomic_store_explicit(&engine->running, engine->threads - 1, memory_order_relaxed);
    publish(engine);
    work(engine, 0);
    for (int i = 0; i < SpinRounds && atomic_load_explicit(&engine->running, memory_order_acquire) > 0; i++) relax();
    if (atomic_load_explicit(&engine->running, memory_order_acquire) > 0) {
      pthread_mutex_lock(&engine->mutex);
      while (atomic_load_explicit(&engine->running, memory_order_acquire) > 0)
        pthread_cond_wait(&engine->done, &engine->mutex);
      pthread_mutex_unlock(&engine->mutex);
    }
  }
  ck_float_environment_leave(saved);
}

// The host program's signals are for its own threads: those of the pool, which inherit the mask, take none but faults of
// their own, which would end the process without a trace if they were blocked.
static void block_signals(sigset_t *saved) {
  static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS};
  sigset_t blocked;
  sigfillset(&blocked);
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) sigdelset(&blocked, faults[i]);
  pthread_sigmask(SIG_SETMASK, &blocked, saved);
}

ck_engine *ck_engine_create(ck_isa isa, int threads) {
  if (threads < 1 || !ck_isa_available(isa)) return NULL;
  ck_engine *engine = calloc(1, sizeof *engine);
  if (engine == NULL) return NULL;
  engine->kernels = ck_kernels_for(isa);
  engine->workers = calloc((size_t)threads, sizeof *engine->workers);
  engine->scratch = calloc((size_t)threads, sizeof *engine->scratch);
  engine->shares = aligned_alloc(64, (size_t)threads * sizeof *engine->shares);
  pthread_mutex_init(&engine->mutex, NULL);
  pthread_cond_init(&engine->wake, NULL);
  pthread_cond_init(&engine->done, NULL);
  engine->threads = 1;
  engine->process = getpid();
  if (engine->workers == NULL || engine->scratch == NULL || engine->shares == NULL) {
    ck_engine_destroy(engine);
    return NULL;
  }
  sigset_t saved;
  block_signals(&saved);
  for (; engine->threads < threads; engine->threads++) {
    worker *w = &engine->workers[engine->threads];
    w->engine = engine;
    w->index = engine->threads;
    if (pthread_create(&w->thread, NULL, run_worker, w) != 0) break;
  }
  pthread_sigmask(SIG_SETMASK, &saved, NULL);
  if (engine->threads < threads) {
    ck_engine_destroy(engine);
    return NULL;
  }
  return engine;
}

void ck_engine_destroy(ck_engine *engine) {
  if (engine == NULL) return;
  int is_ours = getpid() == engine->process;
  if (engine->threads > 1 && is_ours) {
    engine->stopping = 1;
    publish(engine);
    for (int i = 1; i < engine->threads; i++) pthread_join(engine->workers[i].thread, NULL);
  }
  if (engine->scratch)
    for (int i = 0; i < engine->threads; i++) free(engine->scratch[i]);
  free(engine->shares);
  free(engine->scratch);
  free(engine->workers);
  // In a child the parent's sleeping threads still count as waiting, and destroying what they wait for would wait for them.
  if (is_ours) {
    pthread_mutex_destroy(&engine->mutex);
    pthread_cond_destroy(&engine->wake);
    pthread_cond_destroy(&engine->done);
  }
  free(engine);
}

int ck_engine_threads(const ck_engine *engine) { return engine->threads; }
ck_isa ck_engine_isa(const ck_engine *engine) { return engine->kernels->isa; }
const ck_kernels *ck_engine_kernels(const ck_engine *engine) { return engine->kernels; }
void *ck_engine_scratch(ck_engine *engine, int worker) { return engine->scratch[worker]; }

size_t ck_engine_reserved(const ck_engine *engine) { return engine->scratch_size; }

int ck_engine_reserve(ck_engine *engine, size_t bytes) {
  if (bytes <= engine->scratch_size) return 0;
  bytes = (bytes + 4095) / 4096 * 4096;
  for (int i = 0; i < engine->threads; i++) {
    void *fresh = NULL;
    if (posix_memalign(&fresh, 64, bytes) != 0) return -1;
    free(engine->scratch[i]);
    engine->scratch[i] = fresh;
  }
  engine->scratch_size = bytes;
  return 0;
}
