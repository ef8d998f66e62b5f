// What anyone may see: the three views of boards, status, sheets and histories; ranks; boards kept for many.
#include "tests/unit/commands_fixture.h"

static const Pb__Board *board(struct office *office, enum who who) {
    Pb__TotalsQuery query = PB__TOTALS_QUERY__INIT;
    const Pb__Response *response = read_as(office, who, ASK(TOTALS, &query));
    assert_ok(response);
    assert_int_equal(response->totals->n_rows, 3);
    return response->totals;
}

static const Pb__BoardRow *row_of(const Pb__Board *board, const char *unit) {
    for (size_t i = 0; i < board->n_rows; i++)
        if (strcmp(board->rows[i]->unit, unit) == 0)
            return board->rows[i];
    fail_msg("no row of %s", unit);
    return NULL;
}

static const Pb__StatusReply *status(struct office *office, enum who who) {
    Pb__StatusQuery query = PB__STATUS_QUERY__INIT;
    const Pb__Response *response = read_as(office, who, ASK(STATUS, &query));
    assert_ok(response);
    assert_int_equal(response->status_rows->n_rows, 3);
    return response->status_rows;
}

static const Pb__Response *sheet(struct office *office, enum who who, const char *unit) {
    Pb__SheetQuery query = PB__SHEET_QUERY__INIT;
    query.unit = unit;
    return read_as(office, who, ASK(SHEET, &query));
}

static const Pb__Response *history(struct office *office, enum who who, const char *unit, const char *code) {
    Pb__HistoryQuery query = PB__HISTORY_QUERY__INIT;
    query.unit = unit;
    query.criterion = code;
    return read_as(office, who, ASK(HISTORY, &query));
}

// Ba Đình has handed in 95,00 and then, the sheet returned to it, put TC1.2 down by 1,00; Đống Đa has a draft of
// 100,00; Hoàng Mai has nothing.
static void make_differences(struct office *office) {
    open_scoring(office);
    fill_sheet(office, BA_DINH_HEAD, 2000);
    assert_ok(hand_in(office, BA_DINH_HEAD));
    return_sheet(office, BA_DINH, 1, 1900);
    fill_sheet(office, DONG_DA_HEAD, 2500);
}

static void assert_no_figures(const Pb__BoardRow *row) {
    assert_int_equal(row->n_points_cp, 0);
    assert_false(row->has_base_cp || row->has_bonus_cp || row->has_deduction_cp || row->has_total_cp);
    assert_false(row->has_rank || row->has_tied || row->has_scored || row->has_of);
    assert_null(row->class_);
    assert_true(row->has_sheet);
}

// The handed-in sheet of Ba Đình and nothing of Đống Đa's draft.
static void assert_sees_submitted(struct office *office, enum who who) {
    const Pb__Board *seen = board(office, who);
    const Pb__BoardRow *handed = row_of(seen, "quan-ba-dinh"), *draft = row_of(seen, "quan-dong-da");
    assert_int_equal(handed->rank, 1);
    assert_int_equal(handed->total_cp, 9500);
    assert_int_equal(handed->points_cp[1], 2000);
    assert_false(draft->has_total_cp || draft->has_rank);
    assert_int_equal(draft->scored, 0);
    assert_int_equal(draft->points_cp[1], POINTS_NONE);
    const Pb__StatusReply *state = status(office, who);
    assert_false(state->rows[0]->hidden || state->rows[1]->hidden);
    assert_int_equal(state->rows[0]->scored, 5);
    assert_int_equal(state->rows[1]->scored, 0);
}

static void assert_sees_own(struct office *office, enum who who, const char *own) {
    const Pb__Board *seen = board(office, who);
    for (size_t i = 0; i < 3; i++)
        if (strcmp(seen->rows[i]->unit, own) != 0)
            assert_no_figures(seen->rows[i]);
    assert_false(row_of(seen, own)->has_rank);
}

