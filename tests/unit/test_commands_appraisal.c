// The appraised column: who gives it, what may be given, what it adds up to, and what a preview tells.
#include "tests/unit/judgement_fixture.h"

// ---- appraise ----

static void what_the_unit_gave_is_confirmed_without_a_reason(void **state) {
    struct office *office = *state;
    open_judging(office);
    const Pb__Response *response = APPRAISE(office, CITY, "ba-dinh", NULL, gives("tc1.2", 2000), gives("TC1.1", 1500));
    assert_ok(response);
    const Pb__AppraiseReply *reply = response->appraise;
    assert_int_equal(reply->seq, last_seq(office));
    assert_string_equal(reply->period, "hn-cum-1-2022");
    assert_string_equal(reply->unit, "quan-ba-dinh");
    assert_int_equal(reply->n_lines, 2);
    assert_string_equal(reply->lines[0]->criterion, "TC1.2");
    assert_int_equal(reply->lines[0]->points_cp, 2000);
    assert_int_equal(reply->lines[0]->revision, 1);
    assert_int_equal(reply->pending, 3);
    assert_int_equal(reply->total_cp, 3500);
    assert_false(reply->replayed);
    struct sheet sheet = sheet_of(office, BA_DINH);
    assert_int_equal(sheet.state, PB__SHEET_STATE__APPRAISED);
    assert_int_equal(sheet.appraised.points_cp[TC12], 2000);
    assert_int_equal(sheet.appraised.points_cp[TC2], POINTS_NONE);
    assert_int_equal(sheet.appraised.total_cp, 3500);
    assert_int_equal(sheet.self_total_cp, 9500);
    assert_int_equal(sheet.final.total_cp, POINTS_NONE);
}

static void lines_that_are_not_assigned_do_not_pend(void **state) {
    struct office *office = *state;
    open_judging(office);
    const Pb__Response *response = APPRAISE(office, CITY, "hoang-mai", "xem lại", gives("TC1.1", 1000),
                                            gives("TC1.2", 2500), gives("TC2", 2000), gives("TC3", 0));
    assert_ok(response);
    assert_int_equal(response->appraise->pending, 0);
    assert_int_equal(response->appraise->total_cp, 5500);
}

static void a_reason_is_owed_for_each_point_that_differs(void **state) {
    struct office *office = *state;
    open_judging(office);
    uint64_t before = last_seq(office);
    const Pb__Response *response = APPRAISE(office, CITY, "ba-dinh", NULL, gives("TC1.1", 1475), gives("TC1.2", 2000),
                                            gives("TC4", 2550), gives("TC3", 1600));
    assert_int_equal(response->status, PB__STATUS__INVALID_ARGUMENT);
    assert_int_equal(response->n_problems, 5);
    assert_problem(response, 0, "APPRAISAL_REASON", "criterion", "TC1.1");
    assert_int_equal(told(response, 0, "value")->points_cp, 1475);
    assert_int_equal(told(response, 0, "limit")->points_cp, 1500);
    assert_problem(response, 1, "POINTS_RANGE", "criterion", "TC4");
    assert_problem(response, 2, "APPRAISAL_REASON", "criterion", "TC4");
    assert_problem(response, 3, "POINTS_RANGE", "criterion", "TC3");
    assert_problem(response, 4, "APPRAISAL_REASON", "criterion", "TC3");
    assert_int_equal(last_seq(office), before);
    assert_int_equal(sheet_of(office, BA_DINH).state, PB__SHEET_STATE__SUBMITTED);
    assert_ok(APPRAISE(office, CITY, "ba-dinh", "thiếu minh chứng", gives("TC1.1", 1475), gives("TC1.2", 2000)));
    assert_int_equal(sheet_of(office, BA_DINH).appraised.points_cp[TC11], 1475);
}

