// The board as it stood: at every instant of a year, under the sight of that time, however long the way back.
#include "tests/unit/reads.h"

static const Pb__Column columns[] = {SELF, APPRAISED, FINAL};
static const enum who viewers[] = {CITY, DONG_DA_HEAD, BA_DINH_OFFICER, HOANG_MAI_HEAD};

enum { COLUMNS = 3, VIEWERS = 4, MOMENTS_MAX = 128 };

// ---- every instant of a year ----

// What each viewer was shown of each column at one moment.
struct shown {
    uint64_t seq;
    ProtobufCBinaryData boards[VIEWERS][COLUMNS];
};

struct diary {
    struct office *office;
    size_t count;
    struct shown moments[MOMENTS_MAX];
};

static ProtobufCBinaryData packed(struct office *office, enum who who, Pb__TotalsQuery query) {
    const Pb__Board *board = ask_board(office, who, query);
    ProtobufCBinaryData bytes = {pb__board__get_packed_size(board), NULL};
    bytes.data = made(&office->world, bytes.len);
    pb__board__pack(board, bytes.data);
    return bytes;
}

static void note(struct diary *diary) {
    struct shown *moment = &diary->moments[diary->count++];
    assert_true(diary->count < MOMENTS_MAX);
    moment->seq = last_seq(diary->office);
    diary->office->now_ms += HOUR_MS; // no two moments have one time
    for (size_t i = 0; i < VIEWERS; i++)
        for (size_t k = 0; k < COLUMNS; k++)
            moment->boards[i][k] = packed(diary->office, viewers[i], board_in(columns[k]));
}

static void done(struct diary *diary, const Pb__Response *response) {
    assert_ok(response);
    note(diary);
}

static void same_bytes(ProtobufCBinaryData now, ProtobufCBinaryData then, uint64_t seq) {
    if (now.len != then.len || memcmp(now.data, then.data, now.len) != 0)
        fail_msg("the board after entry %llu is not what it was", (unsigned long long)seq);
}

static void look_back(struct diary *diary) {
    struct office *office = diary->office;
    for (size_t at = 0; at < diary->count; at++)
        for (size_t i = 0; i < VIEWERS; i++)
            for (size_t k = 0; k < COLUMNS; k++) {
                const struct shown *moment = &diary->moments[at];
                same_bytes(packed(office, viewers[i], board_at(columns[k], moment->seq)), moment->boards[i][k],
                           moment->seq);
            }
}

static void extend(struct diary *diary, const char *unit, int64_t until_ms) {
    Pb__PeriodExtend message = PB__PERIOD_EXTEND__INIT;
    message.period = "hn-cum-1-2022";
    message.unit = unit;
    message.has_until_ms = true;
    message.until_ms = until_ms;
    message.reason = "bão số 3";
    done(diary, write_as(diary->office, COUNCIL, ASK(EXTEND, &message)));
}

static void pass(struct diary *diary, int64_t now_ms) {
    int64_t wake_ms;
    if (pass_time(diary->office, now_ms, &wake_ms))
        note(diary);
}

static void score_year(struct diary *diary, int64_t deadline_ms) {
    struct office *office = diary->office;
    done(diary, SCORE(office, BA_DINH_OFFICER, points("TC1.1", 1500), points("TC1.2", 2000)));
    done(diary, SCORE(office, BA_DINH_OFFICER, points("TC1.2", 1975)));
    fill_sheet(office, BA_DINH_HEAD, 2000);
    note(diary);
    done(diary, hand_in(office, BA_DINH_HEAD));
    done(diary, SCORE(office, DONG_DA_HEAD, points("TC4", 2500)));
    extend(diary, "quan-hoang-mai", deadline_ms + 2 * DAY_MS);
    pass(diary, deadline_ms + HOUR_MS); // Ba Đình sees Đống Đa's row from here, Hoàng Mai not yet
    extend(diary, "quan-ba-dinh", deadline_ms + 5 * DAY_MS);
    fill_sheet(office, DONG_DA_HEAD, 2250);
    done(diary, hand_in(office, DONG_DA_HEAD));
    pass(diary, deadline_ms + 3 * DAY_MS);
    extend(diary, "quan-hoang-mai", deadline_ms + 4 * DAY_MS);
    fill_sheet(office, HOANG_MAI_HEAD, 2500);
    done(diary, hand_in(office, HOANG_MAI_HEAD));
    pass(diary, deadline_ms + 6 * DAY_MS);
    done(diary, advance(office, COUNCIL, PB__PERIOD_STATE__APPRAISAL));
}

