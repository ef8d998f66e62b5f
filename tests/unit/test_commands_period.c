// Periods: definition and redefinition, signatures, the way from state to state, and which period is meant.
#include "tests/unit/commands_fixture.h"

static const Pb__PeriodReply *shown(struct office *office, enum who who) {
    Pb__PeriodQuery query = PB__PERIOD_QUERY__INIT;
    query.period = office->world.fixture.definition->id;
    const Pb__Response *response = read_as(office, who, ASK(PERIOD, &query));
    assert_ok(response);
    return response->period;
}

static void hash_of_definition(struct office *office, uint8_t hash[32]) {
    assert_true(message_hash(&office->world.fixture.definition->base, hash));
}

// ---- definition ----

static void a_definition_is_kept_as_it_was_given(void **state) {
    struct office *office = *state;
    uint8_t hash[32];
    hash_of_definition(office, hash);
    const Pb__Response *response = load_period(office, COUNCIL);
    assert_ok(response);
    assert_string_equal(response->period_load->period, "hn-cum-1-2022");
    assert_int_equal(response->period_load->state, PB__PERIOD_STATE__DRAFT);
    assert_memory_equal(response->period_load->hash.data, hash, 32);
    const Pb__PeriodReply *period = shown(office, HOANG_MAI_OFFICER);
    assert_memory_equal(period->hash.data, hash, 32);
    assert_int_equal(period->seq, response->period_load->seq);
    assert_int_equal(period->definition->n_units, 3);
    assert_string_equal(period->definition->units[1]->name, "Đống Đa");
    assert_int_equal(period->definition->n_criteria, 6);
    assert_int_equal(period->definition->criteria[2]->step_cp, 25);
    assert_false(period->deadline_passed);
}

static void a_bad_definition_changes_nothing(void **state) {
    struct office *office = *state;
    office->world.fixture.definition->leader = "quan-cau-giay";
    uint64_t before = shown(office, ADMIN)->seq;
    const Pb__Response *response = load_period(office, COUNCIL);
    assert_refused(response, PB__STATUS__INVALID_ARGUMENT, "DEFINITION_UNIT");
    assert_told(response, 0, "value", "quan-cau-giay");
    assert_int_equal(shown(office, ADMIN)->seq, before);
}

// The entry numbers the units: those that are known keep theirs, in whatever order they come.
static void units_keep_their_numbers(void **state) {
    struct office *office = *state;
    Pb__PeriodDefinition *definition = office->world.fixture.definition;
    definition->id = "hn-cum-1-2023";
    Pb__UnitDefinition *last = definition->units[2];
    add_unit(&office->world.fixture, "quan-cau-giay", NULL, "Cầu Giấy");
    add_unit(&office->world.fixture, "quan-tay-ho", NULL, "Tây Hồ");
    add_target(&office->world.fixture, definition->criteria[3], "quan-cau-giay", 1);
    add_target(&office->world.fixture, definition->criteria[4], "quan-cau-giay", 1);
    add_target(&office->world.fixture, definition->criteria[3], "quan-tay-ho", 1);
    add_target(&office->world.fixture, definition->criteria[4], "quan-tay-ho", 1);
    definition->units[2] = definition->units[3];
    definition->units[3] = last;
    const Pb__Response *response = load_period(office, COUNCIL);
    assert_ok(response);
    const Pb__Entry *entry =
        view_entry(ledger_view(office->world.ledger), response->period_load->seq, office->world.arena, NULL);
    const uint32_t expected[] = {BA_DINH, DONG_DA, 4, HOANG_MAI, 5};
    assert_int_equal(entry->event->period_defined->period, 2);
    assert_int_equal(entry->event->period_defined->rules, RULES_CURRENT);
    assert_int_equal(entry->event->period_defined->n_units, 5);
    assert_memory_equal(entry->event->period_defined->units, expected, sizeof expected);
}

