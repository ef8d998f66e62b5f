#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/limits.h"
#include "tests/unit/requests.h"

// ---- the table of limits ----

static void assert_row(const ProtobufCFieldDescriptor *field, const struct field_limits *row) {
    assert_string_equal(row->name, field->name);
    bool repeated = field->label == PROTOBUF_C_LABEL_REPEATED;
    assert_int_equal(repeated, row->count_limit > 0);
    assert_true(row->count_least <= row->count_limit);
    assert_false(repeated && row->required);
    switch (field->type) {
    case PROTOBUF_C_TYPE_MESSAGE:
    case PROTOBUF_C_TYPE_ENUM:
    case PROTOBUF_C_TYPE_BOOL:
        assert_int_equal(row->limit, 0);
        break;
    default:
        assert_true(row->limit > 0);
        assert_true(row->least >= 0 && row->least <= row->limit);
    }
}

static void assert_rows(const ProtobufCMessageDescriptor *message, int depth) {
    const struct field_limits *rows = limits_of(message);
    assert_true(depth < 8); // no message holds itself
    if (!rows)
        fail_msg("no limits for %s", message->name);
    for (unsigned i = 0; i < message->n_fields; i++) {
        assert_row(&message->fields[i], &rows[i]);
        if (message->fields[i].type == PROTOBUF_C_TYPE_MESSAGE)
            assert_rows(message->fields[i].descriptor, depth + 1);
    }
}

static void every_field_of_a_request_has_its_limits(void **state) {
    (void)state;
    assert_rows(&pb__request__descriptor, 0);
    assert_null(limits_of(&pb__response__descriptor));
}

// ---- validation ----

static void good_requests_pass(void **state) {
    (void)state;
    struct score_request score;
    make_score(&score);
    assert_int_equal(reason_for(&score.request), ACCEPTED);
    struct period_request period;
    make_period(&period, 6, 8);
    assert_int_equal(reason_for(&period.request), ACCEPTED);
    free_period(&period);
    Pb__Ping ping = PB__PING__INIT;
    Pb__Request request = request_of(PB__REQUEST__BODY_PING);
    request.ping = &ping;
    assert_int_equal(reason_for(&request), ACCEPTED);
}

static void missing_fields_are_named(void **state) {
    (void)state;
    char field[128];
    struct score_request score;
    make_score(&score);
    score.lines[1].criterion = NULL;
    assert_int_equal(reason_and_field(&score.request, field, sizeof field), REASON_FIELD_MISSING);
    assert_string_equal(field, "score.lines[1].criterion");

    make_score(&score);
    score.request.has_id = false;
    assert_int_equal(reason_and_field(&score.request, field, sizeof field), REASON_FIELD_MISSING);
    assert_string_equal(field, "id");

    Pb__PeriodLoad load = PB__PERIOD_LOAD__INIT;
    Pb__Request request = request_of(PB__REQUEST__BODY_PERIOD_LOAD);
    request.period_load = &load;
    assert_int_equal(reason_and_field(&request, field, sizeof field), REASON_FIELD_MISSING);
    assert_string_equal(field, "period_load.definition");

    Pb__Authenticate authenticate = PB__AUTHENTICATE__INIT;
    request = request_of(PB__REQUEST__BODY_AUTHENTICATE);
    request.authenticate = &authenticate;
    authenticate.has_account = true;
    authenticate.account = 3;
    assert_int_equal(reason_and_field(&request, field, sizeof field), REASON_FIELD_MISSING);
    assert_string_equal(field, "authenticate.token");
}

static void a_request_without_body_is_refused(void **state) {
    (void)state;
    Pb__Request request = request_of(PB__REQUEST__BODY__NOT_SET);
    assert_int_equal(reason_for(&request), REASON_NO_BODY);
}

static void numbers_keep_to_their_range(void **state) {
    (void)state;
    char field[128];
    struct score_request score;
    static const struct {
        int32_t points;
        int reason;
    } cases[] = {{0, ACCEPTED},
                 {10000000, ACCEPTED},
                 {-1, REASON_FIELD_RANGE},
                 {10000001, REASON_FIELD_RANGE},
                 {INT32_MIN, REASON_FIELD_RANGE}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        make_score(&score);
        score.lines[0].points_cp = cases[i].points;
        assert_int_equal(reason_and_field(&score.request, field, sizeof field), cases[i].reason);
        assert_string_equal(field, cases[i].reason == ACCEPTED ? "" : "score.lines[0].points_cp");
    }
    make_score(&score);
    score.lines[0].has_actual = true;
    score.lines[0].actual = INT64_MAX;
    assert_int_equal(reason_for(&score.request), REASON_FIELD_RANGE);
    make_score(&score);
    score.lines[0].has_if_revision = true;
    score.lines[0].if_revision = UINT32_MAX;
    assert_int_equal(reason_for(&score.request), REASON_FIELD_RANGE);
    make_score(&score);
    score.request.id = UINT64_MAX;
    assert_int_equal(reason_for(&score.request), REASON_FIELD_RANGE);
    score.request.id = 0;
    assert_int_equal(reason_for(&score.request), REASON_FIELD_RANGE);
}

