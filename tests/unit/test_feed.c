// What watchers are told: each step makes the whole board of the one before, for everybody who sees the same.
#include <stdlib.h>

#include "server/net/feed_sights.h"
#include "tests/unit/year_fixture.h"

#define SELF      PB__COLUMN__SELF
#define APPRAISED PB__COLUMN__COLUMN_APPRAISED
#define FINAL     PB__COLUMN__COLUMN_FINAL

// One who watches, and the board that was put together from what it has been told.
struct spectator {
    enum who who;
    Pb__Column column;
    struct audience *audience;
    uint64_t serial;
    Pb__Board *board; // in the office's arena
    unsigned wholes, steps;
};

static const struct spectator everybody[] = {
    {.who = CITY, .column = SELF},           {.who = AUDITOR, .column = SELF},
    {.who = COUNCIL, .column = APPRAISED},   {.who = CITY, .column = FINAL},
    {.who = BA_DINH_HEAD, .column = SELF},   {.who = BA_DINH_OFFICER, .column = SELF},
    {.who = DONG_DA_HEAD, .column = SELF},   {.who = DONG_DA_OFFICER, .column = APPRAISED},
    {.who = HOANG_MAI_HEAD, .column = SELF}, {.who = HOANG_MAI_OFFICER, .column = FINAL},
};
enum { EVERYBODY = sizeof everybody / sizeof *everybody };

struct hall {
    struct office *office;
    struct sights sights;
    struct link pending;
    struct spectator all[EVERYBODY];
};

// ---- boards ----

static const Pb__Board *totals_of(struct office *office, const struct spectator *spectator) {
    Pb__TotalsQuery query = PB__TOTALS_QUERY__INIT;
    query.period = "hn-cum-1-2022";
    query.has_column = true;
    query.column = spectator->column;
    const Pb__Response *response = read_as(office, spectator->who, ASK(TOTALS, &query));
    assert_ok(response);
    return response->totals;
}

static void assert_same_board(struct office *office, const Pb__Board *told, const Pb__Board *asked) {
    size_t size = pb__board__get_packed_size(asked);
    uint8_t *a = made(&office->world, size), *b = made(&office->world, size);
    assert_int_equal(pb__board__get_packed_size(told), size);
    pb__board__pack(told, a);
    pb__board__pack(asked, b);
    assert_memory_equal(a, b, size);
}

static int by_rank(const void *a, const void *b) {
    const Pb__BoardRow *left = *(Pb__BoardRow *const *)a, *right = *(Pb__BoardRow *const *)b;
    if (left->has_rank != right->has_rank)
        return left->has_rank ? -1 : 1;
    if (left->has_rank && left->rank != right->rank)
        return left->rank < right->rank ? -1 : 1;
    return left->place < right->place ? -1 : 1;
}

// As proto/README.md says.
static Pb__Board *step_from(struct office *office, const Pb__Board *board, const Pb__BoardDelta *delta) {
    Pb__Board *board_now = made(&office->world, sizeof *board_now);
    assert_true(delta->from_seq == board->seq);
    *board_now = *delta->board;
    board_now->n_rows = board->n_rows;
    board_now->rows = made(&office->world, board->n_rows * sizeof *board_now->rows);
    for (size_t i = 0; i < board->n_rows; i++) {
        board_now->rows[i] = board->rows[i];
        for (size_t k = 0; k < delta->board->n_rows; k++)
            if (strcmp(delta->board->rows[k]->unit, board->rows[i]->unit) == 0)
                board_now->rows[i] = delta->board->rows[k];
    }
    qsort(board_now->rows, board_now->n_rows, sizeof *board_now->rows, by_rank);
    return board_now;
}

static const Pb__WatchReply *reply_of(struct office *office, struct shared_bytes *shared) {
    assert_non_null(shared);
    const Pb__WatchReply *reply =
        pb__watch_reply__unpack(arena_allocator(office->world.arena), shared->size, shared->bytes);
    assert_non_null(reply);
    shared_bytes_release(shared);
    return reply;
}