static void a_redefinition_voids_signatures_and_says_whose(void **state) {
    struct office *office = *state;
    assert_ok(put_signature(office, HOANG_MAI_HEAD));
    assert_ok(put_signature(office, BA_DINH_HEAD));
    office->world.fixture.definition->name = "Giao ước thi đua năm 2022, sửa đổi";
    const Pb__Response *response = load_period(office, COUNCIL);
    assert_ok(response);
    assert_int_equal(response->period_load->n_voided, 2);
    assert_string_equal(response->period_load->voided[0], "quan-ba-dinh");
    assert_string_equal(response->period_load->voided[1], "quan-hoang-mai");
    assert_int_equal(shown(office, ADMIN)->n_signed_, 0);
    assert_ok(put_signature(office, BA_DINH_HEAD));
}

static void the_same_definition_again_voids_nothing(void **state) {
    struct office *office = *state;
    assert_ok(put_signature(office, BA_DINH_HEAD));
    const Pb__Response *response = load_period(office, ADMIN);
    assert_ok(response);
    assert_int_equal(response->period_load->n_voided, 0);
    const Pb__PeriodReply *period = shown(office, ADMIN);
    assert_int_equal(period->n_signed_, 1);
    assert_string_equal(period->signed_[0], "quan-ba-dinh");
}

static void only_a_draft_is_redefined(void **state) {
    struct office *office = *state;
    open_scoring(office);
    const Pb__Response *response = load_period(office, COUNCIL);
    assert_refused(response, PB__STATUS__FAILED_PRECONDITION, "PERIOD_NOT_DRAFT");
    assert_told(response, 0, "period", "hn-cum-1-2022");
    assert_told(response, 0, "state", "scoring");
}

// ---- the same unit in several periods ----

static const Pb__Response *load_as(struct office *office, const char *id, const char *kind) {
    office->world.fixture.definition->id = id;
    office->world.fixture.definition->units[0]->kind = kind;
    return load_period(office, COUNCIL);
}

// The ward of a name is not the district of that name.
static void a_unit_of_another_kind_is_another_unit(void **state) {
    struct office *office = *state;
    assert_ok(load_as(office, "hn-cum-1-2022", "quan"));
    const Pb__Response *response = load_as(office, "hn-cum-1-2026", "phuong");
    assert_refused(response, PB__STATUS__INVALID_ARGUMENT, "DEFINITION_KIND");
    assert_told(response, 0, "unit", "quan-ba-dinh");
    assert_told(response, 0, "value", "phuong");
    assert_told(response, 0, "limit", "quan");
    assert_told(response, 0, "period", "hn-cum-1-2022");
    assert_ok(load_as(office, "hn-cum-1-2026", "quan"));
    office->world.fixture.definition->units[0]->kind = "phuong";
    assert_refused(load_period(office, COUNCIL), PB__STATUS__INVALID_ARGUMENT, "DEFINITION_KIND");
}

// A typo in the only draft that names a kind is mended by loading it again; one that names none says nothing.
static void a_kind_is_mended_where_it_stands(void **state) {
    struct office *office = *state;
    assert_ok(load_as(office, "hn-cum-1-2022", "qaun"));
    assert_ok(load_as(office, "hn-cum-1-2022", "quan"));
    assert_ok(load_as(office, "hn-cum-1-2023", NULL));
    assert_refused(load_as(office, "hn-cum-1-2024", "phuong"), PB__STATUS__INVALID_ARGUMENT, "DEFINITION_KIND");
    assert_ok(load_as(office, "hn-cum-1-2024", "quan"));
}

// ---- signatures ----

