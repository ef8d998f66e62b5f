#include "server/ledger/rows.h"
#include "tests/unit/event_fixture.h"

// ---- the journal and the ledger's id ----

static void founding_gives_the_ids(void **in) {
    struct world *world = *in;
    uint8_t ledger[16], branch[16];
    begin(world);
    assert_false(view_ledger_id(writing(world), ledger, branch));
    applied(world, founded(world));
    assert_true(view_ledger_id(writing(world), ledger, branch));
    assert_memory_equal(ledger, branch, 16);
    assert_int_equal(ledger[0], 0x1e);
    assert_int_equal(view_seq(writing(world)), 1);
    refused_by_apply(world, founded(world), "at entry 1");
}

static void nothing_comes_before_the_founding(void **in) {
    struct world *world = *in;
    begin(world);
    refused_by_apply(world, noted(world, "x"), "begins with its founding");
}

static void entries_follow_each_other(void **in) {
    struct world *world = *in;
    Pb__Event event = noted(world, "x");
    Pb__Entry entry = PB__ENTRY__INIT;
    begin(world);
    applied(world, founded(world));
    entry.event = &event;
    entry.seq = 3;
    struct journal_entry raw = encode(world, &entry);
    assert_false(ledger_apply(world->ledger, &entry, &raw));
    assert_non_null(strstr(ledger_fault(world->ledger), "does not follow entry 1"));
}

static void an_event_from_the_future_fails(void **in) {
    struct world *world = *in;
    Pb__Event event = PB__EVENT__INIT;
    begin(world);
    applied(world, founded(world));
    refused_by_apply(world, event, "does not know the event");
}

static void entries_are_seen_in_the_batch_and_after(void **in) {
    struct world *world = *in;
    struct journal_entry raw;
    begin(world);
    applied(world, founded(world));
    applied(world, noted(world, "ghi chú"));
    for (int pass = 0; pass < 2; pass++) {
        const struct view *view = pass == 0 ? writing(world) : reading(world);
        const Pb__Entry *entry = view_entry(view, 2, world->arena, &raw);
        assert_non_null(entry);
        assert_string_equal(entry->event->noted->text, "ghi chú");
        assert_int_equal(raw.seq, 2);
        assert_null(view_entry(view, 3, world->arena, NULL));
        assert_null(view_entry(view, 0, world->arena, NULL));
        assert_null(view_fault(view));
        assert_int_equal(view_seq(view), 2);
        if (pass == 0)
            commit(world);
    }
    ledger_read_end(world->ledger);
}

static void an_abort_leaves_nothing(void **in) {
    struct world *world = *in;
    begin(world);
    applied(world, founded(world));
    commit(world);
    begin(world);
    applied(world, noted(world, "x"));
    applied(world, period_defined(world, 1));
    ledger_abort(world->ledger);
    assert_int_equal(ledger_tip(world->ledger)->seq, 1);
    const struct view *view = reading(world);
    assert_int_equal(view_seq(view), 1);
    assert_int_equal(view_last_period(view), 0);
    assert_null(view_period(view, 1));
    assert_null(view_fault(view));
    ledger_read_end(world->ledger);
}

// The same sequence may define something else after an abort: what was compiled before must not come back.
static void a_definition_that_was_aborted_is_forgotten(void **in) {
    struct world *world = *in;
    begin(world);
    applied(world, founded(world));
    commit(world);
    begin(world);
    applied(world, period_defined(world, 1));
    assert_int_equal(period_now(world, 1)->n_leaves, 3);
    ledger_abort(world->ledger);
    add_criterion(&world->fixture, "TC4", 100);
    begin(world);
    applied(world, period_defined(world, 1));
    assert_int_equal(period_now(world, 1)->n_leaves, 4);
}