static void judge_year(struct diary *diary) {
    struct office *office = diary->office;
    done(diary, APPRAISE(office, CITY, "quan-ba-dinh", "thiếu", gives("TC1.1", 1400), gives("TC4", 2500)));
    done(diary, give_back(office, CITY, "quan-ba-dinh"));
    done(diary, SCORE(office, BA_DINH_HEAD, points("TC1.1", 1450)));
    done(diary, SCORE(office, BA_DINH_HEAD, points("TC1.2", 1900)));
    done(diary, hand_in(office, BA_DINH_HEAD));
    done(diary, APPRAISE(office, CITY, "quan-ba-dinh", "thiếu", gives("TC1.1", 1400), gives("TC1.2", 1900),
                         gives("TC2", 2000), gives("TC3", 1500)));
    done(diary, explain(office, BA_DINH_HEAD, "TC1.1"));
    done(diary, APPRAISE(office, CITY, "quan-ba-dinh", NULL, gives("TC1.1", 1450)));
    confirm(office, "quan-dong-da", 2250);
    confirm(office, "quan-hoang-mai", 2500);
    note(diary);
    done(diary, adjust(office, "quan-hoang-mai", NULL, 300));
    done(diary, adjust(office, "quan-dong-da", "TC4", 150));
    done(diary, FINALIZE(office, NULL, "quan-ba-dinh"));
    done(diary, FINALIZE_ALL(office, NULL));
}

static void end_year(struct diary *diary) {
    struct office *office = diary->office;
    done(diary, advance(office, COUNCIL, PB__PERIOD_STATE__FINALIZED));
    done(diary, hold(office, "quan-ba-dinh", "đang thanh tra", false));
    done(diary, nominate(office, "quan-dong-da", "Cờ thi đua"));
    done(diary, advance(office, COUNCIL, PB__PERIOD_STATE__PUBLISHED));
    done(diary, advance(office, COUNCIL, PB__PERIOD_STATE__LOCKED));
    done(diary, advance_because(office, PB__PERIOD_STATE__REOPENED, "khiếu nại"));
    done(diary, adjust(office, "quan-dong-da", "TC3", 100));
    done(diary, FINALIZE_ALL(office, NULL));
    done(diary, advance(office, COUNCIL, PB__PERIOD_STATE__LOCKED));
}

static void the_board_of_every_instant_is_what_it_was(void **state) {
    struct diary *diary = calloc(1, sizeof *diary);
    assert_non_null(diary);
    diary->office = *state;
    name_leaders(diary->office);
    open_scoring(diary->office);
    note(diary);
    score_year(diary, diary->office->world.fixture.definition->deadline_ms);
    judge_year(diary);
    end_year(diary);
    look_back(diary);
    look_back(diary); // from what is kept
    free(diary);
}

// ---- by hand ----

struct instants {
    uint64_t draft, handed, judged, final, locked, again, corrected;
};