static void refused_points_and_times_say_what_they_are(void **state) {
    (void)state;
    struct door door;
    struct score_request score;
    door_open(&door, MESSAGE_BUDGET);
    problems_init(&door.problems, door.words);
    make_score(&score);
    score.lines[0].points_cp = -5;
    assert_false(message_validate(&score.score.base, &door.problems));
    assert_string_equal(field_of(&door.problems), "lines[0].points_cp");
    assert_int_equal(argument_of(&door.problems, "value")->value_case, PB__ARGUMENT__VALUE_POINTS_CP);
    assert_int_equal(argument_of(&door.problems, "value")->points_cp, -5);
    assert_int_equal(argument_of(&door.problems, "limit")->points_cp, 10000000);

    struct period_request period;
    make_period(&period, 1, 1);
    period.definition.deadline_ms = -1;
    problems_init(&door.problems, door.words);
    assert_false(message_validate(&period.definition.base, &door.problems));
    assert_string_equal(field_of(&door.problems), "deadline_ms");
    assert_int_equal(argument_of(&door.problems, "limit")->value_case, PB__ARGUMENT__VALUE_TIME_MS);
    free_period(&period);
    door_close(&door);
}

static void lengths_are_judged_in_bytes(void **state) {
    (void)state;
    char field[128];
    struct score_request score;
    char text[2002];
    memset(text, 'a', sizeof text);
    text[2000] = '\0';
    make_score(&score);
    score.score.note = text;
    assert_int_equal(reason_for(&score.request), ACCEPTED);
    text[2000] = 'a';
    text[2001] = '\0';
    assert_int_equal(reason_and_field(&score.request, field, sizeof field), REASON_FIELD_LENGTH);
    assert_string_equal(field, "score.note");
    make_score(&score);
    score.score.period = "";
    assert_int_equal(reason_for(&score.request), REASON_FIELD_LENGTH);
    for (size_t size = 0; size < 40; size++) {
        make_score(&score);
        score.request.submission.len = size;
        assert_int_equal(reason_for(&score.request), size == SUBMISSION_SIZE ? ACCEPTED : REASON_FIELD_LENGTH);
    }
}

static void secrets_have_their_exact_size(void **state) {
    (void)state;
    for (size_t size = 15; size < 34; size++) {
        Pb__Enrol enrol = PB__ENROL__INIT;
        Pb__Request request = request_of(PB__REQUEST__BODY_ENROL);
        request.enrol = &enrol;
        enrol.has_code = enrol.has_verifier = true;
        enrol.code = (ProtobufCBinaryData){size, zeros};
        enrol.verifier = (ProtobufCBinaryData){DIGEST_SIZE, zeros};
        assert_int_equal(reason_for(&request), size == CODE_SIZE ? ACCEPTED : REASON_FIELD_LENGTH);
        enrol.code.len = CODE_SIZE;
        enrol.verifier.len = size;
        assert_int_equal(reason_for(&request), size == DIGEST_SIZE ? ACCEPTED : REASON_FIELD_LENGTH);
        Pb__Authenticate authenticate = PB__AUTHENTICATE__INIT;
        request = request_of(PB__REQUEST__BODY_AUTHENTICATE);
        request.authenticate = &authenticate;
        authenticate.has_account = authenticate.has_token = true;
        authenticate.account = 1;
        authenticate.token = (ProtobufCBinaryData){size, zeros};
        assert_int_equal(reason_for(&request), size == TOKEN_SIZE ? ACCEPTED : REASON_FIELD_LENGTH);
    }
}

static void text_is_judged_in_every_place(void **state) {
    (void)state;
    char field[128];
    struct score_request score;
    make_score(&score);
    score.score.note = "hai\ndòng";
    assert_int_equal(reason_and_field(&score.request, field, sizeof field), REASON_TEXT_CONTROL);
    assert_string_equal(field, "score.note");
    make_score(&score);
    score.evidence.title = "Ba Đi\u0300nh";
    assert_int_equal(reason_and_field(&score.request, field, sizeof field), REASON_TEXT_NOT_NFC);
    assert_string_equal(field, "score.evidence[0].title");
    make_score(&score);
    score.lines[0].criterion = "T\xff";
    assert_int_equal(reason_and_field(&score.request, field, sizeof field), REASON_TEXT_NOT_UTF8);
    struct period_request period;
    make_period(&period, 2, 1);
    const char *ties[] = {"deduction", "T\x01"};
    period.definition.n_tie_breaks = 2;
    period.definition.tie_breaks = ties;
    assert_int_equal(reason_and_field(&period.request, field, sizeof field), REASON_TEXT_CONTROL);
    assert_string_equal(field, "period_load.definition.tie_breaks[1]");
    free_period(&period);
}