static void pending_entries_are_what_was_applied(void **in) {
    struct world *world = *in;
    size_t count;
    begin(world);
    applied(world, founded(world));
    applied(world, noted(world, "x"));
    const struct journal_entry *entries = ledger_pending(world->ledger, &count);
    assert_int_equal(count, 2);
    assert_int_equal(entries[0].seq, 1);
    assert_memory_equal(entries[1].hash, ledger_tip(world->ledger)->hash, JOURNAL_HASH);
    commit(world);
    ledger_pending(world->ledger, &count);
    assert_int_equal(count, 0);
    begin(world);
    assert_int_equal(ledger_tip_time(world->ledger), 1001);
}

// ---- submissions ----

static void a_submission_names_its_entry_for_its_owner(void **in) {
    struct world *world = *in;
    const uint8_t other[16] = {9};
    begin(world);
    applied(world, founded(world));
    world->has_submission = true;
    memset(world->submission, 7, 16);
    world->actor.has_unit = true;
    world->actor.unit = 4;
    applied(world, noted(world, "of unit 4"));
    world->actor.unit = 0;
    world->actor.account = 4;
    applied(world, noted(world, "of account 4"));
    assert_int_equal(view_submission(writing(world), world->submission, 4), 2);
    assert_int_equal(view_submission(writing(world), world->submission, SUBMISSION_BY_ACCOUNT | 4), 3);
    assert_int_equal(view_submission(writing(world), world->submission, 5), 0);
    assert_int_equal(view_submission(writing(world), other, 4), 0);
    refused_by_apply(world, noted(world, "again"), "known as entry 3");
}

// ---- damage ----

static void bad_rows_are_damage(void **in) {
    struct world *world = *in;
    struct account account;
    uint8_t key[16], bytes[ROW_ACCOUNT_MAX + 1] = {0};
    open_for_scores(world);
    applied(world, invited(world, 1, 0xc0, false));
    assert_true(view_account(writing(world), 1, &account));
    commit(world);
    struct span row = row_from_account(&account, bytes);
    for (size_t cut = 0; cut < 3; cut++) { // one byte short, one too many, another version
        struct span bad = {bytes, cut == 0 ? row.size - 1 : cut == 1 ? row.size + 1 : row.size};
        bytes[0] = cut == 2 ? ROW_VERSION + 1 : ROW_VERSION;
        begin(world);
        store_put(ledger_txn(world->ledger), STORE_ACCOUNTS, key_of_number(1, key), bad);
        assert_false(view_account(writing(world), 1, &account));
        assert_string_equal(view_fault(writing(world)), "accounts 00000001: not such a row");
        assert_int_equal(store_fault(ledger_txn(world->ledger)), STORE_DAMAGED);
        ledger_abort(world->ledger);
    }
}

static void a_damaged_sheet_is_a_fault_not_a_blank(void **in) {
    struct world *world = *in;
    uint8_t key[16];
    struct sheet sheet;
    open_for_scores(world);
    applied(world, score_set(world, 1, 1, 0, 4000));
    commit(world);
    begin(world);
    store_put(ledger_txn(world->ledger), STORE_SHEETS, key_of_sheet(1, 1, key), span_text("?"));
    assert_false(view_sheet(writing(world), period_now(world, 1), 1, &sheet));
    assert_non_null(strstr(view_fault(writing(world)), "sheets 0000000100000001"));
}

static void a_missing_definition_is_a_fault(void **in) {
    struct world *world = *in;
    uint8_t key[16];
    open_for_scores(world);
    commit(world);
    enum store_status status;
    struct store_txn *txn = store_begin_write(world->store, &status);
    store_delete(txn, STORE_DEFINITIONS, key_of_number(1, key));
    assert_int_equal(store_commit(txn), STORE_OK);
    struct ledger *fresh = ledger_new(world->store, NULL); // nothing compiled yet
    const struct view *view = ledger_read_begin(fresh);
    assert_null(view_period(view, 1));
    assert_non_null(view_fault(view));
    ledger_read_end(fresh);
    view = ledger_read_begin(fresh);
    assert_null(view_fault(view)); // a new view, a new judgement
    ledger_free(fresh);
}

