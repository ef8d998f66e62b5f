// The table of requests, who may ask what, and submission ids.
#include "tests/unit/year_fixture.h"

// What proto/README.md says of each request. Roles: O officer, H head, C city, K council, A auditor, L local
// administration; * anyone, with an account or without.
struct row {
    const char *name;
    enum command_kind kind;
    const char *roles;
};

static const struct row rows[] = {
    {"hello", COMMAND_CONNECTION, "*"},
    {"authenticate", COMMAND_CONNECTION, "*"},
    {"enrol", COMMAND_WRITE, "*"},
    {"ping", COMMAND_READ, "*"},
    {"whoami", COMMAND_READ, "OHCKAL"},
    {"invite", COMMAND_WRITE, "L"},
    {"accounts", COMMAND_READ, "L"},
    {"revoke", COMMAND_WRITE, "L"},
    {"stats", COMMAND_READ, "L"},
    {"backup", COMMAND_READ, "L"},
    {"accounts_confirm", COMMAND_WRITE, "L"},
    {"period_load", COMMAND_WRITE, "KL"},
    {"periods", COMMAND_READ, "OHCKAL"},
    {"period", COMMAND_READ, "OHCKAL"},
    {"period_advance", COMMAND_WRITE, "K"},
    {"sign", COMMAND_WRITE, "H"},
    {"score", COMMAND_WRITE, "OH"},
    {"submit", COMMAND_WRITE, "H"},
    {"sheet", COMMAND_READ, "OHCKAL"},
    {"history", COMMAND_READ, "OHCKAL"},
    {"totals", COMMAND_READ, "OHCKAL"},
    {"status", COMMAND_READ, "OHCKAL"},
    {"watch", COMMAND_WATCH, "OHCKAL"},
    {"audit", COMMAND_READ, "CKAL"},
    {"receipt", COMMAND_READ, "OHCKAL"},
    {"extend", COMMAND_WRITE, "K"},
    {"appraise", COMMAND_WRITE, "HC"}, // of the heads, the leader and the deputy: known once the period is
    {"appraise_preview", COMMAND_READ, "HC"},
    {"adjust", COMMAND_WRITE, "C"},
    {"return_sheet", COMMAND_WRITE, "HC"},
    {"explain", COMMAND_WRITE, "H"},
    {"finalize", COMMAND_WRITE, "K"},
    {"hold", COMMAND_WRITE, "K"},
    {"nominate", COMMAND_WRITE, "K"},
};

static const struct {
    enum who who;
    char letter;
} ranks[] = {
    {BA_DINH_OFFICER, 'O'}, {BA_DINH_HEAD, 'H'}, {CITY, 'C'}, {COUNCIL, 'K'}, {AUDITOR, 'A'}, {ADMIN, 'L'},
};

static const struct row *row_of(const char *name) {
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}

static void every_body_has_a_row(void **state) {
    (void)state;
    size_t count = 0;
    for (unsigned i = 0; i < pb__request__descriptor.n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &pb__request__descriptor.fields[i];
        const struct row *row = row_of(field->name);
        if (!(field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF))
            continue;
        Pb__Request request = ask_for((Pb__Request__BodyCase)field->id, NULL);
        if (!row)
            fail_msg("%s is new: say who may ask it", field->name);
        if (command_kind(&request) != row->kind)
            fail_msg("%s is of kind %d", field->name, command_kind(&request));
        count++;
    }
    assert_int_equal(count, sizeof rows / sizeof *rows);
    Pb__Request none = PB__REQUEST__INIT;
    assert_int_equal(command_kind(&none), COMMAND_UNKNOWN);
}

static const char nowhere[] = "khong-co";