static void every_problem_is_named_and_nothing_is_written(void **state) {
    struct office *office = *state;
    open_judging(office);
    uint64_t before = last_seq(office);
    const Pb__Response *response =
        APPRAISE(office, CITY, "hoang-mai", "xem lại", gives("TC1.1", 1525), gives("TC1.2", 110), gives("TC9", 100),
                 gives("TC1", 100), gives("TC2", 100), gives("tc2", 200), gives("TC4", 50), gives_at("TC3", 100, 1));
    assert_int_equal(response->status, PB__STATUS__INVALID_ARGUMENT);
    assert_int_equal(response->n_problems, 7);
    assert_problem(response, 0, "POINTS_RANGE", "criterion", "TC1.1");
    assert_problem(response, 1, "POINTS_STEP", "criterion", "TC1.2");
    assert_int_equal(told(response, 1, "limit")->points_cp, 25);
    assert_problem(response, 2, "CRITERION_UNKNOWN", "criterion", "TC9");
    assert_problem(response, 3, "CRITERION_HAS_ITEMS", "criterion", "TC1");
    assert_says(response, 4, "CRITERION_TWICE");
    assert_problem(response, 5, "CRITERION_NOT_ASSIGNED", "criterion", "TC4");
    assert_told(response, 5, "unit", "quan-hoang-mai");
    assert_problem(response, 6, "APPRAISAL_MOVED", "criterion", "TC3");
    assert_int_equal(last_seq(office), before);
    struct sheet sheet = sheet_of(office, HOANG_MAI);
    assert_int_equal(sheet.state, PB__SHEET_STATE__SUBMITTED);
    assert_int_equal(sheet.appraised.total_cp, POINTS_NONE);
}

// 999 of 1,000 is 19,98 of 20,00, which is off a step of 0,50.
static void points_that_a_formula_gave_may_be_off_the_step(void **state) {
    struct office *office = *state;
    office->world.fixture.definition->criteria[3]->step_cp = 50;
    name_leaders(office);
    open_scoring(office);
    fill_sheet(office, BA_DINH_HEAD, 2000);
    assert_ok(SCORE(office, BA_DINH_HEAD, actual("TC2", 999)));
    assert_ok(hand_in(office, BA_DINH_HEAD));
    assert_ok(advance_because(office, PB__PERIOD_STATE__APPRAISAL, "họp sớm"));
    assert_refused(APPRAISE(office, CITY, "ba-dinh", "làm tròn", gives("TC2", 1999)), PB__STATUS__INVALID_ARGUMENT,
                   "POINTS_STEP");
    assert_ok(APPRAISE(office, CITY, "ba-dinh", NULL, gives("TC2", 1998)));
    assert_ok(APPRAISE(office, CITY, "ba-dinh", "làm tròn", gives("TC2", 1950)));
}

static void an_appraisal_that_moved_is_a_conflict(void **state) {
    struct office *office = *state;
    open_judging(office);
    assert_ok(APPRAISE(office, CITY, "ba-dinh", NULL, gives_at("TC4", 2500, 0)));
    const Pb__Response *response = APPRAISE(office, CITY, "ba-dinh", "x", gives_at("TC4", 2000, 0));
    assert_refused(response, PB__STATUS__CONFLICT, "APPRAISAL_MOVED");
    assert_told(response, 0, "criterion", "TC4");
    assert_int_equal(told(response, 0, "revision")->number, 1);
    assert_int_equal(told(response, 0, "expected")->number, 0);
    response = APPRAISE(office, CITY, "ba-dinh", "x", gives_at("TC4", 2000, 1));
    assert_ok(response);
    assert_int_equal(response->appraise->lines[0]->revision, 2);
    assert_int_equal(sheet_of(office, BA_DINH).appraised.points_cp[TC4], 2000);
}

// The entry says from what, to what and why, and which appraisal of the line it replaces.
static void the_entry_tells_the_change(void **state) {
    struct office *office = *state;
    open_judging(office);
    uint64_t first = APPRAISE(office, CITY, "ba-dinh", NULL, gives("TC4", 2500))->appraise->seq;
    uint64_t other = APPRAISE(office, DONG_DA_HEAD, "ba-dinh", NULL, gives("TC2", 2000))->appraise->seq;
    uint64_t second = APPRAISE(office, CITY, "ba-dinh", "thiếu", gives("TC4", 1000))->appraise->seq;
    const Pb__LinesAppraised *judged = entry_of(office, first)->event->lines_appraised;
    assert_false(judged->lines[0]->has_replaces);
    assert_false(judged->lines[0]->has_from_cp);
    assert_null(judged->reason);
    judged = entry_of(office, second)->event->lines_appraised;
    assert_int_equal(entry_of(office, second)->actor->account, office->people[CITY].account);
    assert_int_equal(judged->unit, BA_DINH);
    assert_string_equal(judged->reason, "thiếu");
    assert_int_equal(judged->lines[0]->leaf, TC4);
    assert_int_equal(judged->lines[0]->replaces, first);
    assert_int_equal(judged->lines[0]->from_cp, 2500);
    assert_int_equal(judged->lines[0]->points_cp, 1000);
    assert_int_equal(judged->after->replaces, other);
    assert_int_equal(judged->after->appraised->total_cp, 3000);
    assert_int_equal(judged->after->appraised->points_cp[TC11], POINTS_NONE);
    assert_null(judged->after->final);
}

