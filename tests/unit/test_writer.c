#include "server/ledger/rows.h"
#include "tests/unit/writer_fixture.h"

static int setup(void **out) {
    struct bench *bench = malloc(sizeof *bench);
    assert_non_null(bench);
    bench_begin(bench);
    *out = bench;
    return 0;
}

static int setup_started(void **out) {
    setup(out);
    bench_start(*out);
    return 0;
}

static int teardown(void **in) {
    bench_end(*in);
    free(*in);
    return 0;
}

static void an_empty_store_is_founded_once(void **in) {
    struct bench *bench = *in;
    uint8_t ledger[16], branch[16], again[16];
    struct glance look = glance(bench);
    const Pb__Entry *entry = view_entry(look.view, 1, look.arena, NULL);
    assert_non_null(entry);
    assert_int_equal(entry->event->body_case, PB__EVENT__BODY_FOUNDED);
    assert_int_equal(entry->time_ms, 1000);
    assert_false(entry->actor->has_role); // the daemon itself
    assert_true(view_ledger_id(look.view, ledger, branch));
    glance_end(&look);
    bench_stop(bench);
    bench_start(bench);
    look = glance(bench);
    assert_int_equal(view_seq(look.view), 1);
    assert_true(view_ledger_id(look.view, again, branch));
    assert_memory_equal(ledger, again, 16);
    glance_end(&look);
}

static void a_job_becomes_an_entry(void **in) {
    struct bench *bench = *in;
    struct task *made = task("ghi chú", 7);
    made->job.actor = (struct actor){.account = 0, .role = PB__ROLE__CITY, .unit = 3};
    memset(made->job.digest, 0xd1, DIGEST_SIZE);
    atomic_store(&bench->clock_ms, 2000);
    assert_true(writer_submit(bench->writer, &made->job));
    collect(bench, 1);
    assert_accepted(made, 2, false);
    struct glance look = glance(bench);
    const Pb__Entry *entry = view_entry(look.view, 2, look.arena, NULL);
    assert_non_null(entry);
    assert_string_equal(entry->event->noted->text, "ghi chú");
    assert_int_equal(entry->time_ms, 2000);
    assert_int_equal(entry->actor->role, PB__ROLE__CITY);
    assert_int_equal(entry->actor->unit, 3);
    assert_false(entry->actor->has_uid || entry->has_clock_back_ms);
    assert_memory_equal(entry->submission.data, made->submission, SUBMISSION_SIZE);
    assert_int_equal(entry->digest.len, DIGEST_SIZE);
    assert_int_equal(entry->digest.data[0], 0xd1);
    assert_int_equal(view_submission(look.view, made->submission, 3), 2);
    glance_end(&look);
}

static void local_administration_is_named(void **in) {
    struct bench *bench = *in;
    struct task *made = task("x", 0); // as enrolment: without a submission
    made->job.actor = (struct actor){.role = PB__ROLE__ADMIN, .uid = 1000, .local = true};
    assert_true(writer_submit(bench->writer, &made->job));
    collect(bench, 1);
    struct glance look = glance(bench);
    const Pb__Entry *entry = view_entry(look.view, 2, look.arena, NULL);
    assert_true(entry && entry->actor->has_uid && entry->actor->uid == 1000);
    assert_false(entry->has_submission || entry->has_digest);
    glance_end(&look);
}

static void what_waits_shares_a_commit_and_keeps_its_order(void **in) {
    struct bench *bench = *in;
    struct task *tasks[500];
    atomic_store(&bench->gate_closed, true);
    for (uint32_t i = 0; i < 500; i++)
        tasks[i] = submit(bench, i % 5 == 4 ? "refused" : "x", i + 1);
    atomic_store(&bench->gate_closed, false);
    collect(bench, 500);
    struct job *answered = bench->first;
    uint64_t seq = 2;
    for (size_t i = 0; i < 500; i++, answered = answered->next) {
        assert_ptr_equal(answered, &tasks[i]->job);
        if (i % 5 == 4)
            assert_refused(tasks[i], PB__STATUS__INVALID_ARGUMENT, "FIELD_MISSING");
        else
            assert_accepted(tasks[i], seq++, false);
    }
    struct writer_numbers numbers = writer_numbers(bench->writer);
    assert_int_equal(numbers.entries, 401);
    assert_in_range(numbers.batches, 2, 3);
    assert_true(numbers.commit_p50_us > 0 && numbers.commit_p50_us <= numbers.commit_p99_us);
    assert_in_range(atomic_load(&bench->calls), 1, 3);
}

