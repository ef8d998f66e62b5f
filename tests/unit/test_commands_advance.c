// The year's way from state to state; deadlines, of the period and of single units; and who sees whom until then.
#include "server/ledger/rows.h"
#include "tests/unit/year_fixture.h"

static const Pb__PeriodReply *shown(struct office *office) {
    Pb__PeriodQuery query = PB__PERIOD_QUERY__INIT;
    query.period = office->world.fixture.definition->id;
    const Pb__Response *response = read_as(office, AUDITOR, ASK(PERIOD, &query));
    assert_ok(response);
    return response->period;
}

static struct sheet sheet_of(struct office *office, uint32_t unit) {
    open_writing(office);
    return sheet_now(&office->world, 1, unit);
}

static const Pb__Event *event_at(struct office *office, uint64_t seq) {
    open_writing(office);
    const Pb__Entry *entry = view_entry(ledger_view(office->world.ledger), seq, office->world.arena, NULL);
    assert_non_null(entry);
    return entry->event;
}

static int64_t deadline_ms_of(struct office *office) {
    return office->world.fixture.definition->deadline_ms;
}

static void let_deadline_pass(struct office *office) {
    int64_t wake_ms;
    assert_int_equal(pass_time(office, deadline_ms_of(office), &wake_ms), 1);
}

// ---- to appraisal ----

static void appraisal_waits_for_every_sheet(void **state) {
    struct office *office = *state;
    open_scoring(office);
    fill_sheet(office, DONG_DA_HEAD, 2000);
    assert_ok(hand_in(office, DONG_DA_HEAD));
    fill_sheet(office, HOANG_MAI_HEAD, 2000);
    const Pb__Response *response = lead_on(office, PB__PERIOD_STATE__APPRAISAL, NULL, NULL);
    assert_int_equal(response->status, PB__STATUS__FAILED_PRECONDITION);
    assert_int_equal(response->n_problems, 2);
    assert_problem(response, 0, "ADVANCE_TOO_EARLY", "unit", "quan-ba-dinh");
    assert_problem(response, 1, "ADVANCE_TOO_EARLY", "unit", "quan-hoang-mai");
    fill_sheet(office, BA_DINH_HEAD, 2000);
    assert_ok(hand_in(office, BA_DINH_HEAD));
    assert_ok(hand_in(office, HOANG_MAI_HEAD));
    assert_ok(lead_on(office, PB__PERIOD_STATE__APPRAISAL, NULL, NULL));
}

static void appraisal_begins_once_the_deadline_has_passed(void **state) {
    struct office *office = *state;
    open_scoring(office);
    let_deadline_pass(office);
    assert_ok(lead_on(office, PB__PERIOD_STATE__APPRAISAL, NULL, NULL));
}

static void a_deadline_of_its_own_is_waited_for(void **state) {
    struct office *office = *state;
    int64_t wake_ms, until_ms = deadline_ms_of(office) + 3 * DAY_MS;
    open_scoring(office);
    assert_ok(extend_until(office, "quan-dong-da", until_ms));
    let_deadline_pass(office);
    const Pb__Response *response = lead_on(office, PB__PERIOD_STATE__APPRAISAL, NULL, NULL);
    assert_refused(response, PB__STATUS__FAILED_PRECONDITION, "ADVANCE_TOO_EARLY");
    assert_told(response, 0, "unit", "quan-dong-da");
    assert_int_equal(pass_time(office, until_ms, &wake_ms), 1);
    assert_ok(lead_on(office, PB__PERIOD_STATE__APPRAISAL, NULL, NULL));
}

static void a_reason_goes_before_the_deadline(void **state) {
    struct office *office = *state;
    open_scoring(office);
    assert_refused(lead_on(office, PB__PERIOD_STATE__FINALIZED, NULL, "Sớm hơn"), PB__STATUS__FAILED_PRECONDITION,
                   "ADVANCE_NOT_NEXT");
    const Pb__Response *response = lead_on(office, PB__PERIOD_STATE__APPRAISAL, NULL, "Hội nghị họp sớm");
    assert_ok(response);
    assert_int_equal(response->period_advance->state, PB__PERIOD_STATE__APPRAISAL);
    assert_false(response->period_advance->has_board_hash);
    assert_string_equal(event_at(office, response->period_advance->seq)->period_advanced->reason, "Hội nghị họp sớm");
}

// ---- to the end ----