// Ba Đình: 15,00 and 20,00, then all 95,00, judged 94,00, final 94,00, after the lock less by 1,00 of TC3.
static struct instants make_instants(struct office *office) {
    struct instants at;
    name_leaders(office);
    open_scoring(office);
    at.draft = SCORE(office, BA_DINH_HEAD, points("TC1.1", 1500), points("TC1.2", 2000))->score->seq;
    full_sheet(office, BA_DINH_HEAD, 2000);
    at.handed = last_seq(office);
    full_sheet(office, DONG_DA_HEAD, 2250);
    full_sheet(office, HOANG_MAI_HEAD, 2500);
    assert_ok(advance(office, COUNCIL, PB__PERIOD_STATE__APPRAISAL));
    confirm_all(office);
    assert_ok(APPRAISE(office, CITY, "quan-ba-dinh", "thiếu", gives("TC1.1", 1400)));
    at.judged = last_seq(office);
    assert_ok(FINALIZE_ALL(office, NULL));
    at.final = last_seq(office);
    assert_ok(advance(office, COUNCIL, PB__PERIOD_STATE__FINALIZED));
    assert_ok(advance(office, COUNCIL, PB__PERIOD_STATE__PUBLISHED));
    assert_ok(advance(office, COUNCIL, PB__PERIOD_STATE__LOCKED));
    at.locked = last_seq(office);
    assert_ok(advance_because(office, PB__PERIOD_STATE__REOPENED, "khiếu nại"));
    assert_ok(adjust(office, "quan-ba-dinh", "TC3", 100));
    at.again = last_seq(office);
    assert_ok(FINALIZE_ALL(office, NULL));
    at.corrected = last_seq(office);
    return at;
}

static int32_t ba_dinh(struct office *office, Pb__Column column, uint64_t seq) {
    return total_of(ask_board(office, CITY, board_at(column, seq)), "quan-ba-dinh");
}

static void columns_as_they_stood(void **state) {
    struct office *office = *state;
    struct instants at = make_instants(office);
    const struct {
        uint64_t seq;
        int32_t self, appraised, final;
    } expected[] = {
        {at.draft - 1, POINTS_NONE, POINTS_NONE, POINTS_NONE},
        {at.draft, 3500, POINTS_NONE, POINTS_NONE},
        {at.handed, 9500, POINTS_NONE, POINTS_NONE},
        {at.judged - 1, 9500, 9500, POINTS_NONE},
        {at.judged, 9500, 9400, POINTS_NONE},
        {at.final, 9500, 9400, 9400},
        {at.locked, 9500, 9400, 9400},
        {at.again, 9500, 9300, 9400},
        {at.corrected, 9500, 9300, 9300},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        assert_int_equal(ba_dinh(office, SELF, expected[i].seq), expected[i].self);
        assert_int_equal(ba_dinh(office, APPRAISED, expected[i].seq), expected[i].appraised);
        assert_int_equal(ba_dinh(office, FINAL, expected[i].seq), expected[i].final);
    }
}

static void a_board_of_the_past_says_of_when_it_is(void **state) {
    struct office *office = *state;
    struct instants at = make_instants(office);
    const Pb__Board *handed = ask_board(office, CITY, board_at(SELF, at.handed));
    assert_int_equal(handed->state, PB__PERIOD_STATE__SCORING);
    assert_true(handed->provisional);
    assert_false(handed->has_board_hash);
    assert_int_equal(handed->seq, at.handed);
    assert_int_equal(handed->units_submitted, 1);
    assert_int_equal(row_of(handed, "quan-ba-dinh")->sheet, PB__SHEET_STATE__SUBMITTED);
    assert_int_equal(row_of(handed, "quan-dong-da")->sheet, PB__SHEET_STATE__NONE);
    const Pb__Board *locked = ask_board(office, CITY, board_at(FINAL, at.locked));
    assert_int_equal(locked->state, PB__PERIOD_STATE__LOCKED);
    assert_false(locked->provisional);
    const Pb__PeriodAdvanced *lock = entry_of(office, at.locked)->event->period_advanced;
    assert_int_equal(locked->board_hash.len, 32);
    assert_memory_equal(locked->board_hash.data, lock->board_hash.data, 32);
    assert_false(ask_board(office, CITY, board_at(SELF, at.locked))->has_board_hash); // it is the hash of the other
    assert_false(ask_board(office, CITY, board_at(APPRAISED, at.locked))->has_board_hash);
    assert_false(ask_board(office, CITY, board_at(FINAL, at.again))->has_board_hash);
    assert_int_equal(row_of(ask_board(office, CITY, board_at(FINAL, at.again)), "quan-ba-dinh")->sheet,
                     PB__SHEET_STATE__APPRAISED);
}

