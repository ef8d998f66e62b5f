#include "tests/unit/judgement_events.h"

static const int32_t points[] = {1000, 990, 900};

// Open for scores, and committed; the next entry is 7.
static int setup(void **out) {
    world_setup(out);
    open_for_scores(*out);
    commit(*out);
    begin(*out);
    return 0;
}

static struct period_row row_now(struct world *world) {
    struct period_row row;
    assert_true(view_period_row(writing(world), 1, &row));
    return row;
}

static struct period_row committed_row(struct world *world) {
    struct period_row row;
    commit(world);
    assert_true(view_period_row(reading(world), 1, &row));
    ledger_read_end(world->ledger);
    begin(world);
    return row;
}

static void refused(struct world *world, Pb__Event event, const char *why) {
    refused_by_apply(world, event, why);
    ledger_abort(world->ledger);
    begin(world);
}

// ---- the row itself ----

static void the_row_knows_the_entry_that_changed_it(void **in) {
    struct world *world = *in;
    assert_int_equal(row_now(world).own_seq, 6);
    applied(world, score_set(world, 1, 1, 0, 1000)); // 7
    struct period_row row = committed_row(world);
    assert_int_equal(row.own_seq, 6);
    assert_int_equal(row.seq, 7);
    applied(world, deadline_passed(world, 1)); // 8
    assert_int_equal(row_now(world).own_seq, 8);
    applied(world, period_advanced(world, 1, PB__PERIOD_STATE__SCORING, PB__PERIOD_STATE__APPRAISAL)); // 9
    row = committed_row(world);
    assert_int_equal(row.own_seq, 9);
    assert_int_equal(row.definition_seq, 2);
    assert_true(row.deadline_passed);
}

static void a_definition_is_a_change_of_its_row(void **in) {
    struct world *world = *in;
    struct period_row row;
    world->fixture.definition->id = "hn-cum-1-2023";
    applied(world, period_defined(world, 2)); // 7
    applied(world, signed_by(world, 2, 1));
    applied(world, period_defined(world, 2)); // 9
    assert_true(view_period_row(writing(world), 2, &row));
    assert_int_equal(row.own_seq, 9);
    assert_int_equal(row.definition_seq, 9);
}

static void what_a_change_of_the_row_replaces_must_stand(void **in) {
    struct world *world = *in;
    Pb__Event event = period_advanced(world, 1, PB__PERIOD_STATE__SCORING, PB__PERIOD_STATE__APPRAISAL);
    event.period_advanced->replaces--;
    refused(world, event, "the period's row stands at entry 6");
    event = period_advanced(world, 1, PB__PERIOD_STATE__SCORING, (Pb__PeriodState)77);
    refused(world, event, "no state 77");
    event = deadline_passed(world, 1);
    event.deadline_passed->replaces++;
    refused(world, event, "the period's row stands at entry 6");
    event = deadline_passed(world, 1);
    event.deadline_passed->deadline_ms++;
    refused(world, event, "no such deadline");
    applied(world, deadline_passed(world, 1));
    refused(world, deadline_passed(world, 1), "no such deadline ahead");
}

// ---- deadlines of single units ----

static void a_unit_gets_a_deadline_of_its_own(void **in) {
    struct world *world = *in;
    applied(world, unit_extended(world, 1, 2, 5000)); // 7
    assert_int_equal(committed_row(world).extended, 1);
    struct sheet sheet = sheet_now(world, 1, 2);
    assert_int_equal(sheet.until_ms, 5000);
    assert_false(sheet.until_passed);
    assert_int_equal(sheet.state, PB__SHEET_STATE__NONE);
    assert_int_equal(sheet.seq, 7);
    applied(world, unit_extended(world, 1, 2, 6000)); // still one unit
    applied(world, unit_extended(world, 1, 1, 7000));
    struct period_row row = committed_row(world);
    assert_int_equal(row.extended, 2);
    assert_int_equal(row.own_seq, 6);
    assert_int_equal(row.seq, 9);
}

