// An office to ask and to write in: the handlers that run in the daemon, on a scratch store, without threads or
// sockets. Requests pass the same door as a peer's; what a handler decides is applied as the writer does it.
#ifndef THIDUA_TESTS_COMMANDS_FIXTURE_H
#define THIDUA_TESTS_COMMANDS_FIXTURE_H

#include <openssl/evp.h>

#include "server/commands/dispatch.h"
#include "tests/unit/event_fixture.h"

// Nothing here has to outlive a power cut.
int fdatasync(int fd) {
    (void)fd;
    return 0;
}

#define HOUR_MS INT64_C(3600000)
#define DAY_MS  (24 * HOUR_MS)
#define BEGIN   INT64_C(1660000000000) // August 2022; the deadline is 1666285200000

enum who {
    NOBODY,
    ADMIN,
    COUNCIL,
    CITY,
    AUDITOR,
    BA_DINH_OFFICER, // invited in this order: their accounts have the numbers 1 to 9
    BA_DINH_HEAD,
    DONG_DA_OFFICER,
    DONG_DA_HEAD,
    HOANG_MAI_OFFICER,
    HOANG_MAI_HEAD,
    PEOPLE
};

enum { BA_DINH = 1, DONG_DA, HOANG_MAI }; // numbers of the units

struct office {
    struct world world;
    struct ledger *reader;
    struct commands *commands;
    struct arena *scratch; // of one decision, as the writer has it
    bool writing;          // the world's transaction is open
    int64_t now_ms;
    int64_t unsettled_ms; // from then on entries may still come
    struct actor people[PEOPLE];
    uint64_t submissions;
    uint8_t submission[SUBMISSION_SIZE]; // of the write before
};

// ---- requests ----

static inline Pb__Request ask_for(Pb__Request__BodyCase body, void *message) {
    Pb__Request request = PB__REQUEST__INIT;
    request.has_id = true;
    request.id = 77;
    request.body_case = body;
    request.ping = message;
    return request;
}
#define ASK(BODY, message) ask_for(PB__REQUEST__BODY_##BODY, message)

// The request as the daemon gets it.
static inline const Pb__Request *through_the_door(struct office *office, const Pb__Request *request) {
    struct problems problems;
    uint64_t id;
    uint8_t *bytes = made(&office->world, pb__request__get_packed_size(request) + 1);
    size_t size = pb__request__pack(request, bytes);
    problems_init(&problems, office->world.arena);
    const Pb__Request *unpacked = message_unpack_request(office->world.arena, bytes, size, &id, &problems);
    if (!unpacked)
        fail_msg("no request of the protocol: %s", reason_entry(problems.first)->code);
    return unpacked;
}

// A copy of the answer that stays, after a journey over the wire.
static inline const Pb__Response *over_the_wire(struct office *office, const Pb__Response *response) {
    uint8_t *bytes = made(&office->world, pb__response__get_packed_size(response) + 1);
    size_t size = pb__response__pack(response, bytes);
    const Pb__Response *unpacked = message_unpack_response(office->world.arena, bytes, size);
    assert_non_null(unpacked);
    assert_true(unpacked->has_status);
    assert_int_equal(unpacked->status == PB__STATUS__OK, unpacked->n_problems == 0);
    assert_int_equal(unpacked->status == PB__STATUS__OK, unpacked->body_case != 0);
    return unpacked;
}

// ---- writing ----

static inline void open_writing(struct office *office) {
    if (!office->writing)
        begin(&office->world);
    office->writing = true;
}

static inline void settle_writing(struct office *office) {
    if (office->writing)
        commit(&office->world);
    office->writing = false;
}

// The next entry, encoded, hashed and applied.
static inline struct journal_entry append_entry(struct office *office, Pb__Entry *entry) {
    struct ledger *ledger = office->world.ledger;
    entry->has_seq = entry->has_time_ms = true;
    entry->seq = ledger_tip(ledger)->seq + 1;
    entry->time_ms = office->now_ms;
    entry->has_clock_back_ms = office->now_ms < ledger_tip_time(ledger);
    entry->clock_back_ms = entry->has_clock_back_ms ? ledger_tip_time(ledger) - office->now_ms : 0;
    struct journal_entry raw = encode(&office->world, entry);
    if (!ledger_apply(ledger, entry, &raw))
        fail_msg("%s", ledger_fault(ledger));
    return raw;
}