static void a_signature_names_the_definition(void **state) {
    struct office *office = *state;
    uint8_t hash[32];
    Pb__Sign sign = PB__SIGN__INIT;
    sign.period = "hn-cum-1-2022";
    sign.has_hash = true;
    hash_of_definition(office, hash);
    sign.hash = (ProtobufCBinaryData){sizeof hash, hash};
    const Pb__Response *response = write_as(office, BA_DINH_HEAD, ASK(SIGN, &sign));
    assert_ok(response);
    assert_memory_equal(response->sign->hash.data, hash, 32);
    assert_string_equal(response->sign->unit, "quan-ba-dinh");
    const Pb__Response *again = write_as(office, BA_DINH_HEAD, ASK(SIGN, &sign));
    assert_refused(again, PB__STATUS__FAILED_PRECONDITION, "ALREADY_SIGNED");
    assert_told(again, 0, "unit", "quan-ba-dinh");
    office->world.fixture.definition->name = "Giao ước khác";
    assert_ok(load_period(office, COUNCIL));
    assert_refused(write_as(office, DONG_DA_HEAD, ASK(SIGN, &sign)), PB__STATUS__CONFLICT, "DEFINITION_CHANGED");
}

static void only_a_draft_is_signed(void **state) {
    struct office *office = *state;
    open_scoring(office);
    const Pb__Response *response = put_signature(office, BA_DINH_HEAD);
    assert_refused(response, PB__STATUS__FAILED_PRECONDITION, "PERIOD_STATE");
    assert_told(response, 0, "state", "scoring");
    assert_told(response, 0, "needed", "draft");
}

// A period of others: who may comes before whether it can be done.
static void a_unit_signs_and_scores_where_it_takes_part(void **state) {
    struct office *office = *state;
    Pb__PeriodDefinition *definition = office->world.fixture.definition;
    definition->id = "hn-cum-2-2022";
    definition->n_units = 2;
    definition->criteria[3]->n_targets = definition->criteria[4]->n_targets = 2;
    definition->criteria[5]->n_not_assigned = 0;
    assert_ok(load_period(office, COUNCIL));
    const Pb__Response *response = put_signature(office, HOANG_MAI_HEAD);
    assert_refused(response, PB__STATUS__PERMISSION_DENIED, "UNIT_NOT_IN_PERIOD");
    assert_told(response, 0, "unit", "quan-hoang-mai");
    assert_told(response, 0, "period", "hn-cum-2-2022");
    Pb__Score *score = LINES(office, points("TC99", 1));
    score->period = definition->id;
    assert_refused(write_as(office, HOANG_MAI_HEAD, ASK(SCORE, score)), PB__STATUS__PERMISSION_DENIED,
                   "UNIT_NOT_IN_PERIOD");
}

// ---- the way from state to state ----

static void every_obstacle_is_named(void **state) {
    struct office *office = *state;
    Pb__PeriodDefinition *definition = office->world.fixture.definition;
    definition->criteria[5]->provenance = PB__PROVENANCE__UNNAMED;
    definition->criteria[5]->max_cp = 2600;
    definition->has_deadline_ms = false;
    assert_ok(load_period(office, COUNCIL));
    assert_ok(put_signature(office, DONG_DA_HEAD));
    const Pb__Response *response = advance(office, COUNCIL, PB__PERIOD_STATE__SIGNED);
    assert_int_equal(response->status, PB__STATUS__FAILED_PRECONDITION);
    assert_int_equal(response->n_problems, 5);
    assert_problem(response, 0, "ADVANCE_TITLE_UNNAMED", "criterion", "TC4");
    assert_says(response, 1, "ADVANCE_SUM");
    assert_int_equal(told(response, 1, "value")->points_cp, 10100);
    assert_int_equal(told(response, 1, "limit")->points_cp, 10000);
    assert_says(response, 2, "ADVANCE_NO_DEADLINE");
    assert_problem(response, 3, "ADVANCE_NOT_SIGNED", "unit", "quan-ba-dinh");
    assert_told(response, 3, "period", office->world.fixture.definition->id);
    assert_problem(response, 4, "ADVANCE_NOT_SIGNED", "unit", "quan-hoang-mai");
    assert_int_equal(shown(office, ADMIN)->state, PB__PERIOD_STATE__DRAFT);
}

