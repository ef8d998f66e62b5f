#include "server/ledger/writer.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "server/ledger/folder.h"
#include "server/ledger/writer_state.h"

enum {
    SCRATCH_BUDGET = 8 * 1024 * 1024, // memory that one decision and its answer may take
    WAIT_MAX_MS = 1000,               // longest wait for work: the clock of the world may be set meanwhile
};

struct writer {
    struct batch batch;
    struct store *store;
    void (*done)(void *ctx);
    void *done_ctx;
    pthread_t thread;
    atomic_bool failed;

    pthread_mutex_t lock; // guards all below
    pthread_cond_t work;
    struct job_list waiting, answered;
    size_t n_waiting, bytes_waiting;
    bool draining, ended;
    uint64_t batches, entries, steps_back;
    uint64_t commits[HISTOGRAM_BUCKETS], commits_us;
    int64_t committed_ms;
    uint64_t seq;
};

// ---- lists ----

static void list_init(struct job_list *list) {
    list->first = NULL;
    list->end = &list->first;
}

static void list_push(struct job_list *list, struct job *job) {
    job->next = NULL;
    *list->end = job;
    list->end = &job->next;
}

static struct job *list_pop(struct job_list *list) {
    struct job *job = list->first;
    list->first = job->next;
    if (!list->first)
        list->end = &list->first;
    job->next = NULL;
    return job;
}

// ---- numbers ----

static size_t bucket_of(uint32_t us) {
    if (us < 4)
        return us;
    unsigned top = 31u - (unsigned)__builtin_clz(us);
    return 4 * (top - 1) + ((us >> (top - 2)) & 3);
}

// The largest duration that falls into the bucket.
static uint32_t bucket_bound(size_t bucket) {
    if (bucket < 4)
        return (uint32_t)bucket;
    unsigned top = (unsigned)(bucket / 4) + 1;
    uint64_t next = (4 + (uint64_t)(bucket % 4) + 1) << (top - 2);
    return next > UINT32_MAX ? UINT32_MAX : (uint32_t)(next - 1);
}

static uint64_t total_of(const uint64_t *buckets) {
    uint64_t total = 0;
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
        total += buckets[i];
    return total;
}

static uint32_t percentile(const uint64_t *buckets, unsigned percent) {
    uint64_t total = total_of(buckets), seen = 0;
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += buckets[i];
        if (total != 0 && seen * 100 >= total * percent)
            return bucket_bound(i);
    }
    return 0;
}

static void count_batch(struct writer *writer) {
    struct batch *batch = &writer->batch;
    writer->batches += batch->commits;
    writer->entries += batch->entries;
    writer->steps_back += batch->steps_back;
    writer->seq = ledger_tip(batch->ledger)->seq;
    if (batch->commits != 0) {
        writer->commits[bucket_of(batch->commit_us)]++;
        writer->commits_us += batch->commit_us;
        writer->committed_ms = clock_now_ms(batch->handlers);
    }
    batch->commits = batch->entries = batch->steps_back = 0;
}

struct writer_numbers writer_numbers(struct writer *writer) {
    pthread_mutex_lock(&writer->lock);
    struct writer_numbers numbers = {
        .batches = writer->batches,
        .entries = writer->entries,
        .clock_steps_back = writer->steps_back,
        .commits = total_of(writer->commits),
        .commits_us = writer->commits_us,
        .commit_p50_us = percentile(writer->commits, 50),
        .commit_p99_us = percentile(writer->commits, 99),
        .committed_ms = writer->committed_ms,
        .seq = writer->seq,
        .waiting = (uint32_t)writer->n_waiting,
    };
    pthread_mutex_unlock(&writer->lock);
    return numbers;
}

// ---- the thread ----

// How long to wait for work before an event falls due.
static int64_t wait_ms(const struct batch *batch) {
    int64_t now = clock_now_ms(batch->handlers);
    if (batch->wake_ms <= now)
        return 0;
    return batch->wake_ms - now < WAIT_MAX_MS ? batch->wake_ms - now : WAIT_MAX_MS;
}