static inline void append_own(struct office *office, Pb__Event event) {
    Pb__Actor actor = PB__ACTOR__INIT;
    Pb__Entry entry = PB__ENTRY__INIT;
    actor.has_account = true;
    actor.has_role = event.body_case != PB__EVENT__BODY_DEADLINE_PASSED;
    actor.role = PB__ROLE__ADMIN;
    entry.actor = &actor;
    entry.event = &event;
    open_writing(office);
    append_entry(office, &entry);
}

static inline void accept_event(struct office *office, struct job *job, Pb__Event *event, Pb__Response *response) {
    Pb__Actor actor = PB__ACTOR__INIT;
    Pb__Entry entry = PB__ENTRY__INIT;
    actor.has_account = true;
    actor.account = job->actor.account;
    actor.has_role = job->actor.role != 0;
    actor.role = job->actor.role;
    actor.has_unit = job->actor.unit != 0;
    actor.unit = job->actor.unit;
    actor.has_uid = job->actor.local;
    actor.uid = job->actor.uid;
    entry.actor = &actor;
    entry.event = event;
    entry.has_submission = entry.has_digest = job->request->has_submission;
    entry.submission = job->request->submission;
    entry.digest = (ProtobufCBinaryData){DIGEST_SIZE, job->digest};
    struct journal_entry raw = append_entry(office, &entry);
    command_writer_handlers.answer(NULL, ledger_view(office->world.ledger), &entry, raw.hash, false, office->scratch,
                                   response);
}

static inline void repeat_known(struct office *office, uint64_t known, Pb__Response *response) {
    struct journal_entry raw;
    const struct view *view = ledger_view(office->world.ledger);
    const Pb__Entry *entry = view_entry(view, known, office->scratch, &raw);
    assert_non_null(entry);
    command_writer_handlers.answer(NULL, view, entry, raw.hash, true, office->scratch, response);
}

static inline void judge(struct office *office, struct job *job, Pb__Response *response) {
    struct problems problems;
    Pb__Event event = PB__EVENT__INIT;
    uint64_t known = 0;
    const struct view *view = ledger_view(office->world.ledger);
    arena_reset(office->scratch);
    problems_init(&problems, office->scratch);
    enum verdict verdict =
        command_writer_handlers.decide(NULL, view, job, office->now_ms, office->scratch, &event, &known, &problems);
    assert_null(view_fault(view));
    assert_int_equal(verdict == VERDICT_REFUSED, problems.count != 0);
    if (verdict == VERDICT_REFUSED)
        problems_answer(&problems, response);
    else if (verdict == VERDICT_KNOWN)
        repeat_known(office, known, response);
    else
        accept_event(office, job, &event, response);
}

// The request as it stands, its submission id included, from anybody.
static inline const Pb__Response *write_of(struct office *office, const struct actor *actor, Pb__Request request) {
    Pb__Response response = PB__RESPONSE__INIT;
    struct job job = {.actor = *actor, .request = through_the_door(office, &request)};
    assert_int_equal(command_kind(job.request), COMMAND_WRITE);
    assert_true(message_digest(job.request, job.digest));
    open_writing(office);
    judge(office, &job, &response);
    return over_the_wire(office, &response);
}

// The request with the submission id of the write before.
static inline const Pb__Response *write_again(struct office *office, enum who who, Pb__Request request) {
    request.has_submission = true;
    request.submission = (ProtobufCBinaryData){SUBMISSION_SIZE, office->submission};
    return write_of(office, &office->people[who], request);
}

// The request with a submission id of its own.
static inline const Pb__Response *write_as(struct office *office, enum who who, Pb__Request request) {
    office->submissions++;
    memcpy(office->submission, &office->submissions, sizeof office->submissions);
    return write_again(office, who, request);
}

// What the passing of time owes until `now_ms`, appended. Returns how many events; *wake_ms as the handlers say.
static inline size_t pass_time(struct office *office, int64_t now_ms, int64_t *wake_ms) {
    size_t count = 0;
    office->now_ms = now_ms;
    open_writing(office);
    for (;; count++) {
        Pb__Event event = PB__EVENT__INIT;
        arena_reset(office->scratch);
        if (!command_writer_handlers.due(NULL, ledger_view(office->world.ledger), now_ms, office->scratch, &event,
                                         wake_ms))
            return count;
        assert_true(count < 16);
        append_own(office, event);
    }
}

// ---- reading ----

