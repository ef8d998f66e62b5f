// Scores and hand-ins: what a unit may record, and what is then said of it.
#include "tests/unit/year_fixture.h"

static struct sheet sheet_of(struct office *office, uint32_t unit) {
    open_writing(office);
    return sheet_now(&office->world, 1, unit);
}

static uint64_t last_seq(struct office *office) {
    return ledger_tip(office->world.ledger)->seq;
}

// ---- all or nothing ----

static void every_problem_is_named_and_nothing_is_written(void **state) {
    struct office *office = *state;
    open_scoring(office);
    uint64_t before = last_seq(office);
    const Pb__Response *response =
        SCORE(office, HOANG_MAI_HEAD, points("TC1.1", 1525), points("TC1.2", 110), points("TC9", 100),
              points("TC1", 100), actual("TC2", 700), actual("tc2", 800), points("TC4", 50), points("TC3", 100));
    assert_int_equal(response->status, PB__STATUS__INVALID_ARGUMENT);
    assert_int_equal(response->n_problems, 7);
    assert_problem(response, 0, "POINTS_RANGE", "criterion", "TC1.1");
    assert_int_equal(told(response, 0, "value")->points_cp, 1525);
    assert_int_equal(told(response, 0, "limit")->points_cp, 1500);
    assert_problem(response, 1, "POINTS_STEP", "criterion", "TC1.2");
    assert_int_equal(told(response, 1, "limit")->points_cp, 25);
    assert_problem(response, 2, "CRITERION_UNKNOWN", "criterion", "TC9");
    assert_problem(response, 3, "CRITERION_HAS_ITEMS", "criterion", "TC1");
    assert_says(response, 4, "CRITERION_TWICE");
    assert_problem(response, 5, "CRITERION_NOT_ASSIGNED", "criterion", "TC4");
    assert_told(response, 5, "unit", "quan-hoang-mai");
    assert_problem(response, 6, "POINTS_COMPUTED", "criterion", "TC3");
    assert_int_equal(last_seq(office), before);
    assert_int_equal(sheet_of(office, HOANG_MAI).state, PB__SHEET_STATE__NONE);
}

static void one_bad_line_spoils_all(void **state) {
    struct office *office = *state;
    open_scoring(office);
    assert_refused(SCORE(office, BA_DINH_HEAD, points("TC1.1", 100), points("TC1.2", 2525)),
                   PB__STATUS__INVALID_ARGUMENT, "POINTS_RANGE");
    assert_int_equal(sheet_of(office, BA_DINH).self_cp[0], POINTS_NONE);
    assert_int_equal(sheet_of(office, BA_DINH).self_total_cp, POINTS_NONE);
}

static void the_ends_of_the_range_are_in_it(void **state) {
    struct office *office = *state;
    open_scoring(office);
    assert_ok(SCORE(office, BA_DINH_HEAD, points("TC1.1", 0), points("TC1.2", 2500)));
    struct sheet sheet = sheet_of(office, BA_DINH);
    assert_int_equal(sheet.self_cp[0], 0);
    assert_int_equal(sheet.self_total_cp, 2500);
    assert_int_equal(sheet.state, PB__SHEET_STATE__SHEET_DRAFT);
}

static void codes_are_named_in_any_case(void **state) {
    struct office *office = *state;
    open_scoring(office);
    const Pb__Response *response = SCORE(office, BA_DINH_OFFICER, points("tc1.2", 250), points("Tc4", 50));
    assert_ok(response);
    assert_string_equal(response->score->lines[0]->criterion, "TC1.2");
    assert_string_equal(response->score->lines[1]->criterion, "TC4");
    assert_string_equal(response->score->period, "hn-cum-1-2022");
    assert_string_equal(response->score->unit, "quan-ba-dinh");
    assert_int_equal(response->score->seq, last_seq(office));
    assert_false(response->score->late);
}

