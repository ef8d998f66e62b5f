#include "server/ledger/past.h"
#include "tests/unit/judgement_events.h"

enum { YEAR = 64 };

// A world's sheets and row after every entry of a year, as they were while they were the present.
struct year {
    struct world world;
    struct sheet sheets[YEAR][2];
    struct period_row rows[YEAR];
    uint64_t last;
};

static void put_down(struct year *year) {
    uint64_t seq = ledger_tip(year->world.ledger)->seq;
    assert_true(seq < YEAR);
    year->last = seq;
    if (!view_period_row(writing(&year->world), 1, &year->rows[seq]))
        return;
    for (uint32_t unit = 1; unit <= 2; unit++)
        year->sheets[seq][unit - 1] = sheet_now(&year->world, 1, unit);
}

static void step(struct year *year, Pb__Event event) {
    applied(&year->world, event);
    put_down(year);
}

static void advance(struct year *year, Pb__PeriodState from, Pb__PeriodState to) {
    step(year, period_advanced(&year->world, 1, from, to));
}

static void score(struct year *year, uint32_t unit, int32_t points_cp, bool late) {
    struct world *world = &year->world;
    for (uint32_t leaf = 0; leaf < 3; leaf++)
        step(year, score_set(world, 1, unit, leaf, points_cp - 100 * (int32_t)leaf));
    Pb__Event event = sheet_submitted(world, 1, unit, late);
    event.sheet_submitted->has_late_ms = late;
    event.sheet_submitted->late_ms = late ? 90000 : 0;
    step(year, event);
}

static void judge(struct year *year) {
    struct world *world = &year->world;
    step(year, lines_appraised(world, 1, 1, 3, (const int32_t[]){900, 800, 700}));
    step(year, sheet_adjusted(world, 1, 1, 0, 50));
    step(year, sheet_returned(world, 1, 1));
    step(year, score_set(world, 1, 1, 1, 850));
    step(year, sheet_submitted(world, 1, 1, false));
    step(year, lines_appraised(world, 1, 1, 2, (const int32_t[]){900, 850}));
    step(year, line_explained(world, 1, 1, 0));
    step(year, sheet_adjusted(world, 1, 2, -1, 100));
    step(year, lines_appraised(world, 1, 2, 3, (const int32_t[]){1500, 1400, 1300}));
    step(year, sheets_finalized(world, 1, 2, (const uint32_t[]){1, 2}));
}

static void lock(struct year *year) {
    struct world *world = &year->world;
    advance(year, PB__PERIOD_STATE__APPRAISAL, PB__PERIOD_STATE__FINALIZED);
    step(year, unit_held(world, 1, 2, false));
    step(year, unit_nominated(world, 1, 1));
    advance(year, PB__PERIOD_STATE__FINALIZED, PB__PERIOD_STATE__PUBLISHED);
    step(year, period_locked(world, 1, PB__PERIOD_STATE__PUBLISHED));
    advance(year, PB__PERIOD_STATE__LOCKED, PB__PERIOD_STATE__REOPENED);
    step(year, sheet_adjusted(world, 1, 1, -1, 100));
    step(year, sheets_finalized(world, 1, 1, (const uint32_t[]){1}));
    step(year, period_locked(world, 1, PB__PERIOD_STATE__REOPENED));
}

static int setup(void **out) {
    struct year *year = calloc(1, sizeof *year);
    assert_non_null(year);
    struct world *world = &year->world;
    world_begin(world);
    begin(world);
    step(year, founded(world));
    step(year, period_defined(world, 1));
    step(year, signed_by(world, 1, 1));
    step(year, signed_by(world, 1, 2));
    advance(year, PB__PERIOD_STATE__DRAFT, PB__PERIOD_STATE__SIGNED);
    advance(year, PB__PERIOD_STATE__SIGNED, PB__PERIOD_STATE__SCORING);
    score(year, 1, 1000, false);
    step(year, deadline_passed(world, 1));
    step(year, unit_extended(world, 1, 2, 5000));
    step(year, unit_deadline_passed(world, 1, 2));
    score(year, 2, 1500, true);
    advance(year, PB__PERIOD_STATE__SCORING, PB__PERIOD_STATE__APPRAISAL);
    judge(year);
    lock(year);
    commit(world);
    *out = year;
    return 0;
}