static void only_final_sheets_are_finalized(void **state) {
    struct office *office = *state;
    open_appraisal(office);
    confirm_sheet(office, "quan-dong-da", 2000);
    const Pb__Response *response = lead_on(office, PB__PERIOD_STATE__FINALIZED, NULL, "Có lý do");
    assert_int_equal(response->n_problems, 3);
    assert_problem(response, 0, "ADVANCE_NOT_FINAL", "unit", "quan-ba-dinh");
    assert_told(response, 0, "period", "hn-cum-1-2022");
    assert_told(response, 0, "state", "submitted");
    assert_problem(response, 1, "ADVANCE_NOT_FINAL", "unit", "quan-dong-da");
    assert_told(response, 1, "state", "appraised");
    confirm_sheet(office, "quan-ba-dinh", 2500);
    confirm_sheet(office, "quan-hoang-mai", 2500);
    assert_ok(make_final(office, NULL));
    assert_ok(lead_on(office, PB__PERIOD_STATE__FINALIZED, NULL, NULL));
}

static void hash_text(const char *text, uint8_t hash[32]) {
    sha256_of(text, strlen(text), hash);
}

// The text of proto/README.md, "The hash of a final board".
static void text_of_board(struct office *office, char *out, size_t size, const char *rows) {
    uint8_t hash[32];
    char hex[65];
    assert_true(message_hash(&office->world.fixture.definition->base, hash));
    for (size_t i = 0; i < sizeof hash; i++)
        snprintf(hex + 2 * i, 3, "%02x", (unsigned)hash[i]);
    snprintf(out, size, "thidua-board 1\nperiod hn-cum-1-2022\ndefinition %s\ncriteria TC1.1 TC1.2 TC2 TC3 TC4\n%s",
             hex, rows);
}

static void a_locked_period_names_its_board(void **state) {
    struct office *office = *state;
    char text[2048];
    uint8_t hash[32];
    open_appraisal(office);
    const Pb__Response *response = lock_year(office);
    text_of_board(office, text, sizeof text,
                  "unit quan-ba-dinh 1 10000 0 0 10000 1500 2500 2000 1500 2500\n"
                  "unit quan-dong-da 2 9500 0 0 9500 1500 2000 2000 1500 2500\n"
                  "unit quan-hoang-mai 3 7500 0 0 7500 1500 2500 2000 1500 -\n");
    hash_text(text, hash);
    assert_int_equal(response->period_advance->board_hash.len, 32);
    assert_memory_equal(response->period_advance->board_hash.data, hash, 32);
    const Pb__PeriodReply *period = shown(office);
    assert_int_equal(period->board_hash.len, 32);
    assert_memory_equal(period->board_hash.data, hash, 32);
}

static void a_locked_period_is_reopened_by_a_decision(void **state) {
    struct office *office = *state;
    open_appraisal(office);
    lock_year(office);
    assert_refused(lead_on(office, PB__PERIOD_STATE__REOPENED, NULL, "Khiếu nại"), PB__STATUS__INVALID_ARGUMENT,
                   "ADVANCE_NO_DECISION");
    assert_refused(lead_on(office, PB__PERIOD_STATE__REOPENED, "12/QĐ-MTTQ", NULL), PB__STATUS__INVALID_ARGUMENT,
                   "ADVANCE_NO_DECISION");
    assert_refused(adjust_points(office, "quan-ba-dinh", "TC2", 100), PB__STATUS__FAILED_PRECONDITION, "PERIOD_LOCKED");
    assert_ok(lead_on(office, PB__PERIOD_STATE__REOPENED, "12/QĐ-MTTQ", "Khiếu nại"));
    assert_false(shown(office)->has_board_hash);
}

// A sheet that was closed without having been handed in, and is given back, can be handed in after all.
static void more_time_may_be_given_in_a_reopened_period(void **state) {
    struct office *office = *state;
    int64_t until_ms = deadline_ms_of(office) + 60 * DAY_MS, wake_ms;
    office->world.fixture.definition->hard_close = true;
    open_scoring(office);
    let_deadline_pass(office);
    assert_ok(lead_on(office, PB__PERIOD_STATE__APPRAISAL, NULL, NULL));
    assert_ok(make_final(office, "Đơn vị không nộp"));
    assert_ok(lead_on(office, PB__PERIOD_STATE__FINALIZED, NULL, NULL));
    assert_ok(lead_on(office, PB__PERIOD_STATE__PUBLISHED, NULL, NULL));
    assert_ok(lead_on(office, PB__PERIOD_STATE__LOCKED, NULL, NULL));
    assert_ok(lead_on(office, PB__PERIOD_STATE__REOPENED, "12/QĐ-MTTQ", "Khiếu nại"));
    assert_ok(give_back(office, CITY, "quan-dong-da"));
    const Pb__Response *response = SCORE(office, DONG_DA_HEAD, points("TC4", 100));
    assert_refused(response, PB__STATUS__FAILED_PRECONDITION, "DEADLINE_PASSED");
    assert_told(response, 0, "unit", "quan-dong-da");
    assert_ok(extend_until(office, "quan-dong-da", until_ms));
    fill_sheet(office, DONG_DA_HEAD, 2000);
    assert_false(hand_in(office, DONG_DA_HEAD)->submit->late);
    assert_int_equal(pass_time(office, until_ms, &wake_ms), 1);
}