static void a_line_without_points_is_refused(void **state) {
    struct office *office = *state;
    Pb__LineInput bare = PB__LINE_INPUT__INIT;
    open_scoring(office);
    bare.criterion = "TC4";
    assert_refused(SCORE(office, BA_DINH_HEAD, bare), PB__STATUS__INVALID_ARGUMENT, "POINTS_MISSING");
    assert_refused(SCORE(office, BA_DINH_HEAD, actual("TC4", 5)), PB__STATUS__INVALID_ARGUMENT, "POINTS_MISSING");
    bare.criterion = "TC2";
    assert_refused(SCORE(office, BA_DINH_HEAD, bare), PB__STATUS__INVALID_ARGUMENT, "POINTS_COMPUTED");
}

// ---- points from an actual figure ----

static int32_t points_for(struct office *office, const char *code, int64_t figure) {
    const Pb__Response *response = SCORE(office, BA_DINH_HEAD, actual(code, figure));
    assert_ok(response);
    return response->score->lines[0]->points_cp;
}

static void linear_points_follow_the_figure(void **state) {
    struct office *office = *state;
    open_scoring(office);
    assert_int_equal(points_for(office, "TC2", 0), 0);
    assert_int_equal(points_for(office, "TC2", 500), 1000);
    assert_int_equal(points_for(office, "TC2", 999), 1998);
    assert_int_equal(points_for(office, "TC2", 5000), 2000);
    Pb__LineInput both = actual("TC2", 500);
    both.has_points_cp = true;
    both.points_cp = 1000;
    assert_refused(SCORE(office, BA_DINH_HEAD, both), PB__STATUS__INVALID_ARGUMENT, "POINTS_COMPUTED");
}

static void bands_are_reached_from_the_top(void **state) {
    struct office *office = *state;
    open_scoring(office);
    assert_int_equal(points_for(office, "TC3", 200), 1500);
    assert_int_equal(points_for(office, "TC3", 199), 1000);
    assert_int_equal(points_for(office, "TC3", 190), 1000);
    assert_int_equal(points_for(office, "TC3", 189), 750);
    assert_int_equal(points_for(office, "TC3", 179), 0);
}

// ---- revisions ----

static void the_same_value_again_is_a_new_revision(void **state) {
    struct office *office = *state;
    open_scoring(office);
    const Pb__Response *first = SCORE(office, BA_DINH_HEAD, points("TC4", 100));
    const Pb__Response *second = SCORE(office, BA_DINH_OFFICER, points("TC4", 100), points("TC1.1", 100));
    assert_int_equal(first->score->lines[0]->revision, 1);
    assert_int_equal(second->score->lines[0]->revision, 2);
    assert_int_equal(second->score->lines[1]->revision, 1);
    assert_int_equal(second->score->seq, first->score->seq + 1);
    assert_int_equal(sheet_of(office, BA_DINH).self_total_cp, 200);
}

static void a_revision_that_moved_is_a_conflict(void **state) {
    struct office *office = *state;
    open_scoring(office);
    assert_ok(SCORE(office, BA_DINH_HEAD, at_revision(points("TC4", 100), 0)));
    const Pb__Response *response = SCORE(office, BA_DINH_OFFICER, at_revision(points("TC4", 200), 0));
    assert_refused(response, PB__STATUS__CONFLICT, "REVISION_MOVED");
    assert_told(response, 0, "criterion", "TC4");
    assert_int_equal(told(response, 0, "revision")->number, 1);
    assert_int_equal(told(response, 0, "value")->points_cp, 100);
    assert_int_equal(told(response, 0, "expected")->number, 0);
    assert_ok(SCORE(office, BA_DINH_OFFICER, at_revision(points("TC4", 200), 1)));
    assert_refused(SCORE(office, BA_DINH_OFFICER, at_revision(points("TC4", 300), 1)), PB__STATUS__CONFLICT,
                   "REVISION_MOVED");
    assert_refused(SCORE(office, BA_DINH_OFFICER, at_revision(points("TC1.1", 300), 1)), PB__STATUS__CONFLICT,
                   "REVISION_MOVED");
    assert_int_equal(sheet_of(office, BA_DINH).self_cp[4], 200);
}