// P2: exactly once, in the same batch and later.
static void a_known_submission_gets_the_first_answer(void **in) {
    struct bench *bench = *in;
    atomic_store(&bench->gate_closed, true);
    struct task *first = submit(bench, "x", 7), *twin = submit(bench, "x", 7);
    atomic_store(&bench->gate_closed, false);
    collect(bench, 2);
    struct task *later = submit(bench, "x", 7);
    collect(bench, 3);
    assert_accepted(first, 2, false);
    assert_accepted(twin, 2, true);
    assert_accepted(later, 2, true);
    assert_int_equal(writer_numbers(bench->writer).entries, 2);
}

static void a_refusal_commits_nothing(void **in) {
    struct bench *bench = *in;
    struct task *refused = submit(bench, "refused", 7);
    collect(bench, 1);
    const Pb__Problem *problem = assert_refused(refused, PB__STATUS__INVALID_ARGUMENT, "FIELD_MISSING");
    assert_string_equal(problem->arguments[0]->text, "lines");
    assert_int_equal(writer_numbers(bench->writer).batches, 1); // the founding
    struct task *mended = submit(bench, "x", 7);                // and does not consume the id
    collect(bench, 2);
    assert_accepted(mended, 2, false);
}

static void a_full_disk_refuses_writes_until_there_is_room(void **in) {
    struct bench *bench = *in;
    struct task *before = submit(bench, "x", 1);
    collect(bench, 1);
    atomic_store(&sync_error, ENOSPC);
    atomic_store(&bench->gate_closed, true);
    struct task *full = submit(bench, "x", 2), *known = submit(bench, "x", 1), *refused = submit(bench, "refused", 3);
    atomic_store(&bench->gate_closed, false);
    collect(bench, 4);
    assert_accepted(before, 2, false);
    assert_refused(full, PB__STATUS__RESOURCE_EXHAUSTED, "DISK_FULL");
    assert_accepted(known, 2, true);
    assert_refused(refused, PB__STATUS__INVALID_ARGUMENT, "FIELD_MISSING");
    assert_int_equal(seq_now(bench), 2);
    assert_false(writer_failed(bench->writer));
    atomic_store(&sync_error, 0);
    struct task *again = submit(bench, "x", 2);
    collect(bench, 5);
    assert_accepted(again, 3, false);
}

static void a_full_map_refuses_writes(void **in) {
    struct bench *bench = *in;
    char error[512], *note = calloc(1, 100001);
    struct task *last = NULL;
    store_close(bench->store);
    bench->store = store_open(bench->folder, 1024 * 1024, error, sizeof error);
    assert_non_null(bench->store);
    bench_start(bench);
    memset(note, 'x', 100000);
    for (uint32_t i = 1; i <= 20; i++) {
        last = submit(bench, note, i);
        collect(bench, i);
    }
    assert_refused(last, PB__STATUS__RESOURCE_EXHAUSTED, "MAP_FULL");
    struct task *known = submit(bench, note, 1);
    collect(bench, 21);
    assert_accepted(known, 2, true);
    free(note);
}

// P9: nothing of a batch whose commit failed is acknowledged.
static void any_other_write_error_ends_the_writer(void **in) {
    struct bench *bench = *in;
    atomic_store(&sync_error, EIO);
    struct task *lost = submit(bench, "x", 1);
    while (!writer_idle(bench->writer))
        pause_ms(1);
    assert_true(writer_failed(bench->writer));
    assert_null(writer_collect(bench->writer));
    assert_true(atomic_load(&bench->calls) > 0);
    assert_null(lost->job.frame);
    struct task *late = task("x", 2);
    assert_false(writer_submit(bench->writer, &late->job));
    free(late);
    free(lost);
}

static void damage_a_row(struct bench *bench) {
    enum store_status status;
    uint8_t key[4];
    struct store_txn *txn = store_begin_write(bench->store, &status);
    store_put(txn, STORE_ACCOUNTS, key_of_number(99, key), span_text("?"));
    assert_int_equal(store_commit(txn), STORE_OK);
}