// One line of a unit that does not exist.
static void judge_wrongly(struct office *office, Pb__Appraise *appraise) {
    Pb__AppraisedInput *line = made(&office->world, sizeof *line);
    pb__appraised_input__init(line);
    line->criterion = "TC99";
    line->has_points_cp = true;
    line->points_cp = 99999;
    appraise->lines = made(&office->world, sizeof *appraise->lines);
    appraise->lines[appraise->n_lines++] = line;
    appraise->period = appraise->unit = nowhere;
}

// The same for the requests of those who judge and decide.
static void decide_wrongly(struct office *office, Pb__Request *request) {
    switch (request->body_case) {
    case PB__REQUEST__BODY_EXTEND:
        request->extend->period = request->extend->unit = request->extend->reason = nowhere;
        request->extend->has_until_ms = true;
        break;
    case PB__REQUEST__BODY_APPRAISE:
    case PB__REQUEST__BODY_APPRAISE_PREVIEW:
        judge_wrongly(office, request->appraise);
        break;
    case PB__REQUEST__BODY_ADJUST:
        request->adjust->period = request->adjust->unit = request->adjust->reason = nowhere;
        request->adjust->has_points_cp = true;
        request->adjust->points_cp = 99999;
        break;
    case PB__REQUEST__BODY_RETURN_SHEET:
        request->return_sheet->period = request->return_sheet->unit = request->return_sheet->reason = nowhere;
        break;
    case PB__REQUEST__BODY_EXPLAIN:
        request->explain->period = request->explain->criterion = request->explain->text = nowhere;
        break;
    case PB__REQUEST__BODY_FINALIZE:
        request->finalize->period = nowhere;
        break;
    case PB__REQUEST__BODY_HOLD:
        request->hold->period = request->hold->unit = request->hold->reason = nowhere;
        break;
    case PB__REQUEST__BODY_NOMINATE:
        request->nominate->period = request->nominate->unit = request->nominate->award = nowhere;
        break;
    default:
        break;
    }
}

// A request that passes the door, and has nothing right that can be judged behind it: nothing it names exists, and a
// write has no submission id.
static Pb__Request wrong_in_all(struct office *office, const ProtobufCFieldDescriptor *field) {
    static uint8_t hash[32] = {9};
    ProtobufCMessage *body = made(&office->world, 4096);
    protobuf_c_message_init(field->descriptor, body);
    Pb__Request request = ask_for((Pb__Request__BodyCase)field->id, body);
    switch (request.body_case) {
    case PB__REQUEST__BODY_INVITE:
        request.invite->unit = nowhere;
        request.invite->has_ttl_ms = request.invite->has_code_hash = true;
        request.invite->ttl_ms = HOUR_MS;
        request.invite->code_hash = (ProtobufCBinaryData){sizeof hash, hash};
        break;
    case PB__REQUEST__BODY_REVOKE:
        request.revoke->has_account = true;
        request.revoke->account = 999;
        break;
    case PB__REQUEST__BODY_PERIOD_LOAD:
        request.period_load->definition = office->world.fixture.definition;
        break;
    case PB__REQUEST__BODY_PERIOD_ADVANCE:
        request.period_advance->period = nowhere;
        request.period_advance->has_state = true;
        request.period_advance->state = PB__PERIOD_STATE__LOCKED;
        break;
    case PB__REQUEST__BODY_SCORE:
        *request.score = *LINES(office, points("TC99", 99999));
        request.score->period = nowhere;
        break;
    case PB__REQUEST__BODY_SHEET:
        request.sheet->period = request.sheet->unit = nowhere;
        break;
    case PB__REQUEST__BODY_HISTORY:
        request.history->period = request.history->unit = request.history->criterion = nowhere;
        break;
    case PB__REQUEST__BODY_RECEIPT:
        request.receipt->has_branch = request.receipt->has_hash = true;
        request.receipt->has_seq = request.receipt->has_time_ms = true;
        request.receipt->seq = 99999;
        request.receipt->branch = (ProtobufCBinaryData){16, hash};
        request.receipt->hash = (ProtobufCBinaryData){sizeof hash, hash};
        break;
    default:
        decide_wrongly(office, &request);
    }
    return request;
}

