// What anyone may see: the three views of boards, status, sheets and histories; ranks; boards kept for many.
#include "tests/unit/reads.h"

static const Pb__Board *board(struct office *office, enum who who) {
    Pb__TotalsQuery query = PB__TOTALS_QUERY__INIT;
    const Pb__Response *response = read_as(office, who, ASK(TOTALS, &query));
    assert_ok(response);
    assert_int_equal(response->totals->n_rows, 3);
    return response->totals;
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

static void differ(struct office *office) {
    fill_sheet(office, BA_DINH_HEAD, 2000);
    assert_ok(hand_in(office, BA_DINH_HEAD));
    fill_sheet(office, DONG_DA_HEAD, 2500);
    assert_ok(advance_because(office, PB__PERIOD_STATE__APPRAISAL, "họp sớm"));
    assert_ok(give_back(office, CITY, "quan-ba-dinh"));
    assert_ok(SCORE(office, BA_DINH_HEAD, points("TC1.2", 1900)));
}

// Ba Đình has handed in 95,00 and then, the sheet returned to it, put TC1.2 down by 1,00; Đống Đa has a draft of
// 100,00; Hoàng Mai has nothing.
static void make_differences(struct office *office) {
    open_scoring(office);
    differ(office);
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
    assert_int_equal(state->rows[1]->scored, office->people[who].unit == DONG_DA ? 5 : 0); // the own row as it stands
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
    open_scoring(office);
    assert_ok(SCORE(office, HOANG_MAI_HEAD, points("TC1.2", 100)));
    differ(office);
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
    assert_true(own->seq > others->seq);
    assert_ok(hand_in(office, BA_DINH_HEAD));
    others = sheet(office, DONG_DA_OFFICER, "quan-ba-dinh")->sheet;
    assert_int_equal(others->lines[1]->points_cp, 1900);
    assert_int_equal(others->sheet_revision, 2);
}

// Others see what was handed in, the unit itself what it has still to do.
static void the_own_status_shows_what_stands(void **state) {
    struct office *office = *state;
    office->world.fixture.definition->visibility = PB__VISIBILITY__ALWAYS;
    open_scoring(office);
    assert_ok(SCORE(office, BA_DINH_HEAD, points("TC1.1", 100), points("TC1.2", 100), points("TC4", 100)));
    const Pb__StatusRow *row = status(office, BA_DINH_OFFICER)->rows[0];
    assert_int_equal(row->scored, 3);
    assert_int_equal(row->n_missing, 2);
    assert_string_equal(row->missing[0], "TC2");
    assert_int_equal(row->sheet, PB__SHEET_STATE__SHEET_DRAFT);
    row = status(office, DONG_DA_OFFICER)->rows[0];
    assert_int_equal(row->scored, 0);
    assert_int_equal(row->n_missing, 5);
    assert_int_equal(row_of(board(office, BA_DINH_OFFICER), "quan-ba-dinh")->scored, 0); // the same for all
}

// ---- when it opens ----

// As if the council had led the period there.
static void lead_to(struct office *office, uint32_t period, Pb__PeriodState from, Pb__PeriodState to) {
    open_writing(office);
    append_own(office, period_advanced(&office->world, period, from, to));
}

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
    lead_to(office, 1, PB__PERIOD_STATE__APPRAISAL, PB__PERIOD_STATE__FINALIZED);
    assert_sees_own(office, HOANG_MAI_OFFICER, "quan-hoang-mai");
    lead_to(office, 1, PB__PERIOD_STATE__FINALIZED, PB__PERIOD_STATE__PUBLISHED);
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
    lead_to(office, 2, PB__PERIOD_STATE__DRAFT, PB__PERIOD_STATE__PUBLISHED);
    assert_ok(read_as(office, HOANG_MAI_HEAD, ASK(TOTALS, &query)));
}

// ---- the three columns ----

// Ba Đình 95,00: judged 94,00, 1,50 deducted from TC4 and 3,00 given: 95,50, and final so. Đống Đa 97,50: TC1.1 judged
// 14,00, the rest pending; a bonus of 1,00. Hoàng Mai 75,00: nothing judged.
static void judge_in_part(struct office *office) {
    open_judging(office);
    confirm(office, "quan-ba-dinh", 2000);
    assert_ok(APPRAISE(office, CITY, "quan-ba-dinh", "thiếu", gives("TC1.1", 1400)));
    assert_ok(adjust(office, "quan-ba-dinh", "TC4", 150));
    assert_ok(adjust(office, "quan-ba-dinh", NULL, 300));
    assert_ok(FINALIZE(office, NULL, "quan-ba-dinh"));
    assert_ok(APPRAISE(office, CITY, "quan-dong-da", "thiếu", gives("TC1.1", 1400)));
    assert_ok(adjust(office, "quan-dong-da", NULL, 100));
}