static void a_conflict_of_one_line_spoils_all(void **state) {
    struct office *office = *state;
    open_scoring(office);
    assert_ok(SCORE(office, BA_DINH_HEAD, points("TC4", 100)));
    assert_refused(SCORE(office, BA_DINH_HEAD, points("TC1.1", 100), at_revision(points("TC4", 200), 2)),
                   PB__STATUS__CONFLICT, "REVISION_MOVED");
    assert_int_equal(sheet_of(office, BA_DINH).self_cp[0], POINTS_NONE);
}

// The entry says who, from what, to what and why, and which entry it replaces.
static void the_entry_tells_the_change(void **state) {
    struct office *office = *state;
    open_scoring(office);
    uint64_t first = SCORE(office, BA_DINH_HEAD, points("TC1.1", 100), points("TC4", 100))->score->seq;
    uint64_t second = SCORE(office, BA_DINH_OFFICER, points("TC4", 250))->score->seq;
    const Pb__Entry *entry = view_entry(ledger_view(office->world.ledger), second, office->world.arena, NULL);
    const Pb__ScoreSet *set = entry->event->score_set;
    assert_int_equal(entry->actor->account, office->people[BA_DINH_OFFICER].account);
    assert_int_equal(entry->time_ms, BEGIN);
    assert_int_equal(set->unit, BA_DINH);
    assert_int_equal(set->lines[0]->leaf, 4);
    assert_int_equal(set->lines[0]->replaces, first);
    assert_int_equal(set->lines[0]->from_cp, 100);
    assert_int_equal(set->lines[0]->points_cp, 250);
    assert_int_equal(set->after->replaces, first);
    assert_int_equal(set->after->self_total_cp, 350);
    assert_int_equal(set->after->self_cp[1], POINTS_NONE);
    const Pb__Entry *before = view_entry(ledger_view(office->world.ledger), first, office->world.arena, NULL);
    assert_false(before->event->score_set->lines[0]->has_from_cp);
    const Pb__Entry *signature = view_entry(ledger_view(office->world.ledger),
                                            before->event->score_set->after->replaces, office->world.arena, NULL);
    assert_int_equal(signature->event->body_case, PB__EVENT__BODY_SIGNED);
}

static void note_and_evidence_are_kept(void **state) {
    struct office *office = *state;
    Pb__Evidence paper = PB__EVIDENCE__INIT, *papers[] = {&paper};
    open_scoring(office);
    paper.number = "15/BC-MTTQ-BTT";
    paper.date = "2022-10-20";
    paper.title = "Báo cáo kết quả";
    Pb__Score *score = LINES(office, actual("TC2", 700));
    score->note = "Số liệu ước thực hiện đến 31/12";
    score->evidence = papers;
    score->n_evidence = 1;
    assert_ok(write_as(office, BA_DINH_HEAD, ASK(SCORE, score)));
    Pb__SheetQuery query = PB__SHEET_QUERY__INIT;
    const Pb__Response *response = read_as(office, BA_DINH_OFFICER, ASK(SHEET, &query));
    assert_ok(response);
    const Pb__SheetLine *line = response->sheet->lines[2];
    assert_string_equal(line->criterion, "TC2");
    assert_string_equal(line->note, "Số liệu ước thực hiện đến 31/12");
    assert_int_equal(line->actual, 700);
    assert_int_equal(line->points_cp, 1400);
    assert_int_equal(line->n_evidence, 1);
    assert_string_equal(line->evidence[0]->number, "15/BC-MTTQ-BTT");
    assert_string_equal(line->evidence[0]->date, "2022-10-20");
    assert_string_equal(line->evidence[0]->title, "Báo cáo kết quả");
    assert_null(response->sheet->lines[0]->note);
}