static int teardown(void **in) {
    struct year *year = *in;
    world_end(&year->world);
    free(year);
    return 0;
}

static void assert_figures(const struct figures *figures, const struct figures *expected) {
    assert_int_equal(figures->base_cp, expected->base_cp);
    assert_int_equal(figures->bonus_cp, expected->bonus_cp);
    assert_int_equal(figures->deduction_cp, expected->deduction_cp);
    assert_int_equal(figures->total_cp, expected->total_cp);
    assert_memory_equal(figures->points_cp, expected->points_cp, 3 * sizeof(int32_t));
}

// All that is told of a sheet of the past.
static void assert_sheet(const struct sheet *sheet, const struct sheet *expected) {
    assert_int_equal(sheet->n_leaves, 3);
    assert_int_equal(sheet->state, expected->state);
    assert_int_equal(sheet->sheet_revision, expected->sheet_revision);
    assert_int_equal(sheet->seq, expected->seq);
    assert_int_equal(sheet->handed_seq, expected->handed_seq);
    assert_int_equal(sheet->late, expected->late);
    assert_int_equal(sheet->late_ms, expected->late_ms);
    assert_int_equal(sheet->self_total_cp, expected->self_total_cp);
    assert_int_equal(sheet->handed_total_cp, expected->handed_total_cp);
    assert_memory_equal(sheet->self_cp, expected->self_cp, 3 * sizeof(int32_t));
    assert_memory_equal(sheet->handed_cp, expected->handed_cp, 3 * sizeof(int32_t));
    assert_memory_equal(sheet->deducted_cp, expected->deducted_cp, 3 * sizeof(int32_t));
    assert_figures(&sheet->appraised, &expected->appraised);
    assert_figures(&sheet->final, &expected->final);
}

static struct sheet found(struct world *world, const struct view *view, uint32_t unit, uint64_t until) {
    struct sheet now, sheet;
    const struct period *period = view_period(view, 1);
    unsigned steps = YEAR;
    assert_true(view_sheet(view, period, unit, &now));
    uint64_t seq = now.seq;
    assert_int_equal(past_find_sheet(view, unit, until, &seq, &steps, world->arena), PAST_FOUND);
    assert_true(seq <= until);
    assert_true(past_sheet(view, period, unit, seq, &sheet, world->arena));
    return sheet;
}

static void every_sheet_is_found_as_it_stood(void **in) {
    struct year *year = *in;
    const struct view *view = reading(&year->world);
    for (uint64_t until = 0; until <= year->last; until++)
        for (uint32_t unit = 1; unit <= 2; unit++) {
            struct sheet sheet = found(&year->world, view, unit, until);
            if (until >= 2)
                assert_sheet(&sheet, &year->sheets[until][unit - 1]);
            else
                assert_int_equal(sheet.state, PB__SHEET_STATE__NONE);
        }
    assert_null(view_fault(view));
    ledger_read_end(year->world.ledger);
}

// The same inside the transaction that has made the entries.
static void entries_not_yet_committed_are_part_of_the_past(void **in) {
    struct year *year = *in;
    struct world *world = &year->world;
    begin(world);
    step(year, sheet_adjusted(world, 1, 2, -1, 1));
    step(year, sheet_adjusted(world, 1, 2, -1, 2));
    for (uint64_t until = year->last - 3; until <= year->last; until++) {
        struct sheet sheet = found(world, writing(world), 2, until);
        assert_sheet(&sheet, &year->sheets[until][1]);
    }
    ledger_abort(world->ledger);
}

static void the_way_back_can_be_cut_in_slices(void **in) {
    struct year *year = *in;
    struct world *world = &year->world;
    const struct view *view = reading(world);
    for (unsigned slice = 1; slice <= 3; slice++) {
        uint64_t seq = year->sheets[year->last][0].seq;
        unsigned steps = slice, slices = 0, left = 0;
        enum past past;
        while ((past = past_find_sheet(view, 1, 9, &seq, &steps, world->arena)) == PAST_MORE) {
            assert_int_equal(steps, 0);
            assert_true(seq > 9);
            steps = slice;
            slices++;
        }
        left = slice - steps;
        assert_int_equal(past, PAST_FOUND);
        assert_int_equal(seq, 9);
        assert_int_equal(slices * slice + left, 12); // 10, 19 to 25, 28, 31, 35, 36
    }
    ledger_read_end(world->ledger);
}