// With the lock held. True: there are jobs, or an event has fallen due; false: drained.
static bool wait_for_work(struct writer *writer) {
    while (!writer->waiting.first && !writer->draining) {
        int64_t wait = wait_ms(&writer->batch);
        if (wait == 0)
            return true;
        int64_t until_us = monotonic_us() + wait * 1000;
        struct timespec until = {until_us / 1000000, until_us % 1000000 * 1000};
        pthread_cond_timedwait(&writer->work, &writer->lock, &until);
    }
    return writer->waiting.first != NULL;
}

// Takes all that waits, up to a batch. False: drained.
static bool take_batch(struct writer *writer) {
    struct batch *batch = &writer->batch;
    batch->n_jobs = 0;
    pthread_mutex_lock(&writer->lock);
    bool work = wait_for_work(writer);
    while (writer->waiting.first && batch->n_jobs < WRITER_BATCH_MAX) {
        struct job *job = list_pop(&writer->waiting);
        writer->n_waiting--;
        writer->bytes_waiting -= job->bytes;
        batch->jobs[batch->n_jobs++] = job;
    }
    pthread_mutex_unlock(&writer->lock);
    return work;
}

static void hand_over(struct writer *writer) {
    pthread_mutex_lock(&writer->lock);
    for (size_t i = 0; i < writer->batch.n_jobs; i++)
        list_push(&writer->answered, writer->batch.jobs[i]);
    count_batch(writer);
    pthread_mutex_unlock(&writer->lock);
    writer->done(writer->done_ctx);
}

static void give_up(struct writer *writer) {
    fprintf(stderr, "thiduad: the store cannot be written, nothing more is acknowledged: %s\n", writer->batch.failure);
    atomic_store(&writer->failed, true);
}

static void *run(void *arg) {
    struct writer *writer = arg;
    while (!atomic_load(&writer->failed) && take_batch(writer)) {
        atomic_store(&writer->batch.working_since, monotonic_us() / 1000);
        if (batch_run(&writer->batch) == STEP_DONE)
            hand_over(writer);
        else
            give_up(writer);
        atomic_store(&writer->batch.working_since, 0);
    }
    pthread_mutex_lock(&writer->lock);
    writer->ended = true;
    pthread_mutex_unlock(&writer->lock);
    writer->done(writer->done_ctx);
    return NULL;
}

// ---- starting and stopping ----

static void writer_free(struct writer *writer) {
    arena_free(writer->batch.scratch);
    ledger_free(writer->batch.ledger);
    pthread_cond_destroy(&writer->work);
    pthread_mutex_destroy(&writer->lock);
    free(writer);
}

static struct writer *writer_new(struct store *store, struct journal *journal, const struct writer_handlers *handlers) {
    struct writer *writer = calloc(1, sizeof *writer);
    pthread_condattr_t monotonic;
    if (!writer)
        return NULL;
    writer->store = store;
    writer->batch.journal = journal;
    writer->batch.handlers = handlers;
    writer->batch.ledger = ledger_new(store, journal);
    writer->batch.scratch = arena_new(SCRATCH_BUDGET);
    atomic_init(&writer->batch.unsettled_ms, INT64_MAX);
    list_init(&writer->waiting);
    list_init(&writer->answered);
    pthread_mutex_init(&writer->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&writer->work, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (writer->batch.ledger && writer->batch.scratch)
        return writer;
    writer_free(writer);
    return NULL;
}

// Founds an empty store and appends what is overdue. Where there is no room for either, an old store is still read.
static bool first_batch(struct writer *writer, char *error, size_t error_size) {
    const char *folder = store_folder(writer->store);
    enum step step = batch_run(&writer->batch);
    atomic_store(&writer->batch.working_since, 0);
    if (step != STEP_DONE)
        return folder_complain(error, error_size, "%s: %s; run thiduad check, or restore a backup", folder,
                               writer->batch.failure);
    if (ledger_tip(writer->batch.ledger)->seq == 0)
        return folder_complain(error, error_size, "%s: %s", folder,
                               writer->batch.full == REASON_MAP_FULL ? "map_size is too small for a store; raise it"
                                                                     : "the disk is full; make room");
    count_batch(writer);
    return true;
}

// Signals are the loop's.
static int start_thread(struct writer *writer) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&writer->thread, NULL, run, writer);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (rc == 0)
        pthread_setname_np(writer->thread, "writer");
    return rc;
}