// ---- the three views ----

static void those_without_a_unit_see_drafts(void **state) {
    static const enum who all[] = {CITY, COUNCIL, AUDITOR, ADMIN};
    struct office *office = *state;
    make_differences(office);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        const Pb__Board *seen = board(office, all[i]);
        assert_int_equal(row_of(seen, "quan-dong-da")->total_cp, 10000);
        assert_int_equal(row_of(seen, "quan-dong-da")->rank, 1);
        assert_int_equal(row_of(seen, "quan-ba-dinh")->total_cp, 9400);
        assert_int_equal(row_of(seen, "quan-ba-dinh")->rank, 2);
        assert_int_equal(status(office, all[i])->rows[1]->scored, 5);
        assert_int_equal(sheet(office, all[i], "quan-dong-da")->sheet->total_cp, 10000);
        assert_int_equal(sheet(office, all[i], "quan-ba-dinh")->sheet->lines[1]->points_cp, 1900);
        assert_int_equal(history(office, all[i], "quan-dong-da", NULL)->history->n_rows, 5);
    }
    assert_refused(sheet(office, CITY, NULL), PB__STATUS__INVALID_ARGUMENT, "UNIT_MISSING");
    assert_refused(sheet(office, CITY, "quan-tay-ho"), PB__STATUS__NOT_FOUND, "UNIT_UNKNOWN");
}

static void a_unit_sees_its_own_row(void **state) {
    struct office *office = *state;
    make_differences(office);
    assert_sees_own(office, DONG_DA_OFFICER, "quan-dong-da");
    const Pb__Board *seen = board(office, DONG_DA_OFFICER);
    const Pb__BoardRow *own = row_of(seen, "quan-dong-da");
    assert_int_equal(own->total_cp, 10000); // the draft is its own
    assert_int_equal(own->n_points_cp, 5);
    assert_int_equal(own->scored, 5);
    assert_false(own->has_rank || own->has_tied);
    assert_int_equal(row_of(seen, "quan-ba-dinh")->sheet, PB__SHEET_STATE__RETURNED);
    assert_string_equal(seen->rows[0]->unit, "quan-ba-dinh"); // the period's order: rank order would tell ranks
    assert_string_equal(seen->rows[1]->unit, "quan-dong-da");
    assert_string_equal(seen->rows[2]->unit, "quan-hoang-mai");
}

static void a_unit_sees_its_own_class(void **state) {
    struct office *office = *state;
    add_class(&office->world.fixture, "xuat-sac", 9500);
    make_differences(office);
    const char *own = row_of(board(office, DONG_DA_OFFICER), "quan-dong-da")->class_;
    assert_non_null(own);
    assert_string_equal(own, "Xếp loại");
    assert_string_equal(row_of(board(office, CITY), "quan-dong-da")->class_, "Xếp loại");
    assert_null(row_of(board(office, CITY), "quan-ba-dinh")->class_);
    assert_null(row_of(board(office, BA_DINH_HEAD), "quan-dong-da")->class_);
}

static void status_hides_the_figures_of_others(void **state) {
    struct office *office = *state;
    make_differences(office);
    assert_ok(SCORE(office, HOANG_MAI_HEAD, points("TC1.2", 100)));
    const Pb__StatusReply *seen = status(office, HOANG_MAI_OFFICER);
    assert_true(seen->rows[0]->hidden);
    assert_false(seen->rows[0]->has_scored || seen->rows[0]->has_of || seen->rows[0]->has_appraised);
    assert_int_equal(seen->rows[0]->n_missing, 0);
    assert_int_equal(seen->rows[0]->sheet, PB__SHEET_STATE__RETURNED);
    assert_false(seen->rows[2]->hidden);
    assert_int_equal(seen->rows[2]->scored, 1);
    assert_int_equal(seen->rows[2]->of, 4); // TC4 is not assigned to it, and is not missing
    assert_int_equal(seen->rows[2]->n_missing, 3);
    assert_string_equal(seen->rows[2]->missing[0], "TC1.1");
    assert_string_equal(seen->rows[2]->missing[2], "TC3");
}