// Entries that do not touch the period leave its board alone.
static void a_board_names_the_last_entry_that_changed_it(void **state) {
    struct office *office = *state;
    open_scoring(office);
    uint64_t scored = SCORE(office, BA_DINH_HEAD, points("TC4", 100))->score->seq;
    office->now_ms += HOUR_MS;
    assert_ok(invite(office, "quan-ba-dinh", PB__ROLE__OFFICER, 900));
    assert_ok(invite(office, "quan-ba-dinh", PB__ROLE__OFFICER, 901));
    uint64_t between = last_seq(office);
    const Pb__Board *now = ask_board(office, CITY, board_at(SELF, between));
    assert_int_equal(now->seq, scored);
    assert_int_equal(now->time_ms, BEGIN);
    assert_ok(SCORE(office, BA_DINH_HEAD, points("TC4", 150)));
    const Pb__Board *then = ask_board(office, CITY, board_at(SELF, between));
    assert_int_equal(then->seq, scored);
    assert_int_equal(then->time_ms, BEGIN);
    assert_int_equal(total_of(then, "quan-ba-dinh"), 100);
    const Pb__Board *latest = ask_board(office, CITY, board_in(SELF));
    assert_int_equal(latest->seq, between + 1);
    assert_int_equal(latest->time_ms, BEGIN + HOUR_MS);
}

// ---- by time ----

static int32_t at_time(struct office *office, int64_t time_ms) {
    Pb__TotalsQuery query = board_in(SELF);
    query.has_at_ms = true;
    query.at_ms = time_ms;
    return total_of(ask_board(office, CITY, query), "quan-ba-dinh");
}

static void an_instant_means_the_last_entry_until_then(void **state) {
    struct office *office = *state;
    open_scoring(office);
    office->now_ms = BEGIN + DAY_MS;
    assert_ok(SCORE(office, BA_DINH_HEAD, points("TC4", 100)));
    assert_ok(SCORE(office, BA_DINH_HEAD, points("TC4", 150))); // in the same millisecond
    office->now_ms = BEGIN + 2 * DAY_MS;
    assert_ok(SCORE(office, BA_DINH_HEAD, points("TC4", 200)));
    office->now_ms = BEGIN + 3 * DAY_MS;
    assert_int_equal(at_time(office, BEGIN), POINTS_NONE);
    assert_int_equal(at_time(office, BEGIN + DAY_MS - 1), POINTS_NONE);
    assert_int_equal(at_time(office, BEGIN + DAY_MS), 150);
    assert_int_equal(at_time(office, BEGIN + 2 * DAY_MS - 1), 150);
    assert_int_equal(at_time(office, BEGIN + 2 * DAY_MS), 200);
    assert_int_equal(at_time(office, BEGIN + 3 * DAY_MS), 200);
}

// ---- refusals ----

static void moments_that_are_none(void **state) {
    struct office *office = *state;
    open_scoring(office);
    uint64_t last = last_seq(office);
    Pb__TotalsQuery query = board_at(SELF, last + 1);
    const Pb__Response *response = read_as(office, CITY, ASK(TOTALS, &query));
    assert_refused(response, PB__STATUS__INVALID_ARGUMENT, "AT_AHEAD");
    assert_int_equal(told(response, 0, "value")->number, last + 1);
    assert_int_equal(told(response, 0, "limit")->number, last);
    query = board_in(SELF);
    query.has_at_ms = true;
    query.at_ms = office->now_ms + 1;
    response = read_as(office, CITY, ASK(TOTALS, &query));
    assert_refused(response, PB__STATUS__INVALID_ARGUMENT, "AT_TIME_AHEAD");
    assert_int_equal(told(response, 0, "time")->time_ms, office->now_ms + 1);
    query.at_ms = office->now_ms;
    assert_ok(read_as(office, CITY, ASK(TOTALS, &query)));
    query.has_at_seq = true;
    query.at_seq = last;
    assert_refused(read_as(office, CITY, ASK(TOTALS, &query)), PB__STATUS__INVALID_ARGUMENT, "AT_TWICE");
}