static void a_period_goes_step_by_step(void **state) {
    struct office *office = *state;
    const Pb__Response *response = advance(office, COUNCIL, PB__PERIOD_STATE__SCORING);
    assert_refused(response, PB__STATUS__FAILED_PRECONDITION, "ADVANCE_NOT_NEXT");
    assert_told(response, 0, "state", "draft");
    assert_told(response, 0, "value", "scoring");
    assert_told(response, 0, "needed", "signed");
    open_scoring(office);
    assert_int_equal(shown(office, AUDITOR)->state, PB__PERIOD_STATE__SCORING);
    assert_refused(advance(office, COUNCIL, PB__PERIOD_STATE__SCORING), PB__STATUS__FAILED_PRECONDITION,
                   "ADVANCE_NOT_NEXT");
    response = advance(office, COUNCIL, PB__PERIOD_STATE__LOCKED);
    assert_refused(response, PB__STATUS__FAILED_PRECONDITION, "ADVANCE_NOT_NEXT");
    assert_told(response, 0, "needed", "appraisal");
}

static void decision_and_reason_are_kept(void **state) {
    struct office *office = *state;
    Pb__PeriodAdvance message = PB__PERIOD_ADVANCE__INIT;
    assert_ok(put_signature(office, BA_DINH_HEAD));
    assert_ok(put_signature(office, DONG_DA_HEAD));
    assert_ok(put_signature(office, HOANG_MAI_HEAD));
    message.period = "hn-cum-1-2022";
    message.has_state = true;
    message.state = PB__PERIOD_STATE__SIGNED;
    message.decision = "62/HD-MT";
    message.reason = "Hội nghị ký giao ước";
    const Pb__Response *response = write_as(office, COUNCIL, ASK(PERIOD_ADVANCE, &message));
    assert_ok(response);
    assert_int_equal(response->period_advance->state, PB__PERIOD_STATE__SIGNED);
    const Pb__Entry *entry =
        view_entry(ledger_view(office->world.ledger), response->period_advance->seq, office->world.arena, NULL);
    assert_int_equal(entry->event->period_advanced->from, PB__PERIOD_STATE__DRAFT);
    assert_string_equal(entry->event->period_advanced->decision, "62/HD-MT");
    assert_string_equal(entry->event->period_advanced->reason, "Hội nghị ký giao ước");
}

// ---- which period is meant ----

static const Pb__Response *status_without_name(struct office *office, enum who who) {
    Pb__StatusQuery query = PB__STATUS_QUERY__INIT;
    return read_as(office, who, ASK(STATUS, &query));
}

static void the_only_open_period_is_meant(void **state) {
    struct office *office = *state;
    const Pb__Response *response = status_without_name(office, CITY); // a draft is not open
    assert_refused(response, PB__STATUS__INVALID_ARGUMENT, "PERIOD_NOT_CHOSEN");
    assert_int_equal(told(response, 0, "count")->number, 0);
    open_scoring(office);
    assert_string_equal(status_without_name(office, CITY)->status_rows->period, "hn-cum-1-2022");
    assert_string_equal(status_without_name(office, BA_DINH_HEAD)->status_rows->period, "hn-cum-1-2022");
}