static void a_damaged_row_harms_only_who_reads_it(void **in) {
    struct bench *bench = *in;
    damage_a_row(bench);
    atomic_store(&bench->gate_closed, true);
    struct task *first = submit(bench, "x", 1), *damaged = submit(bench, "damaged", 2), *last = submit(bench, "x", 3);
    atomic_store(&bench->gate_closed, false);
    collect(bench, 3);
    assert_accepted(first, 2, false);
    assert_accepted(last, 3, false);
    const Pb__Problem *problem = assert_refused(damaged, PB__STATUS__INTERNAL, "ROW_DAMAGED");
    assert_string_equal(problem->arguments[0]->text, "accounts 00000063: not such a row");
}

static void a_defect_harms_only_its_own_job(void **in) {
    struct bench *bench = *in;
    atomic_store(&bench->gate_closed, true);
    struct task *first = submit(bench, "x", 1), *impossible = submit(bench, "impossible", 2);
    struct task *silent = submit(bench, "silent", 3), *last = submit(bench, "x", 4);
    atomic_store(&bench->gate_closed, false);
    collect(bench, 4);
    assert_accepted(first, 2, false);
    assert_refused(impossible, PB__STATUS__INTERNAL, "DEFECT");
    assert_refused(silent, PB__STATUS__INTERNAL, "DEFECT");
    assert_accepted(last, 3, false);
}

static void a_clock_that_goes_back_is_told(void **in) {
    struct bench *bench = *in;
    atomic_store(&bench->clock_ms, 400);
    submit(bench, "x", 1);
    collect(bench, 1);
    struct glance look = glance(bench);
    const Pb__Entry *entry = view_entry(look.view, 2, look.arena, NULL);
    assert_non_null(entry);
    assert_int_equal(entry->time_ms, 400);
    assert_int_equal(entry->clock_back_ms, 600);
    glance_end(&look);
    assert_int_equal(writer_numbers(bench->writer).clock_steps_back, 1);
    bench_stop(bench); // and a new process knows the last entry's time
    atomic_store(&bench->clock_ms, 300);
    bench_start(bench);
    submit(bench, "x", 2);
    collect(bench, 2);
    look = glance(bench);
    entry = view_entry(look.view, 3, look.arena, NULL);
    assert_true(entry && entry->clock_back_ms == 100);
    glance_end(&look);
}

static void what_is_overdue_is_written_at_start(void **in) {
    struct bench *bench = *in;
    atomic_store(&bench->due_ms, 900);
    bench_start(bench);
    struct glance look = glance(bench);
    assert_int_equal(view_seq(look.view), 2);
    const Pb__Entry *entry = view_entry(look.view, 2, look.arena, NULL);
    assert_true(entry && strcmp(entry->event->noted->text, "due") == 0);
    assert_false(entry->actor->has_role);
    glance_end(&look);
}

static void what_falls_due_is_written_without_being_asked(void **in) {
    struct bench *bench = *in;
    atomic_store(&bench->due_ms, 5000);
    bench_start(bench);
    pause_ms(50);
    assert_int_equal(seq_now(bench), 1);
    atomic_store(&bench->clock_ms, 6000); // somebody set the clock
    for (int tries = 0; seq_now(bench) != 2; tries++) {
        assert_true(tries < 500);
        pause_ms(10);
    }
}

static void what_is_due_comes_before_the_jobs(void **in) {
    struct bench *bench = *in;
    atomic_store(&bench->due_ms, 5000);
    bench_start(bench);
    atomic_store(&bench->clock_ms, 5000);
    struct task *job = submit(bench, "x", 1);
    collect(bench, 1);
    assert_accepted(job, 3, false);
}

static void the_queue_has_limits(void **in) {
    struct bench *bench = *in;
    atomic_store(&bench->gate_closed, true);
    submit(bench, "x", 1);
    while (atomic_load(&bench->decisions) == 0)
        pause_ms(1);
    struct arena *arena = arena_new(WRITER_QUEUE_BYTES);
    assert_non_null(arena_alloc(arena, WRITER_QUEUE_BYTES / 2 + 1));
    struct task *big[2] = {task("x", 2), task("x", 3)};
    big[0]->job.arena = big[1]->job.arena = arena;
    assert_true(writer_submit(bench->writer, &big[0]->job));
    assert_false(writer_submit(bench->writer, &big[1]->job)); // too much memory
    big[1]->job.arena = NULL;
    assert_true(writer_submit(bench->writer, &big[1]->job));
    for (uint32_t i = 2; i < WRITER_QUEUE_MAX; i++)
        submit(bench, "x", i + 2);
    struct task *more = task("x", 100000);
    assert_false(writer_submit(bench->writer, &more->job)); // too many
    atomic_store(&bench->gate_closed, false);
    collect(bench, WRITER_QUEUE_MAX + 1);
    assert_true(writer_submit(bench->writer, &more->job));
    collect(bench, WRITER_QUEUE_MAX + 2);
    arena_free(arena);
}