static void nobody_judges_the_own_sheet(void **state) {
    struct office *office = *state;
    open_judging(office);
    const Pb__Response *response = APPRAISE(office, DONG_DA_HEAD, "dong-da", NULL, gives("TC4", 2500));
    assert_refused(response, PB__STATUS__PERMISSION_DENIED, "PARTY_TO_SHEET");
    assert_refused(APPRAISE(office, HOANG_MAI_HEAD, "ba-dinh", NULL, gives("TC4", 2500)), PB__STATUS__PERMISSION_DENIED,
                   "DEPUTY_FOR_LEADER");
    assert_refused(APPRAISE(office, BA_DINH_HEAD, "dong-da", NULL, gives("TC4", 2500)), PB__STATUS__PERMISSION_DENIED,
                   "ROLE_NOT_PERMITTED");
    assert_refused(APPRAISE(office, COUNCIL, "dong-da", NULL, gives("TC4", 2500)), PB__STATUS__PERMISSION_DENIED,
                   "ROLE_NOT_PERMITTED");
    assert_refused(give_back(office, DONG_DA_HEAD, "dong-da"), PB__STATUS__PERMISSION_DENIED, "PARTY_TO_SHEET");
    assert_ok(APPRAISE(office, HOANG_MAI_HEAD, "dong-da", NULL, gives("TC4", 2500)));
    assert_ok(APPRAISE(office, DONG_DA_HEAD, "hoang-mai", NULL, gives("TC3", 1500)));
}

static void a_sheet_that_is_with_its_unit_is_not_appraised(void **state) {
    struct office *office = *state;
    open_judging_early(office);
    const Pb__Response *response = APPRAISE(office, CITY, "dong-da", NULL, gives("TC4", 100));
    assert_refused(response, PB__STATUS__FAILED_PRECONDITION, "SHEET_STATE");
    assert_told(response, 0, "state", "draft");
    assert_told(response, 0, "needed", "submitted, appraised, explained");
}

static void a_resend_is_answered_as_before(void **state) {
    struct office *office = *state;
    open_judging(office);
    Pb__Appraise *appraise = JUDGED(office, "ba-dinh", NULL, gives("TC4", 2500));
    const Pb__Response *first = write_as(office, CITY, ASK(APPRAISE, appraise));
    const Pb__Response *again = write_again(office, CITY, ASK(APPRAISE, appraise));
    assert_ok(again);
    assert_int_equal(again->appraise->seq, first->appraise->seq);
    assert_int_equal(again->appraise->pending, 4);
    assert_int_equal(again->appraise->total_cp, 2500);
    assert_true(again->appraise->replayed);
    assert_int_equal(last_seq(office), first->appraise->seq);
    assert_ok(APPRAISE(office, CITY, "ba-dinh", NULL, gives("TC2", 2000)));
}

// ---- return, explain ----