// ---- the hall ----

static const struct view *enter_hall(struct office *office) {
    settle_writing(office);
    const struct view *view = ledger_read_begin(office->reader);
    assert_non_null(view);
    return view;
}

static bool join(struct hall *hall, struct spectator *spectator, struct beginning *beginning) {
    const struct actor *actor = &hall->office->people[spectator->who];
    const struct audience eyes = {
        .column = spectator->column, .unit = actor->unit, .head = actor->unit != 0 && actor->role == PB__ROLE__HEAD};
    const struct view *view = enter_hall(hall->office);
    bool joined = sights_join(&hall->sights, view, 1, &eyes, beginning);
    ledger_read_end(hall->office->reader);
    return joined;
}

static void take_seat(struct hall *hall, struct spectator *spectator) {
    struct beginning beginning;
    assert_true(join(hall, spectator, &beginning));
    spectator->audience = beginning.audience;
    spectator->serial = beginning.serial;
    spectator->board = reply_of(hall->office, pieces_whole(beginning.pieces, &beginning.own))->board;
    pieces_release(beginning.pieces);
    free((void *)(uintptr_t)beginning.own.row.bytes);
}

static void open_hall(struct hall *hall, struct office *office) {
    *hall = (struct hall){.office = office};
    assert_true(sights_init(&hall->sights));
    link_init(&hall->pending);
    for (size_t i = 0; i < EVERYBODY; i++) {
        hall->all[i] = everybody[i];
        take_seat(hall, &hall->all[i]);
    }
}

static void close_hall(struct hall *hall) {
    for (size_t i = 0; i < EVERYBODY; i++)
        sights_leave(&hall->sights, hall->all[i].audience);
    assert_null(hall->sights.watched);
    sights_free(&hall->sights);
}

// As the feed does it for one who has missed nothing.
static const Pb__WatchReply *tell(struct hall *hall, struct spectator *spectator) {
    struct channel *channel = spectator->audience->channel;
    assert_non_null(channel);
    if (channel->pieces->seq == spectator->board->seq)
        return NULL;
    assert_true(channel->pieces->seq > spectator->board->seq);
    bool follows = channel->step && channel->serial == spectator->serial && channel->from_seq == spectator->board->seq;
    if (follows)
        channel->step->references++;
    struct shared_bytes *shared = follows ? channel->step : pieces_whole(channel->pieces, &channel->own);
    const Pb__WatchReply *reply = reply_of(hall->office, shared);
    assert_int_equal(reply->board != NULL, reply->delta == NULL);
    spectator->board = reply->board ? reply->board : step_from(hall->office, spectator->board, reply->delta);
    spectator->serial = channel->serial;
    spectator->wholes += reply->board != NULL;
    spectator->steps += reply->delta != NULL;
    return reply;
}

static void look(struct hall *hall) {
    const struct view *view = enter_hall(hall->office);
    recent_read(hall->sights.recent, view);
    for (struct watched *watched = hall->sights.watched; watched; watched = watched->next)
        assert_true(sights_refresh(&hall->sights, view, watched, &hall->pending));
    ledger_read_end(hall->office->reader);
}

// What happened is told to all, and all have the board that totals shows them.
static void look_and_compare(struct hall *hall) {
    look(hall);
    for (size_t i = 0; i < EVERYBODY; i++) {
        tell(hall, &hall->all[i]);
        assert_same_board(hall->office, hall->all[i].board, totals_of(hall->office, &hall->all[i]));
    }
}

// ---- a year ----

static void score_at_random(struct office *office, unsigned *seed) {
    static const enum who who[] = {BA_DINH_HEAD, DONG_DA_OFFICER, HOANG_MAI_HEAD};
    static const char *const codes[] = {"TC1.1", "TC1.2"};
    unsigned unit = *seed / 7 % 3, code = *seed / 21 % 2;
    SCORE(office, who[unit], points(codes[code], (int32_t)(*seed / 42 % 40) * 25));
    *seed = (*seed * 1103515245u + 12345u) & 0x7fffffffu;
}

