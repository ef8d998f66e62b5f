// Accounts: invitations, enrolment, tokens that are replaced, revocation, and the list of them.
#include "tests/unit/commands_fixture.h"

enum { SEED = 1000, TOKEN = 0xaa }; // of invitations made here

static Pb__Invite invitation(const uint8_t hash[32]) {
    Pb__Invite message = PB__INVITE__INIT;
    message.has_ttl_ms = message.has_code_hash = true;
    message.ttl_ms = HOUR_MS;
    message.code_hash = (ProtobufCBinaryData){32, (uint8_t *)(uintptr_t)hash};
    return message;
}

static const Pb__Response *rotate(struct office *office, uint32_t account, uint32_t seed) {
    uint8_t code[CODE_SIZE], hash[32];
    make_code(seed, code, hash);
    Pb__Invite message = invitation(hash);
    message.has_replaces = true;
    message.replaces = account;
    return write_as(office, ADMIN, ASK(INVITE, &message));
}

static const Pb__Response *dismiss(struct office *office, uint32_t account) {
    Pb__Revoke message = PB__REVOKE__INIT;
    message.has_account = true;
    message.account = account;
    return write_as(office, ADMIN, ASK(REVOKE, &message));
}

// The reason for which the token of 32 bytes `fill` is refused at the door, or "OK".
static const char *at_the_door(struct office *office, uint32_t number, uint8_t fill) {
    uint8_t token[TOKEN_SIZE];
    struct problems problems;
    struct account account;
    Pb__Authenticate message = PB__AUTHENTICATE__INIT;
    memset(token, fill, sizeof token);
    message.account = number;
    message.token = (ProtobufCBinaryData){sizeof token, token};
    problems_init(&problems, office->world.arena);
    open_writing(office);
    bool good = identity_account(ledger_view(office->world.ledger), &message, office->now_ms, &account, &problems);
    assert_int_equal(good, problems.count == 0);
    if (good)
        assert_int_equal(account.number, number);
    return good ? "OK" : reason_entry(problems.first)->code;
}

// ---- inviting ----

static void an_invitation_makes_an_account(void **state) {
    struct office *office = *state;
    const Pb__Response *response = invite(office, "hoang mai", PB__ROLE__HEAD, SEED);
    assert_ok(response);
    assert_int_equal(response->invite->account, 10);
    assert_int_equal(response->invite->role, PB__ROLE__HEAD);
    assert_string_equal(response->invite->unit, "quan-hoang-mai");
    assert_int_equal(response->invite->expires_ms, BEGIN + 72 * HOUR_MS);
    assert_int_equal(response->invite->seq, ledger_tip(office->world.ledger)->seq);
    response = invite(office, NULL, PB__ROLE__AUDITOR, SEED + 1);
    assert_int_equal(response->invite->account, 11);
    assert_null(response->invite->unit);
}

static void an_invitation_fits_its_role(void **state) {
    struct office *office = *state;
    uint8_t hash[32] = {1};
    assert_refused(invite(office, NULL, PB__ROLE__HEAD, SEED), PB__STATUS__INVALID_ARGUMENT, "ROLE_NEEDS_UNIT");
    assert_refused(invite(office, "dong-da", PB__ROLE__CITY, SEED), PB__STATUS__INVALID_ARGUMENT, "ROLE_WITHOUT_UNIT");
    assert_refused(invite(office, NULL, PB__ROLE__ADMIN, SEED), PB__STATUS__INVALID_ARGUMENT, "ROLE_LOCAL");
    assert_refused(invite(office, "tay-ho", PB__ROLE__HEAD, SEED), PB__STATUS__NOT_FOUND, "UNIT_UNKNOWN");
    Pb__Invite message = invitation(hash);
    assert_refused(write_as(office, ADMIN, ASK(INVITE, &message)), PB__STATUS__INVALID_ARGUMENT, "FIELD_MISSING");
    assert_ok(invite(office, "dong-da", PB__ROLE__HEAD, SEED)); // the refusals have left nothing behind
}

static void a_name_of_two_units_is_ambiguous(void **state) {
    struct office *office = *state;
    Pb__PeriodDefinition *definition = office->world.fixture.definition;
    definition->id = "hn-cum-1-2026";
    definition->n_units = definition->n_criteria = 0;
    add_unit(&office->world.fixture, "phuong-ba-dinh", NULL, "Ba Đình");
    add_criterion(&office->world.fixture, "TC1", 10000);
    assert_ok(load_period(office, ADMIN));
    const Pb__Response *response = invite(office, "Ba Đình", PB__ROLE__HEAD, SEED);
    assert_refused(response, PB__STATUS__INVALID_ARGUMENT, "UNIT_AMBIGUOUS");
    assert_told(response, 0, "value", "quan-ba-dinh, phuong-ba-dinh");
    assert_string_equal(invite(office, "phuong-ba-dinh", PB__ROLE__HEAD, SEED)->invite->unit, "phuong-ba-dinh");
}