static void an_arena_that_fills_ends_the_slice(void **in) {
    struct year *year = *in;
    const struct view *view = reading(&year->world);
    struct arena *arena = arena_new(4096);
    uint64_t seq = year->sheets[year->last][0].seq;
    unsigned slices = 0, steps = 1000;
    while (past_find_sheet(view, 1, 3, &seq, &steps, arena) == PAST_MORE) {
        arena_reset(arena);
        steps = 1000;
        slices++;
    }
    assert_int_equal(seq, 3);
    assert_true(slices > 1 && slices < 20);
    arena_free(arena);
    arena = arena_new(256); // not even one entry
    seq = year->sheets[year->last][0].seq;
    steps = 1000;
    assert_int_equal(past_find_sheet(view, 1, 3, &seq, &steps, arena), PAST_FAILED);
    assert_true(arena_exhausted(arena));
    assert_null(view_fault(view));
    arena_free(arena);
    ledger_read_end(year->world.ledger);
}

static void a_sheet_that_was_only_signed_was_blank(void **in) {
    struct year *year = *in;
    const struct view *view = reading(&year->world);
    struct sheet sheet = found(&year->world, view, 2, 6);
    assert_int_equal(sheet.seq, 4);
    assert_int_equal(sheet.state, PB__SHEET_STATE__NONE);
    assert_int_equal(sheet.self_total_cp, POINTS_NONE);
    assert_int_equal(sheet.self_cp[2], POINTS_NONE);
    assert_int_equal(sheet.appraised.total_cp, POINTS_NONE);
    assert_int_equal(found(&year->world, view, 2, 3).seq, 0);
    ledger_read_end(year->world.ledger);
}

static void an_entry_that_is_no_hand_in_is_damage(void **in) {
    struct year *year = *in;
    struct world *world = &year->world;
    struct sheet sheet;
    begin(world);
    Pb__Event event = sheet_adjusted(world, 1, 2, -1, 1);
    event.adjusted->after->handed_seq--;
    Pb__Entry entry = PB__ENTRY__INIT;
    entry.has_seq = true;
    entry.seq = ledger_tip(world->ledger)->seq + 1;
    entry.event = &event;
    struct journal_entry raw = encode(world, &entry);
    assert_int_equal(journal_local_append(ledger_txn(world->ledger), &raw), STORE_OK); // nobody has compared it
    assert_int_equal(ledger_commit(world->ledger), STORE_OK);
    const struct view *view = reading(world);
    assert_false(past_sheet(view, view_period(view, 1), 2, entry.seq, &sheet, world->arena));
    assert_non_null(strstr(view_fault(view), "not such a hand-in"));
    ledger_read_end(world->ledger);
}

// ---- periods ----

static void every_row_is_found_as_it_stood(void **in) {
    struct year *year = *in;
    const struct view *view = reading(&year->world);
    const uint8_t none[BOARD_HASH] = {0};
    unsigned locked = 0;
    for (uint64_t until = 0; until <= year->last + 5; until++) {
        struct period_row row, *then = &year->rows[until < year->last ? until : year->last];
        assert_true(past_period(view, 1, until, &row, year->world.arena));
        assert_int_equal(row.own_seq, then->own_seq);
        if (then->own_seq == 0)
            continue;
        assert_int_equal(row.state, then->state);
        assert_int_equal(row.deadline_passed, then->deadline_passed);
        assert_int_equal(row.definition_seq, 2);
        bool was_locked = then->state == PB__PERIOD_STATE__LOCKED;
        assert_memory_equal(row.board_hash, was_locked ? then->board_hash : none, BOARD_HASH);
        locked += was_locked;
    }
    assert_true(locked > 5);
    assert_null(view_fault(view));
    ledger_read_end(year->world.ledger);
}

