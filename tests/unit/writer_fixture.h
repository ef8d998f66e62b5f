// A writer with handlers of its own: a request's note says what is to become of it.
#ifndef THIDUA_TESTS_WRITER_FIXTURE_H
#define THIDUA_TESTS_WRITER_FIXTURE_H

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>

#include "proto/frame.h"
#include "server/ledger/writer.h"
#include "tests/unit/ledger_fixture.h"

// What fdatasync does, LMDB's calls included.
static atomic_int sync_error;
static atomic_bool sync_blocked;

int fdatasync(int fd) {
    while (atomic_load(&sync_blocked))
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    int error = atomic_load(&sync_error);
    if (error == 0)
        return (int)syscall(SYS_fdatasync, fd);
    errno = error;
    return -1;
}

struct bench {
    char folder[64];
    struct store *store;
    struct journal *journal;
    struct writer_handlers handlers;
    struct writer *writer;
    atomic_int_least64_t clock_ms, due_ms; // due_ms 0: nothing ever is
    atomic_bool gate_closed;               // decisions wait for it to open
    atomic_int decisions, calls;           // of decide, of done
    struct job *first, **end;              // answers collected
    size_t n_answers;
};

struct task {
    struct job job; // first: a job is its task
    Pb__Request request;
    Pb__Score score;
    uint8_t submission[SUBMISSION_SIZE];
};

