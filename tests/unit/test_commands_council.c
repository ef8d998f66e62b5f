// What the council decides: final sheets, holds and nominations.
#include "tests/unit/judgement_fixture.h"

static Pb__SheetState state_of(struct office *office, uint32_t unit) {
    return sheet_of(office, unit).state;
}

static void assert_final_row(const Pb__Response *response, size_t i, const char *unit, int32_t total_cp) {
    const Pb__FinalRow *row = response->finalize->rows[i];
    assert_string_equal(row->unit, unit);
    assert_int_equal(row->has_total_cp, total_cp != POINTS_NONE);
    if (row->has_total_cp)
        assert_int_equal(row->total_cp, total_cp);
}

// ---- finalize ----

static void the_final_column_is_the_appraised_one(void **state) {
    struct office *office = *state;
    open_judging(office);
    confirm_all(office);
    assert_ok(APPRAISE(office, CITY, "ba-dinh", "thiếu", gives("TC4", 100)));
    assert_ok(adjust(office, "ba-dinh", "TC4", 150));
    assert_ok(adjust(office, "ba-dinh", NULL, 250));
    const Pb__Response *response = FINALIZE_ALL(office, NULL);
    assert_ok(response);
    assert_int_equal(response->finalize->seq, last_seq(office));
    assert_string_equal(response->finalize->period, "hn-cum-1-2022");
    assert_int_equal(response->finalize->n_rows, 3);
    assert_final_row(response, 0, "quan-ba-dinh", 7100 + 250 - 100);
    assert_final_row(response, 1, "quan-dong-da", 9750);
    assert_final_row(response, 2, "quan-hoang-mai", 7500);
    struct sheet sheet = sheet_of(office, BA_DINH);
    assert_int_equal(sheet.state, PB__SHEET_STATE__FINAL);
    assert_int_equal(sheet.final.points_cp[TC4], 100);
    assert_int_equal(sheet.final.base_cp, 7100);
    assert_int_equal(sheet.final.bonus_cp, 250);
    assert_int_equal(sheet.final.deduction_cp, 100); // of 1,50: no line falls below 0
    assert_int_equal(sheet.self_total_cp, 9500);
    assert_ok(advance(office, COUNCIL, PB__PERIOD_STATE__FINALIZED));
}

static void units_are_named_in_any_way_and_answered_in_the_periods_order(void **state) {
    struct office *office = *state;
    open_judging(office);
    confirm_all(office);
    uint64_t before = sheet_of(office, HOANG_MAI).seq;
    const Pb__Response *response = FINALIZE(office, NULL, "Hoàng Mai", "ba-dinh");
    assert_ok(response);
    assert_int_equal(response->finalize->n_rows, 2);
    assert_final_row(response, 0, "quan-ba-dinh", 9500);
    assert_final_row(response, 1, "quan-hoang-mai", 7500);
    assert_int_equal(state_of(office, DONG_DA), PB__SHEET_STATE__APPRAISED);
    assert_int_equal(state_of(office, HOANG_MAI), PB__SHEET_STATE__FINAL);
    const Pb__SheetsFinalized *finalized = entry_of(office, response->finalize->seq)->event->sheets_finalized;
    assert_int_equal(finalized->sheets[1]->unit, HOANG_MAI);
    assert_int_equal(finalized->sheets[1]->after->replaces, before);
    assert_int_equal(finalized->sheets[1]->after->final->total_cp, 7500);
    assert_int_equal(finalized->sheets[0]->after->final->total_cp, 9500);
    response = FINALIZE_ALL(office, NULL);
    assert_ok(response);
    assert_int_equal(response->finalize->n_rows, 1);
    assert_final_row(response, 0, "quan-dong-da", 9750);
}

static void nothing_is_left_to_make_final(void **state) {
    struct office *office = *state;
    open_judging(office);
    confirm_all(office);
    assert_ok(FINALIZE_ALL(office, NULL));
    const Pb__Response *response = FINALIZE_ALL(office, NULL);
    assert_refused(response, PB__STATUS__FAILED_PRECONDITION, "FINALIZE_NOTHING");
    assert_told(response, 0, "period", "hn-cum-1-2022");
    response = FINALIZE(office, "x", "ba-dinh");
    assert_refused(response, PB__STATUS__FAILED_PRECONDITION, "SHEET_STATE");
    assert_told(response, 0, "state", "final");
}