static void an_edited_line_pends_again_and_no_other(void **state) {
    struct office *office = *state;
    open_judging(office);
    confirm(office, "quan-ba-dinh", 2000);
    const Pb__Response *response = give_back(office, DONG_DA_HEAD, "ba-dinh");
    assert_ok(response);
    assert_string_equal(response->return_sheet->unit, "quan-ba-dinh");
    assert_int_equal(response->return_sheet->state, PB__SHEET_STATE__RETURNED);
    assert_string_equal(entry_of(office, response->return_sheet->seq)->event->sheet_returned->reason,
                        "thiếu minh chứng");
    assert_int_equal(sheet_of(office, BA_DINH).appraised.total_cp, 9500);
    assert_ok(SCORE(office, BA_DINH_HEAD, points("TC1.2", 1800)));
    assert_int_equal(sheet_of(office, BA_DINH).appraised.points_cp[TC12], POINTS_NONE);
    assert_int_equal(sheet_of(office, BA_DINH).appraised.total_cp, 7500);
    assert_refused(APPRAISE(office, CITY, "ba-dinh", NULL, gives("TC1.2", 1800)), PB__STATUS__FAILED_PRECONDITION,
                   "SHEET_STATE");
    assert_int_equal(hand_in(office, BA_DINH_HEAD)->submit->sheet_revision, 2);
    assert_refused(explain(office, BA_DINH_HEAD, "TC1.2"), PB__STATUS__FAILED_PRECONDITION, "SHEET_STATE");
    response = APPRAISE(office, CITY, "ba-dinh", NULL, gives_at("TC1.2", 1800, 1));
    assert_ok(response);
    assert_int_equal(response->appraise->pending, 0);
    assert_int_equal(response->appraise->total_cp, 9300);
    assert_int_equal(response->appraise->lines[0]->revision, 2);
    const Pb__LinesAppraised *judged = entry_of(office, response->appraise->seq)->event->lines_appraised;
    assert_true(judged->lines[0]->has_replaces);
    assert_false(judged->lines[0]->has_from_cp);
}

static void a_return_lets_a_straggler_in(void **state) {
    struct office *office = *state;
    open_judging_early(office);
    assert_refused(SCORE(office, HOANG_MAI_HEAD, points("TC1.1", 100)), PB__STATUS__FAILED_PRECONDITION,
                   "PERIOD_STATE");
    assert_ok(give_back(office, CITY, "hoang-mai"));
    assert_ok(give_back(office, CITY, "dong-da"));
    fill_sheet(office, HOANG_MAI_HEAD, 2500);
    assert_ok(hand_in(office, HOANG_MAI_HEAD));
    assert_int_equal(sheet_of(office, HOANG_MAI).state, PB__SHEET_STATE__SUBMITTED);
    const Pb__Response *response = give_back(office, CITY, "dong-da");
    assert_refused(response, PB__STATUS__FAILED_PRECONDITION, "SHEET_STATE");
    assert_told(response, 0, "state", "returned");
}

static void the_unit_explains_what_was_appraised(void **state) {
    struct office *office = *state;
    open_judging(office);
    assert_refused(explain(office, BA_DINH_HEAD, "TC4"), PB__STATUS__FAILED_PRECONDITION, "SHEET_STATE");
    assert_ok(APPRAISE(office, CITY, "ba-dinh", "thiếu", gives("TC4", 1000)));
    const Pb__Response *response = explain(office, BA_DINH_HEAD, "TC2");
    assert_refused(response, PB__STATUS__FAILED_PRECONDITION, "LINE_PENDING");
    assert_told(response, 0, "criterion", "TC2");
    assert_told(response, 0, "unit", "quan-ba-dinh");
    assert_refused(explain(office, BA_DINH_OFFICER, "TC4"), PB__STATUS__PERMISSION_DENIED, "ROLE_NOT_PERMITTED");
    assert_refused(explain(office, BA_DINH_HEAD, "TC1"), PB__STATUS__INVALID_ARGUMENT, "CRITERION_HAS_ITEMS");
    response = explain(office, BA_DINH_HEAD, "tc4");
    assert_ok(response);
    assert_string_equal(response->explain->unit, "quan-ba-dinh");
    assert_string_equal(response->explain->criterion, "TC4");
    assert_int_equal(response->explain->seq, last_seq(office));
    assert_int_equal(sheet_of(office, BA_DINH).state, PB__SHEET_STATE__EXPLAINED);
    uint64_t first = response->explain->seq;
    response = explain(office, BA_DINH_HEAD, "TC4");
    assert_ok(response);
    assert_false(entry_of(office, first)->event->line_explained->has_replaces);
    assert_int_equal(entry_of(office, response->explain->seq)->event->line_explained->replaces, first);
    assert_ok(APPRAISE(office, CITY, "ba-dinh", "đã rõ", gives("TC4", 2000)));
    assert_int_equal(sheet_of(office, BA_DINH).state, PB__SHEET_STATE__APPRAISED);
    assert_int_equal(sheet_of(office, BA_DINH).appraised.total_cp, 2000);
}