// The first own deadline is found at once: sheets whose time has not come are left alone.
static void what_is_not_due_is_not_looked_at(void **state) {
    struct office *office = *state;
    int64_t wake_ms, until_ms = deadline_ms_of(office) - DAY_MS;
    enum store_status status;
    uint8_t key[KEY_SHEET];
    open_scoring(office);
    assert_ok(extend_until(office, "quan-dong-da", deadline_ms_of(office) + DAY_MS));
    settle_writing(office);
    struct store_txn *txn = store_begin_write(office->world.store, &status);
    store_put(txn, STORE_SHEETS, key_of_sheet(1, BA_DINH, key), (struct span){key, 1});
    assert_int_equal(store_commit(txn), STORE_OK);
    assert_int_equal(pass_time(office, until_ms, &wake_ms), 0);
    assert_null(view_fault(ledger_view(office->world.ledger)));
    assert_int_equal(wake_ms, deadline_ms_of(office));
    assert_int_equal(pass_time(office, deadline_ms_of(office) + DAY_MS, &wake_ms), 2);
}

// A correction makes a new board; the old one stays in the journal, with its hash.
static void a_correction_is_locked_with_another_hash(void **state) {
    struct office *office = *state;
    char text[2048];
    uint8_t hash[32];
    open_appraisal(office);
    const Pb__Response *first = lock_year(office);
    assert_ok(lead_on(office, PB__PERIOD_STATE__REOPENED, "12/QĐ-MTTQ", "Khiếu nại"));
    assert_ok(adjust_points(office, "quan-ba-dinh", "TC2", 600));
    const Pb__Response *response = lead_on(office, PB__PERIOD_STATE__LOCKED, NULL, NULL);
    assert_refused(response, PB__STATUS__FAILED_PRECONDITION, "ADVANCE_NOT_FINAL");
    assert_told(response, 0, "state", "appraised");
    assert_ok(make_final(office, NULL));
    response = lead_on(office, PB__PERIOD_STATE__LOCKED, NULL, NULL);
    assert_ok(response);
    text_of_board(office, text, sizeof text,
                  "unit quan-ba-dinh 2 10000 0 600 9400 1500 2500 2000 1500 2500\n"
                  "unit quan-dong-da 1 9500 0 0 9500 1500 2000 2000 1500 2500\n"
                  "unit quan-hoang-mai 3 7500 0 0 7500 1500 2500 2000 1500 -\n");
    hash_text(text, hash);
    assert_memory_equal(response->period_advance->board_hash.data, hash, 32);
    assert_memory_not_equal(first->period_advance->board_hash.data, hash, 32);
    assert_memory_equal(event_at(office, first->period_advance->seq)->period_advanced->board_hash.data,
                        first->period_advance->board_hash.data, 32);
}

// Each change of the period's own row names the one before it, back to the definition.
static void the_ways_of_a_period_are_linked(void **state) {
    struct office *office = *state;
    static const int expected[] = {PB__PERIOD_STATE__LOCKED,    PB__PERIOD_STATE__PUBLISHED,
                                   PB__PERIOD_STATE__FINALIZED, PB__PERIOD_STATE__APPRAISAL,
                                   PB__PERIOD_STATE__SCORING,   PB__PERIOD_STATE__SIGNED};
    open_appraisal(office);
    uint64_t seq = lock_year(office)->period_advance->seq;
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        const Pb__Event *event = event_at(office, seq);
        assert_int_equal(event->body_case, PB__EVENT__BODY_PERIOD_ADVANCED);
        assert_int_equal(event->period_advanced->state, expected[i]);
        seq = event->period_advanced->replaces;
    }
    assert_int_equal(event_at(office, seq)->body_case, PB__EVENT__BODY_PERIOD_DEFINED);
}

// What a resend is told is in the entry, board and all.
static void a_lock_sent_again_gets_the_first_answer(void **state) {
    struct office *office = *state;
    Pb__PeriodAdvance message = PB__PERIOD_ADVANCE__INIT;
    open_appraisal(office);
    const Pb__Response *first = lock_year(office);
    message.period = "hn-cum-1-2022";
    message.has_state = true;
    message.state = PB__PERIOD_STATE__LOCKED;
    const Pb__Response *again = write_again(office, COUNCIL, ASK(PERIOD_ADVANCE, &message));
    assert_ok(again);
    assert_int_equal(again->period_advance->seq, first->period_advance->seq);
    assert_memory_equal(again->period_advance->board_hash.data, first->period_advance->board_hash.data, 32);
}