static inline struct read_answer read_on(struct office *office, enum who who, const Pb__Request *request,
                                         struct cursor *cursor) {
    const struct live_numbers live = {.unsettled_ms = office->unsettled_ms};
    const char *reason;
    settle_writing(office);
    const struct view *view = ledger_read_begin(office->reader);
    assert_non_null(view);
    assert_true(command_kind(request) == COMMAND_READ || command_kind(request) == COMMAND_WATCH);
    struct read_answer answer = command_read(office->commands, view, &office->people[who], office->now_ms, &live,
                                             through_the_door(office, request), cursor, office->world.arena, &reason);
    assert_non_null(answer.response);
    assert_int_equal(answer.response->id, request->id);
    assert_int_equal(reason != NULL, answer.response->n_problems != 0);
    if (answer.shared)
        answer.response = message_unpack_response(office->world.arena, answer.shared->bytes, answer.shared->size);
    answer.response = (Pb__Response *)(uintptr_t)over_the_wire(office, answer.response);
    ledger_read_end(office->reader);
    return answer;
}

// One frame, which `cursor` may carry on.
static inline const Pb__Response *read_frame(struct office *office, enum who who, Pb__Request request,
                                             struct cursor *cursor) {
    struct read_answer answer = read_on(office, who, &request, cursor);
    shared_bytes_release(answer.shared);
    return answer.response;
}

static inline const Pb__Response *read_as(struct office *office, enum who who, Pb__Request request) {
    struct cursor cursor = {0};
    return read_frame(office, who, request, &cursor);
}

// ---- refusals ----

static inline const Pb__Argument *told(const Pb__Response *response, size_t i, const char *name) {
    const Pb__Problem *problem = response->problems[i];
    for (size_t k = 0; k < problem->n_arguments; k++)
        if (strcmp(problem->arguments[k]->name, name) == 0)
            return problem->arguments[k];
    fail_msg("%s has no argument %s", problem->reason, name);
    return NULL;
}

static inline void assert_ok(const Pb__Response *response) {
    if (response->status != PB__STATUS__OK)
        fail_msg("refused: %s", response->problems[0]->reason);
}

static inline void assert_says(const Pb__Response *response, size_t i, const char *reason) {
    if (i >= response->n_problems)
        fail_msg("%zu problems; none is left for %s", response->n_problems, reason);
    assert_string_equal(response->problems[i]->reason, reason);
}

// Refused for this reason and no other.
static inline void assert_refused(const Pb__Response *response, Pb__Status status, const char *reason) {
    if (response->status == PB__STATUS__OK)
        fail_msg("accepted in place of %s", reason);
    assert_says(response, 0, reason);
    assert_int_equal(response->status, status);
    assert_int_equal(response->n_problems, 1);
}

static inline void assert_told(const Pb__Response *response, size_t i, const char *name, const char *text) {
    assert_string_equal(told(response, i, name)->text, text);
}

// Problem `i` is this one, of this criterion or unit or whatever `name` is.
static inline void assert_problem(const Pb__Response *response, size_t i, const char *reason, const char *name,
                                  const char *text) {
    assert_says(response, i, reason);
    assert_told(response, i, name, text);
}

// ---- what people do ----

static inline Pb__LineInput points(const char *criterion, int32_t points_cp) {
    Pb__LineInput line = PB__LINE_INPUT__INIT;
    line.criterion = criterion;
    line.has_points_cp = true;
    line.points_cp = points_cp;
    return line;
}

static inline Pb__LineInput actual(const char *criterion, int64_t figure) {
    Pb__LineInput line = PB__LINE_INPUT__INIT;
    line.criterion = criterion;
    line.has_actual = true;
    line.actual = figure;
    return line;
}

static inline Pb__LineInput at_revision(Pb__LineInput line, uint32_t revision) {
    line.has_if_revision = true;
    line.if_revision = revision;
    return line;
}

static inline Pb__Score *score_of(struct office *office, const Pb__LineInput *lines, size_t count) {
    Pb__Score *score = made(&office->world, sizeof *score);
    pb__score__init(score);
    Pb__LineInput *copy = made(&office->world, count * sizeof *copy);
    score->lines = made(&office->world, count * sizeof *score->lines);
    for (score->n_lines = 0; score->n_lines < count; score->n_lines++) {
        copy[score->n_lines] = lines[score->n_lines];
        score->lines[score->n_lines] = &copy[score->n_lines];
    }
    return score;
}
#define LINES(office, ...)                                                                                             \
    score_of(office, (const Pb__LineInput[]){__VA_ARGS__},                                                             \
             sizeof((const Pb__LineInput[]){__VA_ARGS__}) / sizeof(Pb__LineInput))
#define SCORE(office, who, ...) write_as(office, who, ASK(SCORE, LINES(office, __VA_ARGS__)))