static void a_line_that_is_not_assigned_is_not_explained(void **state) {
    struct office *office = *state;
    open_judging(office);
    assert_ok(APPRAISE(office, CITY, "hoang-mai", NULL, gives("TC3", 1500)));
    assert_refused(explain(office, HOANG_MAI_HEAD, "TC4"), PB__STATUS__INVALID_ARGUMENT, "CRITERION_NOT_ASSIGNED");
}

// ---- bonus, deduct ----

static void the_bonus_ends_at_the_cap(void **state) {
    struct office *office = *state;
    open_judging(office);
    confirm(office, "quan-ba-dinh", 2000);
    uint64_t first = adjust(office, "ba-dinh", NULL, 300)->adjust->seq;
    const Pb__Response *response = adjust(office, "ba-dinh", NULL, 201);
    assert_refused(response, PB__STATUS__INVALID_ARGUMENT, "BONUS_CAP");
    assert_told(response, 0, "unit", "quan-ba-dinh");
    assert_int_equal(told(response, 0, "value")->points_cp, 501);
    assert_int_equal(told(response, 0, "limit")->points_cp, 500);
    response = adjust(office, "ba-dinh", NULL, 200);
    assert_ok(response);
    assert_null(response->adjust->criterion);
    assert_int_equal(response->adjust->points_cp, 200);
    assert_int_equal(response->adjust->appraised->base_cp, 9500);
    assert_int_equal(response->adjust->appraised->bonus_cp, 500);
    assert_int_equal(response->adjust->appraised->deduction_cp, 0);
    assert_int_equal(response->adjust->appraised->total_cp, 10000);
    assert_int_equal(response->adjust->appraised->n_points_cp, 0);
    const Pb__Adjusted *adjusted = entry_of(office, response->adjust->seq)->event->adjusted;
    assert_false(adjusted->has_leaf);
    assert_int_equal(adjusted->replaces, first);
    assert_false(entry_of(office, first)->event->adjusted->has_replaces);
    assert_refused(adjust(office, "ba-dinh", NULL, 1), PB__STATUS__INVALID_ARGUMENT, "BONUS_CAP");
    assert_ok(adjust(office, "dong-da", NULL, 500));
    assert_int_equal(sheet_of(office, BA_DINH).state, PB__SHEET_STATE__APPRAISED);
    assert_int_equal(sheet_of(office, DONG_DA).state, PB__SHEET_STATE__SUBMITTED);
}

// No sum of points is above what the criteria allow: here they allow 110,00 of 100,00.
static void the_base_ends_at_the_periods_total(void **state) {
    struct office *office = *state;
    struct world *world = &office->world;
    world->fixture.definition->criteria[5]->max_cp = 3500;
    name_leaders(office);
    assert_ok(load_period(office, COUNCIL));
    append_own(office, period_advanced(world, 1, PB__PERIOD_STATE__DRAFT, PB__PERIOD_STATE__SIGNED));
    append_own(office, period_advanced(world, 1, PB__PERIOD_STATE__SIGNED, PB__PERIOD_STATE__SCORING));
    fill_sheet(office, BA_DINH_HEAD, 2500);
    assert_ok(SCORE(office, BA_DINH_HEAD, points("TC4", 3500)));
    assert_ok(hand_in(office, BA_DINH_HEAD));
    assert_ok(advance_because(office, PB__PERIOD_STATE__APPRAISAL, "họp sớm"));
    const Pb__Response *response = APPRAISE(office, CITY, "ba-dinh", "x", gives("TC1.1", 1500), gives("TC1.2", 2500),
                                            gives("TC2", 2000), gives("TC3", 1500), gives("TC4", 2450));
    assert_int_equal(response->appraise->total_cp, 9950);
    assert_int_equal(APPRAISE(office, CITY, "ba-dinh", NULL, gives("TC4", 3500))->appraise->total_cp, 10000);
    assert_int_equal(sheet_of(office, BA_DINH).appraised.base_cp, 11000);
    assert_int_equal(sheet_of(office, BA_DINH).appraised.total_cp, 10000);
    assert_int_equal(adjust(office, "ba-dinh", NULL, 250)->adjust->appraised->total_cp, 10250);
    assert_int_equal(adjust(office, "ba-dinh", "TC2", 100)->adjust->appraised->total_cp, 10150);
}