static void every_problem_is_named_and_nothing_is_written(void **state) {
    struct office *office = *state;
    open_judging(office);
    confirm(office, "quan-ba-dinh", 2000);
    assert_ok(APPRAISE(office, CITY, "hoang-mai", NULL, gives("TC1.1", 1500), gives("TC3", 1500)));
    uint64_t before = last_seq(office);
    const Pb__Response *response = FINALIZE_ALL(office, "cuối năm");
    assert_int_equal(response->status, PB__STATUS__FAILED_PRECONDITION);
    assert_int_equal(response->n_problems, 7);
    assert_problem(response, 0, "LINE_PENDING", "unit", "quan-dong-da"); // nothing of it is appraised: all five
    assert_problem(response, 4, "LINE_PENDING", "unit", "quan-dong-da");
    assert_problem(response, 5, "LINE_PENDING", "criterion", "TC1.2");
    assert_told(response, 5, "unit", "quan-hoang-mai");
    assert_problem(response, 6, "LINE_PENDING", "criterion", "TC2"); // and not TC4, which is not assigned
    assert_int_equal(last_seq(office), before);
    assert_int_equal(state_of(office, BA_DINH), PB__SHEET_STATE__APPRAISED);
    assert_int_equal(sheet_of(office, BA_DINH).final.total_cp, POINTS_NONE);
    assert_ok(FINALIZE(office, NULL, "ba-dinh"));
}

static void bad_names_are_all_named(void **state) {
    struct office *office = *state;
    open_judging(office);
    confirm(office, "quan-ba-dinh", 2000);
    const Pb__Response *response = FINALIZE(office, NULL, "ba-dinh", "cau-giay", "quan-ba-dinh", "hoang-mai");
    assert_int_equal(response->n_problems, 6);
    assert_problem(response, 0, "UNIT_UNKNOWN", "unit", "cau-giay");
    assert_problem(response, 1, "UNIT_TWICE", "unit", "quan-ba-dinh");
    assert_problem(response, 2, "LINE_PENDING", "unit", "quan-hoang-mai");
    assert_int_equal(state_of(office, BA_DINH), PB__SHEET_STATE__APPRAISED);
    assert_refused(FINALIZE(office, NULL, "ba-dinh", "Ba Đình"), PB__STATUS__INVALID_ARGUMENT, "UNIT_TWICE");
}

static void the_period_is_asked_once(void **state) {
    struct office *office = *state;
    name_leaders(office);
    open_scoring(office);
    const Pb__Response *response = FINALIZE(office, "x", "ba-dinh", "dong-da");
    assert_refused(response, PB__STATUS__FAILED_PRECONDITION, "PERIOD_STATE");
    assert_told(response, 0, "needed", "appraisal, reopened");
    assert_refused(write_as(office, CITY, ASK(FINALIZE, finalize_of(office, NULL, NULL, 0))),
                   PB__STATUS__PERMISSION_DENIED, "ROLE_NOT_PERMITTED");
}

static void a_sheet_that_is_not_handed_in_takes_a_reason(void **state) {
    struct office *office = *state;
    open_judging_early(office);
    confirm(office, "quan-ba-dinh", 2000);
    assert_ok(adjust(office, "hoang-mai", NULL, 100));
    const Pb__Response *response = FINALIZE_ALL(office, NULL);
    assert_int_equal(response->n_problems, 2);
    assert_problem(response, 0, "FINALIZE_NOT_HANDED_IN", "unit", "quan-dong-da");
    assert_told(response, 0, "state", "draft");
    assert_problem(response, 1, "FINALIZE_NOT_HANDED_IN", "unit", "quan-hoang-mai");
    assert_told(response, 1, "state", "none");
    response = FINALIZE_ALL(office, "không nộp");
    assert_ok(response);
    assert_final_row(response, 0, "quan-ba-dinh", 9500);
    assert_final_row(response, 1, "quan-dong-da", POINTS_NONE);
    assert_final_row(response, 2, "quan-hoang-mai", POINTS_NONE);
    const Pb__SheetsFinalized *finalized = entry_of(office, response->finalize->seq)->event->sheets_finalized;
    assert_string_equal(finalized->reason, "không nộp");
    assert_null(finalized->sheets[1]->after->final);
    assert_int_equal(state_of(office, DONG_DA), PB__SHEET_STATE__FINAL);
    assert_int_equal(sheet_of(office, DONG_DA).final.total_cp, POINTS_NONE);
    assert_int_equal(sheet_of(office, DONG_DA).self_cp[TC4], 100);
    assert_int_equal(sheet_of(office, HOANG_MAI).final.bonus_cp, 100);
    assert_int_equal(sheet_of(office, HOANG_MAI).final.total_cp, POINTS_NONE);
}