static const char *first_reason(struct office *office, enum who who, Pb__Request request) {
    const Pb__Response *response = command_kind(&request) == COMMAND_WRITE
                                       ? write_of(office, &office->people[who], request)
                                       : read_as(office, who, request);
    return response->n_problems ? response->problems[0]->reason : "OK";
}

static bool is_for_roles(const ProtobufCFieldDescriptor *field, const struct row **row) {
    *row = row_of(field->name);
    return *row && (*row)->roles[0] != '*';
}

// Who may is judged before whether it can be done: whoever may not is told so, however wrong the rest is; and whoever
// may is told the rest.
static void roles_are_judged_before_anything_else(void **state) {
    struct office *office = *state;
    for (unsigned i = 0; i < pb__request__descriptor.n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &pb__request__descriptor.fields[i];
        const struct row *row;
        if (!is_for_roles(field, &row))
            continue;
        for (size_t k = 0; k < sizeof ranks / sizeof *ranks; k++) {
            if (ranks[k].who == ADMIN && field->id == PB__REQUEST__BODY_BACKUP)
                continue; // it would make one
            const char *reason = first_reason(office, ranks[k].who, wrong_in_all(office, field));
            const char *no = strcmp(row->roles, "L") == 0 ? "LOCAL_ONLY" : "ROLE_NOT_PERMITTED";
            bool refused = strcmp(reason, "LOCAL_ONLY") == 0 || strcmp(reason, "ROLE_NOT_PERMITTED") == 0;
            bool may = strchr(row->roles, ranks[k].letter) != NULL;
            if (may ? refused : strcmp(reason, no) != 0)
                fail_msg("%s by %c: %s", field->name, ranks[k].letter, reason);
        }
    }
}

static void who_has_no_account_is_told_to_enrol(void **state) {
    struct office *office = *state;
    for (unsigned i = 0; i < pb__request__descriptor.n_fields; i++) {
        const struct row *row;
        if (!is_for_roles(&pb__request__descriptor.fields[i], &row))
            continue;
        Pb__Request request = wrong_in_all(office, &pb__request__descriptor.fields[i]);
        assert_string_equal(first_reason(office, NOBODY, request), "NOT_AUTHENTICATED");
    }
    Pb__Ping ping = PB__PING__INIT;
    assert_ok(read_as(office, NOBODY, ASK(PING, &ping)));
}

static void a_refused_role_is_told_which_it_takes(void **state) {
    struct office *office = *state;
    const Pb__Response *response = hand_in(office, BA_DINH_OFFICER);
    assert_refused(response, PB__STATUS__PERMISSION_DENIED, "ROLE_NOT_PERMITTED");
    assert_told(response, 0, "role", "officer");
    assert_told(response, 0, "needed", "head");
    Pb__AccountsQuery accounts = PB__ACCOUNTS_QUERY__INIT;
    assert_refused(read_as(office, COUNCIL, ASK(ACCOUNTS, &accounts)), PB__STATUS__PERMISSION_DENIED, "LOCAL_ONLY");
}

// ---- heads who judge ----

static void open_with_leaders(struct office *office) {
    office->world.fixture.definition->leader = "quan-ba-dinh";
    office->world.fixture.definition->deputy = "quan-dong-da";
    open_appraisal(office);
}