static void a_code_is_used_once(void **state) {
    struct office *office = *state;
    assert_ok(invite(office, "dong-da", PB__ROLE__HEAD, SEED));
    assert_refused(invite(office, "ba-dinh", PB__ROLE__HEAD, SEED), PB__STATUS__FAILED_PRECONDITION, "CODE_IN_USE");
    assert_refused(rotate(office, 1, SEED), PB__STATUS__FAILED_PRECONDITION, "CODE_IN_USE");
}

// ---- enrolling ----

static void a_code_is_swapped_for_a_token(void **state) {
    struct office *office = *state;
    assert_ok(invite(office, "dong-da", PB__ROLE__HEAD, SEED));
    assert_string_equal(at_the_door(office, 10, TOKEN), "TOKEN_REFUSED");
    office->now_ms += HOUR_MS;
    const Pb__Response *response = enrol(office, SEED, TOKEN);
    assert_ok(response);
    assert_int_equal(response->enrol->account, 10);
    assert_int_equal(response->enrol->role, PB__ROLE__HEAD);
    assert_string_equal(response->enrol->unit, "quan-dong-da");
    assert_int_equal(response->enrol->expires_ms, BEGIN + HOUR_MS + 400 * DAY_MS);
    assert_string_equal(at_the_door(office, 10, TOKEN), "OK");
    assert_string_equal(at_the_door(office, 10, TOKEN + 1), "TOKEN_REFUSED");
    assert_string_equal(at_the_door(office, 9, TOKEN), "TOKEN_REFUSED");
    assert_string_equal(at_the_door(office, 999, TOKEN), "TOKEN_REFUSED");
}

// The same pair gets the same answer until the code expires; the same code with another verifier gets none.
static void the_same_pair_gets_the_same_answer(void **state) {
    struct office *office = *state;
    assert_ok(invite(office, "dong-da", PB__ROLE__HEAD, SEED));
    const Pb__Response *first = enrol(office, SEED, TOKEN);
    office->now_ms = BEGIN + 72 * HOUR_MS - 1;
    const Pb__Response *again = enrol(office, SEED, TOKEN);
    assert_ok(again);
    assert_int_equal(again->enrol->seq, first->enrol->seq);
    assert_int_equal(again->enrol->expires_ms, first->enrol->expires_ms);
    assert_int_equal(ledger_tip(office->world.ledger)->seq, first->enrol->seq);
    assert_refused(enrol(office, SEED, TOKEN + 1), PB__STATUS__UNAUTHENTICATED, "CODE_REFUSED");
    office->now_ms = BEGIN + 72 * HOUR_MS;
    assert_refused(enrol(office, SEED, TOKEN), PB__STATUS__UNAUTHENTICATED, "CODE_REFUSED");
    assert_string_equal(at_the_door(office, 10, TOKEN), "OK");
}

static void a_code_expires_at_its_millisecond(void **state) {
    struct office *office = *state;
    assert_ok(invite(office, "dong-da", PB__ROLE__HEAD, SEED));
    assert_ok(invite(office, "dong-da", PB__ROLE__OFFICER, SEED + 1));
    office->now_ms = BEGIN + 72 * HOUR_MS;
    assert_refused(enrol(office, SEED, TOKEN), PB__STATUS__UNAUTHENTICATED, "CODE_REFUSED");
    office->now_ms--;
    assert_ok(enrol(office, SEED + 1, TOKEN));
    assert_refused(enrol(office, SEED + 2, TOKEN), PB__STATUS__UNAUTHENTICATED, "CODE_REFUSED");
}

static void the_door_judges_expiry_and_revocation(void **state) {
    struct office *office = *state;
    uint32_t head = office->people[BA_DINH_HEAD].account, officer = office->people[BA_DINH_OFFICER].account;
    assert_ok(dismiss(office, officer));
    assert_string_equal(at_the_door(office, officer, BA_DINH_OFFICER), "ACCOUNT_REVOKED");
    assert_string_equal(at_the_door(office, officer, TOKEN), "TOKEN_REFUSED"); // tells a stranger nothing
    office->now_ms = BEGIN + 400 * DAY_MS - 1;
    assert_string_equal(at_the_door(office, head, BA_DINH_HEAD), "OK");
    office->now_ms++;
    assert_string_equal(at_the_door(office, head, BA_DINH_HEAD), "TOKEN_EXPIRED");
}