static void sheets_of_others_are_closed(void **state) {
    struct office *office = *state;
    make_differences(office);
    const Pb__Response *response = sheet(office, DONG_DA_HEAD, "ba dinh");
    assert_refused(response, PB__STATUS__PERMISSION_DENIED, "NOT_VISIBLE");
    assert_told(response, 0, "unit", "quan-ba-dinh");
    // Who may is judged before the criterion is looked for.
    assert_refused(history(office, DONG_DA_HEAD, "quan-ba-dinh", "TC99"), PB__STATUS__PERMISSION_DENIED, "NOT_VISIBLE");
    assert_int_equal(sheet(office, DONG_DA_OFFICER, NULL)->sheet->total_cp, 10000);
    assert_int_equal(sheet(office, DONG_DA_OFFICER, "dong da")->sheet->of_cp, 10000);
    assert_refused(history(office, DONG_DA_HEAD, NULL, "TC99"), PB__STATUS__NOT_FOUND, "CRITERION_UNKNOWN");
}

static void the_heads_of_leader_and_deputy_see_what_is_handed_in(void **state) {
    struct office *office = *state;
    office->world.fixture.definition->leader = "quan-hoang-mai";
    office->world.fixture.definition->deputy = "quan-dong-da";
    make_differences(office);
    assert_sees_submitted(office, HOANG_MAI_HEAD);
    assert_sees_submitted(office, DONG_DA_HEAD);
    assert_sees_own(office, HOANG_MAI_OFFICER, "quan-hoang-mai");
    assert_sees_own(office, BA_DINH_HEAD, "quan-ba-dinh");
    assert_refused(sheet(office, HOANG_MAI_HEAD, "quan-dong-da"), PB__STATUS__PERMISSION_DENIED, "NOT_VISIBLE");
    assert_ok(sheet(office, HOANG_MAI_HEAD, "quan-ba-dinh"));
}

// Of others what was handed in last, although the unit has changed it since; its own as it stands.
static void sheets_of_others_show_the_last_hand_in(void **state) {
    struct office *office = *state;
    office->world.fixture.definition->visibility = PB__VISIBILITY__ALWAYS;
    make_differences(office);
    const Pb__SheetReply *others = sheet(office, DONG_DA_OFFICER, "quan-ba-dinh")->sheet;
    assert_int_equal(others->lines[1]->points_cp, 2000);
    assert_int_equal(others->lines[1]->revision, 1);
    assert_int_equal(others->total_cp, 9500);
    assert_int_equal(others->sheet_revision, 1);
    const Pb__SheetReply *own = sheet(office, BA_DINH_OFFICER, NULL)->sheet;
    assert_int_equal(own->lines[1]->points_cp, 1900);
    assert_int_equal(own->lines[1]->revision, 2);
    assert_int_equal(own->total_cp, 9400);
    assert_int_equal(own->seq, others->seq + 1);
    assert_ok(hand_in(office, BA_DINH_HEAD));
    others = sheet(office, DONG_DA_OFFICER, "quan-ba-dinh")->sheet;
    assert_int_equal(others->lines[1]->points_cp, 1900);
    assert_int_equal(others->sheet_revision, 2);
}

// ---- when it opens ----

static void visibility_always_opens_at_once(void **state) {
    struct office *office = *state;
    office->world.fixture.definition->visibility = PB__VISIBILITY__ALWAYS;
    make_differences(office);
    assert_sees_submitted(office, HOANG_MAI_OFFICER);
}

