#include "server/check.h"
#include "tests/unit/writer_fixture.h"

// The journal that stands in for a shared one in the daemon's tests, beside the embedded one that it wraps.
static struct journal *wrapped(void) {
    return journal_open();
}
#define journal_open          journal_open_moved
#define journal_open_embedded wrapped
#include "tests/fault/journal_moved.c"
#undef journal_open
#undef journal_open_embedded

static int setup(void **out) {
    struct bench *bench = malloc(sizeof *bench);
    assert_non_null(bench);
    bench_begin(bench);
    *out = bench;
    return 0;
}

static int teardown(void **in) {
    bench_end(*in);
    free(*in);
    return 0;
}

// A journal that moves.
struct moving {
    struct journal journal, *inner;
    int moves;        // how often append still answers MOVED
    bool foreign;     // and brings an entry along
    size_t n_foreign; // entries that came so, in order
    struct journal_entry entries[8];
};

static enum journal_result moving_tip(struct journal *journal, struct store_txn *txn, struct journal_tip *tip) {
    struct moving *moving = (struct moving *)journal;
    enum journal_result result = moving->inner->tip(moving->inner, txn, tip);
    for (size_t i = 0; i < moving->n_foreign; i++)
        if (moving->entries[i].seq == tip->seq + 1) {
            tip->seq++;
            memcpy(tip->hash, moving->entries[i].hash, JOURNAL_HASH);
        }
    return result;
}

static enum journal_result moving_read(struct journal *journal, struct store_txn *txn, uint64_t seq,
                                       struct journal_entry *entry) {
    struct moving *moving = (struct moving *)journal;
    for (size_t i = 0; i < moving->n_foreign; i++)
        if (moving->entries[i].seq == seq) {
            *entry = moving->entries[i];
            return JOURNAL_OK;
        }
    return moving->inner->read(moving->inner, txn, seq, entry);
}

static void come_in(struct moving *moving, struct store_txn *txn, uint64_t seq) {
    Pb__Noted noted = PB__NOTED__INIT;
    Pb__Event event = PB__EVENT__INIT;
    Pb__Entry entry = PB__ENTRY__INIT;
    Pb__Actor actor = PB__ACTOR__INIT;
    struct journal_tip tip;
    noted.text = "from elsewhere";
    event.body_case = PB__EVENT__BODY_NOTED;
    event.noted = &noted;
    entry.event = &event;
    entry.actor = &actor;
    entry.has_seq = entry.has_time_ms = true;
    entry.seq = seq;
    entry.time_ms = 1000;
    struct journal_entry *raw = &moving->entries[moving->n_foreign++];
    uint8_t *bytes = malloc(pb__entry__get_packed_size(&entry));
    *raw = (struct journal_entry){.seq = seq, .record = {bytes, pb__entry__pack(&entry, bytes)}};
    assert_int_equal(moving->inner->tip(moving->inner, txn, &tip), JOURNAL_OK);
    assert_int_equal(tip.seq + 1, seq);
    assert_true(journal_hash(tip.hash, raw->record, raw->hash));
}

static enum journal_result moving_append(struct journal *journal, struct store_txn *txn, uint64_t first_seq,
                                         const struct journal_entry *entries, size_t count) {
    struct moving *moving = (struct moving *)journal;
    if (first_seq == 1 || moving->moves == 0)
        return moving->inner->append(moving->inner, txn, first_seq, entries, count);
    moving->moves--;
    if (moving->foreign)
        come_in(moving, txn, first_seq);
    return JOURNAL_MOVED;
}

