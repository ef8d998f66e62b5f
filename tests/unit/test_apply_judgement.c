#include "tests/unit/judgement_events.h"

static const int32_t points[] = {1000, 990, 900};

// Scores of both units are in and the period is in appraisal: the next entry is 16. Committed.
static int setup(void **out) {
    world_setup(out);
    struct world *world = *out;
    open_for_scores(world);
    hand_in(world, 1, 1, 1000, false);                                                                 // 7 to 10
    hand_in(world, 1, 2, 1500, false);                                                                 // to 14
    applied(world, period_advanced(world, 1, PB__PERIOD_STATE__SCORING, PB__PERIOD_STATE__APPRAISAL)); // 15
    commit(world);
    begin(world);
    return 0;
}

static void assert_figures(const struct figures *figures, int32_t base_cp, int32_t bonus_cp, int32_t deduction_cp,
                           int32_t total_cp) {
    assert_int_equal(figures->base_cp, base_cp);
    assert_int_equal(figures->bonus_cp, bonus_cp);
    assert_int_equal(figures->deduction_cp, deduction_cp);
    assert_int_equal(figures->total_cp, total_cp);
}

// The same through the view of the transaction, and of a reader once committed.
static struct sheet committed(struct world *world, uint32_t unit) {
    struct sheet sheet;
    commit(world);
    const struct view *view = reading(world);
    assert_true(view_sheet(view, view_period(view, 1), unit, &sheet));
    assert_null(view_fault(view));
    ledger_read_end(world->ledger);
    begin(world);
    return sheet;
}

// Tries a lie, and goes back to what stood.
static void refused(struct world *world, Pb__Event event, const char *why) {
    refused_by_apply(world, event, why);
    ledger_abort(world->ledger);
    begin(world);
}

// ---- appraisal ----

static void an_appraisal_sets_its_column_alone(void **in) {
    struct world *world = *in;
    struct line line;
    applied(world, lines_appraised(world, 1, 1, 2, points)); // 16
    struct sheet sheet = committed(world, 1);
    assert_int_equal(sheet.state, PB__SHEET_STATE__APPRAISED);
    assert_int_equal(sheet.seq, 16);
    assert_int_equal(sheet.self_total_cp, 2970);
    assert_int_equal(sheet.handed_total_cp, 2970);
    assert_figures(&sheet.appraised, 1990, 0, 0, 1990);
    assert_int_equal(sheet.appraised.points_cp[1], 990);
    assert_int_equal(sheet.appraised.points_cp[2], POINTS_NONE);
    assert_figures(&sheet.final, POINTS_NONE, 0, 0, POINTS_NONE);
    assert_true(view_line(writing(world), 1, 1, 0, &line));
    assert_int_equal(line.points_cp, 1000);
    assert_int_equal(line.revision, 1);
    assert_int_equal(line.seq, 7);
    assert_int_equal(line.appraised_revision, 1);
    assert_int_equal(line.appraised_seq, 16);
    applied(world, lines_appraised(world, 1, 1, 1, (const int32_t[]){500})); // 17
    assert_true(view_line(writing(world), 1, 1, 0, &line));
    assert_int_equal(line.appraised_revision, 2);
    assert_int_equal(line.appraised_seq, 17);
    assert_int_equal(sheet_now(world, 1, 1).appraised.base_cp, 1490);
    assert_int_equal(sheet_now(world, 1, 2).appraised.base_cp, POINTS_NONE);
}

static void what_an_appraisal_replaces_must_stand(void **in) {
    struct world *world = *in;
    applied(world, lines_appraised(world, 1, 1, 3, points));
    commit(world);
    begin(world);
    for (int wrong = 0; wrong < 6; wrong++) {
        Pb__Event event = lines_appraised(world, 1, 1, 1, (const int32_t[]){500});
        Pb__LineSet *set = event.lines_appraised->lines[0];
        set->revision += wrong == 0;
        set->replaces += wrong == 1;
        set->from_cp += wrong == 2;
        set->has_from_cp = wrong != 3;
        set->leaf = wrong == 4 ? 3 : 0;
        set->has_points_cp = wrong != 5;
        refused(world, event,
                wrong == 4   ? "no leaf 3"
                : wrong == 5 ? "no points"
                             : "revision 1 of entry 16, with 1000");
    }
}