// The period says which heads judge: the leader every sheet but its own, the deputy the leader's.
static void leader_and_deputy_judge_what_is_theirs(void **state) {
    struct office *office = *state;
    open_with_leaders(office);
    assert_ok(judge_line(office, BA_DINH_HEAD, "quan-hoang-mai", "TC2", 1500));
    assert_ok(judge_line(office, BA_DINH_HEAD, "quan-dong-da", "TC2", 1500));
    assert_ok(judge_line(office, DONG_DA_HEAD, "quan-ba-dinh", "TC2", 1500));
    const Pb__Response *response = judge_line(office, BA_DINH_HEAD, "quan-ba-dinh", "TC2", 1500);
    assert_refused(response, PB__STATUS__PERMISSION_DENIED, "PARTY_TO_SHEET");
    assert_told(response, 0, "unit", "quan-ba-dinh");
    assert_refused(judge_line(office, DONG_DA_HEAD, "quan-dong-da", "TC2", 1500), PB__STATUS__PERMISSION_DENIED,
                   "PARTY_TO_SHEET");
    response = judge_line(office, DONG_DA_HEAD, "quan-hoang-mai", "TC2", 1500);
    assert_refused(response, PB__STATUS__PERMISSION_DENIED, "DEPUTY_FOR_LEADER");
    assert_told(response, 0, "unit", "quan-hoang-mai");
    assert_ok(give_back(office, BA_DINH_HEAD, "quan-hoang-mai"));
    assert_refused(give_back(office, DONG_DA_HEAD, "quan-ba-dinh"), PB__STATUS__PERMISSION_DENIED,
                   "ROLE_NOT_PERMITTED");
}

// Before the unit is looked up: who may not is not told whether it exists.
static void other_heads_do_not_judge(void **state) {
    struct office *office = *state;
    open_with_leaders(office);
    const Pb__Response *response = judge_line(office, HOANG_MAI_HEAD, "khong-co", "TC99", 1500);
    assert_refused(response, PB__STATUS__PERMISSION_DENIED, "ROLE_NOT_PERMITTED");
    assert_told(response, 0, "role", "head");
    assert_told(response, 0, "needed", "city, leader, deputy");
    assert_refused(judge_line(office, BA_DINH_OFFICER, "quan-hoang-mai", "TC2", 1500), PB__STATUS__PERMISSION_DENIED,
                   "ROLE_NOT_PERMITTED"); // it speaks for the unit, not for its head
    assert_refused(judge_line(office, BA_DINH_HEAD, "khong-co", "TC2", 1500), PB__STATUS__NOT_FOUND, "UNIT_UNKNOWN");
}

// A read with a submission id is bad data; that it is asked by the wrong role comes first.
static void a_role_is_judged_before_an_id_on_a_read(void **state) {
    struct office *office = *state;
    Pb__AccountsQuery accounts = PB__ACCOUNTS_QUERY__INIT;
    Pb__Request request = ASK(ACCOUNTS, &accounts);
    request.has_submission = true;
    request.submission = (ProtobufCBinaryData){SUBMISSION_SIZE, office->submission};
    assert_refused(read_as(office, ADMIN, request), PB__STATUS__INVALID_ARGUMENT, "ID_ON_READ");
    assert_refused(read_as(office, BA_DINH_HEAD, request), PB__STATUS__PERMISSION_DENIED, "LOCAL_ONLY");
}

// ---- accounts at the moment of the request ----

static const Pb__Response *whoami(struct office *office, enum who who) {
    Pb__Whoami whoami = PB__WHOAMI__INIT;
    return read_as(office, who, ASK(WHOAMI, &whoami));
}

static void a_token_expires_at_its_millisecond(void **state) {
    struct office *office = *state;
    open_scoring(office);
    int64_t expires_ms = BEGIN + 400 * DAY_MS;
    office->now_ms = expires_ms - 1;
    assert_ok(whoami(office, BA_DINH_HEAD));
    assert_ok(SCORE(office, BA_DINH_HEAD, points("TC1.1", 100)));
    office->now_ms = expires_ms;
    const Pb__Response *response = whoami(office, BA_DINH_HEAD);
    assert_refused(response, PB__STATUS__UNAUTHENTICATED, "TOKEN_EXPIRED");
    assert_int_equal(told(response, 0, "time")->time_ms, expires_ms);
    assert_refused(SCORE(office, BA_DINH_HEAD, points("TC99", 100)), PB__STATUS__UNAUTHENTICATED, "TOKEN_EXPIRED");
}