// ---- replacing and revoking ----

static void a_token_is_replaced_on_first_use(void **state) {
    struct office *office = *state;
    Pb__Whoami whoami = PB__WHOAMI__INIT;
    uint32_t number = office->people[BA_DINH_HEAD].account;
    const Pb__Response *response = rotate(office, number, SEED);
    assert_ok(response);
    assert_int_equal(response->invite->account, number);
    assert_int_equal(response->invite->role, PB__ROLE__HEAD);
    assert_string_equal(response->invite->unit, "quan-ba-dinh");
    assert_string_equal(at_the_door(office, number, BA_DINH_HEAD), "OK");
    office->now_ms += DAY_MS / 48;
    response = enrol(office, SEED, TOKEN);
    assert_ok(response);
    assert_int_equal(response->enrol->account, number);
    assert_int_equal(response->enrol->expires_ms, office->now_ms + 400 * DAY_MS);
    assert_string_equal(at_the_door(office, number, BA_DINH_HEAD), "TOKEN_REFUSED");
    assert_string_equal(at_the_door(office, number, TOKEN), "OK");
    assert_refused(enrol(office, BA_DINH_HEAD, BA_DINH_HEAD), PB__STATUS__UNAUTHENTICATED, "CODE_REFUSED");
    // A connection that the old token opened speaks for nobody any more.
    assert_refused(read_as(office, BA_DINH_HEAD, ASK(WHOAMI, &whoami)), PB__STATUS__UNAUTHENTICATED, "TOKEN_REFUSED");
}

// Role and unit are the account's own: another one named beside it is not dropped but refused.
static void a_replaced_token_keeps_role_and_unit(void **state) {
    struct office *office = *state;
    uint8_t hash[32] = {5};
    Pb__Invite message = invitation(hash);
    message.has_replaces = true;
    message.replaces = office->people[BA_DINH_OFFICER].account;
    message.unit = "quan-dong-da";
    assert_refused(write_as(office, ADMIN, ASK(INVITE, &message)), PB__STATUS__INVALID_ARGUMENT, "ROTATE_KEEPS");
    message.unit = NULL;
    message.has_role = true;
    message.role = PB__ROLE__HEAD;
    assert_refused(write_as(office, ADMIN, ASK(INVITE, &message)), PB__STATUS__INVALID_ARGUMENT, "ROTATE_KEEPS");
}

static void a_revoked_account_gets_nothing_more(void **state) {
    struct office *office = *state;
    assert_ok(invite(office, "dong-da", PB__ROLE__HEAD, SEED));
    const Pb__Response *response = dismiss(office, 10);
    assert_ok(response);
    assert_int_equal(response->revoke->account, 10);
    assert_refused(enrol(office, SEED, TOKEN), PB__STATUS__UNAUTHENTICATED, "CODE_REFUSED");
    assert_refused(dismiss(office, 10), PB__STATUS__FAILED_PRECONDITION, "REVOKED_ALREADY");
    assert_refused(rotate(office, 10, SEED + 1), PB__STATUS__FAILED_PRECONDITION, "ROTATE_REVOKED");
    assert_refused(dismiss(office, 11), PB__STATUS__NOT_FOUND, "ACCOUNT_UNKNOWN");
    assert_refused(rotate(office, 11, SEED + 1), PB__STATUS__NOT_FOUND, "ACCOUNT_UNKNOWN");
    assert_int_equal(invite(office, "dong-da", PB__ROLE__HEAD, SEED + 2)->invite->account, 11);
}

// ---- reading ----

static void whoami_tells_the_callers_own(void **state) {
    struct office *office = *state;
    Pb__Whoami whoami = PB__WHOAMI__INIT;
    const Pb__AuthenticateReply *head = read_as(office, DONG_DA_HEAD, ASK(WHOAMI, &whoami))->whoami;
    assert_int_equal(head->account, office->people[DONG_DA_HEAD].account);
    assert_int_equal(head->role, PB__ROLE__HEAD);
    assert_string_equal(head->unit, "quan-dong-da");
    assert_int_equal(head->expires_ms, BEGIN + 400 * DAY_MS);
    const Pb__AuthenticateReply *admin = read_as(office, ADMIN, ASK(WHOAMI, &whoami))->whoami;
    assert_int_equal(admin->account, 0);
    assert_int_equal(admin->role, PB__ROLE__ADMIN);
    assert_null(admin->unit);
    assert_false(admin->has_expires_ms);
    assert_null(read_as(office, CITY, ASK(WHOAMI, &whoami))->whoami->unit);
}