// The unit edits a returned sheet: what it has touched waits for another appraisal, the rest keeps its own.
static void a_score_makes_its_line_pending_again(void **in) {
    struct world *world = *in;
    struct line line;
    applied(world, lines_appraised(world, 1, 1, 3, points)); // 16
    applied(world, sheet_adjusted(world, 1, 1, 0, 300));     // 17
    applied(world, sheet_returned(world, 1, 1));             // 18
    assert_int_equal(sheet_now(world, 1, 1).appraised.deduction_cp, 300);
    applied(world, score_set(world, 1, 1, 0, 1200)); // 19
    struct sheet sheet = committed(world, 1);
    assert_int_equal(sheet.state, PB__SHEET_STATE__RETURNED);
    assert_int_equal(sheet.appraised.points_cp[0], POINTS_NONE);
    assert_int_equal(sheet.appraised.points_cp[1], 990);
    assert_figures(&sheet.appraised, 1890, 0, 0, 1890);
    assert_int_equal(sheet.deducted_cp[0], 300);
    assert_true(view_line(writing(world), 1, 1, 0, &line));
    assert_int_equal(line.appraised_revision, 1); // it goes on from there
    assert_int_equal(line.appraised_seq, 16);
    applied(world, sheet_submitted(world, 1, 1, false));
    Pb__Event event = lines_appraised(world, 1, 1, 1, (const int32_t[]){1100});
    assert_false(event.lines_appraised->lines[0]->has_from_cp);
    assert_int_equal(event.lines_appraised->lines[0]->revision, 2);
    applied(world, event);
    sheet = sheet_now(world, 1, 1);
    assert_figures(&sheet.appraised, 2990, 0, 300, 2690);
}

static void a_score_that_keeps_the_appraisal_fails(void **in) {
    struct world *world = *in;
    applied(world, lines_appraised(world, 1, 1, 3, points));
    applied(world, sheet_returned(world, 1, 1));
    commit(world);
    begin(world);
    Pb__Event event = score_set(world, 1, 1, 0, 1200);
    struct sheet sheet = sheet_now(world, 1, 1);
    event.score_set->after->appraised = figures_of(world, &sheet.appraised, sheet.n_leaves);
    refused(world, event, "the appraised column is not that of the sheet, with a total of 1890");
}

static void a_line_may_be_appraised_that_its_unit_never_set(void **in) {
    struct world *world = *in;
    struct line line;
    applied(world, score_set(world, 1, 1, 0, 1000));
    ledger_abort(world->ledger);
    begin(world);
    world->fixture.definition->id = "hn-cum-1-2023";
    applied(world, period_defined(world, 2));
    applied(world, lines_appraised(world, 2, 1, 1, points)); // 17
    assert_true(view_line(writing(world), 2, 1, 0, &line));
    assert_int_equal(line.points_cp, POINTS_NONE);
    assert_true(line.revision == 0 && line.seq == 0 && line.appraised_seq == 17);
    assert_int_equal(sheet_now(world, 2, 1).self_total_cp, POINTS_NONE);
}

// ---- adjustments ----

static void bonus_and_deductions_are_lines_of_their_own(void **in) {
    struct world *world = *in;
    applied(world, sheet_adjusted(world, 1, 1, -1, 200)); // 16: a bonus
    struct sheet sheet = committed(world, 1);
    assert_int_equal(sheet.state, PB__SHEET_STATE__SUBMITTED);
    assert_int_equal(sheet.adjusted_seq, 16);
    assert_figures(&sheet.appraised, POINTS_NONE, 200, 0, POINTS_NONE);
    applied(world, sheet_adjusted(world, 1, 1, 1, 600));     // 17
    applied(world, sheet_adjusted(world, 1, 1, 1, 500));     // 18
    applied(world, sheet_adjusted(world, 1, 1, 0, 1));       // 19
    applied(world, lines_appraised(world, 1, 1, 3, points)); // 20
    sheet = committed(world, 1);
    assert_int_equal(sheet.adjusted_seq, 19);
    assert_int_equal(sheet.deducted_cp[1], 1100);
    assert_figures(&sheet.appraised, 2890, 200, 991, 2099); // 990 of the 1100 count
    assert_int_equal(sheet_now(world, 1, 2).adjusted_seq, 0);
}

