#include "server/check.h"
#include "server/ledger/rows.h"
#include "tests/unit/judgement_events.h"
#include "tests/unit/restored_events.h"

static int setup(void **out) {
    struct world *world = malloc(sizeof *world);
    assert_non_null(world);
    world_begin(world);
    open_for_scores(world);
    applied(world, invited(world, 1, 0xc0, false));
    applied(world, enrolled(world, 1, 0xc0, 0xaa));
    world->has_submission = true;
    for (int32_t i = 0; i < 5; i++) {
        world->submission[0] = (uint8_t)i;
        applied(world, score_set(world, 1, 1, 0, 1000 + i));
    }
    world->has_submission = false;
    applied(world, sheet_submitted(world, 1, 1, false)); // 14
    commit(world);
    *out = world;
    return 0;
}

static int teardown(void **in) {
    world_end(*in);
    free(*in);
    return 0;
}

// Runs the check on the folder as it stands, and opens the store again after. Returns the check's exit status.
static int checked(struct world *world, char report[4096]) {
    ledger_free(world->ledger);
    store_close(world->store);
    FILE *out = fmemopen(report, 4096, "w");
    assert_non_null(out);
    int status = check_store(world->folder, out);
    fclose(out);
    world->store = open_store(world->folder);
    world->ledger = ledger_new(world->store, NULL);
    return status;
}

static void finds(struct world *world, const char *what, const char *closing) {
    char report[4096] = "";
    int status = checked(world, report);
    if (status != 1 || !strstr(report, what) || !strstr(report, closing))
        fail_msg("status %d; no '%s' or '%s' in:\n%s", status, what, closing, report);
}

static struct store_txn *change(struct world *world) {
    enum store_status status;
    struct store_txn *txn = store_begin_write(world->store, &status);
    assert_non_null(txn);
    return txn;
}

static void a_good_store_passes(void **in) {
    char report[4096] = "";
    if (checked(*in, report) != 0)
        fail_msg("%s", report);
    // meta 3, submissions 5, accounts 1, invites 1, units 2, names 3, periods 1, definitions 1, sheets 2, lines 1
    assert_string_equal(report, "14 entries, 20 rows compared, 0 problems\n");
}

static void branches_follow_from_the_journal(void **in) {
    struct world *world = *in;
    uint8_t key[KEY_PAST];
    char report[4096] = "";
    begin(world);
    applied(world, restored(world, 0xb2)); // 15
    commit(world);
    if (checked(world, report) != 0)
        fail_msg("%s", report);
    struct store_txn *txn = change(world);
    store_delete(txn, STORE_META, key_of_past(14, key));
    store_delete(txn, STORE_META, key_of_text("unconfirmed"));
    assert_int_equal(store_commit(txn), STORE_OK);
    finds(world, "meta 70617374000000000000000e: is missing", "15 entries, 22 rows compared, 2 problems\n");
}

static void a_bent_bit_is_named(void **in) {
    struct world *world = *in;
    ledger_free(world->ledger);
    store_close(world->store);
    bend(world->folder, "máy bàn", 9);
    world->store = open_store(world->folder);
    world->ledger = ledger_new(world->store, NULL);
    finds(world, "accounts 00000001: damaged: the checksum does not match", "");
}

static void a_row_with_other_content_is_named(void **in) {
    struct world *world = *in;
    uint8_t key[KEY_LINE], row[ROW_LINE_MAX];
    struct line line = {.points_cp = 1005, .revision = 5, .seq = 13}; // it has 1004
    struct store_txn *txn = change(world);
    store_put(txn, STORE_LINES, key_of_line(1, 1, 0, key), row_from_line(&line, row));
    assert_int_equal(store_commit(txn), STORE_OK);
    finds(world, "lines 00000001000000010000: is not what follows from the journal",
          "14 entries, 20 rows compared, 1 problems\n");
}

static void a_missing_row_is_named(void **in) {
    struct world *world = *in;
    uint8_t key[KEY_SHEET];
    struct store_txn *txn = change(world);
    store_delete(txn, STORE_SHEETS, key_of_sheet(1, 2, key));
    assert_int_equal(store_commit(txn), STORE_OK);
    finds(world, "sheets 0000000100000002: is missing", "20 rows compared, 1 problems\n");
}

static void an_invented_row_is_named(void **in) {
    struct world *world = *in;
    uint8_t key[KEY_SHEET];
    struct store_txn *txn = change(world);
    store_put(txn, STORE_SHEETS, key_of_sheet(1, 3, key), span_text("?"));
    assert_int_equal(store_commit(txn), STORE_OK);
    finds(world, "sheets 0000000100000003: stands here, but does not follow from the journal",
          "21 rows compared, 1 problems\n");
}

