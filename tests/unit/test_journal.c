#include "server/ledger/journal.h"
#include "tests/unit/ledger_fixture.h"

struct state {
    char folder[64];
    struct store *store;
    struct store_txn *txn;
    struct journal *journal;
};

static int setup(void **out) {
    struct state *state = calloc(1, sizeof *state);
    enum store_status status;
    scratch_folder(state->folder);
    state->store = open_store(state->folder);
    state->txn = store_begin_write(state->store, &status);
    state->journal = journal_open();
    *out = state;
    return 0;
}

static int teardown(void **in) {
    struct state *state = *in;
    state->journal->close(state->journal);
    store_abort(state->txn);
    store_close(state->store);
    scratch_remove(state->folder);
    free(state);
    return 0;
}

// The entry that follows the tip.
static struct journal_entry next_entry(const struct journal_tip *tip, const char *record) {
    struct journal_entry entry = {.seq = tip->seq + 1, .record = span_text(record)};
    assert_true(journal_hash(tip->hash, entry.record, entry.hash));
    return entry;
}

static void assert_same(const struct journal_entry *a, const struct journal_entry *b) {
    assert_int_equal(a->seq, b->seq);
    assert_memory_equal(a->hash, b->hash, JOURNAL_HASH);
    assert_int_equal(a->record.size, b->record.size);
    assert_memory_equal(a->record.bytes, b->record.bytes, a->record.size);
}

static void the_hash_is_sha256_of_both(void **in) {
    // of 32 zero bytes and abc
    static const uint8_t zeros[JOURNAL_HASH];
    uint8_t hash[JOURNAL_HASH], again[JOURNAL_HASH];
    char hex[2 * JOURNAL_HASH + 1];
    (void)in;
    assert_true(journal_hash(zeros, span_text("abc"), hash));
    for (size_t i = 0; i < JOURNAL_HASH; i++)
        snprintf(hex + 2 * i, 3, "%02x", hash[i]);
    assert_string_equal(hex, "365aa7d8f7f9402c4b9434502b4cc89ddb09fe50d7cd95b493b834c62d5a5370");
    assert_true(journal_hash(hash, span_text("abc"), again));
    assert_memory_not_equal(hash, again, JOURNAL_HASH);
}

static void an_empty_journal_has_tip_zero(void **in) {
    struct state *state = *in;
    struct journal_tip tip = {.seq = 7};
    struct journal_entry entry;
    assert_int_equal(state->journal->tip(state->journal, state->txn, &tip), JOURNAL_OK);
    assert_int_equal(tip.seq, 0);
    assert_int_equal(state->journal->read(state->journal, state->txn, 1, &entry), JOURNAL_MOVED);
}

static void what_is_appended_is_read(void **in) {
    struct state *state = *in;
    struct journal *journal = state->journal;
    struct journal_tip tip = {0};
    struct journal_entry entries[3], read;
    for (size_t i = 0; i < 3; i++) {
        entries[i] = next_entry(&tip, (const char *const[]){"first", "second", ""}[i]);
        tip.seq = entries[i].seq;
        memcpy(tip.hash, entries[i].hash, JOURNAL_HASH);
    }
    assert_int_equal(journal->append(journal, state->txn, 1, entries, 2), JOURNAL_OK);
    assert_int_equal(journal->append(journal, state->txn, 3, entries + 2, 1), JOURNAL_OK);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(journal->read(journal, state->txn, i + 1, &read), JOURNAL_OK);
        assert_same(&read, &entries[i]);
    }
    struct journal_tip found;
    assert_int_equal(journal->tip(journal, state->txn, &found), JOURNAL_OK);
    assert_int_equal(found.seq, 3);
    assert_memory_equal(found.hash, tip.hash, JOURNAL_HASH);
}

static void entries_out_of_order_are_fatal(void **in) {
    struct state *state = *in;
    struct journal_entry entry = {.seq = 5, .record = span_text("x")};
    assert_int_equal(state->journal->append(state->journal, state->txn, 4, &entry, 1), JOURNAL_FATAL);
    assert_int_equal(store_fault(state->txn), STORE_FATAL);
}

static void a_sequence_is_never_taken_twice(void **in) {
    struct state *state = *in;
    struct journal_entry entry = {.seq = 5, .record = span_text("x")};
    assert_int_equal(state->journal->append(state->journal, state->txn, 5, &entry, 1), JOURNAL_OK);
    assert_int_equal(state->journal->append(state->journal, state->txn, 5, &entry, 1), JOURNAL_FATAL);
}

static void a_row_without_a_hash_is_damage(void **in) {
    struct state *state = *in;
    struct journal_tip tip;
    struct journal_entry entry;
    const uint8_t key[8] = {0, 0, 0, 0, 0, 0, 0, 9};
    assert_int_equal(store_put(state->txn, STORE_JOURNAL, (struct span){key, 8}, span_text("short")), STORE_OK);
    assert_int_equal(journal_local_read(state->txn, 9, &entry), STORE_DAMAGED);
    assert_int_equal(journal_local_tip(state->txn, &tip), STORE_DAMAGED);
    assert_string_equal(store_fault_text(state->txn), "journal 0000000000000009: too short");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_hash_is_sha256_of_both),
        T(an_empty_journal_has_tip_zero),
        T(what_is_appended_is_read),
        T(entries_out_of_order_are_fatal),
        T(a_sequence_is_never_taken_twice),
        T(a_row_without_a_hash_is_damage),
    };
    return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