static void deductions_have_a_step_and_a_range(void **state) {
    struct office *office = *state;
    open_judging(office);
    confirm(office, "quan-ba-dinh", 2000);
    const Pb__Response *response = adjust(office, "ba-dinh", "TC4", 2530);
    assert_int_equal(response->n_problems, 2);
    assert_problem(response, 0, "POINTS_STEP", "criterion", "TC4");
    assert_int_equal(told(response, 0, "limit")->points_cp, 50);
    assert_problem(response, 1, "DEDUCTION_RANGE", "criterion", "TC4");
    assert_told(response, 1, "unit", "quan-ba-dinh");
    assert_int_equal(told(response, 1, "value")->points_cp, 2530);
    assert_int_equal(told(response, 1, "limit")->points_cp, 2500);
    assert_refused(adjust(office, "ba-dinh", "TC4", 30), PB__STATUS__INVALID_ARGUMENT, "POINTS_STEP");
    assert_ok(adjust(office, "ba-dinh", "TC4", 2000));
    assert_refused(adjust(office, "ba-dinh", "TC4", 550), PB__STATUS__INVALID_ARGUMENT, "DEDUCTION_RANGE");
    response = adjust(office, "ba-dinh", "tc4", 500);
    assert_ok(response);
    assert_string_equal(response->adjust->criterion, "TC4");
    assert_int_equal(response->adjust->appraised->deduction_cp, 2500);
    assert_int_equal(response->adjust->appraised->total_cp, 7000);
    assert_int_equal(sheet_of(office, BA_DINH).deducted_cp[TC4], 2500);
    assert_int_equal(entry_of(office, response->adjust->seq)->event->adjusted->leaf, TC4);
    assert_refused(adjust(office, "hoang-mai", "TC4", 50), PB__STATUS__INVALID_ARGUMENT, "CRITERION_NOT_ASSIGNED");
    assert_refused(adjust(office, "ba-dinh", "TC1", 50), PB__STATUS__INVALID_ARGUMENT, "CRITERION_HAS_ITEMS");
}

// 5,00 are deducted from TC4; of that counts what TC4 has.
static void a_deduction_takes_no_line_below_zero(void **state) {
    struct office *office = *state;
    open_judging(office);
    assert_null(adjust(office, "ba-dinh", "TC4", 500)->adjust->appraised);
    assert_ok(APPRAISE(office, CITY, "ba-dinh", "x", gives("TC4", 1000), gives("TC1.1", 1500)));
    struct sheet sheet = sheet_of(office, BA_DINH);
    assert_int_equal(sheet.appraised.base_cp, 2500);
    assert_int_equal(sheet.appraised.deduction_cp, 500);
    assert_int_equal(sheet.appraised.total_cp, 2000);
    assert_int_equal(APPRAISE(office, CITY, "ba-dinh", "x", gives("TC4", 300))->appraise->total_cp, 1500);
    sheet = sheet_of(office, BA_DINH);
    assert_int_equal(sheet.appraised.deduction_cp, 300);
    assert_int_equal(sheet.deducted_cp[TC4], 500);
    assert_int_equal(APPRAISE(office, CITY, "ba-dinh", "x", gives("TC4", 800))->appraise->total_cp, 1800);
    assert_int_equal(sheet_of(office, BA_DINH).appraised.deduction_cp, 500);
}

static void a_bonus_alone_makes_no_total(void **state) {
    struct office *office = *state;
    open_judging_early(office);
    const Pb__Response *response = adjust(office, "hoang-mai", NULL, 100);
    assert_ok(response);
    assert_int_equal(response->adjust->appraised->bonus_cp, 100);
    assert_false(response->adjust->appraised->has_base_cp);
    assert_false(response->adjust->appraised->has_total_cp);
    assert_int_equal(sheet_of(office, HOANG_MAI).state, PB__SHEET_STATE__NONE);
    assert_int_equal(sheet_of(office, HOANG_MAI).appraised.total_cp, POINTS_NONE);
}

// ---- preview ----