// ---- the period's deadline ----

static void a_deadline_passes_once(void **state) {
    struct office *office = *state;
    int64_t wake_ms, deadline_ms = office->world.fixture.definition->deadline_ms;
    open_scoring(office);
    assert_int_equal(pass_time(office, deadline_ms - 1, &wake_ms), 0);
    assert_int_equal(wake_ms, deadline_ms);
    uint64_t before = ledger_tip(office->world.ledger)->seq;
    assert_int_equal(pass_time(office, deadline_ms, &wake_ms), 1);
    assert_int_equal(wake_ms, INT64_MAX);
    const Pb__Entry *entry = view_entry(ledger_view(office->world.ledger), before + 1, office->world.arena, NULL);
    assert_int_equal(entry->event->body_case, PB__EVENT__BODY_DEADLINE_PASSED);
    assert_int_equal(entry->event->deadline_passed->period, 1);
    assert_int_equal(entry->event->deadline_passed->deadline_ms, deadline_ms);
    assert_int_equal(pass_time(office, deadline_ms + DAY_MS, &wake_ms), 0);
    assert_int_equal(ledger_tip(office->world.ledger)->seq, before + 1);
}

static void a_deadline_that_was_missed_is_owed(void **state) {
    struct office *office = *state;
    int64_t wake_ms, deadline_ms = office->world.fixture.definition->deadline_ms;
    open_scoring(office);
    assert_int_equal(pass_time(office, deadline_ms + 9 * DAY_MS, &wake_ms), 1);
}

// Before scoring the deadline may still be moved: it is owed from then on alone.
static void a_draft_has_no_deadline_to_pass(void **state) {
    struct office *office = *state;
    int64_t wake_ms;
    office->world.fixture.definition->deadline_ms = BEGIN + HOUR_MS;
    assert_ok(load_period(office, COUNCIL));
    assert_int_equal(pass_time(office, BEGIN + DAY_MS, &wake_ms), 0);
    assert_int_equal(wake_ms, INT64_MAX);
    open_scoring(office);
    assert_int_equal(pass_time(office, BEGIN + DAY_MS, &wake_ms), 1);
}

static void the_next_deadline_of_several_wakes(void **state) {
    struct office *office = *state;
    Pb__PeriodDefinition *definition = office->world.fixture.definition;
    int64_t wake_ms;
    definition->deadline_ms = BEGIN + 3 * DAY_MS;
    open_scoring(office);
    definition->id = "hn-cum-1-2023";
    definition->deadline_ms = BEGIN + 2 * DAY_MS;
    open_scoring(office);
    definition->id = "hn-cum-1-2024";
    definition->deadline_ms = BEGIN + 4 * DAY_MS;
    open_scoring(office);
    assert_int_equal(pass_time(office, BEGIN + DAY_MS, &wake_ms), 0);
    assert_int_equal(wake_ms, BEGIN + 2 * DAY_MS);
    assert_int_equal(pass_time(office, BEGIN + 2 * DAY_MS, &wake_ms), 1);
    assert_int_equal(wake_ms, BEGIN + 3 * DAY_MS);
    assert_int_equal(pass_time(office, BEGIN + 4 * DAY_MS, &wake_ms), 2);
    assert_int_equal(wake_ms, INT64_MAX);
}

// ---- a unit's own deadline ----

static void an_extension_is_told(void **state) {
    struct office *office = *state;
    int64_t until_ms = deadline_ms_of(office) + DAY_MS;
    open_scoring(office);
    assert_int_equal(shown(office)->n_extensions, 0);
    const Pb__Response *response = extend_until(office, "Đống Đa", until_ms);
    assert_ok(response);
    assert_string_equal(response->extend->unit, "quan-dong-da");
    assert_string_equal(response->extend->period, "hn-cum-1-2022");
    assert_int_equal(response->extend->until_ms, until_ms);
    assert_false(response->extend->replayed);
    const Pb__PeriodReply *period = shown(office);
    assert_int_equal(period->n_extensions, 1);
    assert_string_equal(period->extensions[0]->unit, "quan-dong-da");
    assert_int_equal(period->extensions[0]->until_ms, until_ms);
    assert_false(period->extensions[0]->passed);
    const Pb__Extended *extended = event_at(office, response->extend->seq)->extended;
    assert_string_equal(extended->reason, "Bão số 5");
    assert_int_equal(extended->after->state, PB__SHEET_STATE__NONE);
}