// As a period of two units is open beside it, Hoàng Mai, which is in one of them, has no choice to make.
static void several_open_periods_are_listed(void **state) {
    struct office *office = *state;
    Pb__PeriodDefinition *definition = office->world.fixture.definition;
    open_scoring(office);
    definition->id = "hn-cum-2-2022";
    definition->n_units = 2;
    definition->criteria[3]->n_targets = definition->criteria[4]->n_targets = 2;
    definition->criteria[5]->n_not_assigned = 0;
    assert_ok(load_period(office, COUNCIL));
    assert_ok(put_signature(office, BA_DINH_HEAD));
    assert_ok(put_signature(office, DONG_DA_HEAD));
    assert_ok(advance(office, COUNCIL, PB__PERIOD_STATE__SIGNED));
    const Pb__Response *response = SCORE(office, BA_DINH_HEAD, points("TC4", 100));
    assert_refused(response, PB__STATUS__INVALID_ARGUMENT, "PERIOD_NOT_CHOSEN");
    assert_int_equal(told(response, 0, "count")->number, 2);
    assert_told(response, 0, "periods", "hn-cum-1-2022, hn-cum-2-2022");
    assert_refused(status_without_name(office, COUNCIL), PB__STATUS__INVALID_ARGUMENT, "PERIOD_NOT_CHOSEN");
    assert_ok(SCORE(office, HOANG_MAI_HEAD, points("TC1.1", 100)));
}

static void a_period_that_is_not_there_is_not_found(void **state) {
    struct office *office = *state;
    Pb__PeriodQuery query = PB__PERIOD_QUERY__INIT;
    query.period = "hn-cum-9-2022";
    const Pb__Response *response = read_as(office, CITY, ASK(PERIOD, &query));
    assert_refused(response, PB__STATUS__NOT_FOUND, "PERIOD_UNKNOWN");
    assert_told(response, 0, "period", "hn-cum-9-2022");
}

// More than a frame of them, each once and in the order in which they were defined.
static void periods_go_on_in_frames(void **state) {
    struct office *office = *state;
    enum { COUNT = 70 };
    char id[32];
    Pb__PeriodsQuery query = PB__PERIODS_QUERY__INIT;
    struct cursor cursor = {0};
    office->world.fixture.definition->id = id;
    for (int i = 2; i <= COUNT; i++) {
        snprintf(id, sizeof id, "ky-%d", i);
        assert_ok(load_period(office, COUNCIL));
    }
    const Pb__Response *response = read_frame(office, BA_DINH_OFFICER, ASK(PERIODS, &query), &cursor);
    assert_true(response->more);
    assert_string_equal(response->periods->rows[0]->id, "hn-cum-1-2022");
    assert_int_equal(response->periods->rows[0]->units, 3);
    assert_int_equal(response->periods->rows[0]->criteria, 5);
    size_t first = response->periods->n_rows;
    response = read_frame(office, BA_DINH_OFFICER, ASK(PERIODS, &query), &cursor);
    assert_false(response->more);
    assert_int_equal(first + response->periods->n_rows, COUNT);
    snprintf(id, sizeof id, "ky-%zu", first + 1);
    assert_string_equal(response->periods->rows[0]->id, id);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        OFFICE_TEST(a_definition_is_kept_as_it_was_given),
        OFFICE_TEST(a_bad_definition_changes_nothing),
        OFFICE_TEST(units_keep_their_numbers),
        OFFICE_TEST(a_redefinition_voids_signatures_and_says_whose),
        OFFICE_TEST(the_same_definition_again_voids_nothing),
        OFFICE_TEST(only_a_draft_is_redefined),
        OFFICE_TEST(a_unit_of_another_kind_is_another_unit),
        OFFICE_TEST(a_kind_is_mended_where_it_stands),
        OFFICE_TEST(a_signature_names_the_definition),
        OFFICE_TEST(only_a_draft_is_signed),
        OFFICE_TEST(a_unit_signs_and_scores_where_it_takes_part),
        OFFICE_TEST(every_obstacle_is_named),
        OFFICE_TEST(a_period_goes_step_by_step),
        OFFICE_TEST(decision_and_reason_are_kept),
        OFFICE_TEST(the_only_open_period_is_meant),
        OFFICE_TEST(several_open_periods_are_listed),
        OFFICE_TEST(a_period_that_is_not_there_is_not_found),
        OFFICE_TEST(periods_go_on_in_frames),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