static void assert_row(const Pb__Response *response, size_t i, const char *unit, const int32_t before[2],
                       const int32_t after[2]) {
    const Pb__PreviewRow *row = response->appraise_preview->rows[i];
    assert_string_equal(row->unit, unit);
    assert_int_equal(row->has_rank_before, before[0] != 0);
    assert_int_equal(row->has_total_before_cp, before[0] != 0);
    assert_int_equal(row->rank_before, before[0]);
    assert_int_equal(row->total_before_cp, before[1]);
    assert_int_equal(row->has_rank_after, after[0] != 0);
    assert_int_equal(row->has_total_after_cp, after[0] != 0);
    assert_int_equal(row->rank_after, after[0]);
    assert_int_equal(row->total_after_cp, after[1]);
}
#define P(rank, total_cp) ((const int32_t[2]){rank, total_cp})

static void a_preview_shows_the_change_of_ranks(void **state) {
    struct office *office = *state;
    open_judging(office);
    confirm_all(office);
    uint64_t before = last_seq(office);
    const Pb__Response *response =
        PREVIEW(office, CITY, "dong-da", "thiếu", gives("TC1.2", 2000), gives("TC4", 2500), gives("TC1.1", 1475));
    assert_ok(response);
    assert_string_equal(response->appraise_preview->period, "hn-cum-1-2022");
    assert_string_equal(response->appraise_preview->unit, "quan-dong-da");
    assert_int_equal(response->appraise_preview->seq, before);
    assert_int_equal(response->appraise_preview->n_lines, 2); // TC4 stays as it is
    const Pb__PreviewLine *line = response->appraise_preview->lines[0];
    assert_string_equal(line->criterion, "TC1.2");
    assert_int_equal(line->self_cp, 2250);
    assert_int_equal(line->before_cp, 2250);
    assert_int_equal(line->after_cp, 2000);
    assert_string_equal(response->appraise_preview->lines[1]->criterion, "TC1.1");
    assert_int_equal(response->appraise_preview->n_rows, 3);
    assert_row(response, 0, "quan-ba-dinh", P(2, 9500), P(1, 9500));
    assert_row(response, 1, "quan-dong-da", P(1, 9750), P(2, 9475));
    assert_row(response, 2, "quan-hoang-mai", P(3, 7500), P(3, 7500));
    assert_string_equal(response->appraise_preview->rows[1]->name, "Đống Đa");
    assert_int_equal(last_seq(office), before);
    open_writing(office);
    assert_int_equal(sheet_of(office, DONG_DA).appraised.total_cp, 9750);
}

static void a_preview_shows_a_tie(void **state) {
    struct office *office = *state;
    open_judging(office);
    confirm_all(office);
    const Pb__Response *response = PREVIEW(office, CITY, "dong-da", "thiếu", gives("TC1.2", 2000));
    assert_row(response, 0, "quan-ba-dinh", P(2, 9500), P(1, 9500));
    assert_row(response, 1, "quan-dong-da", P(1, 9750), P(1, 9500));
    assert_row(response, 2, "quan-hoang-mai", P(3, 7500), P(3, 7500));
}

// Both have 95,00; fewer deductions go first, then more points in TC1.2.
static void a_preview_breaks_ties(void **state) {
    struct office *office = *state;
    add_tie_break(&office->world.fixture, "deduction");
    add_tie_break(&office->world.fixture, "TC1.2");
    open_judging(office);
    confirm_all(office);
    const Pb__Response *response =
        PREVIEW(office, CITY, "dong-da", "thiếu", gives("TC1.2", 2150), gives("TC1.1", 1350));
    assert_row(response, 0, "quan-ba-dinh", P(2, 9500), P(2, 9500));
    assert_row(response, 1, "quan-dong-da", P(1, 9750), P(1, 9500));
    assert_ok(adjust(office, "dong-da", "TC2", 100));
    response = PREVIEW(office, CITY, "dong-da", "thiếu", gives("TC1.1", 1350));
    assert_row(response, 0, "quan-ba-dinh", P(2, 9500), P(1, 9500));
    assert_row(response, 1, "quan-dong-da", P(1, 9650), P(2, 9500));
}

static void units_without_points_have_no_rank_in_a_preview(void **state) {
    struct office *office = *state;
    open_judging_early(office);
    assert_ok(adjust(office, "hoang-mai", NULL, 100));
    const Pb__Response *response = PREVIEW(office, DONG_DA_HEAD, "ba-dinh", NULL, gives("TC4", 2500));
    assert_ok(response);
    assert_false(response->appraise_preview->lines[0]->has_before_cp);
    assert_row(response, 0, "quan-ba-dinh", P(0, 0), P(1, 2500));
    assert_row(response, 1, "quan-dong-da", P(0, 0), P(0, 0));
    assert_row(response, 2, "quan-hoang-mai", P(0, 0), P(0, 0));
}