static void an_extension_lies_ahead_and_is_later(void **state) {
    struct office *office = *state;
    int64_t deadline_ms = deadline_ms_of(office), wake_ms;
    open_scoring(office);
    const Pb__Response *response = extend_until(office, "quan-dong-da", BEGIN);
    assert_refused(response, PB__STATUS__INVALID_ARGUMENT, "UNTIL_PASSED");
    assert_int_equal(told(response, 0, "time")->time_ms, BEGIN);
    response = extend_until(office, "quan-dong-da", deadline_ms);
    assert_refused(response, PB__STATUS__INVALID_ARGUMENT, "UNTIL_NOT_LATER");
    assert_int_equal(told(response, 0, "limit")->time_ms, deadline_ms);
    assert_told(response, 0, "unit", "quan-dong-da");
    assert_ok(extend_until(office, "quan-dong-da", deadline_ms + 2 * DAY_MS));
    assert_refused(extend_until(office, "quan-dong-da", deadline_ms + DAY_MS), PB__STATUS__INVALID_ARGUMENT,
                   "UNTIL_NOT_LATER");
    assert_ok(extend_until(office, "quan-dong-da", deadline_ms + 2 * DAY_MS + 1));
    assert_int_equal(pass_time(office, deadline_ms + 5 * DAY_MS, &wake_ms), 2);
    assert_refused(extend_until(office, "quan-dong-da", deadline_ms + 4 * DAY_MS), PB__STATUS__INVALID_ARGUMENT,
                   "UNTIL_PASSED");
    assert_ok(extend_until(office, "quan-dong-da", deadline_ms + 6 * DAY_MS));
    assert_false(shown(office)->extensions[0]->passed);
}

static void a_draft_and_a_final_sheet_are_not_extended(void **state) {
    struct office *office = *state;
    int64_t until_ms = deadline_ms_of(office) + DAY_MS;
    assert_refused(extend_until(office, "quan-dong-da", until_ms), PB__STATUS__FAILED_PRECONDITION, "PERIOD_STATE");
    open_appraisal(office);
    confirm_sheet(office, "quan-ba-dinh", 2500);
    confirm_sheet(office, "quan-dong-da", 2000);
    confirm_sheet(office, "quan-hoang-mai", 2500);
    assert_ok(make_final(office, NULL));
    const Pb__Response *response = extend_until(office, "quan-dong-da", until_ms);
    assert_refused(response, PB__STATUS__FAILED_PRECONDITION, "SHEET_STATE");
    assert_told(response, 0, "state", "final");
}

static void the_passing_of_an_own_deadline_is_an_entry(void **state) {
    struct office *office = *state;
    int64_t wake_ms, deadline_ms = deadline_ms_of(office), until_ms = deadline_ms + DAY_MS;
    open_scoring(office);
    fill_sheet(office, DONG_DA_HEAD, 2000);
    uint64_t extended = extend_until(office, "quan-dong-da", until_ms)->extend->seq;
    assert_int_equal(pass_time(office, BEGIN, &wake_ms), 0);
    assert_int_equal(wake_ms, deadline_ms);
    assert_int_equal(pass_time(office, deadline_ms, &wake_ms), 1);
    assert_int_equal(wake_ms, until_ms);
    assert_int_equal(pass_time(office, until_ms, &wake_ms), 1);
    assert_int_equal(wake_ms, INT64_MAX);
    const Pb__DeadlinePassed *passed = event_at(office, ledger_tip(office->world.ledger)->seq)->deadline_passed;
    assert_int_equal(passed->unit, DONG_DA);
    assert_int_equal(passed->deadline_ms, until_ms);
    assert_int_equal(passed->after->replaces, extended);
    assert_int_equal(passed->after->self_total_cp, 9500);
    assert_false(passed->has_replaces);
    assert_true(shown(office)->extensions[0]->passed);
    assert_int_equal(pass_time(office, until_ms + DAY_MS, &wake_ms), 0);
}