// Closed as it stands: what the unit changed since stays without points in the final column.
static void a_returned_sheet_is_closed_as_it_stands(void **state) {
    struct office *office = *state;
    open_judging(office);
    confirm(office, "quan-ba-dinh", 2000);
    assert_ok(give_back(office, CITY, "ba-dinh"));
    assert_ok(SCORE(office, BA_DINH_HEAD, points("TC1.2", 1800)));
    const Pb__Response *response = FINALIZE(office, NULL, "ba-dinh");
    assert_refused(response, PB__STATUS__FAILED_PRECONDITION, "FINALIZE_NOT_HANDED_IN");
    assert_told(response, 0, "state", "returned");
    response = FINALIZE(office, "không nộp lại", "ba-dinh");
    assert_ok(response);
    assert_final_row(response, 0, "quan-ba-dinh", 7500);
    assert_int_equal(sheet_of(office, BA_DINH).final.points_cp[TC12], POINTS_NONE);
    assert_int_equal(sheet_of(office, BA_DINH).final.points_cp[TC4], 2500);
}

static void the_final_column_stays_until_it_is_made_again(void **state) {
    struct office *office = *state;
    open_judging(office);
    confirm_all(office);
    assert_ok(FINALIZE_ALL(office, NULL));
    assert_ok(adjust(office, "ba-dinh", NULL, 300));
    struct sheet sheet = sheet_of(office, BA_DINH);
    assert_int_equal(sheet.state, PB__SHEET_STATE__APPRAISED);
    assert_int_equal(sheet.appraised.total_cp, 9800);
    assert_int_equal(sheet.final.total_cp, 9500);
    assert_int_equal(sheet.final.bonus_cp, 0);
    assert_refused(advance(office, COUNCIL, PB__PERIOD_STATE__FINALIZED), PB__STATUS__FAILED_PRECONDITION,
                   "ADVANCE_NOT_FINAL");
    assert_final_row(FINALIZE_ALL(office, NULL), 0, "quan-ba-dinh", 9800);
    assert_int_equal(sheet_of(office, BA_DINH).final.bonus_cp, 300);
    assert_ok(give_back(office, CITY, "ba-dinh"));
    assert_int_equal(sheet_of(office, BA_DINH).final.total_cp, 9800);
    assert_ok(SCORE(office, BA_DINH_HEAD, points("TC4", 0)));
    assert_int_equal(sheet_of(office, BA_DINH).final.total_cp, 9800);
    assert_int_equal(sheet_of(office, BA_DINH).appraised.total_cp, 7300);
}

// A sheet was closed with points; nothing stands of them when it is closed again.
static void a_final_column_may_lose_its_points(void **state) {
    struct office *office = *state;
    open_judging_early(office);
    confirm(office, "quan-ba-dinh", 2000);
    assert_ok(FINALIZE(office, NULL, "ba-dinh"));
    assert_ok(give_back(office, CITY, "ba-dinh"));
    fill_sheet(office, BA_DINH_HEAD, 2000);
    assert_int_equal(sheet_of(office, BA_DINH).appraised.total_cp, POINTS_NONE);
    assert_final_row(FINALIZE(office, "không nộp lại", "ba-dinh"), 0, "quan-ba-dinh", POINTS_NONE);
    assert_int_equal(sheet_of(office, BA_DINH).final.total_cp, POINTS_NONE);
}