static void a_revoked_account_is_refused_at_once(void **state) {
    struct office *office = *state;
    Pb__Revoke revoke = PB__REVOKE__INIT;
    open_scoring(office);
    assert_ok(SCORE(office, BA_DINH_HEAD, points("TC1.1", 100)));
    revoke.has_account = true;
    revoke.account = office->people[BA_DINH_HEAD].account;
    assert_ok(write_as(office, ADMIN, ASK(REVOKE, &revoke)));
    const Pb__Response *response = SCORE(office, BA_DINH_HEAD, points("TC1.1", 100));
    assert_refused(response, PB__STATUS__UNAUTHENTICATED, "ACCOUNT_REVOKED");
    assert_int_equal(told(response, 0, "account")->number, revoke.account);
    assert_refused(whoami(office, BA_DINH_HEAD), PB__STATUS__UNAUTHENTICATED, "ACCOUNT_REVOKED");
    assert_ok(SCORE(office, BA_DINH_OFFICER, points("TC1.1", 200)));
}

static void an_account_that_is_not_there_has_no_rights(void **state) {
    struct office *office = *state;
    open_scoring(office);
    office->people[NOBODY] = (struct actor){.account = 999, .role = PB__ROLE__HEAD, .unit = BA_DINH};
    assert_refused(SCORE(office, NOBODY, points("TC1.1", 100)), PB__STATUS__UNAUTHENTICATED, "NOT_AUTHENTICATED");
    assert_refused(whoami(office, NOBODY), PB__STATUS__UNAUTHENTICATED, "NOT_AUTHENTICATED");
}

// ---- submission ids ----

static void a_write_needs_an_id(void **state) {
    struct office *office = *state;
    open_scoring(office);
    const Pb__Response *response =
        write_of(office, &office->people[BA_DINH_HEAD], ASK(SCORE, LINES(office, points("TC1.1", 100))));
    assert_refused(response, PB__STATUS__INVALID_ARGUMENT, "ID_MISSING");
}

static void an_id_names_one_request(void **state) {
    struct office *office = *state;
    open_scoring(office);
    const Pb__Response *first = SCORE(office, BA_DINH_OFFICER, points("TC1.1", 100));
    const Pb__Response *other = write_again(office, BA_DINH_OFFICER, ASK(SCORE, LINES(office, points("TC1.1", 125))));
    assert_refused(other, PB__STATUS__FAILED_PRECONDITION, "ID_REUSED");
    assert_int_equal(told(other, 0, "seq")->number, first->score->seq);
    // The unit's it is, whoever of the unit sends it; another unit has ids of its own.
    const Pb__Response *head = write_again(office, BA_DINH_HEAD, ASK(SCORE, LINES(office, points("TC1.1", 100))));
    assert_true(head->score->replayed);
    const Pb__Response *unit = write_again(office, DONG_DA_OFFICER, ASK(SCORE, LINES(office, points("TC1.1", 125))));
    assert_ok(unit);
    assert_false(unit->score->replayed);
    assert_true(unit->score->seq > first->score->seq);
}

static void accounts_without_a_unit_have_ids_of_their_own(void **state) {
    struct office *office = *state;
    assert_ok(load_period(office, COUNCIL));
    Pb__PeriodLoad load = PB__PERIOD_LOAD__INIT;
    load.definition = office->world.fixture.definition;
    load.definition->name = "Giao ước khác";
    assert_ok(write_again(office, ADMIN, ASK(PERIOD_LOAD, &load)));
    assert_refused(write_again(office, COUNCIL, ASK(PERIOD_LOAD, &load)), PB__STATUS__FAILED_PRECONDITION, "ID_REUSED");
}