static void assert_figures(const Pb__BoardRow *row, int32_t base_cp, int32_t bonus_cp, int32_t deduction_cp,
                           int32_t total_cp, uint32_t rank, uint32_t scored) {
    assert_int_equal(row->has_base_cp ? row->base_cp : POINTS_NONE, base_cp);
    assert_int_equal(row->has_bonus_cp ? row->bonus_cp : POINTS_NONE, bonus_cp);
    assert_int_equal(row->has_deduction_cp ? row->deduction_cp : POINTS_NONE, deduction_cp);
    assert_int_equal(row->has_total_cp ? row->total_cp : POINTS_NONE, total_cp);
    assert_int_equal(row->has_rank ? row->rank : 0, rank);
    assert_int_equal(row->scored, scored);
    assert_int_equal(row->n_points_cp, 5);
}

static void assert_columns(struct office *office, enum who who) {
    const Pb__Board *seen = ask_board(office, who, board_in(SELF));
    assert_figures(row_of(seen, "quan-dong-da"), 9750, 0, 0, 9750, 1, 5);
    assert_figures(row_of(seen, "quan-ba-dinh"), 9500, 0, 0, 9500, 2, 5);
    assert_figures(row_of(seen, "quan-hoang-mai"), 7500, 0, 0, 7500, 3, 4);
    seen = ask_board(office, who, board_in(APPRAISED));
    assert_figures(row_of(seen, "quan-ba-dinh"), 9400, 300, 150, 9550, 1, 5);
    assert_figures(row_of(seen, "quan-dong-da"), 1400, 100, 0, 1500, 2, 1);
    assert_figures(row_of(seen, "quan-hoang-mai"), POINTS_NONE, POINTS_NONE, POINTS_NONE, POINTS_NONE, 0, 0);
    assert_int_equal(row_of(seen, "quan-ba-dinh")->points_cp[TC11], 1400);
    assert_int_equal(row_of(seen, "quan-dong-da")->points_cp[TC12], POINTS_NONE); // never the unit's own in its place
    seen = ask_board(office, who, board_in(FINAL));
    assert_figures(row_of(seen, "quan-ba-dinh"), 9400, 300, 150, 9550, 1, 5);
    assert_figures(row_of(seen, "quan-dong-da"), POINTS_NONE, POINTS_NONE, POINTS_NONE, POINTS_NONE, 0, 0);
    assert_int_equal(row_of(seen, "quan-dong-da")->of, 5);
    assert_int_equal(row_of(seen, "quan-dong-da")->sheet, PB__SHEET_STATE__APPRAISED);
}

static void each_column_shows_its_own_figures(void **state) {
    struct office *office = *state;
    judge_in_part(office);
    assert_columns(office, CITY);
    assert_columns(office, DONG_DA_HEAD); // the leader
}

static void a_bonus_alone_is_no_total(void **state) {
    struct office *office = *state;
    open_judging(office);
    assert_ok(adjust(office, "quan-hoang-mai", NULL, 200));
    const Pb__Board *seen = ask_board(office, CITY, board_in(APPRAISED));
    assert_figures(row_of(seen, "quan-hoang-mai"), POINTS_NONE, 200, 0, POINTS_NONE, 0, 0);
}

static void figures_of_others_stay_hidden_in_every_column(void **state) {
    static const Pb__Column all[] = {SELF, APPRAISED, FINAL};
    struct office *office = *state;
    judge_in_part(office);
    for (size_t i = 0; i < 3; i++) {
        const Pb__Board *seen = ask_board(office, HOANG_MAI_OFFICER, board_in(all[i]));
        assert_no_figures(row_of(seen, "quan-ba-dinh"));
        assert_no_figures(row_of(seen, "quan-dong-da"));
        for (size_t k = 0; k < 3; k++)
            assert_null(seen->rows[k]->why);
        seen = ask_board(office, BA_DINH_OFFICER, board_in(all[i]));
        assert_int_equal(row_of(seen, "quan-ba-dinh")->total_cp, i == 0 ? 9500 : 9550);
        assert_false(row_of(seen, "quan-ba-dinh")->has_rank);
        assert_no_figures(row_of(seen, "quan-dong-da"));
    }
}