// Points that nobody has claimed differ from none.
static void a_sheet_that_was_closed_without_points_may_be_judged(void **state) {
    struct office *office = *state;
    open_judging_early(office);
    assert_ok(FINALIZE(office, "không nộp", "hoang-mai"));
    assert_ok(adjust(office, "hoang-mai", NULL, 100));
    const Pb__Response *response = APPRAISE(office, CITY, "hoang-mai", NULL, gives("TC3", 0));
    assert_refused(response, PB__STATUS__INVALID_ARGUMENT, "APPRAISAL_REASON");
    assert_told(response, 0, "limit", "no points");
    assert_false(PREVIEW(office, CITY, "hoang-mai", "x", gives("TC3", 0))->appraise_preview->lines[0]->has_self_cp);
    assert_ok(APPRAISE(office, CITY, "hoang-mai", "không có số liệu", gives("TC3", 0)));
    assert_int_equal(sheet_of(office, HOANG_MAI).appraised.total_cp, 100);
}

static void a_period_that_is_too_large_is_made_final_in_parts(void **state) {
    struct office *office = *state;
    struct fixture *fixture = &office->world.fixture;
    enum { UNITS = 400, LEAVES = 512, AT_MOST = 368 };
    const char *names[UNITS];
    char text[32];
    fixture->definition->id = "rong";
    fixture->definition->n_units = fixture->definition->n_criteria = 0;
    for (int i = 0; i < UNITS; i++) {
        snprintf(text, sizeof text, "xa-%d", i);
        names[i] = add_unit(fixture, text, NULL, text)->id;
    }
    for (int i = 0; i < LEAVES; i++) {
        snprintf(text, sizeof text, "A%d", i);
        add_criterion(fixture, text, 10);
    }
    fixture->definition->leader = fixture->definition->deputy = NULL;
    assert_ok(load_period(office, COUNCIL));
    append_own(office, period_advanced(&office->world, 2, PB__PERIOD_STATE__DRAFT, PB__PERIOD_STATE__SIGNED));
    append_own(office, period_advanced(&office->world, 2, PB__PERIOD_STATE__SIGNED, PB__PERIOD_STATE__SCORING));
    assert_ok(advance_because(office, PB__PERIOD_STATE__APPRAISAL, "họp sớm"));
    const Pb__Response *response = FINALIZE_ALL(office, "không nộp");
    assert_refused(response, PB__STATUS__INVALID_ARGUMENT, "FIELD_COUNT");
    assert_told(response, 0, "field", "finalize.units");
    assert_int_equal(told(response, 0, "value")->number, UNITS);
    assert_int_equal(told(response, 0, "limit")->number, AT_MOST);
    response = write_as(office, COUNCIL, ASK(FINALIZE, finalize_of(office, "không nộp", names, AT_MOST)));
    assert_ok(response);
    assert_int_equal(response->finalize->n_rows, AT_MOST);
    assert_int_equal(FINALIZE_ALL(office, "không nộp")->finalize->n_rows, UNITS - AT_MOST);
}

// What was looked at may have changed before it is made final.
static void what_has_moved_since_is_not_made_final(void **state) {
    struct office *office = *state;
    open_judging(office);
    confirm_all(office);
    uint64_t seen = last_seq(office);
    assert_ok(adjust(office, "ba-dinh", "TC4", 150));
    Pb__Finalize *message = finalize_of(office, NULL, NULL, 0);
    message->has_if_seq = true;
    message->if_seq = seen;
    const Pb__Response *response = write_as(office, COUNCIL, ASK(FINALIZE, message));
    assert_refused(response, PB__STATUS__CONFLICT, "PERIOD_MOVED");
    assert_told(response, 0, "period", "hn-cum-1-2022");
    assert_int_equal(told(response, 0, "expected")->number, seen);
    assert_int_equal(told(response, 0, "seq")->number, seen + 1);
    message->if_seq = seen + 1;
    assert_ok(invite(office, "quan-ba-dinh", PB__ROLE__OFFICER, 900)); // which changes nothing in the period
    assert_ok(write_as(office, COUNCIL, ASK(FINALIZE, message)));
}

// ---- hold, nominate ----