static void own_deadlines_pass_before_scoring_and_all_at_once(void **state) {
    struct office *office = *state;
    int64_t wake_ms, until_ms = deadline_ms_of(office) + DAY_MS;
    assert_ok(load_period(office, COUNCIL));
    assert_ok(put_signature(office, BA_DINH_HEAD));
    assert_ok(put_signature(office, DONG_DA_HEAD));
    assert_ok(put_signature(office, HOANG_MAI_HEAD));
    assert_ok(advance(office, COUNCIL, PB__PERIOD_STATE__SIGNED));
    assert_ok(extend_until(office, "quan-ba-dinh", until_ms));
    assert_ok(extend_until(office, "quan-dong-da", until_ms + HOUR_MS));
    assert_int_equal(pass_time(office, until_ms - 1, &wake_ms), 0); // the period's own begins with scoring
    assert_int_equal(wake_ms, until_ms);
    assert_int_equal(pass_time(office, until_ms + DAY_MS, &wake_ms), 2);
    assert_ok(advance(office, COUNCIL, PB__PERIOD_STATE__SCORING));
    assert_int_equal(pass_time(office, until_ms + DAY_MS, &wake_ms), 1);
    assert_int_equal(wake_ms, INT64_MAX);
}

// ---- late ----

static void an_extension_keeps_a_sheet_in_time(void **state) {
    struct office *office = *state;
    int64_t wake_ms, until_ms = deadline_ms_of(office) + DAY_MS;
    open_scoring(office);
    fill_sheet(office, DONG_DA_HEAD, 2000);
    fill_sheet(office, BA_DINH_HEAD, 2000);
    assert_ok(extend_until(office, "quan-dong-da", until_ms));
    let_deadline_pass(office);
    office->now_ms = until_ms - HOUR_MS;
    assert_false(SCORE(office, DONG_DA_HEAD, points("TC4", 100))->score->late);
    assert_false(hand_in(office, DONG_DA_HEAD)->submit->late);
    const Pb__SubmitReply *late = hand_in(office, BA_DINH_HEAD)->submit;
    assert_true(late->late);
    assert_int_equal(late->late_ms, DAY_MS - HOUR_MS);
    assert_int_equal(pass_time(office, until_ms, &wake_ms), 1);
    assert_false(sheet_of(office, DONG_DA).late);
    assert_int_equal(sheet_of(office, BA_DINH).late_ms, DAY_MS - HOUR_MS);
}

static void late_is_measured_from_the_own_deadline(void **state) {
    struct office *office = *state;
    int64_t wake_ms, until_ms = deadline_ms_of(office) + DAY_MS;
    open_scoring(office);
    fill_sheet(office, DONG_DA_HEAD, 2000);
    assert_ok(extend_until(office, "quan-dong-da", until_ms));
    assert_int_equal(pass_time(office, until_ms + 5 * HOUR_MS, &wake_ms), 2);
    const Pb__SubmitReply *reply = hand_in(office, DONG_DA_HEAD)->submit;
    assert_true(reply->late);
    assert_int_equal(reply->late_ms, 5 * HOUR_MS);
}

// The entry decides that it is late; a clock that went back since says only that it was by nothing.
static void a_clock_that_goes_back_reopens_nothing(void **state) {
    struct office *office = *state;
    int64_t wake_ms;
    open_scoring(office);
    fill_sheet(office, DONG_DA_HEAD, 2000);
    let_deadline_pass(office);
    assert_int_equal(pass_time(office, BEGIN, &wake_ms), 0);
    const Pb__SubmitReply *reply = hand_in(office, DONG_DA_HEAD)->submit;
    assert_true(reply->late);
    assert_true(reply->has_late_ms);
    assert_int_equal(reply->late_ms, 0);
}

static void a_hard_close_spares_who_has_more_time(void **state) {
    struct office *office = *state;
    int64_t wake_ms, until_ms = deadline_ms_of(office) + DAY_MS;
    office->world.fixture.definition->hard_close = true;
    open_scoring(office);
    fill_sheet(office, DONG_DA_HEAD, 2000);
    assert_ok(extend_until(office, "quan-dong-da", until_ms));
    let_deadline_pass(office);
    assert_refused(SCORE(office, BA_DINH_HEAD, points("TC4", 100)), PB__STATUS__FAILED_PRECONDITION, "DEADLINE_PASSED");
    assert_ok(SCORE(office, DONG_DA_HEAD, points("TC4", 100)));
    assert_int_equal(pass_time(office, until_ms, &wake_ms), 1);
    const Pb__Response *response = hand_in(office, DONG_DA_HEAD);
    assert_refused(response, PB__STATUS__FAILED_PRECONDITION, "DEADLINE_PASSED");
    assert_int_equal(told(response, 0, "time")->time_ms, until_ms);
    assert_ok(extend_until(office, "quan-dong-da", until_ms + DAY_MS));
    assert_ok(hand_in(office, DONG_DA_HEAD));
}