// What a line says of itself stands for it alone; what the score says, for the others.
static void a_line_keeps_words_of_its_own(void **state) {
    struct office *office = *state;
    Pb__Evidence whole = PB__EVIDENCE__INIT, own = PB__EVIDENCE__INIT, *wholes[] = {&whole}, *owns[] = {&own, &whole};
    open_scoring(office);
    whole.number = "15/BC-MTTQ-BTT";
    own.number = "7/TB";
    Pb__Score *score = LINES(office, points("TC1.1", 100), points("TC1.2", 200), actual("TC2", 700));
    score->note = "cả năm";
    score->evidence = wholes;
    score->n_evidence = 1;
    score->lines[1]->note = "riêng";
    score->lines[2]->evidence = owns;
    score->lines[2]->n_evidence = 2;
    assert_ok(write_as(office, BA_DINH_HEAD, ASK(SCORE, score)));
    Pb__SheetQuery query = PB__SHEET_QUERY__INIT;
    const Pb__Response *response = read_as(office, BA_DINH_OFFICER, ASK(SHEET, &query));
    assert_ok(response);
    Pb__SheetLine *const *lines = response->sheet->lines;
    assert_string_equal(lines[0]->note, "cả năm");
    assert_string_equal(lines[1]->note, "riêng");
    assert_string_equal(lines[2]->note, "cả năm");
    assert_int_equal(lines[1]->n_evidence, 1);
    assert_string_equal(lines[1]->evidence[0]->number, "15/BC-MTTQ-BTT");
    assert_int_equal(lines[2]->n_evidence, 2);
    assert_string_equal(lines[2]->evidence[0]->number, "7/TB");
    assert_string_equal(lines[2]->evidence[1]->number, "15/BC-MTTQ-BTT");
}

// ---- handing in ----

static void every_line_that_lacks_is_named(void **state) {
    struct office *office = *state;
    open_scoring(office);
    assert_ok(SCORE(office, BA_DINH_HEAD, points("TC1.2", 100), actual("TC3", 200)));
    const Pb__Response *response = hand_in(office, BA_DINH_HEAD);
    assert_int_equal(response->status, PB__STATUS__FAILED_PRECONDITION);
    assert_int_equal(response->n_problems, 3);
    assert_problem(response, 0, "SHEET_INCOMPLETE", "criterion", "TC1.1");
    assert_problem(response, 1, "SHEET_INCOMPLETE", "criterion", "TC2");
    assert_problem(response, 2, "SHEET_INCOMPLETE", "criterion", "TC4");
    fill_sheet(office, HOANG_MAI_HEAD, 2500); // nobody asks it for TC4
    assert_ok(hand_in(office, HOANG_MAI_HEAD));
}

static void a_hand_in_is_a_receipt(void **state) {
    struct office *office = *state;
    open_scoring(office);
    fill_sheet(office, BA_DINH_OFFICER, 2000);
    office->now_ms += HOUR_MS;
    const Pb__Response *response = hand_in(office, BA_DINH_HEAD);
    assert_ok(response);
    const Pb__SubmitReply *reply = response->submit;
    assert_int_equal(reply->seq, last_seq(office));
    assert_int_equal(reply->time_ms, BEGIN + HOUR_MS);
    assert_string_equal(reply->unit, "quan-ba-dinh");
    assert_int_equal(reply->sheet_revision, 1);
    assert_int_equal(reply->total_cp, 1500 + 2000 + 2000 + 1500 + 2500);
    assert_false(reply->late);
    assert_false(reply->replayed);
    assert_int_equal(reply->hash.len, 32);
    assert_memory_equal(reply->hash.data, ledger_tip(office->world.ledger)->hash, 32);
    uint8_t branch[16];
    memset(branch, 0x1e, sizeof branch);
    assert_int_equal(reply->branch.len, 16);
    assert_memory_equal(reply->branch.data, branch, 16);
    struct sheet sheet = sheet_of(office, BA_DINH);
    assert_int_equal(sheet.state, PB__SHEET_STATE__SUBMITTED);
    assert_int_equal(sheet.handed_seq, reply->seq);
}