static void run_moving(struct bench *bench, bool foreign) {
    struct moving moving = {.journal = {moving_tip, moving_read, moving_append, NULL},
                            .inner = bench->journal,
                            .moves = 3,
                            .foreign = foreign};
    bench->journal = &moving.journal;
    atomic_store(&bench->gate_closed, true);
    bench_start(bench);
    struct task *tasks[3] = {submit(bench, "x", 1), submit(bench, "x", 2), submit(bench, "x", 1)};
    atomic_store(&bench->gate_closed, false);
    collect(bench, 3);
    uint64_t first = foreign ? 5 : 2;
    assert_accepted(tasks[0], first, false);
    assert_accepted(tasks[1], first + 1, false);
    assert_accepted(tasks[2], first, true);
    assert_true(atomic_load(&bench->decisions) >= 3 + 3);
    assert_int_equal(seq_now(bench), first + 1);
    struct glance look = glance(bench);
    struct journal_entry before, entry;
    uint8_t hash[JOURNAL_HASH];
    assert_non_null(view_entry(look.view, 1, look.arena, &before));
    for (uint64_t seq = 2; seq <= first + 1; seq++, before = entry) {
        const Pb__Entry *decoded = view_entry(look.view, seq, look.arena, &entry);
        assert_non_null(decoded);
        assert_string_equal(decoded->event->noted->text, seq < first ? "from elsewhere" : "x");
        assert_true(journal_hash(before.hash, entry.record, hash));
        assert_memory_equal(hash, entry.hash, JOURNAL_HASH);
    }
    glance_end(&look);
    bench_stop(bench);
    for (size_t i = 0; i < moving.n_foreign; i++)
        free((void *)(uintptr_t)moving.entries[i].record.bytes);
    bench->journal = moving.inner;
}

static void a_journal_that_moved_has_all_decided_again(void **in) {
    run_moving(*in, false);
}

static void entries_from_elsewhere_come_first(void **in) {
    run_moving(*in, true);
}

static enum journal_result unknown_append(struct journal *journal, struct store_txn *txn, uint64_t first_seq,
                                          const struct journal_entry *entries, size_t count) {
    struct moving *moving = (struct moving *)journal;
    return first_seq == 1 ? moving->inner->append(moving->inner, txn, first_seq, entries, count) : JOURNAL_UNKNOWN;
}

static void an_unknown_outcome_is_not_acknowledged(void **in) {
    struct bench *bench = *in;
    struct moving moving = {.journal = {moving_tip, moving_read, unknown_append, NULL}, .inner = bench->journal};
    bench->journal = &moving.journal;
    bench_start(bench);
    struct task *lost = submit(bench, "x", 1);
    while (!writer_failed(bench->writer))
        pause_ms(1);
    bench_stop(bench);
    assert_null(lost->job.frame);
    assert_int_equal(seq_now(bench), 1);
    free(lost);
    bench->journal = moving.inner;
}

static void every_job_is_answered_once_whatever_comes_between(void **in) {
    enum { JOBS = 4000 };
    struct bench *bench = *in;
    static struct task *tasks[JOBS];
    bench->journal->close(bench->journal);
    bench->journal = journal_open_moved();
    bench_start(bench);
    for (uint32_t i = 0; i < JOBS; i++) {
        tasks[i] = submit(bench, "x", i / 2 + 1); // each id twice
        if (i % 32 == 31)
            pause_ms(1); // many small batches
    }
    collect(bench, JOBS);
    uint64_t last = 1;
    for (size_t i = 0; i < JOBS; i++) {
        uint64_t seq = response_of(&tasks[i]->job)->score->seq;
        assert_true(i % 2 == 0 ? seq > last : seq == last);
        assert_accepted(tasks[i], seq, i % 2 == 1);
        last = seq;
    }
    uint64_t foreign = seq_now(bench) - 1 - JOBS / 2;
    assert_in_range(foreign, 1, JOBS);
    bench_stop(bench);
    store_close(bench->store);
    FILE *out = tmpfile();
    assert_int_equal(check_store(bench->folder, out), 0);
    fclose(out);
    bench->store = open_store(bench->folder);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        T(a_journal_that_moved_has_all_decided_again),
        T(entries_from_elsewhere_come_first),
        T(an_unknown_outcome_is_not_acknowledged),
        T(every_job_is_answered_once_whatever_comes_between),
    };
    return cmocka_run_group_tests_name("writer and journal", tests, NULL, NULL);
}