static void fill_points(int32_t points_cp[PERIOD_CRITERIA_MAX], int32_t from) {
    for (int32_t i = 0; i < PERIOD_CRITERIA_MAX; i++)
        points_cp[i] = from + i;
}

static void fill_figures(struct figures *figures, int32_t from) {
    *figures = (struct figures){from, from + 1, from + 2, from + 3, {0}};
    fill_points(figures->points_cp, from);
}

static void assert_figures(const struct figures *figures, const struct figures *expected, size_t n_leaves) {
    assert_int_equal(figures->base_cp, expected->base_cp);
    assert_int_equal(figures->bonus_cp, expected->bonus_cp);
    assert_int_equal(figures->deduction_cp, expected->deduction_cp);
    assert_int_equal(figures->total_cp, expected->total_cp);
    assert_memory_equal(figures->points_cp, expected->points_cp, n_leaves * sizeof *figures->points_cp);
}

static void assert_sheet(const struct sheet *sheet, const struct sheet *expected) {
    size_t size = expected->n_leaves * sizeof *expected->self_cp;
    assert_int_equal(sheet->n_leaves, expected->n_leaves);
    assert_int_equal(sheet->state, expected->state);
    assert_int_equal(sheet->sheet_revision, expected->sheet_revision);
    assert_true(sheet->seq == expected->seq && sheet->handed_seq == expected->handed_seq);
    assert_true(sheet->signed_seq == expected->signed_seq && sheet->held_seq == expected->held_seq);
    assert_true(sheet->adjusted_seq == expected->adjusted_seq && sheet->nominated_seq == expected->nominated_seq);
    assert_true(sheet->returned_seq == expected->returned_seq);
    assert_true(sheet->n_adjusted == expected->n_adjusted && sheet->n_nominated == expected->n_nominated);
    assert_true(sheet->late == expected->late && sheet->late_ms == expected->late_ms);
    assert_true(sheet->until_ms == expected->until_ms && sheet->until_passed == expected->until_passed);
    assert_int_equal(sheet->self_total_cp, expected->self_total_cp);
    assert_int_equal(sheet->handed_total_cp, expected->handed_total_cp);
    assert_memory_equal(sheet->self_cp, expected->self_cp, size);
    assert_memory_equal(sheet->handed_cp, expected->handed_cp, size);
    assert_memory_equal(sheet->deducted_cp, expected->deducted_cp, size);
    assert_figures(&sheet->appraised, &expected->appraised, expected->n_leaves);
    assert_figures(&sheet->final, &expected->final, expected->n_leaves);
}

static void a_sheet_survives_the_codec(void **in) {
    struct sheet sheet, back, copy;
    uint8_t bytes[ROW_SHEET_MAX];
    (void)in;
    for (int parts = 0; parts < 128; parts++) { // each may be there or not
        sheet_blank(&sheet, parts % 2 ? PERIOD_CRITERIA_MAX : 3);
        sheet.state = PB__SHEET_STATE__FINAL;
        sheet.sheet_revision = UINT32_MAX;
        sheet.seq = UINT64_MAX;
        sheet.signed_seq = 2;
        sheet.self_total_cp = INT32_MAX;
        fill_points(sheet.self_cp, INT32_MAX - PERIOD_CRITERIA_MAX);
        if (parts & 1) {
            sheet.handed_seq = 3;
            sheet.late = true;
            sheet.late_ms = INT64_MAX;
            sheet.handed_total_cp = INT32_MAX - 1;
            fill_points(sheet.handed_cp, 1000);
        }
        if (parts & 2)
            sheet.held_seq = UINT64_MAX - 1, sheet.adjusted_seq = 5, sheet.nominated_seq = 6, sheet.n_adjusted = 200,
            sheet.n_nominated = 20;
        if (parts & 4)
            sheet.until_ms = INT64_MAX, sheet.until_passed = true;
        if (parts & 8)
            fill_figures(&sheet.appraised, 2000);
        if (parts & 16)
            fill_figures(&sheet.final, 3000);
        if (parts & 32)
            fill_points(sheet.deducted_cp, 0);
        if (parts & 64)
            sheet.returned_seq = UINT64_MAX;
        struct span row = row_from_sheet(&sheet, bytes);
        assert_true(row_to_sheet(row, &back));
        assert_sheet(&back, &sheet);
        sheet_copy(&copy, &sheet);
        assert_sheet(&copy, &sheet);
        assert_false(row_to_sheet((struct span){row.bytes, row.size - 1}, &back));
        bytes[3] |= 0x80; // a part of a newer program
        assert_false(row_to_sheet(row, &back));
    }
}