static const Pb__Account *listed(struct office *office, uint32_t number) {
    Pb__AccountsQuery query = PB__ACCOUNTS_QUERY__INIT;
    const Pb__Response *response = read_as(office, ADMIN, ASK(ACCOUNTS, &query));
    assert_ok(response);
    assert_int_equal(response->accounts->rows[number - 1]->account, number);
    return response->accounts->rows[number - 1];
}

static void an_account_goes_from_state_to_state(void **state) {
    struct office *office = *state;
    office->now_ms += HOUR_MS;
    assert_ok(invite(office, "dong-da", PB__ROLE__HEAD, SEED));
    const Pb__Account *account = listed(office, 10);
    assert_int_equal(account->state, PB__ACCOUNT_STATE__INVITED);
    assert_int_equal(account->created_ms, BEGIN + HOUR_MS);
    assert_int_equal(account->expires_ms, BEGIN + 73 * HOUR_MS);
    assert_string_equal(account->unit, "quan-dong-da");
    office->now_ms = BEGIN + 73 * HOUR_MS;
    assert_int_equal(listed(office, 10)->state, PB__ACCOUNT_STATE__EXPIRED);
    office->now_ms--;
    assert_ok(enrol(office, SEED, TOKEN));
    account = listed(office, 10);
    assert_int_equal(account->state, PB__ACCOUNT_STATE__ACTIVE);
    assert_int_equal(account->expires_ms, office->now_ms + 400 * DAY_MS);
    office->now_ms += 400 * DAY_MS - 1;
    assert_int_equal(listed(office, 10)->state, PB__ACCOUNT_STATE__ACTIVE);
    office->now_ms++;
    assert_int_equal(listed(office, 10)->state, PB__ACCOUNT_STATE__EXPIRED);
    assert_ok(dismiss(office, 10));
    assert_int_equal(listed(office, 10)->state, PB__ACCOUNT_STATE__REVOKED);
}

static void a_label_stays_with_its_account(void **state) {
    struct office *office = *state;
    uint8_t hash[32] = {7};
    Pb__Invite message = invitation(hash);
    message.has_role = true;
    message.role = PB__ROLE__CITY;
    message.label = "máy bàn, phòng Tổng hợp";
    assert_ok(write_as(office, ADMIN, ASK(INVITE, &message)));
    assert_string_equal(listed(office, 10)->label, "máy bàn, phòng Tổng hợp");
    assert_ok(rotate(office, 10, SEED));
    assert_string_equal(listed(office, 10)->label, "máy bàn, phòng Tổng hợp");
    assert_null(listed(office, 1)->label);
}

// More than one frame of them, each once and in the order of their numbers.
static void accounts_go_on_in_frames(void **state) {
    struct office *office = *state;
    enum { COUNT = 600 };
    Pb__AccountsQuery query = PB__ACCOUNTS_QUERY__INIT;
    struct cursor cursor = {0};
    uint32_t number = 0;
    size_t frames = 0;
    for (uint32_t i = 10; i <= COUNT; i++)
        assert_ok(invite(office, "dong-da", PB__ROLE__OFFICER, SEED + i));
    for (bool more = true; more; frames++) {
        const Pb__Response *response = read_frame(office, ADMIN, ASK(ACCOUNTS, &query), &cursor);
        assert_ok(response);
        for (size_t i = 0; i < response->accounts->n_rows; i++)
            assert_int_equal(response->accounts->rows[i]->account, ++number);
        more = response->more;
        assert_true(frames < 10);
    }
    assert_int_equal(number, COUNT);
    assert_true(frames > 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        OFFICE_TEST(an_invitation_makes_an_account),
        OFFICE_TEST(an_invitation_fits_its_role),
        OFFICE_TEST(a_name_of_two_units_is_ambiguous),
        OFFICE_TEST(a_code_is_used_once),
        OFFICE_TEST(a_code_is_swapped_for_a_token),
        OFFICE_TEST(the_same_pair_gets_the_same_answer),
        OFFICE_TEST(a_code_expires_at_its_millisecond),
        OFFICE_TEST(the_door_judges_expiry_and_revocation),
        OFFICE_TEST(a_token_is_replaced_on_first_use),
        OFFICE_TEST(a_replaced_token_keeps_role_and_unit),
        OFFICE_TEST(a_revoked_account_gets_nothing_more),
        OFFICE_TEST(whoami_tells_the_callers_own),
        OFFICE_TEST(an_account_goes_from_state_to_state),
        OFFICE_TEST(a_label_stays_with_its_account),
        OFFICE_TEST(accounts_go_on_in_frames),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