static void each_step_makes_the_whole_board(void **state) {
    struct office *office = *state;
    struct hall hall;
    unsigned seed = 20221130;
    int64_t wake_ms;
    open_scoring(office);
    open_hall(&hall, office);
    for (unsigned i = 0; i < 60; i++) {
        score_at_random(office, &seed);
        if (i % 3 == 0)
            look_and_compare(&hall);
    }
    fill_sheet(office, DONG_DA_HEAD, 2000);
    assert_ok(hand_in(office, DONG_DA_HEAD));
    look_and_compare(&hall);
    assert_ok(extend_until(office, "quan-hoang-mai", 1666285200000 + 30 * DAY_MS));
    look_and_compare(&hall);
    assert_true(pass_time(office, 1666285200000, &wake_ms) > 0);
    look_and_compare(&hall);
    fill_sheet(office, BA_DINH_HEAD, 2500);
    assert_ok(hand_in(office, BA_DINH_HEAD));
    fill_sheet(office, HOANG_MAI_HEAD, 2500);
    look_and_compare(&hall);
    assert_ok(hand_in(office, HOANG_MAI_HEAD));
    assert_ok(lead_on(office, PB__PERIOD_STATE__APPRAISAL, NULL, NULL));
    look_and_compare(&hall);
    assert_ok(judge_line(office, CITY, "quan-ba-dinh", "TC2", 1500));
    look_and_compare(&hall);
    lock_year(office);
    look_and_compare(&hall);
    for (size_t i = 0; i < EVERYBODY; i++)
        assert_true(hall.all[i].steps > 5);
    close_hall(&hall);
}

// One step for all who see the same, and one board behind it.
static void who_sees_the_same_shares_it(void **state) {
    struct office *office = *state;
    struct hall hall;
    open_scoring(office);
    open_hall(&hall, office);
    assert_ok(SCORE(office, BA_DINH_HEAD, points("TC1.1", 100)));
    look(&hall);
    struct channel *city = hall.all[0].audience->channel, *head = hall.all[4].audience->channel;
    assert_ptr_equal(hall.all[1].audience->channel, city);
    assert_int_equal(city->sight, SIGHT_ALL);
    assert_ptr_equal(hall.all[5].audience->channel, head);
    assert_ptr_not_equal(hall.all[4].audience, hall.all[5].audience);
    assert_int_equal(head->sight, SIGHT_OWN);
    struct channel *other = hall.all[6].audience->channel;
    assert_ptr_not_equal(other, head);
    assert_ptr_equal(other->pieces, head->pieces); // of which each sees its own row instead of one
    struct shared_bytes *first = pieces_whole(city->pieces, &city->own),
                        *second = pieces_whole(city->pieces, &city->own);
    assert_ptr_equal(first, second);
    shared_bytes_release(first);
    shared_bytes_release(second);
    close_hall(&hall);
}

// With a step each keeps to its rows: only what has changed, and nothing of what is hidden.
static void a_step_has_what_changed(void **state) {
    struct office *office = *state;
    struct hall hall;
    open_scoring(office);
    open_hall(&hall, office);
    assert_ok(SCORE(office, BA_DINH_HEAD, points("TC1.1", 100)));
    look(&hall);
    for (size_t i = 0; i < EVERYBODY; i++)
        tell(&hall, &hall.all[i]);
    assert_ok(SCORE(office, BA_DINH_HEAD, points("TC1.1", 125)));
    look(&hall);
    const Pb__WatchReply *city = tell(&hall, &hall.all[0]), *own = tell(&hall, &hall.all[4]);
    const Pb__WatchReply *other = tell(&hall, &hall.all[6]);
    assert_int_equal(city->delta->board->n_rows, 1);
    assert_string_equal(city->delta->board->rows[0]->unit, "quan-ba-dinh");
    assert_int_equal(city->delta->board->rows[0]->total_cp, 125);
    assert_int_equal(own->delta->board->n_rows, 1);
    assert_int_equal(own->delta->board->rows[0]->total_cp, 125);
    assert_false(own->delta->board->rows[0]->has_rank);
    assert_int_equal(other->delta->board->n_rows, 0);
    close_hall(&hall);
}