static void a_hold_blocks_the_nomination_and_not_the_score(void **state) {
    struct office *office = *state;
    open_awards(office);
    const Pb__Response *response = hold(office, "ba-dinh", "đang có đơn thư", false);
    assert_ok(response);
    assert_string_equal(response->hold->unit, "quan-ba-dinh");
    assert_true(response->hold->held);
    assert_int_equal(sheet_of(office, BA_DINH).held_seq, response->hold->seq);
    assert_int_equal(state_of(office, BA_DINH), PB__SHEET_STATE__FINAL);
    assert_int_equal(sheet_of(office, BA_DINH).final.total_cp, 9500);
    response = nominate(office, "ba-dinh", "Cờ thi đua");
    assert_refused(response, PB__STATUS__FAILED_PRECONDITION, "AWARD_HELD");
    assert_told(response, 0, "unit", "quan-ba-dinh");
    assert_told(response, 0, "value", "đang có đơn thư");
    assert_ok(nominate(office, "dong-da", "Cờ thi đua"));
    response = hold(office, "ba-dinh", "đã giải quyết", true);
    assert_ok(response);
    assert_false(response->hold->held);
    assert_int_equal(sheet_of(office, BA_DINH).held_seq, 0);
    response = nominate(office, "ba-dinh", "Bằng khen");
    assert_ok(response);
    assert_string_equal(response->nominate->unit, "quan-ba-dinh");
    assert_string_equal(response->nominate->award, "Bằng khen");
}

static void a_hold_is_put_and_lifted_once(void **state) {
    struct office *office = *state;
    open_awards(office);
    const Pb__Response *response = hold(office, "ba-dinh", "x", true);
    assert_refused(response, PB__STATUS__FAILED_PRECONDITION, "NOT_HELD");
    assert_told(response, 0, "unit", "quan-ba-dinh");
    assert_ok(hold(office, "ba-dinh", "thanh tra", false));
    assert_refused(hold(office, "ba-dinh", "khác", false), PB__STATUS__FAILED_PRECONDITION, "HELD_ALREADY");
    assert_ok(hold(office, "dong-da", "thanh tra", false));
    assert_ok(hold(office, "ba-dinh", "xong", true));
    assert_refused(hold(office, "ba-dinh", "xong", true), PB__STATUS__FAILED_PRECONDITION, "NOT_HELD");
    const Pb__Response *again = hold(office, "ba-dinh", "thanh tra lại", false);
    assert_ok(again);
    assert_told(nominate(office, "ba-dinh", "Cờ"), 0, "value", "thanh tra lại");
}

static void an_award_is_named_once(void **state) {
    struct office *office = *state;
    open_awards(office);
    uint64_t first = nominate(office, "ba-dinh", "Cờ thi đua")->nominate->seq;
    assert_ok(nominate(office, "dong-da", "Cờ thi đua"));
    uint64_t second = nominate(office, "ba-dinh", "Bằng khen")->nominate->seq;
    assert_false(entry_of(office, first)->event->nominated->has_replaces);
    assert_int_equal(entry_of(office, second)->event->nominated->replaces, first);
    const Pb__Response *response = nominate(office, "ba-dinh", "Cờ thi đua");
    assert_refused(response, PB__STATUS__FAILED_PRECONDITION, "NOMINATED_ALREADY");
    assert_told(response, 0, "value", "Cờ thi đua");
    assert_refused(nominate(office, "ba-dinh", "Bằng khen"), PB__STATUS__FAILED_PRECONDITION, "NOMINATED_ALREADY");
    assert_int_equal(sheet_of(office, BA_DINH).nominated_seq, second);
}

static void nominations_are_few(void **state) {
    struct office *office = *state;
    char award[32];
    open_awards(office);
    for (int i = 0; i < 20; i++) {
        snprintf(award, sizeof award, "Danh hiệu %d", i);
        assert_ok(nominate(office, "ba-dinh", award));
    }
    const Pb__Response *response = nominate(office, "ba-dinh", "Cờ thi đua");
    assert_refused(response, PB__STATUS__FAILED_PRECONDITION, "NOMINATIONS_MANY");
    assert_told(response, 0, "unit", "quan-ba-dinh");
    assert_int_equal(told(response, 0, "limit")->number, 20);
    assert_refused(nominate(office, "ba-dinh", "Danh hiệu 0"), PB__STATUS__FAILED_PRECONDITION, "NOMINATED_ALREADY");
    assert_ok(nominate(office, "dong-da", "Cờ thi đua"));
}