// The leader sees the appraisal of a returned sheet as it stands, and of the unit's own points the last hand-in.
static void a_returned_sheet_shows_what_was_handed_in(void **state) {
    struct office *office = *state;
    judge_in_part(office);
    assert_ok(give_back(office, CITY, "quan-ba-dinh"));
    assert_ok(SCORE(office, BA_DINH_HEAD, points("TC1.2", 100)));
    const Pb__BoardRow *row = row_of(ask_board(office, DONG_DA_HEAD, board_in(SELF)), "quan-ba-dinh");
    assert_figures(row, 9500, 0, 0, 9500, 2, 5);
    assert_int_equal(row->points_cp[TC12], 2000);
    row = row_of(ask_board(office, CITY, board_in(SELF)), "quan-ba-dinh");
    assert_figures(row, 7600, 0, 0, 7600, 2, 5);
    row = row_of(ask_board(office, DONG_DA_HEAD, board_in(APPRAISED)), "quan-ba-dinh");
    assert_figures(row, 7400, 300, 150, 7550, 1, 4); // TC1.2 is pending again
    row = row_of(ask_board(office, DONG_DA_HEAD, board_in(FINAL)), "quan-ba-dinh");
    assert_figures(row, 9400, 300, 150, 9550, 1, 5); // what was final stays so until it is again
}

// ---- why ----

static void assert_why(const Pb__BoardRow *row, const char *above, const char *by, int32_t own_cp, int32_t above_cp) {
    assert_non_null(row->why);
    assert_string_equal(row->why->above, above);
    if (by)
        assert_string_equal(row->why->by ? row->why->by : "(nothing)", by);
    else
        assert_null(row->why->by);
    assert_int_equal(row->why->has_own_cp ? row->why->own_cp : POINTS_NONE, own_cp);
    assert_int_equal(row->why->has_above_cp ? row->why->above_cp : POINTS_NONE, above_cp);
}

static void a_higher_total_is_why(void **state) {
    struct office *office = *state;
    judge_in_part(office);
    const Pb__Board *seen = ask_board(office, CITY, board_in(SELF));
    assert_null(seen->rows[0]->why);
    assert_why(seen->rows[1], "quan-dong-da", "total", 9500, 9750);
    assert_why(seen->rows[2], "quan-ba-dinh", "total", 7500, 9500);
    seen = ask_board(office, DONG_DA_HEAD, board_in(APPRAISED));
    assert_why(seen->rows[1], "quan-ba-dinh", "total", 1500, 9550);
    assert_null(seen->rows[2]->why); // it has no rank
    Pb__TotalsQuery plain = board_in(SELF);
    plain.explain = false;
    seen = ask_board(office, CITY, plain);
    for (size_t i = 0; i < 3; i++)
        assert_null(seen->rows[i]->why);
}

static void a_shared_rank_has_no_reason(void **state) {
    struct office *office = *state;
    open_scoring(office);
    fill_sheet(office, BA_DINH_HEAD, 0);      // 75,00
    fill_sheet(office, HOANG_MAI_HEAD, 2500); // 75,00
    const Pb__Board *seen = ask_board(office, CITY, board_in(SELF));
    assert_int_equal(seen->rows[1]->rank, 1);
    assert_why(seen->rows[1], "quan-ba-dinh", NULL, POINTS_NONE, POINTS_NONE);
    assert_null(seen->rows[2]->why);
    assert_int_equal(seen->n_tie_breaks, 0);
}

// 75,00 each: by TC1, which is TC1.1 and TC1.2, Hoàng Mai has 40,00 and Ba Đình 15,00.
static void a_tie_break_is_why(void **state) {
    struct office *office = *state;
    add_tie_break(&office->world.fixture, "deduction");
    add_tie_break(&office->world.fixture, "TC1");
    open_scoring(office);
    fill_sheet(office, BA_DINH_HEAD, 0);
    fill_sheet(office, HOANG_MAI_HEAD, 2500);
    const Pb__Board *seen = ask_board(office, CITY, board_in(SELF));
    assert_int_equal(seen->n_tie_breaks, 2);
    assert_string_equal(seen->tie_breaks[0], "deduction");
    assert_string_equal(seen->tie_breaks[1], "TC1");
    assert_string_equal(seen->rows[0]->unit, "quan-hoang-mai");
    assert_int_equal(seen->rows[1]->rank, 2);
    assert_false(seen->rows[0]->tied || seen->rows[1]->tied);
    assert_why(seen->rows[1], "quan-hoang-mai", "TC1", 1500, 4000);
}