static void draining_answers_what_waits(void **in) {
    struct bench *bench = *in;
    atomic_store(&bench->gate_closed, true);
    struct task *last = NULL;
    for (uint32_t i = 1; i <= 3000; i++)
        last = submit(bench, "x", i);
    writer_drain(bench->writer);
    struct task *late = task("x", 9999);
    assert_false(writer_submit(bench->writer, &late->job));
    free(late);
    assert_false(writer_idle(bench->writer));
    atomic_store(&bench->gate_closed, false);
    collect(bench, 3000);
    assert_accepted(last, 3001, false);
    for (int tries = 0; !writer_idle(bench->writer); tries++) {
        assert_true(tries < 5000);
        pause_ms(1);
    }
}

static void two_writers_run_in_one_process(void **in) {
    struct bench *bench = *in, *other = malloc(sizeof *other);
    bench_begin(other);
    bench_start(other);
    for (uint32_t i = 1; i <= 100; i++) {
        submit(bench, "here", i);
        submit(other, "there", i);
    }
    collect(bench, 100);
    collect(other, 100);
    assert_int_equal(seq_now(bench), 101);
    assert_int_equal(seq_now(other), 101);
    bench_end(other);
    free(other);
}

// ---- what the passing of time owes, more than a transaction takes ----

enum { OWED = 2500 };

// From due_ms on, and after entry `due_after`, so many events are owed, one behind the other.
static atomic_uint_least64_t due_after;

static bool much_is_due(void *ctx, const struct view *view, int64_t now_ms, struct arena *arena, Pb__Event *event,
                        int64_t *wake_ms) {
    struct bench *bench = ctx;
    uint64_t after = atomic_load(&due_after), seq = view_seq(view);
    int64_t due_ms = atomic_load(&bench->due_ms);
    *wake_ms = seq < after + OWED ? due_ms : INT64_MAX;
    if (now_ms < due_ms || seq < after || seq >= after + OWED)
        return false;
    be_noted(arena, "due", event);
    return true;
}

static void owe_much(struct bench *bench, uint64_t after) {
    atomic_store(&due_after, after);
    atomic_store(&bench->due_ms, 5000);
    bench->handlers.due = much_is_due;
    bench_start(bench);
}

static void jobs_wait_for_all_that_time_owes(void **in) {
    struct bench *bench = *in;
    owe_much(bench, 1);
    atomic_store(&bench->gate_closed, true);
    struct task *first = submit(bench, "x", 1);
    while (atomic_load(&bench->decisions) == 0)
        pause_ms(1);
    struct task *late = submit(bench, "x", 2);
    atomic_store(&bench->clock_ms, 6000);
    atomic_store(&bench->gate_closed, false);
    collect(bench, 2);
    assert_accepted(first, 2, false); // it was decided before the deadline
    assert_accepted(late, 1 + OWED + 1, false);
    struct glance look = glance(bench);
    assert_string_equal(view_entry(look.view, 1 + OWED, look.arena, NULL)->event->noted->text, "due");
    glance_end(&look);
}

// A job brings it all about: what does not fit into its transaction follows at once.
static void what_is_owed_after_a_job_follows_at_once(void **in) {
    struct bench *bench = *in;
    atomic_store(&bench->clock_ms, 6000);
    owe_much(bench, 2);
    struct task *made = submit(bench, "x", 1);
    collect(bench, 1);
    assert_accepted(made, 2, false);
    for (int tries = 0; seq_now(bench) < 2 + OWED; tries++) {
        assert_true(tries < 500);
        pause_ms(10);
    }
}

// ---- what is settled ----