static void a_refusal_does_not_use_the_id_up(void **state) {
    struct office *office = *state;
    open_scoring(office);
    assert_refused(SCORE(office, BA_DINH_HEAD, points("TC1.1", 101)), PB__STATUS__INVALID_ARGUMENT, "POINTS_STEP");
    const Pb__Response *mended = write_again(office, BA_DINH_HEAD, ASK(SCORE, LINES(office, points("TC1.1", 100))));
    assert_ok(mended);
    assert_false(mended->score->replayed);
}

// The first answer, even where the same write could not be made any more.
static void a_resend_gets_the_first_answer(void **state) {
    struct office *office = *state;
    uint8_t id[SUBMISSION_SIZE];
    open_scoring(office);
    fill_sheet(office, BA_DINH_HEAD, 2500);
    const Pb__Response *first = SCORE(office, BA_DINH_HEAD, points("TC1.1", 1400), actual("TC2", 500));
    memcpy(id, office->submission, sizeof id);
    assert_ok(SCORE(office, BA_DINH_HEAD, points("TC1.1", 1425)));
    const Pb__Response *handed = hand_in(office, BA_DINH_HEAD);
    office->now_ms += HOUR_MS;
    Pb__Submit submit = PB__SUBMIT__INIT;
    const Pb__Response *handed_again = write_again(office, BA_DINH_HEAD, ASK(SUBMIT, &submit));
    assert_true(handed_again->submit->replayed);
    assert_int_equal(handed_again->submit->seq, handed->submit->seq);
    assert_int_equal(handed_again->submit->time_ms, handed->submit->time_ms);
    assert_int_equal(handed_again->submit->sheet_revision, 1);
    assert_memory_equal(handed_again->submit->hash.data, handed->submit->hash.data, 32);
    memcpy(office->submission, id, sizeof id);
    const Pb__Response *again =
        write_again(office, BA_DINH_HEAD, ASK(SCORE, LINES(office, points("TC1.1", 1400), actual("TC2", 500))));
    assert_ok(again);
    assert_true(again->score->replayed);
    assert_false(first->score->replayed);
    assert_int_equal(again->score->seq, first->score->seq);
    assert_int_equal(again->score->n_lines, 2);
    assert_int_equal(again->score->lines[0]->points_cp, 1400);
    assert_int_equal(again->score->lines[0]->revision, 2);
    assert_int_equal(again->score->lines[1]->points_cp, 1000);
}

static void an_id_on_a_read_is_refused(void **state) {
    struct office *office = *state;
    Pb__Whoami whoami = PB__WHOAMI__INIT;
    Pb__Request request = ASK(WHOAMI, &whoami);
    request.has_submission = true;
    request.submission = (ProtobufCBinaryData){SUBMISSION_SIZE, office->submission};
    assert_refused(read_as(office, CITY, request), PB__STATUS__INVALID_ARGUMENT, "ID_ON_READ");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_body_has_a_row),
        OFFICE_TEST(roles_are_judged_before_anything_else),
        OFFICE_TEST(who_has_no_account_is_told_to_enrol),
        OFFICE_TEST(a_refused_role_is_told_which_it_takes),
        OFFICE_TEST(leader_and_deputy_judge_what_is_theirs),
        OFFICE_TEST(other_heads_do_not_judge),
        OFFICE_TEST(a_role_is_judged_before_an_id_on_a_read),
        OFFICE_TEST(a_token_expires_at_its_millisecond),
        OFFICE_TEST(a_revoked_account_is_refused_at_once),
        OFFICE_TEST(an_account_that_is_not_there_has_no_rights),
        OFFICE_TEST(a_write_needs_an_id),
        OFFICE_TEST(an_id_names_one_request),
        OFFICE_TEST(accounts_without_a_unit_have_ids_of_their_own),
        OFFICE_TEST(a_refusal_does_not_use_the_id_up),
        OFFICE_TEST(a_resend_gets_the_first_answer),
        OFFICE_TEST(an_id_on_a_read_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