// Judged 95,00 and 97,50 - 2,50: the same total, and fewer deductions stand above.
static void fewer_deductions_are_why(void **state) {
    struct office *office = *state;
    add_tie_break(&office->world.fixture, "deduction");
    open_judging(office);
    confirm_all(office);
    assert_ok(adjust(office, "quan-dong-da", "TC4", 250));
    const Pb__Board *seen = ask_board(office, CITY, board_in(APPRAISED));
    assert_string_equal(seen->rows[0]->unit, "quan-ba-dinh");
    assert_why(seen->rows[1], "quan-ba-dinh", "deduction", 250, 0);
    assert_int_equal(seen->rows[1]->rank, 2);
    seen = ask_board(office, CITY, board_in(SELF)); // nothing is deducted in the unit's own column
    assert_string_equal(seen->rows[0]->unit, "quan-dong-da");
    assert_why(seen->rows[1], "quan-dong-da", "total", 9500, 9750);
}

static void a_board_with_reasons_is_another_board(void **state) {
    struct office *office = *state;
    Pb__TotalsQuery plain = board_in(SELF);
    judge_in_part(office);
    plain.explain = false;
    assert_null(ask_board(office, CITY, plain)->rows[1]->why);
    assert_non_null(ask_board(office, CITY, board_in(SELF))->rows[1]->why);
    assert_null(ask_board(office, CITY, plain)->rows[1]->why);
}

// ---- what is said beside the points ----

static void award(struct office *office) {
    judge_in_part(office);
    confirm(office, "quan-dong-da", 2250);
    confirm(office, "quan-hoang-mai", 2500);
    assert_ok(FINALIZE_ALL(office, NULL));
    assert_ok(advance(office, COUNCIL, PB__PERIOD_STATE__FINALIZED));
    assert_ok(nominate(office, "quan-ba-dinh", "Cờ thi đua"));
    assert_ok(nominate(office, "quan-ba-dinh", "Bằng khen"));
    assert_ok(hold(office, "quan-ba-dinh", "đang thanh tra", false));
    assert_ok(hold(office, "quan-dong-da", "có đơn", false));
    assert_ok(hold(office, "quan-dong-da", "đã kết luận", true));
}

static void status_tells_holds_and_awards(void **state) {
    struct office *office = *state;
    award(office);
    const Pb__StatusReply *seen = status(office, CITY);
    const Pb__StatusRow *ba_dinh = seen->rows[0], *dong_da = seen->rows[1];
    assert_true(seen->complete);
    assert_true(ba_dinh->held);
    assert_int_equal(ba_dinh->n_awards, 2);
    assert_string_equal(ba_dinh->awards[0], "Bằng khen");
    assert_string_equal(ba_dinh->awards[1], "Cờ thi đua");
    assert_int_equal(ba_dinh->appraised, 5);
    assert_true(dong_da->has_held);
    assert_false(dong_da->held);
    assert_int_equal(dong_da->n_awards, 0);
    const Pb__StatusRow *hidden = status(office, HOANG_MAI_OFFICER)->rows[0];
    assert_true(hidden->hidden);
    assert_false(hidden->has_held || hidden->has_late_ms || hidden->has_until_ms || hidden->has_appraised);
    assert_int_equal(hidden->n_awards, 0);
}

static void status_counts_what_is_appraised(void **state) {
    struct office *office = *state;
    judge_in_part(office);
    const Pb__StatusReply *seen = status(office, CITY);
    assert_int_equal(seen->rows[0]->appraised, 5);
    assert_int_equal(seen->rows[1]->appraised, 1);
    assert_int_equal(seen->rows[2]->appraised, 0);
    assert_ok(give_back(office, CITY, "quan-ba-dinh"));
    assert_ok(SCORE(office, BA_DINH_HEAD, points("TC1.2", 100)));
    seen = status(office, CITY);
    assert_int_equal(seen->rows[0]->appraised, 4);
    assert_false(seen->complete);
}