static inline const Pb__Response *hand_in(struct office *office, enum who who) {
    Pb__Submit submit = PB__SUBMIT__INIT;
    return write_as(office, who, ASK(SUBMIT, &submit));
}

static inline const Pb__Response *load_period(struct office *office, enum who who) {
    Pb__PeriodLoad load = PB__PERIOD_LOAD__INIT;
    load.definition = office->world.fixture.definition;
    return write_as(office, who, ASK(PERIOD_LOAD, &load));
}

static inline const Pb__Response *advance(struct office *office, enum who who, Pb__PeriodState state) {
    Pb__PeriodAdvance message = PB__PERIOD_ADVANCE__INIT;
    message.period = office->world.fixture.definition->id;
    message.has_state = true;
    message.state = state;
    return write_as(office, who, ASK(PERIOD_ADVANCE, &message));
}

static inline const Pb__Response *put_signature(struct office *office, enum who who) {
    Pb__Sign message = PB__SIGN__INIT;
    message.period = office->world.fixture.definition->id;
    return write_as(office, who, ASK(SIGN, &message));
}

// The definition as the fixture has it by now, signed by all and open for scores.
static inline void open_scoring(struct office *office) {
    assert_ok(load_period(office, COUNCIL));
    assert_ok(put_signature(office, BA_DINH_HEAD));
    assert_ok(put_signature(office, DONG_DA_HEAD));
    assert_ok(put_signature(office, HOANG_MAI_HEAD));
    assert_ok(advance(office, COUNCIL, PB__PERIOD_STATE__SIGNED));
    assert_ok(advance(office, COUNCIL, PB__PERIOD_STATE__SCORING));
}

// Every line that is assigned to the unit: 15,00 + `tc12_cp` + 20,00 + 15,00, and TC4 25,00 where it is assigned.
static inline void fill_sheet(struct office *office, enum who who, int32_t tc12_cp) {
    assert_ok(
        SCORE(office, who, points("TC1.1", 1500), points("TC1.2", tc12_cp), actual("TC2", 1000), actual("TC3", 200)));
    if (office->people[who].unit != HOANG_MAI)
        assert_ok(SCORE(office, who, points("TC4", 2500)));
}

// As if the city had returned the sheet: it is handed in, and the unit may change it.
static inline void return_sheet(struct office *office, uint32_t unit, uint32_t leaf, int32_t points_cp) {
    open_writing(office);
    Pb__Event event = score_set(&office->world, 1, unit, leaf, points_cp);
    event.score_set->after->state = PB__SHEET_STATE__RETURNED;
    append_own(office, event);
}

// ---- the office ----

static inline void sha256_of(const void *bytes, size_t size, uint8_t hash[32]) {
    assert_int_equal(EVP_Digest(bytes, size, hash, NULL, EVP_sha256(), NULL), 1);
}

// The code of an invitation, which `seed` makes; and its hash.
static inline void make_code(uint32_t seed, uint8_t code[CODE_SIZE], uint8_t hash[32]) {
    memset(code, 0xc0, CODE_SIZE);
    memcpy(code, &seed, sizeof seed);
    sha256_of(code, CODE_SIZE, hash);
}

static inline const Pb__Response *invite(struct office *office, const char *unit, Pb__Role role, uint32_t seed) {
    uint8_t code[CODE_SIZE], hash[32];
    Pb__Invite message = PB__INVITE__INIT;
    make_code(seed, code, hash);
    message.unit = unit;
    message.has_role = message.has_ttl_ms = message.has_code_hash = true;
    message.role = role;
    message.ttl_ms = 72 * HOUR_MS;
    message.code_hash = (ProtobufCBinaryData){sizeof hash, hash};
    return write_as(office, ADMIN, ASK(INVITE, &message));
}

// Enrols with the seed's code and the token of 32 bytes `fill`.
static inline const Pb__Response *enrol(struct office *office, uint32_t seed, uint8_t fill) {
    uint8_t code[CODE_SIZE], hash[32], token[TOKEN_SIZE], verifier[32];
    Pb__Enrol message = PB__ENROL__INIT;
    make_code(seed, code, hash);
    memset(token, fill, sizeof token);
    sha256_of(token, sizeof token, verifier);
    message.has_code = message.has_verifier = true;
    message.code = (ProtobufCBinaryData){sizeof code, code};
    message.verifier = (ProtobufCBinaryData){sizeof verifier, verifier};
    return write_of(office, &office->people[NOBODY], ASK(ENROL, &message));
}