static void an_adjustment_that_does_not_follow_fails(void **in) {
    struct world *world = *in;
    applied(world, sheet_adjusted(world, 1, 1, -1, 200));
    applied(world, sheet_adjusted(world, 1, 1, 2, INT32_MAX - 1));
    commit(world);
    begin(world);
    Pb__Event event = sheet_adjusted(world, 1, 1, -1, 100);
    event.adjusted->replaces--;
    refused(world, event, "the last adjustment is entry 17");
    event = sheet_adjusted(world, 1, 1, -1, 100);
    event.adjusted->points_cp = 0;
    refused(world, event, "0 cannot be added to 200");
    event = sheet_adjusted(world, 1, 1, 2, 1);
    event.adjusted->points_cp = 2;
    refused(world, event, "cannot be added");
    event = sheet_adjusted(world, 1, 1, 1, 100);
    event.adjusted->leaf = 3;
    refused(world, event, "no leaf 3");
    event = sheet_adjusted(world, 1, 1, 1, 100);
    event.adjusted->has_leaf = false; // the after says that it was a deduction
    refused(world, event, "the appraised column");
}

// ---- what is said of the sheet after ----

static void sums_that_are_not_those_of_the_lines_fail(void **in) {
    struct world *world = *in;
    applied(world, sheet_adjusted(world, 1, 1, 0, 100));
    applied(world, sheet_adjusted(world, 1, 1, -1, 50));
    commit(world);
    begin(world);
    for (int wrong = 0; wrong < 10; wrong++) {
        Pb__Event event = lines_appraised(world, 1, 1, 3, points);
        Pb__Figures *figures = event.lines_appraised->after->appraised;
        figures->base_cp += wrong == 0;
        figures->bonus_cp += wrong == 1;
        figures->deduction_cp += wrong == 2;
        figures->total_cp += wrong == 3;
        figures->points_cp[2] += wrong == 4;
        figures->has_base_cp = wrong != 5;
        figures->has_total_cp = wrong != 6;
        figures->n_points_cp -= wrong == 7;
        if (wrong == 8)
            event.lines_appraised->after->appraised = NULL;
        if (wrong == 9)
            event.lines_appraised->after->final = figures;
        refused(world, event,
                wrong == 9 ? "the final column is not that of the sheet, with a total of -1"
                           : "the appraised column is not that of the sheet, with a total of 2840");
    }
}

static void deductions_that_are_not_the_sheets_fail(void **in) {
    struct world *world = *in;
    Pb__Event event = sheet_returned(world, 1, 1);
    event.sheet_returned->after->n_deducted_cp = 3;
    event.sheet_returned->after->deducted_cp = points_of(world, (const int32_t[]){0, 0, 1}, 3);
    refused(world, event, "the deductions");
    applied(world, sheet_adjusted(world, 1, 1, 0, 100));
    commit(world);
    begin(world);
    event = sheet_returned(world, 1, 1);
    event.sheet_returned->after->n_deducted_cp = 0;
    refused(world, event, "the deductions");
    event = sheet_returned(world, 1, 1);
    event.sheet_returned->after->deducted_cp[1]++;
    refused(world, event, "the deductions");
}

static void what_any_event_says_of_the_sheet_must_stand(void **in) {
    struct world *world = *in;
    for (int wrong = 0; wrong < 7; wrong++) {
        Pb__Event event = sheet_returned(world, 1, 1);
        Pb__SheetAfter *after = event.sheet_returned->after;
        after->replaces -= wrong == 0;
        after->sheet_revision += wrong == 1;
        after->handed_seq -= wrong == 2;
        after->self_cp[0] += wrong == 3;
        after->self_total_cp += wrong == 4;
        after->state = wrong == 5 ? (Pb__SheetState)99 : after->state;
        if (wrong == 6)
            event.sheet_returned->after = NULL;
        refused(world, event,
                (const char *[]){"stands at entry 10", "hand-in 1, entry 10", "hand-in 1, entry 10",
                                 "not those of the sheet", "is not the sum 2970", "no state 99", "is missing"}[wrong]);
    }
    Pb__Event event = sheet_returned(world, 1, 1);
    event.sheet_returned->unit = 3;
    refused(world, event, "takes no part");
    event = sheet_returned(world, 1, 1);
    event.sheet_returned->period = 2;
    refused(world, event, "no period 2");
}

// ---- returned, explained ----