static void status_tells_deadlines_and_delays(void **state) {
    struct office *office = *state;
    int64_t wake_ms, deadline_ms = office->world.fixture.definition->deadline_ms;
    Pb__PeriodExtend message = PB__PERIOD_EXTEND__INIT;
    open_scoring(office);
    fill_sheet(office, BA_DINH_HEAD, 2000);
    fill_sheet(office, DONG_DA_HEAD, 2000);
    message.unit = "quan-dong-da";
    message.has_until_ms = true;
    message.until_ms = deadline_ms + DAY_MS;
    message.reason = "bão số 3";
    assert_ok(write_as(office, COUNCIL, ASK(EXTEND, &message)));
    pass_time(office, deadline_ms + HOUR_MS, &wake_ms);
    assert_ok(hand_in(office, BA_DINH_HEAD));
    assert_ok(hand_in(office, DONG_DA_HEAD));
    const Pb__StatusReply *seen = status(office, CITY);
    assert_true(seen->rows[0]->late);
    assert_int_equal(seen->rows[0]->late_ms, HOUR_MS);
    assert_false(seen->rows[0]->has_until_ms);
    assert_false(seen->rows[1]->late || seen->rows[1]->has_late_ms);
    assert_int_equal(seen->rows[1]->until_ms, deadline_ms + DAY_MS);
    const Pb__SheetReply *late = sheet(office, CITY, "quan-ba-dinh")->sheet;
    assert_int_equal(late->late_ms, HOUR_MS);
    assert_false(late->has_until_ms);
    assert_int_equal(sheet(office, CITY, "quan-dong-da")->sheet->until_ms, deadline_ms + DAY_MS);
    assert_false(sheet(office, CITY, "quan-dong-da")->sheet->has_late_ms);
}

static void assert_judged(const Pb__Figures *figures, int32_t base_cp, int32_t bonus_cp, int32_t deduction_cp,
                          int32_t total_cp) {
    assert_non_null(figures);
    assert_int_equal(figures->base_cp, base_cp);
    assert_int_equal(figures->bonus_cp, bonus_cp);
    assert_int_equal(figures->deduction_cp, deduction_cp);
    assert_int_equal(figures->total_cp, total_cp);
    assert_int_equal(figures->n_points_cp, 0);
}

static void a_sheet_tells_what_was_judged(void **state) {
    static const enum who who[] = {CITY, BA_DINH_OFFICER, DONG_DA_HEAD};
    struct office *office = *state;
    award(office);
    for (size_t i = 0; i < 3; i++) {
        const Pb__SheetReply *seen = sheet(office, who[i], "quan-ba-dinh")->sheet;
        assert_judged(seen->appraised, 9400, 300, 150, 9550);
        assert_judged(seen->final, 9400, 300, 150, 9550);
        assert_int_equal(seen->lines[TC11]->points_cp, 1500);
        assert_int_equal(seen->lines[TC11]->appraised_cp, 1400);
        assert_int_equal(seen->lines[TC11]->appraised_revision, 2);
        assert_string_equal(seen->lines[TC11]->appraised_reason, "thiếu");
        assert_int_equal(seen->lines[TC11]->final_cp, 1400);
        assert_null(seen->lines[TC12]->appraised_reason);
        assert_false(seen->lines[TC11]->has_deducted_cp);
        assert_int_equal(seen->lines[TC4]->deducted_cp, 150);
        assert_int_equal(seen->n_adjustments, 2);
        assert_null(seen->adjustments[0]->criterion); // the newest first: the bonus
        assert_int_equal(seen->adjustments[0]->points_cp, 300);
        assert_string_equal(seen->adjustments[1]->criterion, "TC4");
        assert_int_equal(seen->adjustments[1]->points_cp, 150);
        assert_string_equal(seen->adjustments[1]->reason, "báo cáo quý chậm");
        assert_string_equal(seen->adjustments[1]->actor, "account:2");
        assert_true(seen->adjustments[1]->seq < seen->adjustments[0]->seq);
        assert_string_equal(seen->hold, "đang thanh tra");
        assert_int_equal(seen->n_awards, 2);
        assert_string_equal(seen->awards[0], "Bằng khen");
    }
    assert_null(sheet(office, CITY, "quan-dong-da")->sheet->hold); // lifted
}