static void a_total_that_moved_is_a_conflict(void **state) {
    struct office *office = *state;
    Pb__Submit submit = PB__SUBMIT__INIT;
    open_scoring(office);
    fill_sheet(office, BA_DINH_HEAD, 2000);
    submit.has_if_total_cp = true;
    submit.if_total_cp = 9525;
    const Pb__Response *response = write_as(office, BA_DINH_HEAD, ASK(SUBMIT, &submit));
    assert_refused(response, PB__STATUS__CONFLICT, "TOTAL_MOVED");
    assert_int_equal(told(response, 0, "value")->points_cp, 9500);
    assert_int_equal(told(response, 0, "expected")->points_cp, 9525);
    submit.if_total_cp = 9500;
    assert_ok(write_as(office, BA_DINH_HEAD, ASK(SUBMIT, &submit)));
}

static void a_sheet_that_is_handed_in_stands(void **state) {
    struct office *office = *state;
    open_scoring(office);
    fill_sheet(office, BA_DINH_HEAD, 2000);
    assert_ok(hand_in(office, BA_DINH_HEAD));
    const Pb__Response *response = SCORE(office, BA_DINH_HEAD, points("TC1.2", 2500));
    assert_refused(response, PB__STATUS__FAILED_PRECONDITION, "SHEET_SUBMITTED");
    assert_told(response, 0, "unit", "quan-ba-dinh");
    assert_refused(hand_in(office, BA_DINH_HEAD), PB__STATUS__FAILED_PRECONDITION, "SHEET_SUBMITTED");
    assert_ok(SCORE(office, DONG_DA_HEAD, points("TC1.2", 2500)));
}

static void a_returned_sheet_is_handed_in_as_the_next_revision(void **state) {
    struct office *office = *state;
    open_appraisal(office);
    assert_ok(give_back(office, CITY, "quan-dong-da"));
    assert_ok(SCORE(office, DONG_DA_HEAD, points("TC1.2", 1800)));
    assert_int_equal(sheet_of(office, DONG_DA).state, PB__SHEET_STATE__RETURNED);
    const Pb__Response *response = hand_in(office, DONG_DA_HEAD);
    assert_ok(response);
    assert_int_equal(response->submit->sheet_revision, 2);
    assert_int_equal(response->submit->total_cp, 9300);
}

// ---- states and deadline ----

static void scores_wait_for_the_period(void **state) {
    struct office *office = *state;
    const Pb__Response *response;
    Pb__Score *score = LINES(office, points("TC4", 100));
    score->period = "hn-cum-1-2022";
    response = write_as(office, BA_DINH_HEAD, ASK(SCORE, score));
    assert_refused(response, PB__STATUS__FAILED_PRECONDITION, "PERIOD_STATE");
    assert_told(response, 0, "state", "draft");
    open_scoring(office);
    assert_ok(write_as(office, BA_DINH_HEAD, ASK(SCORE, score)));
    assert_ok(lead_on(office, PB__PERIOD_STATE__APPRAISAL, NULL, "Hội nghị họp sớm"));
    response = write_as(office, BA_DINH_HEAD, ASK(SCORE, score));
    assert_refused(response, PB__STATUS__FAILED_PRECONDITION, "PERIOD_STATE");
    assert_told(response, 0, "needed", "scoring"); // for a draft; a returned sheet would be taken
    assert_ok(give_back(office, CITY, "quan-ba-dinh"));
    assert_ok(write_as(office, BA_DINH_HEAD, ASK(SCORE, score)));
    assert_ok(make_final(office, "Đơn vị không nộp"));
    assert_ok(lead_on(office, PB__PERIOD_STATE__FINALIZED, NULL, NULL));
    assert_refused(write_as(office, BA_DINH_HEAD, ASK(SCORE, score)), PB__STATUS__FAILED_PRECONDITION, "PERIOD_STATE");
    assert_ok(lead_on(office, PB__PERIOD_STATE__PUBLISHED, NULL, NULL));
    assert_ok(lead_on(office, PB__PERIOD_STATE__LOCKED, NULL, NULL));
    assert_refused(write_as(office, BA_DINH_HEAD, ASK(SCORE, score)), PB__STATUS__FAILED_PRECONDITION, "PERIOD_LOCKED");
}