static void a_younger_definition_has_no_past(void **in) {
    struct year *year = *in;
    struct world *world = &year->world;
    struct period_row row;
    begin(world);
    world->fixture.definition->id = "hn-cum-1-2023";
    applied(world, period_defined(world, 2));
    applied(world, period_defined(world, 2));
    uint64_t seq = ledger_tip(world->ledger)->seq;
    assert_true(past_period(writing(world), 2, seq - 1, &row, world->arena));
    assert_int_equal(row.own_seq, 0);
    assert_true(past_period(writing(world), 2, seq, &row, world->arena));
    assert_int_equal(row.own_seq, seq);
    assert_int_equal(row.state, PB__PERIOD_STATE__DRAFT);
    assert_false(past_period(writing(world), 3, seq, &row, world->arena));
    assert_null(view_fault(writing(world)));
    ledger_abort(world->ledger);
}

// ---- time ----

static void times(struct world *world, size_t count, const int64_t *at) {
    begin(world);
    world->time_ms = at[0];
    applied(world, founded(world));
    for (size_t i = 1; i < count; i++) {
        world->time_ms = at[i];
        applied(world, noted(world, "x"));
    }
    commit(world);
}

static uint64_t seq_at(struct world *world, int64_t time_ms) {
    const struct view *view = reading(world);
    uint64_t seq = past_seq_at(view, time_ms, world->arena);
    assert_null(view_fault(view));
    ledger_read_end(world->ledger);
    return seq;
}

static void an_instant_names_the_last_entry_up_to_it(void **in) {
    struct world *world = *in;
    const int64_t at[] = {100, 100, 200, 300, 300, 300, 400};
    times(world, 7, at);
    assert_int_equal(seq_at(world, 99), 0);
    assert_int_equal(seq_at(world, 100), 2);
    assert_int_equal(seq_at(world, 199), 2);
    assert_int_equal(seq_at(world, 200), 3);
    assert_int_equal(seq_at(world, 299), 3);
    assert_int_equal(seq_at(world, 300), 6);
    assert_int_equal(seq_at(world, 399), 6);
    assert_int_equal(seq_at(world, 400), 7);
    assert_int_equal(seq_at(world, INT64_MAX), 7);
    assert_int_equal(seq_at(world, INT64_MIN), 0);
}

static void the_answer_stays_as_the_journal_grows(void **in) {
    struct world *world = *in;
    uint64_t before[60];
    int64_t at[40];
    for (int i = 0; i < 40; i++)
        at[i] = 100 + 10 * i;
    at[17] = 50; // the clock went back for a while
    at[18] = 55;
    at[25] = 9000; // and was ahead once
    times(world, 40, at);
    for (int i = 0; i < 60; i++)
        before[i] = seq_at(world, 40 + 10 * i);
    assert_int_equal(seq_at(world, 100 + 10 * 35), 36); // away from those places it is as it should be
    assert_int_equal(seq_at(world, 100 + 10 * 8), 9);
    begin(world);
    world->time_ms = 1000;
    for (int i = 0; i < 100; i++)
        applied(world, noted(world, "y"));
    commit(world);
    for (int i = 0; i < 60; i++)
        assert_int_equal(seq_at(world, 40 + 10 * i), before[i]);
}

static void an_empty_journal_has_no_instants(void **in) {
    assert_int_equal(seq_at(*in, INT64_MAX), 0);
}

#define Y(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define T(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        Y(every_sheet_is_found_as_it_stood),         Y(entries_not_yet_committed_are_part_of_the_past),
        Y(the_way_back_can_be_cut_in_slices),        Y(an_arena_that_fills_ends_the_slice),
        Y(a_sheet_that_was_only_signed_was_blank),   Y(an_entry_that_is_no_hand_in_is_damage),
        Y(every_row_is_found_as_it_stood),           Y(a_younger_definition_has_no_past),
        T(an_instant_names_the_last_entry_up_to_it), T(the_answer_stays_as_the_journal_grows),
        T(an_empty_journal_has_no_instants),
    };
    return cmocka_run_group_tests_name("past", tests, NULL, NULL);
}