static void a_returned_sheet_is_handed_in_again(void **in) {
    struct world *world = *in;
    applied(world, sheet_returned(world, 1, 1)); // 16
    struct sheet sheet = committed(world, 1);
    assert_int_equal(sheet.state, PB__SHEET_STATE__RETURNED);
    assert_int_equal(sheet.handed_seq, 10);
    applied(world, score_set(world, 1, 1, 1, 2000)); // 17
    Pb__Event event = sheet_submitted(world, 1, 1, true);
    event.sheet_submitted->has_late_ms = true;
    event.sheet_submitted->late_ms = 3600000;
    applied(world, event); // 18
    sheet = committed(world, 1);
    assert_int_equal(sheet.sheet_revision, 2);
    assert_int_equal(sheet.handed_seq, 18);
    assert_int_equal(sheet.handed_cp[1], 2000);
    assert_int_equal(sheet.handed_total_cp, 3980);
    assert_true(sheet.late);
    assert_int_equal(sheet.late_ms, 3600000);
}

static void lateness_that_cannot_be_fails(void **in) {
    struct world *world = *in;
    applied(world, sheet_returned(world, 1, 1));
    commit(world);
    begin(world);
    Pb__Event event = sheet_submitted(world, 1, 1, false);
    event.sheet_submitted->late_ms = 1;
    refused(world, event, "late by 1 ms");
    event = sheet_submitted(world, 1, 1, true);
    event.sheet_submitted->late_ms = -1;
    refused(world, event, "late by -1 ms");
}

static void an_explanation_is_kept_with_its_line(void **in) {
    struct world *world = *in;
    struct line line;
    refused(world, line_explained(world, 1, 1, 0), "leaf 0 has not been appraised");
    refused(world, line_explained(world, 1, 1, 3), "no leaf 3");
    applied(world, lines_appraised(world, 1, 1, 2, points)); // 16
    applied(world, line_explained(world, 1, 1, 1));          // 17
    commit(world);
    begin(world);
    assert_true(view_line(writing(world), 1, 1, 1, &line));
    assert_int_equal(line.explained_seq, 17);
    assert_int_equal(line.appraised_seq, 16);
    assert_int_equal(sheet_now(world, 1, 1).state, PB__SHEET_STATE__EXPLAINED);
    assert_true(view_line(writing(world), 1, 1, 0, &line));
    assert_int_equal(line.explained_seq, 0);
    Pb__Event event = line_explained(world, 1, 1, 1);
    event.line_explained->replaces--;
    refused(world, event, "the last explanation is entry 17");
    event = line_explained(world, 1, 1, 1);
    event.line_explained->has_leaf = false;
    refused(world, event, "has not been appraised");
    applied(world, line_explained(world, 1, 1, 1)); // 18
    assert_true(view_line(writing(world), 1, 1, 1, &line));
    assert_int_equal(line.explained_seq, 18);
}

// ---- final ----

static void several_sheets_are_finalized_at_once(void **in) {
    struct world *world = *in;
    struct period_row row;
    applied(world, lines_appraised(world, 1, 1, 3, points));
    applied(world, lines_appraised(world, 1, 2, 1, points));
    applied(world, sheet_adjusted(world, 1, 1, 0, 100));
    applied(world, sheets_finalized(world, 1, 2, (const uint32_t[]){1, 2})); // 19
    for (uint32_t unit = 1; unit <= 2; unit++) {
        struct sheet sheet = committed(world, unit);
        assert_int_equal(sheet.state, PB__SHEET_STATE__FINAL);
        assert_int_equal(sheet.seq, 19);
        assert_memory_equal(sheet.final.points_cp, sheet.appraised.points_cp, 3 * sizeof(int32_t));
        assert_figures(&sheet.final, unit == 1 ? 2890 : 1000, 0, unit == 1 ? 100 : 0, unit == 1 ? 2790 : 1000);
    }
    assert_true(view_period_row(writing(world), 1, &row));
    assert_int_equal(row.seq, 19);
    applied(world, sheet_adjusted(world, 1, 1, -1, 300)); // 20
    struct sheet sheet = committed(world, 1);
    assert_int_equal(sheet.state, PB__SHEET_STATE__APPRAISED);
    assert_figures(&sheet.appraised, 2890, 300, 100, 3090);
    assert_figures(&sheet.final, 2890, 0, 100, 2790); // until it is finalized again
}

static void a_sheet_without_points_is_closed_as_it_stands(void **in) {
    struct world *world = *in;
    applied(world, sheets_finalized(world, 1, 1, (const uint32_t[]){2}));
    struct sheet sheet = committed(world, 2);
    assert_int_equal(sheet.state, PB__SHEET_STATE__FINAL);
    assert_figures(&sheet.final, POINTS_NONE, 0, 0, POINTS_NONE);
}