// Reopening would not bring the step back: it is offered in the finalized period alone.
static void a_locked_period_is_past_awards(void **state) {
    struct office *office = *state;
    open_awards(office);
    assert_ok(advance(office, COUNCIL, PB__PERIOD_STATE__PUBLISHED));
    assert_ok(advance(office, COUNCIL, PB__PERIOD_STATE__LOCKED));
    Pb__Nominate award = PB__NOMINATE__INIT;
    award.period = "hn-cum-1-2022";
    award.unit = "ba-dinh";
    award.award = "Cờ";
    const Pb__Response *response = write_as(office, COUNCIL, ASK(NOMINATE, &award));
    assert_refused(response, PB__STATUS__FAILED_PRECONDITION, "PERIOD_STATE");
    assert_told(response, 0, "needed", "finalized");
    Pb__Finalize *final = finalize_of(office, NULL, NULL, 0);
    final->period = award.period;
    assert_refused(write_as(office, COUNCIL, ASK(FINALIZE, final)), PB__STATUS__FAILED_PRECONDITION, "PERIOD_LOCKED");
}

static void awards_wait_for_the_finalized_period(void **state) {
    struct office *office = *state;
    open_judging(office);
    confirm_all(office);
    assert_ok(FINALIZE_ALL(office, NULL));
    const Pb__Response *response = hold(office, "ba-dinh", "x", false);
    assert_refused(response, PB__STATUS__FAILED_PRECONDITION, "PERIOD_STATE");
    assert_told(response, 0, "needed", "finalized");
    assert_refused(nominate(office, "ba-dinh", "Cờ"), PB__STATUS__FAILED_PRECONDITION, "PERIOD_STATE");
}

static void resends_are_answered_as_before(void **state) {
    struct office *office = *state;
    open_judging(office);
    confirm_all(office);
    Pb__Finalize *finalize = finalize_of(office, NULL, NULL, 0);
    uint64_t seq = write_as(office, COUNCIL, ASK(FINALIZE, finalize))->finalize->seq;
    const Pb__Response *again = write_again(office, COUNCIL, ASK(FINALIZE, finalize));
    assert_ok(again);
    assert_int_equal(again->finalize->seq, seq);
    assert_true(again->finalize->replayed);
    assert_int_equal(again->finalize->n_rows, 3);
    assert_ok(advance(office, COUNCIL, PB__PERIOD_STATE__FINALIZED));
    Pb__Hold message = PB__HOLD__INIT;
    message.unit = "ba-dinh";
    message.reason = "thanh tra";
    assert_ok(write_as(office, COUNCIL, ASK(HOLD, &message)));
    again = write_again(office, COUNCIL, ASK(HOLD, &message));
    assert_ok(again);
    assert_true(again->hold->held && again->hold->replayed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        OFFICE_TEST(the_final_column_is_the_appraised_one),
        OFFICE_TEST(units_are_named_in_any_way_and_answered_in_the_periods_order),
        OFFICE_TEST(nothing_is_left_to_make_final),
        OFFICE_TEST(every_problem_is_named_and_nothing_is_written),
        OFFICE_TEST(bad_names_are_all_named),
        OFFICE_TEST(the_period_is_asked_once),
        OFFICE_TEST(a_sheet_that_is_not_handed_in_takes_a_reason),
        OFFICE_TEST(a_returned_sheet_is_closed_as_it_stands),
        OFFICE_TEST(the_final_column_stays_until_it_is_made_again),
        OFFICE_TEST(a_final_column_may_lose_its_points),
        OFFICE_TEST(a_sheet_that_was_closed_without_points_may_be_judged),
        OFFICE_TEST(a_period_that_is_too_large_is_made_final_in_parts),
        OFFICE_TEST(a_hold_blocks_the_nomination_and_not_the_score),
        OFFICE_TEST(a_hold_is_put_and_lifted_once),
        OFFICE_TEST(an_award_is_named_once),
        OFFICE_TEST(what_has_moved_since_is_not_made_final),
        OFFICE_TEST(nominations_are_few),
        OFFICE_TEST(a_locked_period_is_past_awards),
        OFFICE_TEST(awards_wait_for_the_finalized_period),
        OFFICE_TEST(resends_are_answered_as_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