static void is_next(struct world *world, uint32_t expected, int64_t until_ms) {
    uint32_t unit = 0;
    int64_t found_ms = 0;
    bool found = view_next_deadline(writing(world), 1, &unit, &found_ms);
    assert_int_equal(found, expected != 0);
    if (found)
        assert_true(unit == expected && found_ms == until_ms);
}

static void the_first_deadline_of_those_that_run_is_known(void **in) {
    struct world *world = *in;
    is_next(world, 0, 0);
    applied(world, unit_extended(world, 1, 2, 5000));
    is_next(world, 2, 5000);
    applied(world, unit_extended(world, 1, 1, 4000));
    is_next(world, 1, 4000);
    committed_row(world);
    is_next(world, 1, 4000);
    applied(world, unit_extended(world, 1, 1, INT64_C(1) << 40)); // in place of the one before
    is_next(world, 2, 5000);
    applied(world, unit_deadline_passed(world, 1, 2));
    is_next(world, 1, INT64_C(1) << 40);
    applied(world, unit_deadline_passed(world, 1, 1));
    is_next(world, 0, 0);
    applied(world, unit_extended(world, 1, 2, 6000)); // once more
    is_next(world, 2, 6000);
    assert_null(view_fault(writing(world)));
}

static void its_passing_is_an_entry(void **in) {
    struct world *world = *in;
    applied(world, unit_extended(world, 1, 2, 5000));
    applied(world, unit_deadline_passed(world, 1, 2)); // 8
    struct period_row row = committed_row(world);
    assert_int_equal(row.extended, 0);
    assert_false(row.deadline_passed);
    assert_int_equal(row.own_seq, 6);
    struct sheet sheet = sheet_now(world, 1, 2);
    assert_true(sheet.until_passed);
    assert_int_equal(sheet.seq, 8);
    applied(world, unit_extended(world, 1, 2, 9000)); // and it may be moved again
    assert_int_equal(row_now(world).extended, 1);
    assert_false(sheet_now(world, 1, 2).until_passed);
}

static void a_deadline_that_the_unit_does_not_have_fails(void **in) {
    struct world *world = *in;
    refused(world, unit_deadline_passed(world, 1, 2), "unit 2 has no such deadline");
    refused(world, unit_extended(world, 1, 2, 0), "no instant");
    applied(world, unit_extended(world, 1, 2, 5000));
    commit(world);
    begin(world);
    Pb__Event event = unit_deadline_passed(world, 1, 2);
    event.deadline_passed->deadline_ms++;
    refused(world, event, "unit 2 has no such deadline");
    event = unit_deadline_passed(world, 1, 2);
    event.deadline_passed->after->replaces--;
    refused(world, event, "the sheet stands at entry 7");
    event = unit_extended(world, 1, 2, 6000);
    event.extended->after = NULL;
    refused(world, event, "is missing");
    applied(world, unit_extended(world, 1, 1, 5000));
    applied(world, unit_deadline_passed(world, 1, 2));
    refused(world, unit_deadline_passed(world, 1, 2), "no such deadline"); // one is ahead, but not this unit's
}

// ---- the board ----

static void go_on(struct world *world, Pb__PeriodState from, Pb__PeriodState to) {
    applied(world, period_advanced(world, 1, from, to));
}

static void to_published(struct world *world) {
    hand_in(world, 1, 1, 1000, false);
    hand_in(world, 1, 2, 1500, false);
    go_on(world, PB__PERIOD_STATE__SCORING, PB__PERIOD_STATE__APPRAISAL);
    applied(world, lines_appraised(world, 1, 1, 3, points));
    applied(world, lines_appraised(world, 1, 2, 3, points));
    applied(world, sheets_finalized(world, 1, 2, (const uint32_t[]){1, 2}));
    go_on(world, PB__PERIOD_STATE__APPRAISAL, PB__PERIOD_STATE__FINALIZED);
    go_on(world, PB__PERIOD_STATE__FINALIZED, PB__PERIOD_STATE__PUBLISHED);
    commit(world);
    begin(world);
}