// An instant is answered for once no entry can come any more that has its time.
static void an_instant_that_is_not_settled_is_refused(void **state) {
    struct office *office = *state;
    open_scoring(office);
    office->now_ms += HOUR_MS;
    office->unsettled_ms = office->now_ms - 20; // of a batch under way
    Pb__TotalsQuery query = board_in(SELF);
    query.has_at_ms = true;
    query.at_ms = office->unsettled_ms;
    const Pb__Response *response = read_as(office, CITY, ASK(TOTALS, &query));
    assert_refused(response, PB__STATUS__UNAVAILABLE, "AT_TIME_UNSETTLED");
    assert_int_equal(told(response, 0, "time")->time_ms, query.at_ms);
    query.at_ms = office->now_ms;
    assert_refused(read_as(office, CITY, ASK(TOTALS, &query)), PB__STATUS__UNAVAILABLE, "AT_TIME_UNSETTLED");
    query.at_ms = office->unsettled_ms - 1;
    assert_ok(read_as(office, CITY, ASK(TOTALS, &query)));
    query = board_at(SELF, last_seq(office)); // an entry that stands is settled
    assert_ok(read_as(office, CITY, ASK(TOTALS, &query)));
}

static void there_is_no_board_before_the_definition(void **state) {
    struct office *office = *state;
    office->now_ms += DAY_MS;
    open_scoring(office); // defines the draft anew
    uint64_t defined = entry_of(office, last_seq(office))->seq - 5;
    assert_int_equal(entry_of(office, defined)->event->body_case, PB__EVENT__BODY_PERIOD_DEFINED);
    Pb__TotalsQuery query = board_at(SELF, defined - 1);
    const Pb__Response *response = read_as(office, CITY, ASK(TOTALS, &query));
    assert_refused(response, PB__STATUS__NOT_FOUND, "AT_BEFORE");
    assert_told(response, 0, "period", "hn-cum-1-2022");
    assert_int_equal(told(response, 0, "value")->number, defined - 1);
    assert_int_equal(told(response, 0, "limit")->number, defined);
    query = board_in(SELF);
    query.has_at_ms = true;
    query.at_ms = BEGIN - 1; // before the ledger
    response = read_as(office, CITY, ASK(TOTALS, &query));
    assert_refused(response, PB__STATUS__NOT_FOUND, "AT_BEFORE");
    assert_int_equal(told(response, 0, "value")->number, 0);
    const Pb__Board *first = ask_board(office, CITY, board_at(SELF, defined));
    assert_int_equal(first->state, PB__PERIOD_STATE__DRAFT);
    assert_int_equal(first->seq, defined);
}

// ---- the sight of that time ----

static void a_peer_sees_what_it_saw_then(void **state) {
    struct office *office = *state;
    int64_t wake_ms, deadline_ms = office->world.fixture.definition->deadline_ms;
    open_scoring(office);
    full_sheet(office, BA_DINH_HEAD, 2000);
    uint64_t before = last_seq(office);
    assert_int_equal(pass_time(office, deadline_ms, &wake_ms), 1);
    uint64_t after = last_seq(office);
    full_sheet(office, DONG_DA_HEAD, 2250);
    assert_int_equal(total_of(ask_board(office, HOANG_MAI_OFFICER, board_at(SELF, before)), "quan-ba-dinh"),
                     POINTS_NONE);
    const Pb__BoardRow *row = row_of(ask_board(office, HOANG_MAI_OFFICER, board_at(SELF, before)), "quan-ba-dinh");
    assert_false(row->has_of || row->n_points_cp || row->has_rank);
    assert_int_equal(total_of(ask_board(office, BA_DINH_OFFICER, board_at(SELF, before)), "quan-ba-dinh"), 9500);
    assert_int_equal(total_of(ask_board(office, HOANG_MAI_OFFICER, board_at(SELF, after)), "quan-ba-dinh"), 9500);
    assert_int_equal(total_of(ask_board(office, HOANG_MAI_OFFICER, board_at(SELF, after)), "quan-dong-da"),
                     POINTS_NONE);
}

