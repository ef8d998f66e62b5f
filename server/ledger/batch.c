// One transaction for all jobs that waited: decide, apply, append, commit; only then are the answers of any use.

#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "server/ledger/writer_state.h"

enum {
    CATCH_UP_MAX = 1000,  // entries of the journal taken over in one transaction
    DUE_MAX = 1024,       // events owed by the passing of time that share a transaction
    RETRY_MS = 10 * 1000, // after which an owed event that did not fit is tried again
};

int64_t monotonic_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_now_ms(const struct writer_handlers *handlers) {
    if (handlers->clock_ms)
        return handlers->clock_ms(handlers->ctx);
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// ---- what went wrong ----

static enum step failed(struct batch *batch, const char *what) {
    snprintf(batch->failure, sizeof batch->failure, "%s", what);
    return STEP_FAILED;
}

static enum step step_of(struct batch *batch, enum store_status status) {
    switch (status) {
    case STORE_OK:
        return STEP_DONE;
    case STORE_MAP_FULL:
        batch->full = REASON_MAP_FULL;
        return STEP_FULL;
    case STORE_DISK_FULL:
        batch->full = REASON_DISK_FULL;
        return STEP_FULL;
    default:
        return failed(batch, ledger_fault(batch->ledger));
    }
}

// ---- answers ----

static enum step set_frame(struct batch *batch, struct job *job, Pb__Response *response) {
    response->has_id = true;
    response->id = job->request->id;
    size_t size = message_frame_size(&response->base);
    job->frame = malloc(size);
    if (!job->frame)
        return failed(batch, "out of memory");
    job->frame_size = message_frame(&response->base, job->frame);
    job->status = response->status;
    return STEP_DONE;
}

static enum step refuse(struct batch *batch, struct job *job, const struct problems *problems) {
    Pb__Response response = PB__RESPONSE__INIT;
    problems_answer(problems, &response);
    enum reason reason = problems->count && problems->list ? problems->list[0].reason : REASON_DEFECT;
    job->reason = reason_entry(reason)->code;
    return set_frame(batch, job, &response);
}

static enum step refuse_for(struct batch *batch, struct job *job, enum reason reason, const char *name,
                            const char *value) {
    struct problems problems;
    char copy[FAILURE_TEXT];
    snprintf(copy, sizeof copy, "%s", value);
    arena_reset(batch->scratch);
    problems_init(&problems, batch->scratch);
    if (name)
        problem(&problems, reason, arg_text(name, copy));
    else
        problem_plain(&problems, reason);
    return refuse(batch, job, &problems);
}

// Nothing can be written now.
static enum step refuse_write(struct batch *batch, struct job *job) {
    return refuse_for(batch, job, batch->full, batch->full == REASON_ROW_DAMAGED ? "row" : NULL, batch->failure);
}

static void forget_answer(struct job *job) {
    free(job->frame);
    job->frame = NULL;
    job->frame_size = 0;
    job->reason = NULL;
    job->accounts_changed = job->replayed = false;
    job->seq = 0;
}

// Answers one job for good and has the others decided anew without it.
static enum step settle(struct batch *batch, size_t i, enum reason reason, const char *name, const char *value) {
    forget_answer(batch->jobs[i]);
    enum step step = refuse_for(batch, batch->jobs[i], reason, name, value);
    batch->settled[i] = step == STEP_DONE;
    return step == STEP_DONE ? STEP_AGAIN : step;
}

// The transaction has a fault, or an event could not be applied, on behalf of one job.
static enum step trouble(struct batch *batch, size_t i) {
    const char *text = ledger_fault(batch->ledger);
    switch (store_fault(ledger_txn(batch->ledger))) {
    case STORE_DAMAGED:
        fprintf(stderr, "thiduad: a row is damaged: %s; run thiduad check and restore a backup\n", text);
        return settle(batch, i, REASON_ROW_DAMAGED, "row", text);
    case STORE_OK:
        fprintf(stderr, "thiduad: a defect: %s\n", text);
        return settle(batch, i, REASON_DEFECT, "value", text);
    default:
        return step_of(batch, store_fault(ledger_txn(batch->ledger)));
    }
}

static enum step answer(struct batch *batch, size_t i, const Pb__Entry *entry, const uint8_t hash[JOURNAL_HASH],
                        bool replayed) {
    const struct writer_handlers *handlers = batch->handlers;
    const struct view *view = ledger_view(batch->ledger);
    Pb__Response response = PB__RESPONSE__INIT;
    response.has_status = true;
    response.status = PB__STATUS__OK;
    handlers->answer(handlers->ctx, view, entry, hash, replayed, batch->scratch, &response);
    if (view_fault(view))
        return trouble(batch, i);
    if (arena_exhausted(batch->scratch))
        return settle(batch, i, REASON_DEFECT, "value", "the answer takes more memory than it may");
    batch->jobs[i]->seq = entry->seq;
    batch->jobs[i]->replayed = replayed;
    return set_frame(batch, batch->jobs[i], &response);
}

// ---- entries ----

// Makes the event an entry and applies it. False: see trouble(); or out of memory, which the transaction then says.
static bool append(struct batch *batch, Pb__Entry *entry, int64_t now_ms, struct journal_entry *raw) {
    batch->attempt_steps_back += now_ms < ledger_tip_time(batch->ledger);
    return ledger_enter(batch->ledger, entry, now_ms, batch->scratch, raw);
}

// An entry of the daemon's own.
static enum step append_own(struct batch *batch, Pb__Event *event, int64_t now_ms) {
    struct ledger *ledger = batch->ledger;
    struct journal_entry raw;
    Pb__Actor actor = PB__ACTOR__INIT;
    Pb__Entry entry = PB__ENTRY__INIT;
    actor.has_account = true;
    entry.actor = &actor;
    entry.event = event;
    if (append(batch, &entry, now_ms, &raw))
        return STEP_DONE;
    enum store_status status = store_fault(ledger_txn(ledger));
    return status == STORE_OK ? failed(batch, ledger_fault(ledger)) : step_of(batch, status);
}

static enum step found(struct batch *batch, int64_t now_ms) {
    uint8_t id[LEDGER_ID_SIZE];
    Pb__Founded founded = PB__FOUNDED__INIT;
    Pb__Event event = PB__EVENT__INIT;
    if (RAND_bytes(id, sizeof id) != 1)
        return failed(batch, "no random bytes for the ledger's id");
    founded.has_ledger = founded.has_format = true;
    founded.ledger = (ProtobufCBinaryData){sizeof id, id};
    founded.format = LEDGER_FORMAT;
    event.body_case = PB__EVENT__BODY_FOUNDED;
    event.founded = &founded;
    arena_reset(batch->scratch);
    return append_own(batch, &event, now_ms);
}

// Without knowing what time owes, nothing may be written: a score might miss that it is late.
static enum step cannot_tell(struct batch *batch) {
    enum store_status status = store_fault(ledger_txn(batch->ledger));
    if (status != STORE_DAMAGED)
        return step_of(batch, status);
    fprintf(stderr,
            "thiduad: deadlines cannot be judged and writes are refused, as a row is damaged: %s; run thiduad "
            "check and restore a backup\n",
            ledger_fault(batch->ledger));
    failed(batch, ledger_fault(batch->ledger));
    batch->full = REASON_ROW_DAMAGED;
    return STEP_FULL;
}

// What nobody asked for: the founding, and what the passing of time owes. STEP_MORE: there is more of it than fits.
static enum step append_owed(struct batch *batch, int64_t now_ms) {
    const struct writer_handlers *handlers = batch->handlers;
    const struct view *view = ledger_view(batch->ledger);
    enum step step = ledger_tip(batch->ledger)->seq == 0 ? found(batch, now_ms) : STEP_DONE;
    for (size_t i = 0; i < DUE_MAX && step == STEP_DONE; i++) {
        Pb__Event event = PB__EVENT__INIT;
        arena_reset(batch->scratch);
        bool owed = handlers->due(handlers->ctx, view, now_ms, batch->scratch, &event, &batch->wake_ms);
        if (view_fault(view))
            return cannot_tell(batch);
        if (batch->wake_ms <= now_ms)
            batch->wake_ms = now_ms + RETRY_MS;
        if (!owed)
            return STEP_DONE;
        step = append_own(batch, &event, now_ms);
    }
    batch->wake_ms = step == STEP_DONE ? now_ms : now_ms + RETRY_MS;
    return step == STEP_DONE ? STEP_MORE : step;
}

// ---- jobs ----

// Whether the event ends the right of connections that live: to be asked before it is applied.
static bool changes_accounts(const struct view *view, const Pb__Event *event) {
    struct account account;
    return event->body_case == PB__EVENT__BODY_REVOKED ||
           (event->body_case == PB__EVENT__BODY_ENROLLED && view_account(view, event->enrolled->account, &account) &&
            account.enrolled);
}

static void describe_actor(const struct actor *actor, Pb__Actor *out) {
    *out = (Pb__Actor)PB__ACTOR__INIT;
    out->has_account = true;
    out->account = actor->account;
    out->has_role = actor->role != 0;
    out->role = actor->role;
    out->has_unit = actor->unit != 0;
    out->unit = actor->unit;
    out->has_uid = actor->local;
    out->uid = actor->uid;
}

static enum step accept(struct batch *batch, size_t i, Pb__Event *event, int64_t now_ms) {
    struct job *job = batch->jobs[i];
    struct journal_entry raw;
    Pb__Actor actor;
    Pb__Entry entry = PB__ENTRY__INIT;
    describe_actor(&job->actor, &actor);
    if (event->body_case == PB__EVENT__BODY_ENROLLED) // nobody yet: the account that it becomes by this
        actor.account = event->enrolled->account;
    entry.actor = &actor;
    entry.event = event;
    entry.has_submission = entry.has_digest = job->request->has_submission;
    if (job->request->has_submission) {
        entry.submission = job->request->submission;
        entry.digest = (ProtobufCBinaryData){sizeof job->digest, job->digest};
    }
    job->accounts_changed = changes_accounts(ledger_view(batch->ledger), event);
    if (!append(batch, &entry, now_ms, &raw))
        return trouble(batch, i);
    return answer(batch, i, &entry, raw.hash, false);
}

static enum step repeat(struct batch *batch, size_t i, uint64_t known) {
    struct journal_entry raw;
    const Pb__Entry *entry = view_entry(ledger_view(batch->ledger), known, batch->scratch, &raw);
    if (view_fault(ledger_view(batch->ledger)))
        return trouble(batch, i);
    if (!entry)
        return settle(batch, i, REASON_DEFECT, "value", "the entry of a known submission cannot be had");
    return answer(batch, i, entry, raw.hash, true);
}

static enum step run_job(struct batch *batch, size_t i, int64_t now_ms, bool writing) {
    const struct writer_handlers *handlers = batch->handlers;
    const struct view *view = ledger_view(batch->ledger);
    struct problems problems;
    Pb__Event event = PB__EVENT__INIT;
    uint64_t known = 0;
    arena_reset(batch->scratch);
    problems_init(&problems, batch->scratch);
    enum verdict verdict =
        handlers->decide(handlers->ctx, view, batch->jobs[i], now_ms, batch->scratch, &event, &known, &problems);
    if (view_fault(view))
        return trouble(batch, i);
    if (verdict == VERDICT_EVENT)
        return writing ? accept(batch, i, &event, now_ms) : refuse_write(batch, batch->jobs[i]);
    if (verdict == VERDICT_KNOWN)
        return repeat(batch, i, known);
    if (problems.count == 0)
        return settle(batch, i, REASON_DEFECT, "value", "a refusal without a reason");
    return refuse(batch, batch->jobs[i], &problems);
}

// ---- the transaction ----

static void begin_commit(struct batch *batch) {
    atomic_store(&batch->committing_since, monotonic_us() / 1000);
}

// However long it took, what follows is judged by its own time; in this order writer_alive never sees neither.
static void end_commit(struct batch *batch) {
    atomic_store(&batch->working_since, monotonic_us() / 1000);
    atomic_store(&batch->committing_since, 0);
}

static enum step commit(struct batch *batch) {
    begin_commit(batch);
    int64_t begun = monotonic_us();
    enum store_status status = ledger_commit(batch->ledger);
    batch->commit_us = (uint32_t)(monotonic_us() - begun);
    end_commit(batch);
    batch->commits += status == STORE_OK;
    return step_of(batch, status);
}

// Begins on the newest state: what the journal has and this store does not is taken over first.
static enum step begin(struct batch *batch) {
    for (;;) {
        size_t count = 0;
        enum step step = step_of(batch, ledger_write_begin(batch->ledger));
        if (step != STEP_DONE)
            return step;
        step = step_of(batch, ledger_catch_up(batch->ledger, CATCH_UP_MAX, &count));
        if (step == STEP_DONE && count == 0)
            return STEP_DONE;
        if (step == STEP_DONE)
            step = step_of(batch, ledger_flush(batch->ledger));
        if (step == STEP_DONE)
            step = commit(batch);
        if (step != STEP_DONE)
            return step;
    }
}

static enum step append_to_journal(struct batch *batch, const struct journal_entry *entries, size_t count) {
    struct store_txn *txn = ledger_txn(batch->ledger);
    switch (batch->journal->append(batch->journal, txn, entries[0].seq, entries, count)) {
    case JOURNAL_OK:
        return STEP_DONE;
    case JOURNAL_MOVED:
        return STEP_AGAIN;
    case JOURNAL_FULL:
        return step_of(batch, store_fault(txn) == STORE_MAP_FULL ? STORE_MAP_FULL : STORE_DISK_FULL);
    case JOURNAL_UNKNOWN:
        return failed(batch, "the journal does not say whether it has the entries");
    default:
        return failed(batch, store_fault(txn) ? store_fault_text(txn) : "the journal cannot be written");
    }
}

static enum step finish(struct batch *batch) {
    size_t count;
    const struct journal_entry *entries = ledger_pending(batch->ledger, &count);
    if (count == 0) {
        ledger_abort(batch->ledger);
        return STEP_DONE;
    }
    enum step step = step_of(batch, ledger_flush(batch->ledger));
    if (step == STEP_DONE) {
        begin_commit(batch);
        step = append_to_journal(batch, entries, count);
        end_commit(batch);
    }
    if (step == STEP_DONE)
        step = commit(batch);
    if (step == STEP_DONE) {
        batch->entries += count;
        batch->steps_back += batch->attempt_steps_back;
    }
    return step;
}

static enum step run_jobs(struct batch *batch, int64_t now_ms, bool writing) {
    enum step step = STEP_DONE;
    for (size_t i = 0; i < batch->n_jobs && step == STEP_DONE; i++)
        if (!batch->settled[i])
            step = run_job(batch, i, now_ms, writing);
    if (step == STEP_DONE && writing && batch->n_jobs != 0)
        step = append_owed(batch, now_ms);       // a job may have brought a deadline along
    return step == STEP_MORE ? STEP_DONE : step; // the next batch, which is due at once, goes on with it
}

static enum step attempt(struct batch *batch, bool writing) {
    batch->attempt_steps_back = 0;
    enum step step = begin(batch);
    int64_t now_ms = clock_now_ms(batch->handlers);
    if (!writing)
        batch->wake_ms = now_ms + RETRY_MS;
    if (step == STEP_DONE && writing)
        step = append_owed(batch, now_ms);
    bool more = step == STEP_MORE; // the jobs wait until all is known that time owes
    if (step == STEP_DONE)
        step = run_jobs(batch, now_ms, writing);
    if (step == STEP_DONE || more)
        step = finish(batch);
    ledger_abort(batch->ledger);
    return step == STEP_DONE && more ? STEP_MORE : step;
}

static void forget_answers(struct batch *batch) {
    for (size_t i = 0; i < batch->n_jobs; i++)
        if (!batch->settled[i])
            forget_answer(batch->jobs[i]);
}

static enum step refuse_all(struct batch *batch) {
    enum step step = STEP_DONE;
    for (size_t i = 0; i < batch->n_jobs && step == STEP_DONE; i++)
        if (!batch->settled[i])
            step = refuse_write(batch, batch->jobs[i]);
    return step;
}

// Where there is no room, what would write is refused, and all else is answered as ever.
static enum step run(struct batch *batch) {
    bool writing = true;
    memset(batch->settled, 0, sizeof batch->settled);
    for (;;) {
        enum step step = attempt(batch, writing);
        if (step == STEP_DONE)
            return STEP_DONE;
        if (step == STEP_MORE)
            continue;
        forget_answers(batch);
        if (step == STEP_FAILED)
            return STEP_FAILED;
        if (step == STEP_FULL && !writing)
            return refuse_all(batch);
        if (step == STEP_FULL)
            writing = false;
    }
}

// Told before the clock is read for any entry: whoever sees that no batch is under way has an earlier clock.
enum step batch_run(struct batch *batch) {
    atomic_store(&batch->unsettled_ms, clock_now_ms(batch->handlers));
    enum step step = run(batch);
    if (step == STEP_DONE)
        atomic_store(&batch->unsettled_ms, INT64_MAX);
    return step;
}