struct writer *writer_start(struct store *store, struct journal *journal, const struct writer_handlers *handlers,
                            void (*done)(void *ctx), void *done_ctx, char *error, size_t error_size) {
    if (!ledger_check_format(store, error, error_size))
        return NULL;
    struct writer *writer = writer_new(store, journal, handlers);
    if (!writer) {
        folder_complain(error, error_size, "out of memory");
        return NULL;
    }
    writer->done = done;
    writer->done_ctx = done_ctx;
    bool ready = first_batch(writer, error, error_size);
    int rc = ready ? start_thread(writer) : 0;
    if (ready && rc == 0)
        return writer;
    if (ready)
        folder_complain(error, error_size, "the writer's thread: %s", strerror(rc));
    writer_free(writer);
    return NULL;
}

void writer_drain(struct writer *writer) {
    pthread_mutex_lock(&writer->lock);
    writer->draining = true;
    pthread_cond_signal(&writer->work);
    pthread_mutex_unlock(&writer->lock);
}

bool writer_idle(struct writer *writer) {
    pthread_mutex_lock(&writer->lock);
    bool idle = writer->ended;
    pthread_mutex_unlock(&writer->lock);
    return idle;
}

void writer_stop(struct writer *writer) {
    if (!writer)
        return;
    writer_drain(writer);
    pthread_join(writer->thread, NULL);
    writer_free(writer);
}

// ---- jobs in and out ----

bool writer_submit(struct writer *writer, struct job *job) {
    size_t bytes = job->arena ? arena_used(job->arena) : 0;
    pthread_mutex_lock(&writer->lock);
    bool room = !writer->draining && !writer->ended && writer->n_waiting < WRITER_QUEUE_MAX &&
                (writer->n_waiting == 0 || writer->bytes_waiting + bytes <= WRITER_QUEUE_BYTES);
    if (room) {
        job->bytes = bytes;
        job->frame = NULL;
        job->frame_size = 0;
        job->reason = NULL;
        job->accounts_changed = job->replayed = false;
        job->seq = 0;
        writer->n_waiting++;
        writer->bytes_waiting += bytes;
        list_push(&writer->waiting, job);
        pthread_cond_signal(&writer->work);
    }
    pthread_mutex_unlock(&writer->lock);
    return room;
}

struct job *writer_collect(struct writer *writer) {
    pthread_mutex_lock(&writer->lock);
    struct job *jobs = writer->answered.first;
    list_init(&writer->answered);
    pthread_mutex_unlock(&writer->lock);
    return jobs;
}

// ---- health ----

// The clock first: a batch that is not under way yet reads its own later.
int64_t writer_unsettled_ms(const struct writer *writer) {
    int64_t now_ms = clock_now_ms(writer->batch.handlers);
    int64_t under_way_ms = atomic_load(&writer->batch.unsettled_ms);
    return under_way_ms < now_ms ? under_way_ms : now_ms;
}

int64_t writer_commit_age_ms(const struct writer *writer) {
    int64_t since = atomic_load(&writer->batch.committing_since);
    int64_t age = monotonic_us() / 1000 - since;
    return since == 0 ? 0 : age > 0 ? age : 1;
}

bool writer_alive(const struct writer *writer) {
    if (atomic_load(&writer->batch.committing_since) != 0)
        return true;
    int64_t since = atomic_load(&writer->batch.working_since);
    return since == 0 || monotonic_us() / 1000 - since < WRITER_HANG_MS;
}

bool writer_failed(const struct writer *writer) {
    return atomic_load(&writer->failed);
}