static void assert_same_refusal(struct office *office, enum who who, const Pb__Appraise *appraise) {
    const Pb__Response *real = write_as(office, who, ASK(APPRAISE, (void *)(uintptr_t)appraise));
    const Pb__Response *preview = read_as(office, who, ASK(APPRAISE_PREVIEW, (void *)(uintptr_t)appraise));
    assert_int_not_equal(real->status, PB__STATUS__OK);
    assert_int_equal(preview->status, real->status);
    assert_int_equal(preview->n_problems, real->n_problems);
    for (size_t i = 0; i < real->n_problems; i++)
        assert_string_equal(preview->problems[i]->reason, real->problems[i]->reason);
}

static void a_preview_is_refused_as_the_real_thing(void **state) {
    struct office *office = *state;
    open_judging(office);
    assert_same_refusal(office, CITY,
                        JUDGED(office, "hoang-mai", NULL, gives("TC1.1", 1525), gives("TC1.2", 110), gives("TC9", 1),
                               gives("TC1", 1), gives("TC2", 2000), gives("TC2", 1), gives("TC4", 50),
                               gives_at("TC3", 1500, 7)));
    assert_same_refusal(office, CITY, JUDGED(office, "cau-giay", NULL, gives("TC4", 2500)));
    assert_same_refusal(office, DONG_DA_HEAD, JUDGED(office, "dong-da", NULL, gives("TC4", 2500)));
    assert_same_refusal(office, BA_DINH_HEAD, JUDGED(office, "dong-da", NULL, gives("TC4", 2500)));
    assert_same_refusal(office, COUNCIL, JUDGED(office, "dong-da", NULL, gives("TC4", 2500)));
    assert_ok(give_back(office, CITY, "ba-dinh"));
    assert_same_refusal(office, CITY, JUDGED(office, "ba-dinh", NULL, gives("TC4", 2500)));
    Pb__Request request = ASK(APPRAISE_PREVIEW, JUDGED(office, "dong-da", NULL, gives("TC4", 2500)));
    request.has_submission = true;
    request.submission = (ProtobufCBinaryData){SUBMISSION_SIZE, office->submission};
    assert_refused(read_as(office, CITY, request), PB__STATUS__INVALID_ARGUMENT, "ID_ON_READ");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        OFFICE_TEST(what_the_unit_gave_is_confirmed_without_a_reason),
        OFFICE_TEST(lines_that_are_not_assigned_do_not_pend),
        OFFICE_TEST(a_reason_is_owed_for_each_point_that_differs),
        OFFICE_TEST(every_problem_is_named_and_nothing_is_written),
        OFFICE_TEST(points_that_a_formula_gave_may_be_off_the_step),
        OFFICE_TEST(an_appraisal_that_moved_is_a_conflict),
        OFFICE_TEST(the_entry_tells_the_change),
        OFFICE_TEST(nobody_judges_the_own_sheet),
        OFFICE_TEST(a_sheet_that_is_with_its_unit_is_not_appraised),
        OFFICE_TEST(a_resend_is_answered_as_before),
        OFFICE_TEST(an_edited_line_pends_again_and_no_other),
        OFFICE_TEST(a_return_lets_a_straggler_in),
        OFFICE_TEST(the_unit_explains_what_was_appraised),
        OFFICE_TEST(a_line_that_is_not_assigned_is_not_explained),
        OFFICE_TEST(the_bonus_ends_at_the_cap),
        OFFICE_TEST(the_base_ends_at_the_periods_total),
        OFFICE_TEST(deductions_have_a_step_and_a_range),
        OFFICE_TEST(a_deduction_takes_no_line_below_zero),
        OFFICE_TEST(a_bonus_alone_makes_no_total),
        OFFICE_TEST(a_preview_shows_the_change_of_ranks),
        OFFICE_TEST(a_preview_shows_a_tie),
        OFFICE_TEST(a_preview_breaks_ties),
        OFFICE_TEST(units_without_points_have_no_rank_in_a_preview),
        OFFICE_TEST(a_preview_is_refused_as_the_real_thing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
