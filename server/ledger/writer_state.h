// What a writer is made of: for writer.c (the thread and its queue) and batch.c (one transaction) alone.
#ifndef THIDUA_LEDGER_WRITER_STATE_H
#define THIDUA_LEDGER_WRITER_STATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "server/ledger/writer.h"

enum {
    HISTOGRAM_BUCKETS = 128, // four for each doubling of a microsecond
    FAILURE_TEXT = 400,
};

struct job_list {
    struct job *first, **end;
};

// What the writer's thread alone touches once it runs.
struct batch {
    struct ledger *ledger;
    struct journal *journal;
    const struct writer_handlers *handlers;
    struct arena *scratch;
    struct job *jobs[WRITER_BATCH_MAX];
    bool settled[WRITER_BATCH_MAX]; // answered for good, whatever becomes of the others
    size_t n_jobs;
    enum reason full; // why nothing can be written, where the step is STEP_FULL
    int64_t wake_ms;  // when the passing of time next owes an event
    char failure[FAILURE_TEXT];
    // of the transactions committed for this batch
    uint64_t commits, entries, steps_back;
    uint64_t attempt_steps_back;
    uint32_t commit_us;
    // read by other threads, in monotonic milliseconds: when the commit under way began, 0: none is; since when there
    // has been work outside a commit, 0: there is none
    atomic_int_least64_t committing_since, working_since;
    // read by other threads: the earliest time that entries of the batch under way may have; INT64_MAX: none is
    atomic_int_least64_t unsettled_ms;
};

enum step {
    STEP_DONE,
    STEP_MORE,   // committed, and the passing of time owes more: no job has been looked at
    STEP_AGAIN,  // abort and decide anew: the journal has moved, or a job has been settled without the others
    STEP_FULL,   // nothing can be written now
    STEP_FAILED, // `failure` says why; nothing of the batch may be acknowledged
};

// Decides the jobs, applies, appends and commits. STEP_DONE: every job has its answer. Else STEP_FAILED.
enum step batch_run(struct batch *batch);

int64_t clock_now_ms(const struct writer_handlers *handlers);
int64_t monotonic_us(void);

#endif