// Late is what is written after the deadline's entry, whatever the clock reads.
static void late_is_after_the_deadlines_entry(void **state) {
    struct office *office = *state;
    int64_t wake_ms, deadline_ms = office->world.fixture.definition->deadline_ms;
    open_scoring(office);
    fill_sheet(office, BA_DINH_HEAD, 2000);
    fill_sheet(office, DONG_DA_HEAD, 2000);
    office->now_ms = deadline_ms + HOUR_MS;
    assert_false(hand_in(office, BA_DINH_HEAD)->submit->late);
    assert_int_equal(pass_time(office, deadline_ms + HOUR_MS, &wake_ms), 1);
    assert_true(SCORE(office, DONG_DA_HEAD, points("TC4", 100))->score->late);
    office->now_ms = deadline_ms - HOUR_MS;
    const Pb__SubmitReply *late = hand_in(office, DONG_DA_HEAD)->submit;
    assert_true(late->late);
    assert_int_equal(late->late_ms, 0); // by the clock it was early
    assert_false(sheet_of(office, BA_DINH).late);
    assert_true(sheet_of(office, DONG_DA).late);
}

static void a_hard_close_refuses(void **state) {
    struct office *office = *state;
    Pb__PeriodDefinition *definition = office->world.fixture.definition;
    int64_t wake_ms;
    definition->hard_close = true;
    open_scoring(office);
    fill_sheet(office, BA_DINH_HEAD, 2000);
    pass_time(office, definition->deadline_ms, &wake_ms);
    const Pb__Response *response = hand_in(office, BA_DINH_HEAD);
    assert_refused(response, PB__STATUS__FAILED_PRECONDITION, "DEADLINE_PASSED");
    assert_told(response, 0, "period", definition->id);
    assert_int_equal(told(response, 0, "time")->time_ms, definition->deadline_ms);
    assert_refused(SCORE(office, BA_DINH_HEAD, points("TC4", 100)), PB__STATUS__FAILED_PRECONDITION, "DEADLINE_PASSED");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        OFFICE_TEST(every_problem_is_named_and_nothing_is_written),
        OFFICE_TEST(one_bad_line_spoils_all),
        OFFICE_TEST(the_ends_of_the_range_are_in_it),
        OFFICE_TEST(codes_are_named_in_any_case),
        OFFICE_TEST(a_line_without_points_is_refused),
        OFFICE_TEST(linear_points_follow_the_figure),
        OFFICE_TEST(bands_are_reached_from_the_top),
        OFFICE_TEST(the_same_value_again_is_a_new_revision),
        OFFICE_TEST(a_revision_that_moved_is_a_conflict),
        OFFICE_TEST(a_conflict_of_one_line_spoils_all),
        OFFICE_TEST(the_entry_tells_the_change),
        OFFICE_TEST(note_and_evidence_are_kept),
        OFFICE_TEST(a_line_keeps_words_of_its_own),
        OFFICE_TEST(every_line_that_lacks_is_named),
        OFFICE_TEST(a_hand_in_is_a_receipt),
        OFFICE_TEST(a_total_that_moved_is_a_conflict),
        OFFICE_TEST(a_sheet_that_is_handed_in_stands),
        OFFICE_TEST(a_returned_sheet_is_handed_in_as_the_next_revision),
        OFFICE_TEST(scores_wait_for_the_period),
        OFFICE_TEST(late_is_after_the_deadlines_entry),
        OFFICE_TEST(a_hard_close_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