static void dates_are_days_of_the_calendar(void **state) {
    (void)state;
    static const struct {
        const char *date;
        int reason;
    } cases[] = {{"2022-10-20", ACCEPTED},
                 {"2024-02-29", ACCEPTED},
                 {"2000-02-29", ACCEPTED},
                 {"2023-02-29", REASON_DEFINITION_DATE},
                 {"1900-02-29", REASON_DEFINITION_DATE},
                 {"2022-13-01", REASON_DEFINITION_DATE},
                 {"2022-04-31", REASON_DEFINITION_DATE},
                 {"2022-00-10", REASON_DEFINITION_DATE},
                 {"2022-01-00", REASON_DEFINITION_DATE},
                 {"20/10/2022", REASON_DEFINITION_DATE},
                 {"2022-10-2", REASON_DEFINITION_DATE},
                 {"2022-10-20T", REASON_DEFINITION_DATE},
                 {"2022", REASON_DEFINITION_DATE},
                 {"", REASON_FIELD_LENGTH}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct score_request score;
        make_score(&score);
        score.evidence.date = cases[i].date;
        assert_int_equal(reason_for(&score.request), cases[i].reason);
    }
}

static void lists_keep_to_their_count(void **state) {
    (void)state;
    char field[128];
    struct score_request score;
    make_score(&score);
    score.score.n_lines = 0;
    assert_int_equal(reason_and_field(&score.request, field, sizeof field), REASON_FIELD_COUNT);
    assert_string_equal(field, "score.lines");
    Pb__LineInput *lines[513];
    for (size_t i = 0; i < 513; i++)
        lines[i] = &score.lines[0];
    score.score.lines = lines;
    score.score.n_lines = 512;
    assert_int_equal(reason_for(&score.request), ACCEPTED);
    score.score.n_lines = 513;
    assert_int_equal(reason_for(&score.request), REASON_FIELD_COUNT);
    make_score(&score);
    Pb__Evidence *evidence[21];
    for (size_t i = 0; i < 21; i++)
        evidence[i] = &score.evidence;
    score.score.evidence = evidence;
    score.score.n_evidence = 21;
    assert_int_equal(reason_for(&score.request), REASON_FIELD_COUNT);
}

static void enums_must_be_known(void **state) {
    (void)state;
    struct period_request period;
    make_period(&period, 1, 1);
    period.definition.visibility = (Pb__Visibility)0;
    assert_int_equal(reason_for(&period.request), REASON_FIELD_VALUE);
    period.definition.visibility = (Pb__Visibility)4;
    assert_int_equal(reason_for(&period.request), REASON_FIELD_VALUE);
    free_period(&period);
    // role = -1 in ten bytes
    assert_int_equal(reason_for_bytes("\x08\x07\xa2\x01\x0b\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 16),
                     REASON_FIELD_VALUE);
}

static void all_that_is_wrong_is_listed(void **state) {
    (void)state;
    struct score_request score;
    struct door door;
    make_score(&score);
    score.lines[0].criterion = NULL;
    score.lines[1].points_cp = -1;
    score.evidence.date = "x";
    score.score.note = "";
    door_open(&door, MESSAGE_BUDGET);
    problems_init(&door.problems, door.words);
    assert_false(message_validate(&score.request.base, &door.problems));
    assert_int_equal(door.problems.count, 4);
    door_close(&door);
}

static void only_requests_can_be_validated(void **state) {
    (void)state;
    struct door door;
    Pb__Response response = PB__RESPONSE__INIT;
    door_open(&door, MESSAGE_BUDGET);
    problems_init(&door.problems, door.words);
    assert_false(message_validate(&response.base, &door.problems));
    assert_int_equal(door.problems.first, REASON_DEFECT);
    door_close(&door);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_of_a_request_has_its_limits),
        cmocka_unit_test(good_requests_pass),
        cmocka_unit_test(missing_fields_are_named),
        cmocka_unit_test(a_request_without_body_is_refused),
        cmocka_unit_test(numbers_keep_to_their_range),
        cmocka_unit_test(refused_points_and_times_say_what_they_are),
        cmocka_unit_test(lengths_are_judged_in_bytes),
        cmocka_unit_test(secrets_have_their_exact_size),
        cmocka_unit_test(text_is_judged_in_every_place),
        cmocka_unit_test(dates_are_days_of_the_calendar),
        cmocka_unit_test(lists_keep_to_their_count),
        cmocka_unit_test(enums_must_be_known),
        cmocka_unit_test(all_that_is_wrong_is_listed),
        cmocka_unit_test(only_requests_can_be_validated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