// Rewrites an entry: its time, and its hash too where `rehash`.
static void forge(struct world *world, uint64_t seq, int64_t by_ms, bool rehash) {
    struct store_txn *txn = change(world);
    struct journal_entry entry, before;
    uint8_t row[2048], key[8];
    assert_int_equal(journal_local_read(txn, seq, &entry), STORE_OK);
    Pb__Entry *decoded = pb__entry__unpack(NULL, entry.record.size, entry.record.bytes);
    decoded->time_ms += by_ms;
    size_t size = pb__entry__pack(decoded, row + JOURNAL_HASH);
    pb__entry__free_unpacked(decoded, NULL);
    memcpy(row, entry.hash, JOURNAL_HASH);
    assert_int_equal(journal_local_read(txn, seq - 1, &before), STORE_OK);
    if (rehash)
        assert_true(journal_hash(before.hash, (struct span){row + JOURNAL_HASH, size}, row));
    store_key_u64(key, seq);
    store_put(txn, STORE_JOURNAL, (struct span){key, 8}, (struct span){row, JOURNAL_HASH + size});
    assert_int_equal(store_commit(txn), STORE_OK);
}

static void a_forged_entry_breaks_the_chain(void **in) {
    forge(*in, 9, 1, false);
    finds(*in, "journal 0000000000000009: the hash is not that of the entry", "14 entries, ");
}

static void a_forged_hash_breaks_the_chain_at_the_next(void **in) {
    forge(*in, 9, 1, true);
    finds(*in, "journal 000000000000000a: the hash is not that of the entry", "14 entries, ");
}

static void a_gap_ends_the_replay(void **in) {
    struct world *world = *in;
    const uint8_t key[8] = {0, 0, 0, 0, 0, 0, 0, 9};
    struct store_txn *txn = change(world);
    store_delete(txn, STORE_JOURNAL, (struct span){key, 8});
    assert_int_equal(store_commit(txn), STORE_OK);
    finds(world, "journal 000000000000000a: follows entry 8", "the replay ends at entry 8");
}

static void a_damaged_entry_ends_the_replay(void **in) {
    struct world *world = *in;
    ledger_free(world->ledger);
    store_close(world->store);
    bend(world->folder, "Giao ước thi đua", 16); // it stands in the definition and in entry 2
    world->store = open_store(world->folder);
    world->ledger = ledger_new(world->store, NULL);
    finds(world, "journal 0000000000000002: damaged", "the replay ends at entry 1");
}

static void a_clock_that_went_back_is_a_warning(void **in) {
    struct world *world = *in;
    char report[4096] = "";
    Pb__Event event = noted(world, "x");
    Pb__Entry entry = PB__ENTRY__INIT;
    begin(world);
    entry.has_seq = entry.has_time_ms = entry.has_clock_back_ms = true;
    entry.seq = 15;
    entry.clock_back_ms = 100;
    entry.time_ms = ledger_tip_time(world->ledger) - 100;
    entry.actor = &world->actor;
    entry.event = &event;
    struct journal_entry raw = encode(world, &entry);
    assert_true(ledger_apply(world->ledger, &entry, &raw));
    commit(world);
    assert_int_equal(checked(world, report), 0);
    assert_non_null(strstr(report, "warning: entry 15: the clock read 100 ms earlier"));
}

static void a_clock_that_went_back_unsaid_is_damage(void **in) {
    forge(*in, 14, -100, true);
    finds(*in, "journal 000000000000000e: cannot be applied", "the clock went back by 99 ms, and it says 0");
}

static void many_entries_are_replayed(void **in) {
    struct world *world = *in;
    char report[4096] = "";
    begin(world);
    for (int i = 0; i < 2500; i++)
        applied(world, score_set(world, 1, 2, (uint32_t)i % 3, i % 100));
    commit(world);
    if (checked(world, report) != 0)
        fail_msg("%s", report);
    assert_non_null(strstr(report, "2514 entries, 23 rows compared, 0 problems\n"));
}