static inline void hire(struct office *office, enum who who, Pb__Role role, uint32_t unit, const char *name) {
    uint8_t token[TOKEN_SIZE];
    const Pb__Response *invited_now = invite(office, name, role, who);
    assert_ok(invited_now);
    assert_ok(enrol(office, who, (uint8_t)who));
    office->people[who] = (struct actor){.account = invited_now->invite->account, .role = role, .unit = unit};
    memset(token, (int)who, sizeof token);
    sha256_of(token, sizeof token, office->people[who].verifier);
}

static inline void hire_all(struct office *office) {
    office->people[ADMIN] = (struct actor){.role = PB__ROLE__ADMIN, .uid = 1000, .local = true};
    assert_ok(load_period(office, ADMIN)); // makes the units known
    hire(office, COUNCIL, PB__ROLE__COUNCIL, 0, NULL);
    hire(office, CITY, PB__ROLE__CITY, 0, NULL);
    hire(office, AUDITOR, PB__ROLE__AUDITOR, 0, NULL);
    hire(office, BA_DINH_OFFICER, PB__ROLE__OFFICER, BA_DINH, "quan-ba-dinh");
    hire(office, BA_DINH_HEAD, PB__ROLE__HEAD, BA_DINH, "quan-ba-dinh");
    hire(office, DONG_DA_OFFICER, PB__ROLE__OFFICER, DONG_DA, "quan-dong-da");
    hire(office, DONG_DA_HEAD, PB__ROLE__HEAD, DONG_DA, "quan-dong-da");
    hire(office, HOANG_MAI_OFFICER, PB__ROLE__OFFICER, HOANG_MAI, "quan-hoang-mai");
    hire(office, HOANG_MAI_HEAD, PB__ROLE__HEAD, HOANG_MAI, "quan-hoang-mai");
}

// Three units; leaves TC1.1 (15,00) and TC1.2 (25,00) by 0,25, TC2 linear (20,00), TC3 in bands (15,00), TC4 (25,00)
// by 0,50, which is not assigned to Hoàng Mai.
static inline void define_period(struct fixture *fixture) {
    static const char *const units[] = {"quan-ba-dinh", "quan-dong-da", "quan-hoang-mai"};
    fixture->definition->n_units = fixture->definition->n_criteria = 0;
    add_unit(fixture, units[0], "ba-dinh", "Ba Đình");
    add_unit(fixture, units[1], "dong-da", "Đống Đa");
    add_unit(fixture, units[2], "hoang-mai", "Hoàng Mai");
    add_criterion(fixture, "TC1", 4000);
    add_criterion(fixture, "TC1.1", 1500)->step_cp = 25;
    add_criterion(fixture, "TC1.2", 2500)->step_cp = 25;
    Pb__CriterionDefinition *linear = add_criterion(fixture, "TC2", 2000);
    Pb__CriterionDefinition *banded = add_criterion(fixture, "TC3", 1500);
    Pb__CriterionDefinition *partial = add_criterion(fixture, "TC4", 2500);
    linear->formula = PB__FORMULA__LINEAR;
    banded->formula = PB__FORMULA__BANDS;
    partial->step_cp = 50;
    add_band(fixture, banded, 10000, 1500);
    add_band(fixture, banded, 9500, 1000);
    add_band(fixture, banded, 9000, 750);
    for (size_t i = 0; i < 3; i++) {
        add_target(fixture, linear, units[i], 1000);
        add_target(fixture, banded, units[i], 200);
    }
    add_not_assigned(fixture, partial, "quan-hoang-mai");
}

static inline int office_begin(void **state) {
    struct office *office = calloc(1, sizeof *office);
    assert_non_null(office);
    world_begin(&office->world);
    office->reader = ledger_new(office->world.store, NULL);
    office->commands = commands_new(&(const struct commands_source){.store = office->world.store});
    office->scratch = arena_new(DEFINITION_ROOM);
    assert_true(office->reader && office->commands && office->scratch);
    office->now_ms = BEGIN;
    office->unsettled_ms = INT64_MAX;
    append_own(office, founded(&office->world));
    define_period(&office->world.fixture);
    hire_all(office);
    *state = office;
    return 0;
}

static inline int office_end(void **state) {
    struct office *office = *state;
    settle_writing(office);
    commands_free(office->commands);
    ledger_free(office->reader);
    arena_free(office->scratch);
    world_end(&office->world);
    free(office);
    return 0;
}

#define OFFICE_TEST(name) cmocka_unit_test_setup_teardown(name, office_begin, office_end)

#endif