static void visibility_opens_with_the_deadlines_entry(void **state) {
    struct office *office = *state;
    int64_t wake_ms, deadline_ms = office->world.fixture.definition->deadline_ms;
    make_differences(office);
    office->now_ms = deadline_ms + HOUR_MS;
    assert_sees_own(office, HOANG_MAI_OFFICER, "quan-hoang-mai"); // the clock alone opens nothing
    pass_time(office, deadline_ms + HOUR_MS, &wake_ms);
    assert_sees_submitted(office, HOANG_MAI_OFFICER);
}

static void visibility_after_publication_waits_for_it(void **state) {
    struct office *office = *state;
    int64_t wake_ms;
    office->world.fixture.definition->visibility = PB__VISIBILITY__AFTER_PUBLICATION;
    make_differences(office);
    pass_time(office, office->world.fixture.definition->deadline_ms, &wake_ms);
    assert_sees_own(office, HOANG_MAI_OFFICER, "quan-hoang-mai");
    append_own(office, period_advanced(&office->world, 1, PB__PERIOD_STATE__SCORING, PB__PERIOD_STATE__FINALIZED));
    assert_sees_own(office, HOANG_MAI_OFFICER, "quan-hoang-mai");
    append_own(office, period_advanced(&office->world, 1, PB__PERIOD_STATE__FINALIZED, PB__PERIOD_STATE__PUBLISHED));
    Pb__TotalsQuery query = PB__TOTALS_QUERY__INIT;
    query.period = "hn-cum-1-2022"; // it is not open any more
    const Pb__Response *response = read_as(office, HOANG_MAI_OFFICER, ASK(TOTALS, &query));
    assert_int_equal(row_of(response->totals, "quan-ba-dinh")->total_cp, 9500);
    assert_false(response->totals->provisional);
}

static void a_period_of_others_opens_with_publication(void **state) {
    struct office *office = *state;
    Pb__PeriodDefinition *definition = office->world.fixture.definition;
    Pb__TotalsQuery query = PB__TOTALS_QUERY__INIT;
    query.period = definition->id = "hn-cum-2-2022";
    definition->n_units = 2;
    definition->criteria[3]->n_targets = definition->criteria[4]->n_targets = 2;
    definition->criteria[5]->n_not_assigned = 0;
    definition->visibility = PB__VISIBILITY__ALWAYS;
    assert_ok(load_period(office, COUNCIL));
    assert_refused(read_as(office, HOANG_MAI_HEAD, ASK(TOTALS, &query)), PB__STATUS__PERMISSION_DENIED,
                   "UNIT_NOT_IN_PERIOD");
    append_own(office, period_advanced(&office->world, 2, PB__PERIOD_STATE__DRAFT, PB__PERIOD_STATE__PUBLISHED));
    assert_ok(read_as(office, HOANG_MAI_HEAD, ASK(TOTALS, &query)));
}

// ---- the board ----

static void equal_totals_share_a_rank(void **state) {
    struct office *office = *state;
    open_scoring(office);
    fill_sheet(office, HOANG_MAI_HEAD, 2500); // 75,00
    fill_sheet(office, DONG_DA_HEAD, 0);      // 75,00
    fill_sheet(office, BA_DINH_HEAD, 2500);
    assert_ok(SCORE(office, BA_DINH_HEAD, points("TC4", 0), points("TC1.2", 2475))); // 74,75
    const Pb__Board *seen = board(office, CITY);
    assert_string_equal(seen->rows[0]->unit, "quan-dong-da");
    assert_string_equal(seen->rows[1]->unit, "quan-hoang-mai");
    assert_string_equal(seen->rows[2]->unit, "quan-ba-dinh");
    assert_int_equal(seen->rows[0]->rank, 1);
    assert_int_equal(seen->rows[1]->rank, 1);
    assert_int_equal(seen->rows[2]->rank, 3);
    assert_true(seen->rows[0]->tied && seen->rows[1]->tied);
    assert_false(seen->rows[2]->tied);
}