// Where all rows change the step is the whole board: it is not longer.
static void a_step_is_never_longer_than_the_board(void **state) {
    struct office *office = *state;
    struct hall hall;
    open_scoring(office);
    open_hall(&hall, office);
    assert_ok(SCORE(office, BA_DINH_HEAD, points("TC1.1", 100)));
    assert_ok(SCORE(office, DONG_DA_HEAD, points("TC1.1", 200)));
    assert_ok(SCORE(office, HOANG_MAI_HEAD, points("TC1.1", 300)));
    look(&hall);
    assert_non_null(hall.all[0].audience->channel->step);
    assert_non_null(tell(&hall, &hall.all[0])->board);
    assert_same_board(office, hall.all[0].board, totals_of(office, &hall.all[0]));
    close_hall(&hall);
}

// ---- sights ----

static enum sight sight_of(const struct hall *hall, size_t spectator) {
    return hall->all[spectator].audience->channel->sight;
}

static void sight_changes_by_entries(void **state) {
    struct office *office = *state;
    struct hall hall;
    int64_t wake_ms, deadline_ms = 1666285200000;
    open_scoring(office);
    open_hall(&hall, office);
    assert_int_equal(sight_of(&hall, 4), SIGHT_OWN);
    unsigned wholes = hall.all[4].wholes;
    assert_ok(extend_until(office, "quan-ba-dinh", deadline_ms + 30 * DAY_MS));
    assert_true(pass_time(office, deadline_ms, &wake_ms) > 0);
    look_and_compare(&hall);
    assert_int_equal(sight_of(&hall, 4), SIGHT_OWN); // its own deadline still runs
    assert_int_equal(sight_of(&hall, 6), SIGHT_SUBMITTED);
    assert_int_equal(hall.all[4].wholes, wholes);
    assert_int_equal(hall.all[6].wholes, wholes + 1);
    assert_ok(extend_until(office, "quan-dong-da", office->now_ms + DAY_MS));
    look_and_compare(&hall);
    assert_int_equal(sight_of(&hall, 6), SIGHT_OWN); // and now this one's
    assert_int_equal(sight_of(&hall, 8), SIGHT_SUBMITTED);
    assert_int_equal(hall.all[6].wholes, wholes + 2);
    assert_true(pass_time(office, deadline_ms + 31 * DAY_MS, &wake_ms) > 0);
    look_and_compare(&hall);
    assert_int_equal(sight_of(&hall, 4), SIGHT_SUBMITTED);
    assert_int_equal(sight_of(&hall, 6), SIGHT_SUBMITTED);
    assert_ptr_equal(hall.all[4].audience->channel, hall.all[6].audience->channel);
    close_hall(&hall);
}

// Who comes while a change has not been told yet gets the newest board; nobody goes back.
static void who_comes_late_has_the_newest(void **state) {
    struct office *office = *state;
    struct hall hall;
    open_scoring(office);
    open_hall(&hall, office);
    assert_ok(SCORE(office, BA_DINH_HEAD, points("TC1.1", 100)));
    struct spectator late = {.who = CITY, .column = SELF};
    take_seat(&hall, &late);
    assert_same_board(office, late.board, totals_of(office, &late));
    assert_true(late.board->seq > hall.all[0].audience->channel->pieces->seq);
    look_and_compare(&hall);
    assert_null(tell(&hall, &late));
    assert_ok(SCORE(office, BA_DINH_HEAD, points("TC1.1", 125)));
    look_and_compare(&hall);
    assert_non_null(tell(&hall, &late)->delta);
    assert_same_board(office, late.board, totals_of(office, &late));
    sights_leave(&hall.sights, late.audience);
    close_hall(&hall);
}

