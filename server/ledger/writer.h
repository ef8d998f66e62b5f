// The writer: one thread that takes all waiting jobs, decides them in order in one transaction, commits, and hands
// the answers back. It knows handlers only through the table of functions that it is given.
#ifndef THIDUA_LEDGER_WRITER_H
#define THIDUA_LEDGER_WRITER_H

#include "proto/message.h"
#include "server/ledger/ledger.h"

enum {
    WRITER_QUEUE_MAX = 8192,               // jobs waiting
    WRITER_QUEUE_BYTES = 64 * 1024 * 1024, // memory of their requests
    WRITER_BATCH_MAX = 1024,               // jobs in one transaction
    WRITER_STALL_MS = 10 * 1000,           // inside a commit: new writes are answered DISK_STALLED
    WRITER_HANG_MS = 60 * 1000,            // outside a commit: the watchdog is no longer fed
};

// Who asks. Comes from the connection alone; no message can say so.
struct actor {
    uint32_t account;     // 0: nobody yet, or local administration
    Pb__Role role;        // 0: not authenticated
    uint32_t unit;        // 0: none
    uint32_t uid;         // of local administration
    bool local;           // local administration: reached the Unix socket with the right credentials
    uint8_t verifier[32]; // of the token by which it is the account's
};

// One write on its way through the writer.
struct job {
    struct job *next;
    struct actor actor;
    const Pb__Request *request;
    struct arena *arena;         // holds the request; the writer makes nothing in it
    uint8_t digest[DIGEST_SIZE]; // message_digest of the request
    void *owner;                 // of use to the one who submitted the job
    // the answer
    uint8_t *frame; // the whole response frame; the owner of the job frees it
    size_t frame_size;
    Pb__Status status;
    const char *reason;    // of the refusal, static; NULL when OK
    bool accounts_changed; // an account was revoked or replaced: live connections must be looked at
    uint64_t seq;          // of the entry that the answer tells of; 0: none
    bool replayed;         // that entry was there before
    size_t bytes;          // the writer's own: memory of the request while it waits
};

enum verdict {
    VERDICT_REFUSED, // problems say why
    VERDICT_EVENT,   // the event is to be applied
    VERDICT_KNOWN,   // entry *known answers it: the request was accepted before
};

struct writer_handlers {
    void *ctx;
    // Judges one job. The event and its parts live in `arena`. May be called more than once for a job: only what the
    // last call said counts.
    enum verdict (*decide)(void *ctx, const struct view *view, const struct job *job, int64_t now_ms,
                           struct arena *arena, Pb__Event *event, uint64_t *known, struct problems *problems);
    // The response to an accepted job, from its entry alone (and the definition that the entry refers to).
    void (*answer)(void *ctx, const struct view *view, const Pb__Entry *entry, const uint8_t hash[JOURNAL_HASH],
                   bool replayed, struct arena *arena, Pb__Response *response);
    // An event that the passing of time owes at `now_ms`: true, and the event. False: *wake_ms is the next instant at
    // which to ask, INT64_MAX for none.
    bool (*due)(void *ctx, const struct view *view, int64_t now_ms, struct arena *arena, Pb__Event *event,
                int64_t *wake_ms);
    // Milliseconds since 1970 UTC. NULL: the system's clock.
    int64_t (*clock_ms)(void *ctx);
};

// Since the start.
struct writer_numbers {
    uint64_t batches, entries, clock_steps_back;
    uint64_t commits, commits_us;          // batches whose commit was timed, and the sum of their times
    uint32_t commit_p50_us, commit_p99_us; // of those; up to a quarter more than it was
    int64_t committed_ms;                  // when the last one was done, by the wall clock; 0: none was
    uint64_t seq;                          // of the last entry
    uint32_t waiting;                      // jobs in the queue
};

struct writer;

// Starts the thread; an empty store is founded (entry 1) and overdue events are appended before it returns.
// `done` is called on the writer's thread when a batch is done (writer_collect may have something to give, and readers
// something new to see), and when the thread ends.
// The handlers, store and journal must outlive the writer. NULL: `error` says why.
struct writer *writer_start(struct store *store, struct journal *journal, const struct writer_handlers *handlers,
                            void (*done)(void *ctx), void *done_ctx, char *error, size_t error_size);

// Queues the job. False: the queue is full, or the writer takes no more; the job is the caller's still, to be tried
// after the next hand-over.
bool writer_submit(struct writer *writer, struct job *job);

// The jobs answered since the last call, in the order submitted.
struct job *writer_collect(struct writer *writer);

// Takes no more jobs and lets the thread end once the queue is empty; writer_collect gives the last answers.
void writer_drain(struct writer *writer);
// True once all is answered after writer_drain, or the writer has failed.
bool writer_idle(struct writer *writer);
// Drains, waits for the thread and frees the writer. Jobs not collected are their owners' still.
void writer_stop(struct writer *writer);

// The instant from which on there may be entries that a view begun after this call does not show; those before it are
// settled, unless the clock goes back. Any thread.
int64_t writer_unsettled_ms(const struct writer *writer);

// Milliseconds that the commit under way has taken so far; 0: none is. Any thread.
int64_t writer_commit_age_ms(const struct writer *writer);
// False: the thread has been stuck outside a commit for WRITER_HANG_MS. Any thread.
bool writer_alive(const struct writer *writer);
// True once a write error ended the writer: nothing is acknowledged any more, the process must exit 70. The cause has
// been written to standard error.
bool writer_failed(const struct writer *writer);
struct writer_numbers writer_numbers(struct writer *writer);

#endif