static void a_board_says_what_it_is(void **state) {
    struct office *office = *state;
    make_differences(office);
    const Pb__Board *seen = board(office, CITY);
    assert_string_equal(seen->period, "hn-cum-1-2022");
    assert_int_equal(seen->state, PB__PERIOD_STATE__SCORING);
    assert_int_equal(seen->column, PB__COLUMN__SELF);
    assert_true(seen->provisional);
    assert_int_equal(seen->units, 3);
    assert_int_equal(seen->units_submitted, 0); // it was returned
    assert_int_equal(seen->n_criteria, 5);
    assert_string_equal(seen->criteria[0], "TC1.1");
    assert_string_equal(seen->criteria[4], "TC4");
    const Pb__BoardRow *none = seen->rows[2];
    assert_string_equal(none->unit, "quan-hoang-mai");
    assert_false(none->has_rank || none->has_total_cp || none->has_base_cp); // missing is not zero
    assert_int_equal(none->sheet, PB__SHEET_STATE__NONE);
    assert_int_equal(none->of, 4);
    const Pb__BoardRow *first = seen->rows[0];
    assert_string_equal(first->name, "Đống Đa");
    assert_int_equal(first->base_cp, 10000);
    assert_true(first->has_bonus_cp && first->has_deduction_cp);
    assert_int_equal(first->bonus_cp, 0);
    assert_int_equal(first->deduction_cp, 0);
}

static void a_column_without_points_keeps_its_rows(void **state) {
    struct office *office = *state;
    Pb__TotalsQuery query = PB__TOTALS_QUERY__INIT;
    make_differences(office);
    assert_ok(hand_in(office, BA_DINH_HEAD));
    query.has_column = true;
    query.column = PB__COLUMN__COLUMN_APPRAISED;
    const Pb__Board *seen = read_as(office, CITY, ASK(TOTALS, &query))->totals;
    assert_int_equal(seen->column, PB__COLUMN__COLUMN_APPRAISED);
    assert_int_equal(seen->units_submitted, 1);
    assert_int_equal(seen->n_rows, 3);
    for (size_t i = 0; i < 3; i++)
        assert_false(seen->rows[i]->has_total_cp || seen->rows[i]->has_base_cp || seen->rows[i]->has_rank);
}

static void status_is_complete_once_all_are_in(void **state) {
    struct office *office = *state;
    open_scoring(office);
    fill_sheet(office, BA_DINH_HEAD, 2000);
    fill_sheet(office, DONG_DA_HEAD, 2000);
    fill_sheet(office, HOANG_MAI_HEAD, 2000);
    assert_ok(hand_in(office, BA_DINH_HEAD));
    assert_ok(hand_in(office, DONG_DA_HEAD));
    assert_false(status(office, CITY)->complete);
    const Pb__Response *last = hand_in(office, HOANG_MAI_HEAD);
    assert_true(status(office, CITY)->complete);
    assert_true(status(office, BA_DINH_OFFICER)->complete);
    assert_int_equal(status(office, CITY)->seq, last->submit->seq);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        OFFICE_TEST(those_without_a_unit_see_drafts),
        OFFICE_TEST(a_unit_sees_its_own_row),
        OFFICE_TEST(a_unit_sees_its_own_class),
        OFFICE_TEST(status_hides_the_figures_of_others),
        OFFICE_TEST(sheets_of_others_are_closed),
        OFFICE_TEST(the_heads_of_leader_and_deputy_see_what_is_handed_in),
        OFFICE_TEST(sheets_of_others_show_the_last_hand_in),
        OFFICE_TEST(visibility_always_opens_at_once),
        OFFICE_TEST(visibility_opens_with_the_deadlines_entry),
        OFFICE_TEST(visibility_after_publication_waits_for_it),
        OFFICE_TEST(a_period_of_others_opens_with_publication),
        OFFICE_TEST(equal_totals_share_a_rank),
        OFFICE_TEST(a_board_says_what_it_is),
        OFFICE_TEST(a_column_without_points_keeps_its_rows),
        OFFICE_TEST(status_is_complete_once_all_are_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