// Appraised, finalized, locked: 15 to 23.
static void judge_and_lock(struct world *world) {
    static const Pb__PeriodState states[] = {PB__PERIOD_STATE__SCORING, PB__PERIOD_STATE__APPRAISAL,
                                             PB__PERIOD_STATE__FINALIZED, PB__PERIOD_STATE__PUBLISHED};
    begin(world);
    applied(world, unit_extended(world, 1, 2, 5000));
    applied(world, period_advanced(world, 1, states[0], states[1]));
    applied(world, lines_appraised(world, 1, 1, 1, (const int32_t[]){900}));
    applied(world, sheet_adjusted(world, 1, 1, 0, 100));
    applied(world, sheet_adjusted(world, 1, 1, -1, 50));
    applied(world, sheets_finalized(world, 1, 2, (const uint32_t[]){1, 2}));
    applied(world, period_advanced(world, 1, states[1], states[2]));
    applied(world, period_advanced(world, 1, states[2], states[3]));
    applied(world, period_locked(world, 1, states[3]));
    commit(world);
}

static void put_sheet(struct world *world, const struct sheet *sheet) {
    uint8_t key[KEY_SHEET], row[ROW_SHEET_MAX];
    struct store_txn *txn = change(world);
    store_put(txn, STORE_SHEETS, key_of_sheet(1, 1, key), row_from_sheet(sheet, row));
    assert_int_equal(store_commit(txn), STORE_OK);
}

static void a_judged_sheet_is_compared_in_all_it_has(void **in) {
    struct world *world = *in;
    char report[4096] = "";
    judge_and_lock(world);
    if (checked(world, report) != 0)
        fail_msg("%s", report);
    begin(world);
    struct sheet good = sheet_now(world, 1, 1);
    ledger_abort(world->ledger);
    for (int wrong = 0; wrong < 6; wrong++) {
        struct sheet sheet = good;
        sheet.deducted_cp[0] += wrong == 0;
        sheet.appraised.bonus_cp += wrong == 1;
        sheet.final.total_cp += wrong == 2;
        sheet.adjusted_seq += wrong == 3;
        sheet.until_ms += wrong == 4;
        sheet.late_ms += wrong == 5;
        put_sheet(world, &sheet);
        finds(world, "sheets 0000000100000001: is not what follows", " 1 problems\n");
    }
}

static void a_period_is_compared_in_all_it_has(void **in) {
    struct world *world = *in;
    struct period_row good;
    uint8_t key[4], row[ROW_PERIOD_MAX];
    judge_and_lock(world);
    assert_true(view_period_row(reading(world), 1, &good));
    ledger_read_end(world->ledger);
    for (int wrong = 0; wrong < 3; wrong++) {
        struct period_row period = good;
        period.own_seq -= wrong == 0;
        period.extended += wrong == 1;
        period.board_hash[31] ^= wrong == 2;
        struct store_txn *txn = change(world);
        store_put(txn, STORE_PERIODS, key_of_number(1, key), row_from_period(&period, row));
        assert_int_equal(store_commit(txn), STORE_OK);
        finds(world, "periods 00000001: is not what follows", " 1 problems\n");
    }
}

static void what_is_no_store_is_a_problem(void **in) {
    char folder[64], report[4096] = "";
    (void)in;
    scratch_folder(folder);
    FILE *out = fmemopen(report, sizeof report, "w");
    assert_int_equal(check_store(folder, out), 1);
    fclose(out);
    assert_non_null(strstr(report, "holds no store"));
    assert_int_equal(rmdir(folder), 0); // and nothing is left in it
}

static void nothing_is_left_behind(void **in) {
    char folder[64], report[4096];
    scratch_folder(folder);
    assert_int_equal(setenv("TMPDIR", folder, 1), 0);
    assert_int_equal(checked(*in, report), 0);
    assert_int_equal(rmdir(folder), 0);
    assert_int_equal(checked(*in, report), 1); // TMPDIR is gone
    assert_non_null(strstr(report, "set TMPDIR"));
    unsetenv("TMPDIR");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        T(a_good_store_passes),
        T(branches_follow_from_the_journal),
        T(a_bent_bit_is_named),
        T(a_row_with_other_content_is_named),
        T(a_missing_row_is_named),
        T(an_invented_row_is_named),
        T(a_forged_entry_breaks_the_chain),
        T(a_forged_hash_breaks_the_chain_at_the_next),
        T(a_gap_ends_the_replay),
        T(a_damaged_entry_ends_the_replay),
        T(a_clock_that_went_back_is_a_warning),
        T(a_clock_that_went_back_unsaid_is_damage),
        T(many_entries_are_replayed),
        T(a_judged_sheet_is_compared_in_all_it_has),
        T(a_period_is_compared_in_all_it_has),
        cmocka_unit_test(what_is_no_store_is_a_problem),
        T(nothing_is_left_behind),
    };
    return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