static void a_final_column_that_is_not_the_appraised_fails(void **in) {
    struct world *world = *in;
    const uint32_t units[] = {1, 2};
    applied(world, lines_appraised(world, 1, 1, 3, points));
    commit(world);
    begin(world);
    for (int wrong = 0; wrong < 6; wrong++) {
        Pb__Event event = sheets_finalized(world, 1, 2, units);
        Pb__SheetsFinalized *body = event.sheets_finalized;
        body->sheets[0]->after->final->total_cp += wrong == 0;
        if (wrong == 1)
            body->sheets[0]->after->final = NULL;
        body->sheets[1]->after->replaces -= wrong == 2;
        body->sheets[1]->unit -= wrong == 3;
        if (wrong == 4)
            body->sheets[1]->after->state = PB__SHEET_STATE__APPRAISED;
        body->n_sheets = wrong == 5 ? 0 : 2;
        refused(world, event,
                (const char *[]){"the final column", "the final column", "stands at entry 14",
                                 "unit 1 is changed twice", "unit 2 is not final", "names no unit"}[wrong]);
    }
    assert_int_equal(sheet_now(world, 1, 1).state, PB__SHEET_STATE__APPRAISED); // all or none
}

// Nothing but finalizing changes a final column.
static void an_appraisal_leaves_the_final_column_alone(void **in) {
    struct world *world = *in;
    applied(world, lines_appraised(world, 1, 1, 3, points));
    applied(world, sheets_finalized(world, 1, 1, (const uint32_t[]){1}));
    applied(world, sheet_returned(world, 1, 1));
    applied(world, score_set(world, 1, 1, 2, 5));
    struct sheet sheet = committed(world, 1);
    assert_figures(&sheet.final, 2890, 0, 0, 2890);
    assert_figures(&sheet.appraised, 1990, 0, 0, 1990);
    Pb__Event event = sheet_submitted(world, 1, 1, false);
    event.sheet_submitted->after->final = event.sheet_submitted->after->appraised;
    refused(world, event, "the final column");
}

// ---- awards ----

static void a_hold_stands_until_it_is_lifted(void **in) {
    struct world *world = *in;
    refused(world, unit_held(world, 1, 1, true), "unit 1 is not on hold");
    applied(world, unit_held(world, 1, 1, false)); // 16
    assert_int_equal(committed(world, 1).held_seq, 16);
    refused(world, unit_held(world, 1, 1, false), "unit 1 is already on hold");
    applied(world, unit_held(world, 1, 1, true)); // 17
    struct sheet sheet = committed(world, 1);
    assert_int_equal(sheet.held_seq, 0);
    assert_int_equal(sheet.seq, 17);
}

static void nominations_follow_each_other(void **in) {
    struct world *world = *in;
    applied(world, unit_nominated(world, 1, 2)); // 16
    applied(world, unit_nominated(world, 1, 2)); // 17
    assert_int_equal(committed(world, 2).nominated_seq, 17);
    Pb__Event event = unit_nominated(world, 1, 2);
    event.nominated->replaces--;
    refused(world, event, "the last nomination is entry 17");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        T(an_appraisal_sets_its_column_alone),
        T(what_an_appraisal_replaces_must_stand),
        T(a_score_makes_its_line_pending_again),
        T(a_score_that_keeps_the_appraisal_fails),
        T(a_line_may_be_appraised_that_its_unit_never_set),
        T(bonus_and_deductions_are_lines_of_their_own),
        T(an_adjustment_that_does_not_follow_fails),
        T(sums_that_are_not_those_of_the_lines_fail),
        T(deductions_that_are_not_the_sheets_fail),
        T(what_any_event_says_of_the_sheet_must_stand),
        T(a_returned_sheet_is_handed_in_again),
        T(lateness_that_cannot_be_fails),
        T(an_explanation_is_kept_with_its_line),
        T(several_sheets_are_finalized_at_once),
        T(a_sheet_without_points_is_closed_as_it_stands),
        T(a_final_column_that_is_not_the_appraised_fails),
        T(an_appraisal_leaves_the_final_column_alone),
        T(a_hold_stands_until_it_is_lifted),
        T(nominations_follow_each_other),
    };
    return cmocka_run_group_tests_name("apply, judgement", tests, NULL, NULL);
}