static void a_sheet_that_is_only_scored_has_a_small_row(void **in) {
    struct sheet sheet;
    uint8_t bytes[ROW_SHEET_MAX];
    (void)in;
    sheet_blank(&sheet, 40);
    assert_int_equal(row_from_sheet(&sheet, bytes).size, 29 + 4 * 40);
}

static void rows_survive_the_codec(void **in) {
    struct line line = {-1, 7, 8, true, INT64_MIN, 9, UINT64_MAX, 11}, line_back;
    struct line plain = {.points_cp = 1250, .revision = 1, .seq = 2};
    struct period_row period = {.number = 3,
                                .state = PB__PERIOD_STATE__REOPENED,
                                .definition_seq = 1,
                                .seq = UINT64_MAX,
                                .own_seq = UINT64_MAX - 1,
                                .deadline_passed = true,
                                .extended = 4096,
                                .board_hash = {[0 ... 31] = 0xb0}},
                      period_back;
    uint8_t bytes[256];
    (void)in;
    assert_true(row_to_line(row_from_line(&line, bytes), &line_back));
    assert_true(line_back.actual == INT64_MIN && line_back.points_cp == -1 && line_back.revision == 7);
    assert_true(line_back.appraised_revision == 9 && line_back.appraised_seq == UINT64_MAX);
    assert_true(line_back.seq == 8 && line_back.explained_seq == 11);
    assert_true(row_to_line(row_from_line(&plain, bytes), &line_back));
    assert_memory_equal(&line_back, &plain, sizeof plain);
    assert_true(row_to_period(row_from_period(&period, bytes), 3, &period_back));
    assert_true(period_back.seq == UINT64_MAX && period_back.deadline_passed && period_back.definition_seq == 1);
    assert_true(period_back.own_seq == UINT64_MAX - 1 && period_back.extended == 4096);
    assert_memory_equal(period_back.board_hash, period.board_hash, sizeof period.board_hash);
    bytes[1] = 99; // no such state
    assert_false(row_to_period((struct span){bytes, row_from_period(&period, bytes + 100).size}, 3, &period_back));
}

// ---- the entry itself ----

static bool apply_at(struct world *world, int64_t time_ms, int64_t clock_back_ms, const Pb__Actor *actor,
                     Pb__Event event) {
    Pb__Entry entry = PB__ENTRY__INIT;
    entry.has_seq = entry.has_time_ms = true;
    entry.seq = ledger_tip(world->ledger)->seq + 1;
    entry.time_ms = time_ms;
    entry.has_clock_back_ms = clock_back_ms != 0;
    entry.clock_back_ms = clock_back_ms;
    entry.actor = (Pb__Actor *)(uintptr_t)actor;
    entry.event = &event;
    struct journal_entry raw = encode(world, &entry);
    return ledger_apply(world->ledger, &entry, &raw);
}

static void fails_at(struct world *world, int64_t time_ms, int64_t clock_back_ms, const Pb__Actor *actor,
                     Pb__Event event, const char *why) {
    assert_false(apply_at(world, time_ms, clock_back_ms, actor, event));
    if (!strstr(ledger_fault(world->ledger), why))
        fail_msg("'%s' does not say '%s'", ledger_fault(world->ledger), why);
}