static void who_takes_no_part_saw_nothing_before_publication(void **state) {
    struct office *office = *state;
    Pb__PeriodDefinition *definition = office->world.fixture.definition;
    Pb__TotalsQuery query = board_in(SELF);
    query.period = definition->id = "hn-cum-2-2022";
    definition->n_units = 2;
    definition->criteria[3]->n_targets = definition->criteria[4]->n_targets = 2;
    definition->criteria[5]->n_not_assigned = 0;
    assert_ok(load_period(office, COUNCIL));
    query.has_at_seq = true;
    query.at_seq = last_seq(office);
    append_own(office, period_advanced(&office->world, 2, PB__PERIOD_STATE__DRAFT, PB__PERIOD_STATE__PUBLISHED));
    assert_refused(read_as(office, HOANG_MAI_HEAD, ASK(TOTALS, &query)), PB__STATUS__PERMISSION_DENIED,
                   "UNIT_NOT_IN_PERIOD");
    query.at_seq++;
    assert_ok(read_as(office, HOANG_MAI_HEAD, ASK(TOTALS, &query)));
}

// ---- slices ----

enum { MANY = 600 };

static uint64_t score_often(struct office *office) {
    open_scoring(office);
    uint64_t first = SCORE(office, BA_DINH_HEAD, points("TC4", 100), points("TC1.1", 25))->score->seq;
    for (int i = 0; i < MANY; i++)
        assert_ok(SCORE(office, BA_DINH_HEAD, points("TC4", 50 * (i % 50))));
    return first;
}

static void a_long_way_back_takes_several_turns(void **state) {
    struct office *office = *state;
    uint64_t first = score_often(office);
    Pb__TotalsQuery query = board_at(SELF, first);
    struct cursor cursor = {0};
    unsigned turns = 0;
    struct read_answer answer;
    while ((answer = read_turn(office, CITY, ASK(TOTALS, &query), &cursor)).again) {
        assert_true(++turns < 10);
        assert_ok(SCORE(office, BA_DINH_HEAD, points("TC4", 2500))); // what is written meanwhile changes nothing
        assert_int_equal(total_of(ask_board(office, CITY, board_in(SELF)), "quan-ba-dinh"), 2525);
    }
    assert_true(turns >= MANY / 256);
    assert_int_equal(total_of(answer.response->totals, "quan-ba-dinh"), 125);
    assert_int_equal(answer.response->totals->seq, first);
    assert_null(cursor.kept);
    shared_bytes_release(answer.shared);
    turns = 0;
    cursor = (struct cursor){0};
    assert_ok(read_next(office, COUNCIL, ASK(TOTALS, &query), &cursor, &turns)); // it is kept for all who see the same
    assert_int_equal(turns, 1);
}

// Who looks back does not displace what everybody asks for.
static void a_past_board_leaves_the_latest_in_its_place(void **state) {
    struct office *office = *state;
    uint64_t first = score_often(office);
    Pb__TotalsQuery now = board_in(SELF);
    struct cursor cursor = {0};
    struct read_answer before = read_turn(office, CITY, ASK(TOTALS, &now), &cursor);
    for (uint64_t seq = last_seq(office) - 100; seq < last_seq(office); seq++)
        ask_board(office, CITY, board_at(SELF, seq));
    ask_board(office, CITY, board_at(SELF, first));
    struct read_answer after = read_turn(office, CITY, ASK(TOTALS, &now), &cursor);
    assert_non_null(before.shared);
    assert_ptr_equal(before.shared, after.shared);
    shared_bytes_release(before.shared);
    shared_bytes_release(after.shared);
}