// Each stands in the sheet for good: there are not any number of them.
static void adjustments_are_not_without_end(void **state) {
    struct office *office = *state;
    open_judging(office);
    for (int i = 0; i < 200; i++)
        assert_ok(adjust(office, "quan-ba-dinh", i % 2 ? "TC2" : NULL, 1));
    const Pb__Response *response = adjust(office, "quan-ba-dinh", NULL, 1);
    assert_refused(response, PB__STATUS__FAILED_PRECONDITION, "ADJUSTMENTS_MANY");
    assert_told(response, 0, "unit", "quan-ba-dinh");
    assert_int_equal(told(response, 0, "limit")->number, 200);
    assert_refused(adjust(office, "quan-ba-dinh", "TC2", 1), PB__STATUS__FAILED_PRECONDITION, "ADJUSTMENTS_MANY");
    assert_ok(adjust(office, "quan-dong-da", NULL, 1));
    assert_int_equal(sheet(office, CITY, "quan-ba-dinh")->sheet->n_adjustments, 200);
}

static void a_returned_sheet_says_why(void **state) {
    struct office *office = *state;
    office->world.fixture.definition->visibility = PB__VISIBILITY__ALWAYS;
    open_judging(office);
    assert_null(sheet(office, BA_DINH_OFFICER, NULL)->sheet->return_reason);
    assert_ok(give_back(office, CITY, "quan-ba-dinh"));
    assert_string_equal(sheet(office, BA_DINH_OFFICER, NULL)->sheet->return_reason, "thiếu minh chứng");
    assert_ok(SCORE(office, BA_DINH_HEAD, points("TC1.2", 1900)));
    assert_string_equal(sheet(office, BA_DINH_HEAD, NULL)->sheet->return_reason, "thiếu minh chứng");
    assert_null(sheet(office, CITY, "quan-dong-da")->sheet->return_reason);
    assert_ok(hand_in(office, BA_DINH_HEAD));
    assert_null(sheet(office, BA_DINH_OFFICER, NULL)->sheet->return_reason);
    Pb__ReturnSheet again = PB__RETURN_SHEET__INIT;
    again.unit = "quan-ba-dinh";
    again.reason = "TC2 còn sai";
    assert_ok(write_as(office, CITY, ASK(RETURN_SHEET, &again)));
    assert_string_equal(sheet(office, BA_DINH_OFFICER, NULL)->sheet->return_reason, "TC2 còn sai");
}

// What is not assigned to a unit is not of what it may have.
static void each_unit_has_its_own_most(void **state) {
    struct office *office = *state;
    open_scoring(office);
    const Pb__Board *seen = board(office, CITY);
    assert_int_equal(row_of(seen, "quan-ba-dinh")->max_cp, 10000);
    assert_int_equal(row_of(seen, "quan-hoang-mai")->max_cp, 7500);
    assert_int_equal(sheet(office, HOANG_MAI_OFFICER, NULL)->sheet->max_cp, 7500);
    assert_int_equal(sheet(office, HOANG_MAI_OFFICER, NULL)->sheet->of_cp, 10000);
    seen = board(office, HOANG_MAI_OFFICER);
    assert_int_equal(row_of(seen, "quan-hoang-mai")->max_cp, 7500);
    assert_false(row_of(seen, "quan-ba-dinh")->has_max_cp);
}

static void a_sheet_lists_every_adjustment(void **state) {
    struct office *office = *state;
    open_judging(office);
    for (int32_t i = 1; i <= 9; i++)
        assert_ok(adjust(office, "quan-ba-dinh", i % 2 ? "TC4" : NULL, i % 2 ? 50 * i : 10 * i));
    const Pb__SheetReply *seen = sheet(office, CITY, "quan-ba-dinh")->sheet;
    assert_int_equal(seen->n_adjustments, 9);
    for (int32_t i = 1; i <= 9; i++) {
        assert_int_equal(seen->adjustments[9 - i]->points_cp, i % 2 ? 50 * i : 10 * i);
        assert_int_equal(seen->adjustments[9 - i]->criterion != NULL, i % 2);
    }
    assert_int_equal(seen->lines[TC4]->deducted_cp, 1250);
}