static void an_entry_says_how_far_its_clock_went_back(void **in) {
    struct world *world = *in;
    Pb__Event note = noted(world, "x");
    begin(world);
    fails_at(world, -1, 0, &world->actor, founded(world), "before 1970");
    fails_at(world, 1000, 5, &world->actor, founded(world), "went back by 0 ms, and it says 5");
    assert_true(apply_at(world, 1000, 0, &world->actor, founded(world)));
    fails_at(world, 900, 0, &world->actor, note, "went back by 100 ms, and it says 0");
    fails_at(world, 900, 99, &world->actor, note, "went back by 100 ms, and it says 99");
    fails_at(world, 1000, 1, &world->actor, note, "went back by 0 ms");
    assert_true(apply_at(world, 900, 100, &world->actor, note));
    assert_true(apply_at(world, 900, 0, &world->actor, note));
    assert_true(apply_at(world, 5000, 0, &world->actor, note));
}

static void an_entry_says_who_did_it(void **in) {
    struct world *world = *in;
    Pb__Actor nobody = PB__ACTOR__INIT, unknown = PB__ACTOR__INIT;
    unknown.has_role = true;
    unknown.role = (Pb__Role)77;
    begin(world);
    fails_at(world, 1, 0, NULL, founded(world), "names nobody");
    assert_true(apply_at(world, 1, 0, &nobody, founded(world))); // the daemon's own
    assert_true(apply_at(world, 1, 0, &nobody, noted(world, "x")));
    fails_at(world, 1, 0, &nobody, period_defined(world, 1), "no such role");
    fails_at(world, 1, 0, &unknown, period_defined(world, 1), "no such role");
    assert_true(apply_at(world, 1, 0, &world->actor, period_defined(world, 1)));
}

// ---- the format ----

static void a_newer_format_is_refused(void **in) {
    struct world *world = *in;
    char error[512];
    uint8_t format[4];
    assert_true(ledger_check_format(world->store, error, sizeof error)); // empty
    begin(world);
    applied(world, founded(world));
    commit(world);
    assert_true(ledger_check_format(world->store, error, sizeof error));
    enum store_status status;
    struct store_txn *txn = store_begin_write(world->store, &status);
    store_put(txn, STORE_META, span_text("format"), key_of_number(LEDGER_FORMAT + 1, format));
    assert_int_equal(store_commit(txn), STORE_OK);
    assert_false(ledger_check_format(world->store, error, sizeof error));
    assert_non_null(strstr(error, "newer thiduad (format 2; this one knows 1)"));
    txn = store_begin_write(world->store, &status);
    store_delete(txn, STORE_META, span_text("format"));
    assert_int_equal(store_commit(txn), STORE_OK);
    assert_false(ledger_check_format(world->store, error, sizeof error));
    assert_non_null(strstr(error, "restore a backup"));
}

// ---- catching up ----

// A journal elsewhere that already has what another ledger wrote.
struct elsewhere {
    struct journal journal;
    struct journal_entry entries[16];
    size_t count;
};

static enum journal_result elsewhere_tip(struct journal *journal, struct store_txn *txn, struct journal_tip *tip) {
    struct elsewhere *elsewhere = (struct elsewhere *)journal;
    (void)txn;
    tip->seq = elsewhere->count;
    memcpy(tip->hash, elsewhere->entries[elsewhere->count - 1].hash, JOURNAL_HASH);
    return JOURNAL_OK;
}

static enum journal_result elsewhere_read(struct journal *journal, struct store_txn *txn, uint64_t seq,
                                          struct journal_entry *entry) {
    (void)txn;
    *entry = ((struct elsewhere *)journal)->entries[seq - 1];
    return JOURNAL_OK;
}