// The way back to the caller's own deadline may be as long.
static void a_long_way_back_to_the_sight(void **state) {
    struct office *office = *state;
    int64_t wake_ms, deadline_ms = office->world.fixture.definition->deadline_ms;
    struct diary diary = {.office = office};
    score_often(office);
    pass_time(office, deadline_ms, &wake_ms);
    uint64_t open = last_seq(office);
    office->now_ms = deadline_ms + HOUR_MS;
    extend(&diary, "quan-ba-dinh", deadline_ms + DAY_MS);
    uint64_t closed = last_seq(office);
    for (int i = 0; i < MANY; i++)
        assert_ok(SCORE(office, BA_DINH_HEAD, points("TC4", 50 * (i % 50))));
    assert_int_equal(row_of(ask_board(office, BA_DINH_HEAD, board_at(SELF, open)), "quan-dong-da")->of, 5);
    assert_false(row_of(ask_board(office, BA_DINH_HEAD, board_at(SELF, closed)), "quan-dong-da")->has_of);
    for (size_t i = 0; i < diary.count; i++) // the moments noted on the way
        assert_int_equal(diary.moments[i].seq, closed);
}

static void an_answer_keeps_to_the_period_it_began_with(void **state) {
    struct office *office = *state;
    Pb__PeriodDefinition *definition = office->world.fixture.definition;
    uint64_t first = score_often(office);
    Pb__TotalsQuery query = board_at(SELF, first);
    query.period = NULL; // the only open one
    struct cursor cursor = {0};
    struct read_answer answer = read_turn(office, CITY, ASK(TOTALS, &query), &cursor);
    assert_true(answer.again);
    definition->id = "hn-cum-2-2022";
    assert_ok(load_period(office, COUNCIL));
    append_own(office, period_advanced(&office->world, 2, PB__PERIOD_STATE__DRAFT, PB__PERIOD_STATE__SCORING));
    assert_refused(read_as(office, CITY, ASK(TOTALS, &query)), PB__STATUS__INVALID_ARGUMENT, "PERIOD_NOT_CHOSEN");
    unsigned turns = 0;
    const Pb__Response *response = read_next(office, CITY, ASK(TOTALS, &query), &cursor, &turns);
    assert_ok(response);
    assert_string_equal(response->totals->period, "hn-cum-1-2022");
    assert_int_equal(total_of(response->totals, "quan-ba-dinh"), 125);
}

// A peer that goes away before its answer is done.
static void an_answer_may_be_given_up(void **state) {
    struct office *office = *state;
    uint64_t first = score_often(office);
    Pb__TotalsQuery query = board_at(SELF, first);
    struct cursor cursor = {0};
    assert_true(read_turn(office, CITY, ASK(TOTALS, &query), &cursor).again);
    assert_non_null(cursor.kept);
    cursor_release(&cursor);
    assert_null(cursor.kept);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        OFFICE_TEST(the_board_of_every_instant_is_what_it_was),
        OFFICE_TEST(columns_as_they_stood),
        OFFICE_TEST(a_board_of_the_past_says_of_when_it_is),
        OFFICE_TEST(a_board_names_the_last_entry_that_changed_it),
        OFFICE_TEST(an_instant_means_the_last_entry_until_then),
        OFFICE_TEST(moments_that_are_none),
        OFFICE_TEST(an_instant_that_is_not_settled_is_refused),
        OFFICE_TEST(there_is_no_board_before_the_definition),
        OFFICE_TEST(a_peer_sees_what_it_saw_then),
        OFFICE_TEST(who_takes_no_part_saw_nothing_before_publication),
        OFFICE_TEST(a_long_way_back_takes_several_turns),
        OFFICE_TEST(a_past_board_leaves_the_latest_in_its_place),
        OFFICE_TEST(a_long_way_back_to_the_sight),
        OFFICE_TEST(an_answer_keeps_to_the_period_it_began_with),
        OFFICE_TEST(an_answer_may_be_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