static void a_sheet_tells_what_is_pending(void **state) {
    struct office *office = *state;
    judge_in_part(office);
    const Pb__SheetReply *seen = sheet(office, CITY, "quan-dong-da")->sheet;
    assert_judged(seen->appraised, 1400, 100, 0, 1500);
    assert_null(seen->final);
    assert_true(seen->lines[TC11]->has_appraised_cp);
    assert_false(seen->lines[TC12]->has_appraised_cp || seen->lines[TC12]->has_appraised_revision);
    assert_false(seen->lines[TC11]->has_final_cp);
    seen = sheet(office, CITY, "quan-hoang-mai")->sheet;
    assert_null(seen->appraised);
    assert_int_equal(seen->n_adjustments, 0);
    assert_null(seen->hold);
    // Changed by the unit, a line is pending again; what was said of it still stands.
    assert_ok(give_back(office, CITY, "quan-dong-da"));
    assert_ok(SCORE(office, DONG_DA_HEAD, points("TC1.1", 1450)));
    seen = sheet(office, DONG_DA_HEAD, NULL)->sheet;
    assert_false(seen->lines[TC11]->has_appraised_cp);
    assert_int_equal(seen->lines[TC11]->appraised_revision, 1);
    assert_string_equal(seen->lines[TC11]->appraised_reason, "thiếu");
}

static void a_sheet_tells_the_explanation(void **state) {
    struct office *office = *state;
    judge_in_part(office);
    assert_ok(explain(office, DONG_DA_HEAD, "TC1.1"));
    const Pb__SheetReply *seen = sheet(office, CITY, "quan-dong-da")->sheet;
    assert_string_equal(seen->lines[TC11]->explanation, "số liệu đã được kiểm tra lại");
    assert_null(seen->lines[TC12]->explanation);
    assert_int_equal(seen->state, PB__SHEET_STATE__EXPLAINED);
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
    assert_int_equal(seen->state, PB__PERIOD_STATE__APPRAISAL);
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

// A sheet that the council has closed was not handed in by that.
static void a_sheet_that_was_closed_was_not_handed_in(void **state) {
    struct office *office = *state;
    open_judging_early(office);
    assert_int_equal(board(office, CITY)->units_submitted, 1);
    assert_ok(FINALIZE(office, "không nộp", "hoang-mai", "dong-da"));
    confirm(office, "quan-ba-dinh", 2000);
    assert_ok(FINALIZE_ALL(office, NULL));
    assert_int_equal(board(office, CITY)->units_submitted, 1);
    assert_int_equal(row_of(board(office, CITY), "quan-hoang-mai")->sheet, PB__SHEET_STATE__FINAL);
    assert_false(status(office, CITY)->complete);
    assert_ok(adjust(office, "hoang-mai", NULL, 100)); // appraised, and handed in no more than before
    assert_int_equal(board(office, CITY)->units_submitted, 1);
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
        OFFICE_TEST(each_column_shows_its_own_figures),
        OFFICE_TEST(a_bonus_alone_is_no_total),
        OFFICE_TEST(figures_of_others_stay_hidden_in_every_column),
        OFFICE_TEST(a_returned_sheet_shows_what_was_handed_in),
        OFFICE_TEST(a_higher_total_is_why),
        OFFICE_TEST(a_shared_rank_has_no_reason),
        OFFICE_TEST(a_tie_break_is_why),
        OFFICE_TEST(fewer_deductions_are_why),
        OFFICE_TEST(a_board_with_reasons_is_another_board),
        OFFICE_TEST(status_tells_holds_and_awards),
        OFFICE_TEST(status_counts_what_is_appraised),
        OFFICE_TEST(status_tells_deadlines_and_delays),
        OFFICE_TEST(a_sheet_tells_what_was_judged),
        OFFICE_TEST(a_sheet_lists_every_adjustment),
        OFFICE_TEST(adjustments_are_not_without_end),
        OFFICE_TEST(a_returned_sheet_says_why),
        OFFICE_TEST(each_unit_has_its_own_most),
        OFFICE_TEST(the_own_status_shows_what_stands),
        OFFICE_TEST(a_sheet_that_was_closed_was_not_handed_in),
        OFFICE_TEST(a_sheet_tells_what_is_pending),
        OFFICE_TEST(a_sheet_tells_the_explanation),
        OFFICE_TEST(equal_totals_share_a_rank),
        OFFICE_TEST(a_board_says_what_it_is),
        OFFICE_TEST(a_column_without_points_keeps_its_rows),
        OFFICE_TEST(status_is_complete_once_all_are_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