static void a_ledger_catches_up_with_its_journal(void **in) {
    struct world *world = *in;
    struct world other;
    struct elsewhere elsewhere = {.journal = {.tip = elsewhere_tip, .read = elsewhere_read}};
    size_t count;
    open_for_scores(world);
    applied(world, score_set(world, 1, 1, 0, 4000));
    const struct journal_entry *entries = ledger_pending(world->ledger, &elsewhere.count);
    memcpy(elsewhere.entries, entries, elsewhere.count * sizeof *entries);

    world_begin(&other);
    ledger_free(other.ledger);
    other.ledger = ledger_new(other.store, &elsewhere.journal);
    begin(&other);
    assert_int_equal(ledger_catch_up(other.ledger, 5, &count), STORE_OK);
    assert_int_equal(count, 5);
    commit(&other);
    begin(&other);
    assert_int_equal(ledger_catch_up(other.ledger, 5, &count), STORE_OK);
    assert_int_equal(count, 2);
    assert_int_equal(sheet_now(&other, 1, 1).self_total_cp, 4000);
    assert_memory_equal(ledger_tip(other.ledger)->hash, ledger_tip(world->ledger)->hash, JOURNAL_HASH);
    ledger_pending(other.ledger, &count);
    assert_int_equal(count, 0); // nothing of it goes back to the journal
    commit(&other);
    begin(&other);
    assert_int_equal(ledger_catch_up(other.ledger, 5, &count), STORE_OK);
    assert_int_equal(count, 0);
    world_end(&other);
}

static void a_broken_chain_is_not_taken_over(void **in) {
    struct world *world = *in;
    struct world other;
    struct elsewhere elsewhere = {.journal = {.tip = elsewhere_tip, .read = elsewhere_read}};
    size_t count;
    open_for_scores(world);
    const struct journal_entry *entries = ledger_pending(world->ledger, &elsewhere.count);
    memcpy(elsewhere.entries, entries, elsewhere.count * sizeof *entries);
    elsewhere.entries[2].hash[5] ^= 1;
    world_begin(&other);
    ledger_free(other.ledger);
    other.ledger = ledger_new(other.store, &elsewhere.journal);
    begin(&other);
    assert_int_equal(ledger_catch_up(other.ledger, 5, &count), STORE_FATAL);
    assert_non_null(strstr(ledger_fault(other.ledger), "chain of hashes"));
    world_end(&other);
}

static void many_periods_are_all_compiled_in_one_view(void **in) {
    struct world *world = *in;
    char id[16];
    const struct period *periods[60];
    begin(world);
    applied(world, founded(world));
    for (uint32_t i = 1; i <= 60; i++) {
        snprintf(id, sizeof id, "p%u", i);
        world->fixture.definition->id = id;
        applied(world, period_defined(world, i));
    }
    commit(world);
    for (int pass = 0; pass < 2; pass++) {
        const struct view *view = reading(world);
        for (uint32_t i = 1; i <= 60; i++)
            assert_non_null(periods[i - 1] = view_period(view, i));
        for (uint32_t i = 1; i <= 60; i++) // those handed out first are still there
            assert_int_equal(periods[i - 1]->number, i);
        ledger_read_end(world->ledger);
    }
}

#define T(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        T(founding_gives_the_ids),
        T(nothing_comes_before_the_founding),
        T(entries_follow_each_other),
        T(an_event_from_the_future_fails),
        T(entries_are_seen_in_the_batch_and_after),
        T(an_abort_leaves_nothing),
        T(a_definition_that_was_aborted_is_forgotten),
        T(pending_entries_are_what_was_applied),
        T(a_submission_names_its_entry_for_its_owner),
        T(bad_rows_are_damage),
        T(a_damaged_sheet_is_a_fault_not_a_blank),
        T(a_missing_definition_is_a_fault),
        cmocka_unit_test(rows_survive_the_codec),
        cmocka_unit_test(a_sheet_survives_the_codec),
        cmocka_unit_test(a_sheet_that_is_only_scored_has_a_small_row),
        T(an_entry_says_how_far_its_clock_went_back),
        T(an_entry_says_who_did_it),
        T(a_newer_format_is_refused),
        T(a_ledger_catches_up_with_its_journal),
        T(a_broken_chain_is_not_taken_over),
        T(many_periods_are_all_compiled_in_one_view),
    };
    return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