// A deadline judges the first hand-in: a sheet that was in time stays so when it comes back, and may still be handed
// in.
static void what_was_handed_in_is_judged_once(void **state) {
    struct office *office = *state;
    office->world.fixture.definition->hard_close = true;
    open_appraisal(office);
    let_deadline_pass(office);
    assert_ok(give_back(office, CITY, "quan-dong-da"));
    assert_false(SCORE(office, DONG_DA_HEAD, points("TC1.2", 1900))->score->late);
    const Pb__Response *response = hand_in(office, DONG_DA_HEAD);
    assert_ok(response);
    assert_false(response->submit->late);
    assert_false(response->submit->has_late_ms);
    assert_int_equal(response->submit->sheet_revision, 2);
}

static void late_once_is_late_for_good(void **state) {
    struct office *office = *state;
    open_scoring(office);
    fill_sheet(office, DONG_DA_HEAD, 2000);
    let_deadline_pass(office);
    office->now_ms += 2 * HOUR_MS;
    assert_ok(hand_in(office, DONG_DA_HEAD));
    assert_ok(lead_on(office, PB__PERIOD_STATE__APPRAISAL, NULL, NULL));
    assert_ok(give_back(office, CITY, "quan-dong-da"));
    office->now_ms += 30 * DAY_MS;
    const Pb__SubmitReply *reply = hand_in(office, DONG_DA_HEAD)->submit;
    assert_true(reply->late);
    assert_int_equal(reply->late_ms, 2 * HOUR_MS);
    assert_int_equal(sheet_of(office, DONG_DA).late_ms, 2 * HOUR_MS);
}

// Who has missed it all is let in by a return, and is late by as much as it is.
static void a_straggler_is_let_in_by_a_return(void **state) {
    struct office *office = *state;
    open_scoring(office);
    let_deadline_pass(office);
    assert_ok(lead_on(office, PB__PERIOD_STATE__APPRAISAL, NULL, NULL));
    Pb__Score *score = LINES(office, points("TC4", 100));
    assert_refused(write_as(office, DONG_DA_HEAD, ASK(SCORE, score)), PB__STATUS__FAILED_PRECONDITION, "PERIOD_STATE");
    assert_ok(give_back(office, CITY, "quan-dong-da"));
    fill_sheet(office, DONG_DA_HEAD, 2000);
    office->now_ms += HOUR_MS;
    const Pb__SubmitReply *reply = hand_in(office, DONG_DA_HEAD)->submit;
    assert_true(reply->late);
    assert_int_equal(reply->late_ms, HOUR_MS);
    assert_int_equal(reply->sheet_revision, 1);
}

// ---- pending ----

static void an_edited_line_is_pending_again(void **state) {
    struct office *office = *state;
    open_appraisal(office);
    confirm_sheet(office, "quan-dong-da", 2000);
    assert_ok(adjust_points(office, "quan-dong-da", "TC1.2", 300));
    assert_int_equal(sheet_of(office, DONG_DA).appraised.total_cp, 9200);
    assert_ok(give_back(office, CITY, "quan-dong-da"));
    const Pb__Response *response =
        SCORE(office, DONG_DA_HEAD, points("TC1.2", 2000)); // the same value again counts too
    assert_ok(response);
    struct sheet sheet = sheet_of(office, DONG_DA);
    assert_int_equal(sheet.appraised.points_cp[1], POINTS_NONE);
    assert_int_equal(sheet.appraised.points_cp[0], 1500);
    assert_int_equal(sheet.appraised.base_cp, 7500);
    assert_int_equal(sheet.appraised.deduction_cp, 0); // nothing is there to deduct from
    assert_int_equal(sheet.appraised.total_cp, 7500);
    const Pb__SheetAfter *after = event_at(office, response->score->seq)->score_set->after;
    assert_int_equal(after->state, PB__SHEET_STATE__RETURNED);
    assert_int_equal(after->appraised->points_cp[1], POINTS_NONE);
    assert_int_equal(after->appraised->total_cp, 7500);
    assert_int_equal(after->deducted_cp[1], 300);
}

// ---- peers ----

static const Pb__BoardRow *row_seen(struct office *office, enum who who, const char *unit) {
    Pb__TotalsQuery query = PB__TOTALS_QUERY__INIT;
    query.period = "hn-cum-1-2022";
    const Pb__Response *response = read_as(office, who, ASK(TOTALS, &query));
    assert_ok(response);
    for (size_t i = 0; i < response->totals->n_rows; i++)
        if (strcmp(response->totals->rows[i]->unit, unit) == 0)
            return response->totals->rows[i];
    fail_msg("no row of %s", unit);
    return NULL;
}