static void leave_out_the_last(Pb__PeriodDefinition *definition) {
    definition->n_units--;
    for (size_t i = 0; i < definition->n_criteria; i++) {
        Pb__CriterionDefinition *criterion = definition->criteria[i];
        criterion->n_targets -= criterion->n_targets > 0;
        criterion->n_not_assigned = 0;
    }
}

static void a_unit_that_is_left_out_is_refused(void **state) {
    struct office *office = *state;
    struct hall hall;
    assert_ok(load_period(office, COUNCIL));
    open_hall(&hall, office);
    leave_out_the_last(office->world.fixture.definition);
    assert_ok(load_period(office, COUNCIL));
    look(&hall);
    assert_null(hall.all[4].audience->refusal);
    assert_null(hall.all[8].audience->channel);
    struct shared_bytes *refusal = hall.all[8].audience->refusal;
    assert_non_null(refusal);
    const Pb__Response *response = message_unpack_response(office->world.arena, refusal->bytes, refusal->size);
    assert_refused(response, PB__STATUS__PERMISSION_DENIED, "UNIT_NOT_IN_PERIOD");
    assert_told(response, 0, "unit", "quan-hoang-mai");
    assert_non_null(tell(&hall, &hall.all[0])->board); // places mean other units now
    struct spectator late = {.who = HOANG_MAI_HEAD, .column = SELF};
    struct beginning beginning;
    assert_false(join(&hall, &late, &beginning));
    assert_non_null(beginning.refusal);
    shared_bytes_release(beginning.refusal);
    close_hall(&hall);
}

// ---- news ----

struct expected {
    const char *event, *unit;
};

static void assert_news(struct hall *hall, size_t spectator, const struct expected *expected, size_t count) {
    const Pb__WatchReply *reply = tell(hall, &hall->all[spectator]);
    size_t n_events = reply ? reply->n_events : 0;
    assert_int_equal(n_events, count);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(reply->events[i]->event, expected[i].event);
        assert_int_equal(reply->events[i]->unit != NULL, expected[i].unit != NULL);
        if (expected[i].unit)
            assert_string_equal(reply->events[i]->unit, expected[i].unit);
    }
}
#define NEWS(hall, spectator, ...)                                                                                     \
    assert_news(hall, spectator, (const struct expected[]){__VA_ARGS__},                                               \
                sizeof((const struct expected[]){__VA_ARGS__}) / sizeof(struct expected))

static void news_keep_to_the_sight(void **state) {
    struct office *office = *state;
    struct hall hall;
    int64_t wake_ms;
    open_scoring(office);
    open_hall(&hall, office);
    look(&hall);
    assert_ok(SCORE(office, BA_DINH_HEAD, points("TC1.1", 100)));
    assert_ok(SCORE(office, DONG_DA_HEAD, points("TC1.1", 100)));
    look(&hall);
    NEWS(&hall, 0, {"score_set", "quan-ba-dinh"}, {"score_set", "quan-dong-da"});
    NEWS(&hall, 4, {"score_set", "quan-ba-dinh"});
    assert_news(&hall, 8, NULL, 0);
    for (size_t i = 0; i < EVERYBODY; i++)
        tell(&hall, &hall.all[i]);
    assert_true(pass_time(office, 1666285200000, &wake_ms) > 0);
    look(&hall);
    for (size_t i = 0; i < EVERYBODY; i++)
        tell(&hall, &hall.all[i]);
    fill_sheet(office, DONG_DA_HEAD, 2000); // two entries
    assert_ok(hand_in(office, DONG_DA_HEAD));
    look(&hall);
    NEWS(&hall, 0, {"score_set", "quan-dong-da"}, {"score_set", "quan-dong-da"}, {"sheet_submitted", "quan-dong-da"});
    NEWS(&hall, 6, {"sheet_submitted", "quan-dong-da"}); // one view for all, the own unit's head as well
    NEWS(&hall, 8, {"sheet_submitted", "quan-dong-da"});
    close_hall(&hall);
}