static void a_locked_period_names_its_board(void **in) {
    struct world *world = *in;
    const uint8_t none[BOARD_HASH] = {0};
    to_published(world);
    assert_memory_equal(row_now(world).board_hash, none, BOARD_HASH);
    Pb__Event event = period_locked(world, 1, PB__PERIOD_STATE__PUBLISHED);
    applied(world, event);
    struct period_row row = committed_row(world);
    assert_int_equal(row.state, PB__PERIOD_STATE__LOCKED);
    assert_memory_equal(row.board_hash, event.period_advanced->board_hash.data, BOARD_HASH);
    go_on(world, PB__PERIOD_STATE__LOCKED, PB__PERIOD_STATE__REOPENED);
    applied(world, sheet_adjusted(world, 1, 2, 0, 50));
    applied(world, sheets_finalized(world, 1, 1, (const uint32_t[]){2}));
    row = committed_row(world);
    assert_memory_equal(row.board_hash, event.period_advanced->board_hash.data, BOARD_HASH); // of the last lock
    Pb__Event again = period_locked(world, 1, PB__PERIOD_STATE__REOPENED);
    assert_memory_not_equal(again.period_advanced->board_hash.data, row.board_hash, BOARD_HASH);
    applied(world, again);
    row = committed_row(world);
    assert_memory_equal(row.board_hash, again.period_advanced->board_hash.data, BOARD_HASH);
}

static void the_hash_of_another_board_fails(void **in) {
    struct world *world = *in;
    to_published(world);
    Pb__Event event = period_locked(world, 1, PB__PERIOD_STATE__PUBLISHED);
    event.period_advanced->board_hash.data[31] ^= 1;
    refused(world, event, "not that of the final board");
    event = period_advanced(world, 1, PB__PERIOD_STATE__PUBLISHED, PB__PERIOD_STATE__LOCKED);
    refused(world, event, "not that of the final board");
    event = period_locked(world, 1, PB__PERIOD_STATE__PUBLISHED);
    event.period_advanced->board_hash.len = 31;
    refused(world, event, "not that of the final board");
    event = period_locked(world, 1, PB__PERIOD_STATE__PUBLISHED);
    applied(world, sheet_adjusted(world, 1, 2, -1, 50)); // the final column is what it was
    event.period_advanced->replaces = row_seq(world, 1);
    applied(world, event);
    ledger_abort(world->ledger);
    begin(world);
    event = period_locked(world, 1, PB__PERIOD_STATE__PUBLISHED);
    applied(world, sheet_adjusted(world, 1, 2, -1, 50));
    applied(world, sheets_finalized(world, 1, 1, (const uint32_t[]){2}));
    refused(world, event, "not that of the final board");
}

static void only_a_lock_names_a_board(void **in) {
    struct world *world = *in;
    Pb__Event event = period_advanced(world, 1, PB__PERIOD_STATE__SCORING, PB__PERIOD_STATE__APPRAISAL);
    event.period_advanced->has_board_hash = true;
    event.period_advanced->board_hash = bytes_of(world, 1, 32);
    refused(world, event, "not locked");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        T(the_row_knows_the_entry_that_changed_it),
        T(a_definition_is_a_change_of_its_row),
        T(what_a_change_of_the_row_replaces_must_stand),
        T(a_unit_gets_a_deadline_of_its_own),
        T(the_first_deadline_of_those_that_run_is_known),
        T(its_passing_is_an_entry),
        T(a_deadline_that_the_unit_does_not_have_fails),
        T(a_locked_period_names_its_board),
        T(the_hash_of_another_board_fails),
        T(only_a_lock_names_a_board),
    };
    return cmocka_run_group_tests_name("apply, periods", tests, NULL, NULL);
}