static inline void pause_ms(long ms) {
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

// ---- handlers ----

static inline void be_noted(struct arena *arena, const char *text, Pb__Event *event) {
    event->body_case = PB__EVENT__BODY_NOTED;
    event->noted = arena_alloc(arena, sizeof *event->noted);
    pb__noted__init(event->noted);
    event->noted->text = arena_strdup(arena, text);
}

static inline void be_invited(struct arena *arena, Pb__Event *event) {
    event->body_case = PB__EVENT__BODY_INVITED;
    event->invited = arena_alloc(arena, sizeof *event->invited);
    pb__invited__init(event->invited);
    event->invited->has_account = event->invited->has_role = event->invited->has_code_hash = true;
    event->invited->account = 1;
    event->invited->role = PB__ROLE__CITY;
    event->invited->code_hash = (ProtobufCBinaryData){32, arena_alloc(arena, 32)};
}

static inline void be_reinvited(struct arena *arena, Pb__Event *event) {
    be_invited(arena, event);
    event->invited->has_replaces = event->invited->replaces = true;
    memset(event->invited->code_hash.data, 1, 32);
}

static inline void be_enrolled(struct arena *arena, Pb__Event *event) {
    event->body_case = PB__EVENT__BODY_ENROLLED;
    event->enrolled = arena_alloc(arena, sizeof *event->enrolled);
    pb__enrolled__init(event->enrolled);
    event->enrolled->has_account = event->enrolled->has_verifier = event->enrolled->has_code_hash = true;
    event->enrolled->account = 1;
    event->enrolled->verifier = (ProtobufCBinaryData){32, arena_alloc(arena, 32)};
    event->enrolled->code_hash = (ProtobufCBinaryData){32, arena_alloc(arena, 32)};
}

static inline void be_reenrolled(struct arena *arena, Pb__Event *event) {
    be_enrolled(arena, event);
    memset(event->enrolled->code_hash.data, 1, 32);
}

static inline void be_revoked(struct arena *arena, Pb__Event *event) {
    event->body_case = PB__EVENT__BODY_REVOKED;
    event->revoked = arena_alloc(arena, sizeof *event->revoked);
    pb__revoked__init(event->revoked);
    event->revoked->has_account = true;
    event->revoked->account = 1;
}

// What no ledger can apply.
static inline void be_impossible(struct arena *arena, Pb__Event *event) {
    be_revoked(arena, event);
    event->revoked->account = 77;
}

static inline enum verdict decide(void *ctx, const struct view *view, const struct job *job, int64_t now_ms,
                                  struct arena *arena, Pb__Event *event, uint64_t *known, struct problems *problems) {
    static const struct {
        const char *note;
        void (*be)(struct arena *arena, Pb__Event *event);
    } events[] = {{"invite", be_invited},     {"reinvite", be_reinvited}, {"enrol", be_enrolled},
                  {"reenrol", be_reenrolled}, {"revoke", be_revoked},     {"impossible", be_impossible}};
    struct bench *bench = ctx;
    const char *note = job->request->score->note;
    struct account account;
    (void)now_ms;
    atomic_fetch_add(&bench->decisions, 1);
    while (atomic_load(&bench->gate_closed))
        pause_ms(1);
    *known = job->request->has_submission ? view_submission(view, job->request->submission.data, 0x80000000u) : 0;
    if (*known != 0)
        return VERDICT_KNOWN;
    if (strcmp(note, "damaged") == 0)
        view_account(view, 99, &account);
    if (strcmp(note, "refused") == 0)
        problem(problems, REASON_FIELD_MISSING, arg_text("field", "lines"));
    if (strcmp(note, "refused") == 0 || strcmp(note, "silent") == 0)
        return VERDICT_REFUSED;
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        if (strcmp(note, events[i].note) == 0) {
            events[i].be(arena, event);
            return VERDICT_EVENT;
        }
    be_noted(arena, note, event);
    return VERDICT_EVENT;
}

static inline void answer(void *ctx, const struct view *view, const Pb__Entry *entry, const uint8_t hash[JOURNAL_HASH],
                          bool replayed, struct arena *arena, Pb__Response *response) {
    (void)ctx, (void)view, (void)hash;
    Pb__ScoreReply *score = arena_alloc(arena, sizeof *score);
    pb__score_reply__init(score);
    score->has_seq = score->has_replayed = true;
    score->seq = entry->seq;
    score->replayed = replayed;
    response->body_case = PB__RESPONSE__BODY_SCORE;
    response->score = score;
}

static inline bool is_noted(const struct view *view, const char *text, struct arena *arena) {
    for (uint64_t seq = view_seq(view); seq != 0; seq--) {
        const Pb__Entry *entry = view_entry(view, seq, arena, NULL);
        if (entry && entry->event->body_case == PB__EVENT__BODY_NOTED && strcmp(entry->event->noted->text, text) == 0)
            return true;
    }
    return false;
}

static inline bool due(void *ctx, const struct view *view, int64_t now_ms, struct arena *arena, Pb__Event *event,
                       int64_t *wake_ms) {
    struct bench *bench = ctx;
    int64_t due_ms = atomic_load(&bench->due_ms);
    *wake_ms = INT64_MAX;
    if (due_ms == 0 || is_noted(view, "due", arena))
        return false;
    *wake_ms = due_ms;
    if (now_ms < due_ms)
        return false;
    be_noted(arena, "due", event);
    return true;
}

static inline int64_t bench_clock(void *ctx) {
    return atomic_load(&((struct bench *)ctx)->clock_ms);
}

static inline void done(void *ctx) {
    atomic_fetch_add(&((struct bench *)ctx)->calls, 1);
}

// ---- the bench ----

static inline struct writer *start(struct bench *bench, char error[512]) {
    error[0] = '\0';
    return writer_start(bench->store, bench->journal, &bench->handlers, done, bench, error, 512);
}

static inline void bench_begin(struct bench *bench) {
    memset(bench, 0, sizeof *bench);
    scratch_folder(bench->folder);
    bench->store = open_store(bench->folder);
    bench->journal = journal_open();
    bench->handlers = (struct writer_handlers){bench, decide, answer, due, bench_clock};
    bench->end = &bench->first;
    atomic_store(&bench->clock_ms, 1000);
    atomic_store(&sync_error, 0);
}

static inline void bench_start(struct bench *bench) {
    char error[512];
    bench->writer = start(bench, error);
    if (!bench->writer)
        fail_msg("%s", error);
}

static inline void free_tasks(struct job *job) {
    while (job) {
        struct job *next = job->next;
        free(job->frame);
        free(job);
        job = next;
    }
}

static inline void bench_stop(struct bench *bench) {
    if (!bench->writer)
        return;
    struct writer *writer = bench->writer;
    writer_drain(writer);
    while (!writer_idle(writer))
        pause_ms(1);
    free_tasks(writer_collect(writer));
    writer_stop(writer);
    bench->writer = NULL;
}

static inline void bench_end(struct bench *bench) {
    atomic_store(&bench->gate_closed, false);
    atomic_store(&sync_blocked, false);
    atomic_store(&sync_error, 0);
    bench_stop(bench);
    free_tasks(bench->first);
    bench->journal->close(bench->journal);
    store_close(bench->store);
    scratch_remove(bench->folder);
}

// A task of the account 0; `id` names its submission, 0: none. It belongs to the bench once it has been answered.
static inline struct task *task(const char *note, uint32_t id) {
    struct task *task = calloc(1, sizeof *task);
    assert_non_null(task);
    pb__request__init(&task->request);
    pb__score__init(&task->score);
    task->request.has_id = true;
    task->request.id = id + 1000u;
    task->request.body_case = PB__REQUEST__BODY_SCORE;
    task->request.score = &task->score;
    task->score.note = note;
    task->request.has_submission = id != 0;
    memcpy(task->submission, &id, sizeof id);
    task->request.submission = (ProtobufCBinaryData){SUBMISSION_SIZE, task->submission};
    task->job.request = &task->request;
    task->job.actor.role = PB__ROLE__ADMIN;
    return task;
}

static inline struct task *submit(struct bench *bench, const char *note, uint32_t id) {
    struct task *made = task(note, id);
    assert_true(writer_submit(bench->writer, &made->job));
    return made;
}

// Waits until `count` answers in all have been collected, which then hang in the order submitted from bench->first.
static inline void collect(struct bench *bench, size_t count) {
    for (int tries = 0; bench->n_answers < count; tries++) {
        *bench->end = writer_collect(bench->writer);
        for (; *bench->end; bench->end = &(*bench->end)->next)
            bench->n_answers++;
        assert_true(tries < 30000);
        pause_ms(1);
    }
    assert_int_equal(bench->n_answers, count);
}

// What the job's frame says. The response lives until the next call.
static inline const Pb__Response *response_of(const struct job *job) {
    static struct arena *arena;
    size_t prefix, body;
    arena_free(arena);
    arena = arena_new(1 << 20);
    assert_int_equal(frame_look(job->frame, job->frame_size, job->frame_size, FRAME_LIMIT_RESPONSE, &prefix, &body),
                     FRAME_READY);
    assert_int_equal(prefix + body, job->frame_size);
    const Pb__Response *response = message_unpack_response(arena, job->frame + prefix, body);
    assert_non_null(response);
    assert_int_equal(response->id, job->request->id);
    assert_int_equal(response->status, job->status);
    return response;
}

static inline void assert_accepted(const struct task *task, uint64_t seq, bool replayed) {
    const Pb__Response *response = response_of(&task->job);
    assert_int_equal(response->status, PB__STATUS__OK);
    assert_null(task->job.reason);
    assert_int_equal(response->score->seq, seq);
    assert_int_equal(response->score->replayed, replayed);
}

static inline const Pb__Problem *assert_refused(const struct task *task, Pb__Status status, const char *reason) {
    const Pb__Response *response = response_of(&task->job);
    assert_int_equal(response->status, status);
    assert_string_equal(task->job.reason, reason);
    assert_true(response->n_problems > 0);
    assert_string_equal(response->problems[0]->reason, reason);
    return response->problems[0];
}

// A look at the store from another thread than the writer's.
struct glance {
    struct ledger *ledger;
    struct arena *arena;
    const struct view *view;
};

static inline struct glance glance(struct bench *bench) {
    struct glance glance = {ledger_new(bench->store, NULL), arena_new(1 << 20), NULL};
    glance.view = ledger_read_begin(glance.ledger);
    assert_non_null(glance.view);
    return glance;
}

static inline void glance_end(struct glance *glance) {
    assert_null(view_fault(glance->view));
    ledger_free(glance->ledger);
    arena_free(glance->arena);
}

static inline uint64_t seq_now(struct bench *bench) {
    struct glance look = glance(bench);
    uint64_t seq = view_seq(look.view);
    glance_end(&look);
    return seq;
}

#endif