// After the deadline peers see each other, but for those who still have time: nobody copies up.
static void who_has_more_time_sees_the_others_later(void **state) {
    struct office *office = *state;
    int64_t wake_ms, until_ms = deadline_ms_of(office) + DAY_MS;
    open_scoring(office);
    fill_sheet(office, BA_DINH_HEAD, 2500);
    assert_ok(hand_in(office, BA_DINH_HEAD));
    assert_ok(extend_until(office, "quan-dong-da", until_ms));
    assert_false(row_seen(office, HOANG_MAI_HEAD, "quan-ba-dinh")->has_total_cp);
    let_deadline_pass(office);
    assert_int_equal(row_seen(office, HOANG_MAI_HEAD, "quan-ba-dinh")->total_cp, 10000);
    assert_false(row_seen(office, DONG_DA_HEAD, "quan-ba-dinh")->has_total_cp);
    Pb__SheetQuery query = PB__SHEET_QUERY__INIT;
    query.unit = "quan-ba-dinh";
    assert_refused(read_as(office, DONG_DA_HEAD, ASK(SHEET, &query)), PB__STATUS__PERMISSION_DENIED, "NOT_VISIBLE");
    assert_ok(read_as(office, HOANG_MAI_HEAD, ASK(SHEET, &query)));
    assert_int_equal(pass_time(office, until_ms, &wake_ms), 1);
    assert_int_equal(row_seen(office, DONG_DA_HEAD, "quan-ba-dinh")->total_cp, 10000);
    assert_ok(read_as(office, DONG_DA_HEAD, ASK(SHEET, &query)));
}

// A deadline that passes while all is settled already opens the sheets to the peers all the same.
static void a_deadline_passes_after_the_sheets_are_final_too(void **state) {
    struct office *office = *state;
    int64_t wake_ms;
    open_appraisal(office);
    confirm_sheet(office, "quan-ba-dinh", 2500);
    confirm_sheet(office, "quan-dong-da", 2000);
    confirm_sheet(office, "quan-hoang-mai", 2500);
    assert_ok(make_final(office, NULL));
    assert_ok(lead_on(office, PB__PERIOD_STATE__FINALIZED, NULL, NULL));
    assert_false(row_seen(office, HOANG_MAI_HEAD, "quan-ba-dinh")->has_total_cp);
    assert_int_equal(pass_time(office, deadline_ms_of(office), &wake_ms), 1);
    assert_int_equal(row_seen(office, HOANG_MAI_HEAD, "quan-ba-dinh")->total_cp, 10000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        OFFICE_TEST(appraisal_waits_for_every_sheet),
        OFFICE_TEST(appraisal_begins_once_the_deadline_has_passed),
        OFFICE_TEST(a_deadline_of_its_own_is_waited_for),
        OFFICE_TEST(a_reason_goes_before_the_deadline),
        OFFICE_TEST(only_final_sheets_are_finalized),
        OFFICE_TEST(a_locked_period_names_its_board),
        OFFICE_TEST(a_locked_period_is_reopened_by_a_decision),
        OFFICE_TEST(more_time_may_be_given_in_a_reopened_period),
        OFFICE_TEST(what_is_not_due_is_not_looked_at),
        OFFICE_TEST(a_correction_is_locked_with_another_hash),
        OFFICE_TEST(the_ways_of_a_period_are_linked),
        OFFICE_TEST(a_lock_sent_again_gets_the_first_answer),
        OFFICE_TEST(a_deadline_passes_once),
        OFFICE_TEST(a_deadline_that_was_missed_is_owed),
        OFFICE_TEST(a_draft_has_no_deadline_to_pass),
        OFFICE_TEST(the_next_deadline_of_several_wakes),
        OFFICE_TEST(an_extension_is_told),
        OFFICE_TEST(an_extension_lies_ahead_and_is_later),
        OFFICE_TEST(a_draft_and_a_final_sheet_are_not_extended),
        OFFICE_TEST(the_passing_of_an_own_deadline_is_an_entry),
        OFFICE_TEST(own_deadlines_pass_before_scoring_and_all_at_once),
        OFFICE_TEST(an_extension_keeps_a_sheet_in_time),
        OFFICE_TEST(late_is_measured_from_the_own_deadline),
        OFFICE_TEST(a_clock_that_goes_back_reopens_nothing),
        OFFICE_TEST(a_hard_close_spares_who_has_more_time),
        OFFICE_TEST(what_was_handed_in_is_judged_once),
        OFFICE_TEST(late_once_is_late_for_good),
        OFFICE_TEST(a_straggler_is_let_in_by_a_return),
        OFFICE_TEST(an_edited_line_is_pending_again),
        OFFICE_TEST(who_has_more_time_sees_the_others_later),
        OFFICE_TEST(a_deadline_passes_after_the_sheets_are_final_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