static void the_batch_under_way_is_not_settled(void **in) {
    struct bench *bench = *in;
    assert_int_equal(writer_unsettled_ms(bench->writer), 1000); // idle: from now on
    atomic_store(&bench->clock_ms, 2000);
    assert_int_equal(writer_unsettled_ms(bench->writer), 2000);
    atomic_store(&bench->gate_closed, true);
    submit(bench, "x", 1);
    while (atomic_load(&bench->decisions) == 0)
        pause_ms(1);
    atomic_store(&bench->clock_ms, 9000);
    assert_int_equal(writer_unsettled_ms(bench->writer), 2000);
    atomic_store(&bench->gate_closed, false);
    collect(bench, 1);
    assert_int_equal(writer_unsettled_ms(bench->writer), 9000);
    struct glance look = glance(bench);
    assert_int_equal(view_entry(look.view, 2, look.arena, NULL)->time_ms, 2000);
    glance_end(&look);
}

static void accounts_that_change_are_told(void **in) {
    struct bench *bench = *in;
    static const struct {
        const char *note;
        bool changed;
    } steps[] = {{"invite", false}, {"enrol", false}, {"reinvite", false},
                 {"reenrol", true}, {"revoke", true}, {"x", false}};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct task *step = submit(bench, steps[i].note, 0);
        collect(bench, i + 1);
        assert_accepted(step, i + 2, false);
        assert_int_equal(step->job.accounts_changed, steps[i].changed);
    }
}

static void a_disk_that_does_not_answer_is_seen(void **in) {
    struct bench *bench = *in;
    assert_int_equal(writer_commit_age_ms(bench->writer), 0);
    atomic_store(&sync_blocked, true);
    submit(bench, "x", 1);
    for (int tries = 0; writer_commit_age_ms(bench->writer) < 20; tries++) {
        assert_true(tries < 5000);
        pause_ms(1);
    }
    assert_true(writer_alive(bench->writer));
    assert_int_equal(seq_now(bench), 1); // reads go on
    assert_null(writer_collect(bench->writer));
    atomic_store(&sync_blocked, false);
    collect(bench, 1);
    assert_int_equal(writer_commit_age_ms(bench->writer), 0);
}

static void a_start_that_cannot_be_says_why(void **in) {
    struct bench *bench = *in;
    char error[512];
    uint8_t format[4];
    enum store_status status;
    atomic_store(&sync_error, ENOSPC);
    assert_null(start(bench, error));
    assert_non_null(strstr(error, "disk is full"));
    atomic_store(&sync_error, EIO);
    assert_null(start(bench, error));
    assert_non_null(strstr(error, bench->folder));
    atomic_store(&sync_error, 0);
    struct store_txn *txn = store_begin_write(bench->store, &status);
    store_put(txn, STORE_META, span_text("format"), key_of_number(LEDGER_FORMAT + 1, format));
    assert_int_equal(store_commit(txn), STORE_OK);
    assert_null(start(bench, error));
    assert_non_null(strstr(error, "newer thiduad"));
}

#define STARTED(name) cmocka_unit_test_setup_teardown(name, setup_started, teardown)
#define T(name)       cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        STARTED(an_empty_store_is_founded_once),
        STARTED(a_job_becomes_an_entry),
        STARTED(local_administration_is_named),
        STARTED(what_waits_shares_a_commit_and_keeps_its_order),
        STARTED(a_known_submission_gets_the_first_answer),
        STARTED(a_refusal_commits_nothing),
        STARTED(a_full_disk_refuses_writes_until_there_is_room),
        T(a_full_map_refuses_writes),
        STARTED(any_other_write_error_ends_the_writer),
        STARTED(a_damaged_row_harms_only_who_reads_it),
        STARTED(a_defect_harms_only_its_own_job),
        STARTED(a_clock_that_goes_back_is_told),
        T(what_is_overdue_is_written_at_start),
        T(what_falls_due_is_written_without_being_asked),
        T(what_is_due_comes_before_the_jobs),
        STARTED(the_queue_has_limits),
        STARTED(draining_answers_what_waits),
        STARTED(two_writers_run_in_one_process),
        T(jobs_wait_for_all_that_time_owes),
        T(what_is_owed_after_a_job_follows_at_once),
        STARTED(the_batch_under_way_is_not_settled),
        STARTED(accounts_that_change_are_told),
        STARTED(a_disk_that_does_not_answer_is_seen),
        T(a_start_that_cannot_be_says_why),
    };
    return cmocka_run_group_tests_name("writer", tests, NULL, NULL);
}