static void news_are_the_newest_twenty(void **state) {
    struct office *office = *state;
    struct hall hall;
    open_scoring(office);
    open_hall(&hall, office);
    for (int32_t i = 0; i < 30; i++)
        assert_ok(SCORE(office, i % 2 ? BA_DINH_HEAD : DONG_DA_HEAD, points("TC1.1", 25 * i)));
    look(&hall);
    const Pb__WatchReply *reply = tell(&hall, &hall.all[0]);
    assert_int_equal(reply->n_events, NEWS_MAX);
    for (size_t i = 0; i < NEWS_MAX; i++)
        assert_true(reply->events[i]->seq == hall.all[0].board->seq - NEWS_MAX + 1 + i);
    assert_int_equal(tell(&hall, &hall.all[4])->n_events, 15);
    close_hall(&hall);
}

// More than are remembered: what is there is the newest, and each is there once.
static void news_of_a_long_time_are_the_newest(void **state) {
    struct office *office = *state;
    struct hall hall;
    struct news news;
    open_scoring(office);
    open_hall(&hall, office);
    for (int32_t i = 0; i < RECENT_MAX + 40; i++)
        assert_ok(SCORE(office, BA_DINH_HEAD, points("TC1.1", 25 * (i % 40))));
    look(&hall);
    uint64_t last = hall.all[0].audience->channel->pieces->seq;
    const struct news_of all = {.period = 1, .sight = SIGHT_ALL, .until = last};
    recent_news(hall.sights.recent, &all, &news);
    assert_int_equal(news.reply.n_events, NEWS_MAX);
    assert_true(news.reply.events[NEWS_MAX - 1]->seq == last);
    const struct news_of old = {.period = 1, .sight = SIGHT_ALL, .until = last - RECENT_MAX};
    recent_news(hall.sights.recent, &old, &news);
    assert_int_equal(news.reply.n_events, 0); // forgotten
    const struct news_of foreign = {.period = 2, .sight = SIGHT_ALL, .until = last};
    recent_news(hall.sights.recent, &foreign, &news);
    assert_int_equal(news.reply.n_events, 0);
    close_hall(&hall);
}

// Of several units: those who see all, and each that it is about.
static void what_is_final_is_news_to_its_units(void **state) {
    struct office *office = *state;
    struct hall hall;
    struct news news;
    open_appraisal(office);
    confirm_sheet(office, "quan-ba-dinh", 2500);
    confirm_sheet(office, "quan-dong-da", 2000);
    confirm_sheet(office, "quan-hoang-mai", 2500);
    open_hall(&hall, office);
    look(&hall);
    assert_ok(make_final(office, NULL));
    look(&hall);
    uint64_t last = hall.all[0].audience->channel->pieces->seq;
    for (uint32_t unit = BA_DINH; unit <= HOANG_MAI + 1; unit++) {
        struct news_of own = {.period = 1, .unit = unit, .sight = SIGHT_OWN, .after = last - 1, .until = last};
        recent_news(hall.sights.recent, &own, &news);
        assert_int_equal(news.reply.n_events, unit <= HOANG_MAI);
    }
    close_hall(&hall);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        OFFICE_TEST(each_step_makes_the_whole_board),
        OFFICE_TEST(who_sees_the_same_shares_it),
        OFFICE_TEST(a_step_has_what_changed),
        OFFICE_TEST(a_step_is_never_longer_than_the_board),
        OFFICE_TEST(sight_changes_by_entries),
        OFFICE_TEST(who_comes_late_has_the_newest),
        OFFICE_TEST(a_unit_that_is_left_out_is_refused),
        OFFICE_TEST(news_keep_to_the_sight),
        OFFICE_TEST(news_are_the_newest_twenty),
        OFFICE_TEST(news_of_a_long_time_are_the_newest),
        OFFICE_TEST(what_is_final_is_news_to_its_units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
