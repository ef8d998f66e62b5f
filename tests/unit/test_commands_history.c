// Histories and the journal, which may take many frames; boards kept for many callers.
#include "server/commands/boards.h"
#include "tests/unit/reads.h"

enum { MANY = 150, FAR = 600 }; // entries: more than two frames; more than two turns

static const Pb__HistoryReply *history_of(struct office *office, enum who who, const char *code, struct cursor *cursor,
                                          bool *more) {
    Pb__HistoryQuery query = PB__HISTORY_QUERY__INIT;
    query.unit = "quan-ba-dinh";
    query.criterion = code;
    const Pb__Response *response = read_frame(office, who, ASK(HISTORY, &query), cursor);
    assert_ok(response);
    assert_string_equal(response->history->unit, "quan-ba-dinh");
    *more = response->more;
    return response->history;
}

// ---- histories ----

static void a_history_tells_each_change(void **state) {
    struct office *office = *state;
    struct cursor cursor = {0};
    bool more;
    open_scoring(office);
    Pb__Score *score = LINES(office, points("TC4", 100), points("TC1.1", 50));
    score->note = "lần đầu";
    uint64_t first = write_as(office, BA_DINH_OFFICER, ASK(SCORE, score))->score->seq;
    office->now_ms += HOUR_MS;
    assert_ok(SCORE(office, BA_DINH_HEAD, points("TC4", 250)));
    const Pb__HistoryReply *history = history_of(office, BA_DINH_OFFICER, NULL, &cursor, &more);
    assert_false(more);
    assert_int_equal(history->n_rows, 3);
    const Pb__HistoryRow *row = history->rows[0];
    assert_int_equal(row->seq, first + 1);
    assert_int_equal(row->time_ms, BEGIN + HOUR_MS);
    assert_int_equal(row->account, office->people[BA_DINH_HEAD].account);
    assert_int_equal(row->role, PB__ROLE__HEAD);
    assert_string_equal(row->event, "score_set");
    assert_string_equal(row->criterion, "TC4");
    assert_int_equal(row->from_cp, 100);
    assert_int_equal(row->points_cp, 250);
    assert_int_equal(row->revision, 2);
    assert_int_equal(row->total_cp, 300);
    assert_null(row->note);
    assert_int_equal(history->rows[1]->seq, first);
    assert_string_equal(history->rows[1]->note, "lần đầu");
    assert_false(history->rows[1]->has_from_cp);
    assert_int_equal(history->rows[2]->total_cp, 150);
}

static void a_history_tells_each_lines_note(void **state) {
    struct office *office = *state;
    struct cursor cursor = {0};
    bool more;
    open_scoring(office);
    Pb__Score *score = LINES(office, points("TC4", 100), points("TC1.1", 50));
    score->note = "chung";
    score->lines[1]->note = "riêng";
    assert_ok(write_as(office, BA_DINH_OFFICER, ASK(SCORE, score)));
    const Pb__HistoryReply *history = history_of(office, BA_DINH_OFFICER, NULL, &cursor, &more);
    assert_int_equal(history->n_rows, 2);
    assert_string_equal(history->rows[0]->note, "chung");
    assert_string_equal(history->rows[1]->note, "riêng");
}

static void a_hand_in_stands_in_the_history(void **state) {
    struct office *office = *state;
    struct cursor cursor = {0};
    bool more;
    open_scoring(office);
    fill_sheet(office, BA_DINH_HEAD, 2000);
    uint64_t seq = hand_in(office, BA_DINH_HEAD)->submit->seq;
    const Pb__HistoryReply *history = history_of(office, CITY, NULL, &cursor, &more);
    assert_int_equal(history->n_rows, 6);
    assert_string_equal(history->rows[0]->event, "sheet_submitted");
    assert_int_equal(history->rows[0]->seq, seq);
    assert_int_equal(history->rows[0]->revision, 1);
    assert_int_equal(history->rows[0]->total_cp, 9500);
}

// Of a draft's way to the hand-in nothing is for the eyes of others: last handed-in revisions.
static void others_see_no_drafts_in_a_history(void **state) {
    struct office *office = *state;
    struct cursor cursor = {0};
    bool more;
    office->world.fixture.definition->visibility = PB__VISIBILITY__ALWAYS;
    open_scoring(office);
    fill_sheet(office, BA_DINH_HEAD, 1000);
    assert_ok(SCORE(office, BA_DINH_HEAD, points("TC1.2", 2000)));
    uint64_t handed = hand_in(office, BA_DINH_HEAD)->submit->seq;
    assert_ok(advance_because(office, PB__PERIOD_STATE__APPRAISAL, "họp sớm"));
    assert_ok(give_back(office, CITY, "quan-ba-dinh"));
    assert_ok(SCORE(office, BA_DINH_HEAD, points("TC1.2", 1900)));
    const Pb__HistoryReply *history = history_of(office, DONG_DA_HEAD, NULL, &cursor, &more);
    assert_int_equal(history->n_rows, 7);
    assert_string_equal(history->rows[0]->event, "sheet_returned");
    assert_int_equal(history->rows[1]->seq, handed);
    for (size_t i = 2; i < history->n_rows; i++) {
        assert_true(history->rows[i]->seq <= history->rows[i - 1]->seq);
        assert_false(history->rows[i]->has_from_cp);
        if (strcmp(history->rows[i]->criterion, "TC1.2") == 0)
            assert_int_equal(history->rows[i]->points_cp, 2000);
    }
}

static void score_many(struct office *office) {
    open_scoring(office);
    for (int i = 0; i < MANY; i++) {
        assert_ok(SCORE(office, BA_DINH_HEAD, points("TC4", 50 * (i % 50)), points("TC1.1", 25)));
        if (i % 50 == 0)
            assert_ok(SCORE(office, BA_DINH_OFFICER, points("TC1.2", 25 * (i % 100))));
    }
}

// Follows the frames to the end; a write between them does not disturb. Returns the rows in all.
static size_t follow(struct office *office, const char *code, size_t *frames) {
    struct cursor cursor = {0};
    size_t rows = 0;
    uint64_t seq = UINT64_MAX;
    for (bool more = true; more; (*frames)++) {
        const Pb__HistoryReply *history = history_of(office, BA_DINH_OFFICER, code, &cursor, &more);
        for (size_t i = 0; i < history->n_rows; i++, rows++) {
            assert_true(history->rows[i]->seq <= seq);
            seq = history->rows[i]->seq;
            if (code)
                assert_string_equal(history->rows[i]->criterion, code);
        }
        assert_true(*frames < 20);
        assert_ok(SCORE(office, BA_DINH_HEAD, points("TC4", 100)));
    }
    return rows;
}

static void a_long_history_is_whole(void **state) {
    struct office *office = *state;
    size_t frames = 0;
    score_many(office);
    assert_int_equal(follow(office, NULL, &frames), 2 * MANY + 3);
    assert_true(frames > 2);
}

static void the_history_of_a_line_is_whole(void **state) {
    struct office *office = *state;
    size_t frames = 0;
    score_many(office);
    assert_int_equal(follow(office, "TC1.1", &frames), MANY);
    assert_true(frames > 2);
    frames = 0;
    assert_int_equal(follow(office, "TC1.2", &frames), 3);
    assert_int_equal(frames, 1);
}

static void a_sheet_without_lines_has_no_history(void **state) {
    struct office *office = *state;
    struct cursor cursor = {0};
    bool more;
    open_scoring(office);
    assert_int_equal(history_of(office, CITY, NULL, &cursor, &more)->n_rows, 0);
    assert_false(more);
}

// ---- what was judged ----

// One row as it has to be; POINTS_NONE: absent, 0: no revision.
struct expected {
    const char *event, *criterion;
    int32_t from_cp, points_cp;
    uint32_t revision;
    const char *note;
    int32_t total_cp, appraised_total_cp;
};

static void assert_text_is(const char *text, const char *expected) {
    if (expected)
        assert_string_equal(text ? text : "(none)", expected);
    else
        assert_null(text);
}

static void assert_row(const Pb__HistoryRow *row, const struct expected *expected) {
    assert_string_equal(row->event, expected->event);
    assert_text_is(row->criterion, expected->criterion);
    assert_int_equal(row->has_from_cp ? row->from_cp : POINTS_NONE, expected->from_cp);
    assert_int_equal(row->has_points_cp ? row->points_cp : POINTS_NONE, expected->points_cp);
    assert_int_equal(row->has_revision ? row->revision : 0, expected->revision);
    assert_text_is(row->note, expected->note);
    assert_int_equal(row->has_total_cp ? row->total_cp : POINTS_NONE, expected->total_cp);
    assert_int_equal(row->has_appraised_total_cp ? row->appraised_total_cp : POINTS_NONE, expected->appraised_total_cp);
    if (!strcmp(expected->event, "sheets_finalized")) // a copy of what was appraised
        assert_int_equal(row->has_final_total_cp ? row->final_total_cp : POINTS_NONE, expected->appraised_total_cp);
    else
        assert_false(row->has_final_total_cp);
}

static void assert_history(struct office *office, enum who who, const char *code, const struct expected *expected,
                           size_t count) {
    Pb__HistoryQuery query = PB__HISTORY_QUERY__INIT;
    query.period = "hn-cum-1-2022";
    query.unit = "quan-ba-dinh";
    query.criterion = code;
    const Pb__Response *response = read_patiently(office, who, ASK(HISTORY, &query));
    assert_ok(response);
    for (size_t i = 0; i < count && i < response->history->n_rows; i++)
        assert_row(response->history->rows[i], &expected[i]);
    assert_int_equal(response->history->n_rows, count);
    assert_false(response->more);
}
#define ASSERT_HISTORY(office, who, code, rows) assert_history(office, who, code, rows, sizeof(rows) / sizeof *(rows))

// Ba Đình's sheet of 95,00: judged, returned, changed, judged again, explained, adjusted, made final, held, nominated.
static void judge_at_length(struct office *office) {
    open_judging(office);
    assert_ok(APPRAISE(office, CITY, "quan-ba-dinh", "thiếu", gives("TC1.1", 1400)));
    assert_ok(give_back(office, CITY, "quan-ba-dinh"));
    assert_ok(SCORE(office, BA_DINH_HEAD, points("TC1.1", 1450)));
    assert_ok(hand_in(office, BA_DINH_HEAD));
    assert_ok(APPRAISE(office, CITY, "quan-ba-dinh", "đối chiếu", gives("TC1.1", 1425)));
    assert_ok(explain(office, BA_DINH_HEAD, "TC1.1"));
    assert_ok(adjust(office, "quan-ba-dinh", "TC4", 150));
    assert_ok(APPRAISE(office, CITY, "quan-ba-dinh", NULL, gives("TC1.2", 2000), gives("TC2", 2000), gives("TC3", 1500),
                       gives("TC4", 2500)));
    assert_ok(APPRAISE(office, CITY, "quan-ba-dinh", "thiếu", gives("TC4", 2400)));
    assert_ok(adjust(office, "quan-ba-dinh", NULL, 300));
    confirm(office, "quan-dong-da", 2250);
    confirm(office, "quan-hoang-mai", 2500);
    assert_ok(FINALIZE_ALL(office, NULL));
    assert_ok(advance(office, COUNCIL, PB__PERIOD_STATE__FINALIZED));
    assert_ok(hold(office, "quan-ba-dinh", "đang thanh tra", false));
    assert_ok(hold(office, "quan-ba-dinh", "đã kết luận", true));
    assert_ok(nominate(office, "quan-ba-dinh", "Cờ thi đua"));
}

// What has no points column of the unit's own. NO: absent.
#define NO POINTS_NONE

static void a_history_tells_what_was_judged(void **state) {
    static const struct expected rows[] = {
        {"nominated", NULL, NO, NO, 0, "Cờ thi đua", 9450, 9475},
        {"hold_lifted", NULL, NO, NO, 0, "đã kết luận", 9450, 9475},
        {"held", NULL, NO, NO, 0, "đang thanh tra", 9450, 9475},
        {"sheets_finalized", NULL, NO, NO, 0, NULL, 9450, 9475},
        {"adjusted", NULL, NO, 300, 0, "báo cáo quý chậm", 9450, 9475},
        {"lines_appraised", "TC4", 2500, 2400, 2, "thiếu", 9450, 9175},
        {"lines_appraised", "TC1.2", NO, 2000, 1, NULL, 9450, 9275},
        {"lines_appraised", "TC2", NO, 2000, 1, NULL, 9450, 9275},
        {"lines_appraised", "TC3", NO, 1500, 1, NULL, 9450, 9275},
        {"lines_appraised", "TC4", NO, 2500, 1, NULL, 9450, 9275},
        {"adjusted", "TC4", NO, 150, 0, "báo cáo quý chậm", 9450, 1425},
        {"line_explained", "TC1.1", NO, NO, 0, "số liệu đã được kiểm tra lại", 9450, 1425},
        {"lines_appraised", "TC1.1", NO, 1425, 2, "đối chiếu", 9450, 1425},
        {"sheet_submitted", NULL, NO, NO, 2, NULL, 9450, NO},
        {"score_set", "TC1.1", 1500, 1450, 2, NULL, 9450, NO},
        {"sheet_returned", NULL, NO, NO, 0, "thiếu minh chứng", 9500, 1400},
        {"lines_appraised", "TC1.1", NO, 1400, 1, "thiếu", 9500, 1400},
        {"sheet_submitted", NULL, NO, NO, 1, NULL, 9500, NO},
        {"score_set", "TC4", NO, 2500, 1, NULL, 9500, NO},
        {"score_set", "TC1.1", NO, 1500, 1, NULL, 7000, NO},
        {"score_set", "TC1.2", NO, 2000, 1, NULL, 7000, NO},
        {"score_set", "TC2", NO, 2000, 1, NULL, 7000, NO},
        {"score_set", "TC3", NO, 1500, 1, NULL, 7000, NO},
    };
    struct office *office = *state;
    judge_at_length(office);
    ASSERT_HISTORY(office, CITY, NULL, rows);
    ASSERT_HISTORY(office, BA_DINH_OFFICER, NULL, rows);
}

static void the_history_of_a_line_tells_what_was_judged(void **state) {
    static const struct expected first[] = {
        {"line_explained", "TC1.1", NO, NO, 0, "số liệu đã được kiểm tra lại", 9450, 1425},
        {"lines_appraised", "TC1.1", NO, 1425, 2, "đối chiếu", 9450, 1425},
        {"score_set", "TC1.1", 1500, 1450, 2, NULL, 9450, NO},
        {"lines_appraised", "TC1.1", NO, 1400, 1, "thiếu", 9500, 1400},
        {"score_set", "TC1.1", NO, 1500, 1, NULL, 7000, NO},
    };
    static const struct expected last[] = {
        {"lines_appraised", "TC4", 2500, 2400, 2, "thiếu", 9450, 9175},
        {"lines_appraised", "TC4", NO, 2500, 1, NULL, 9450, 9275},
        {"adjusted", "TC4", NO, 150, 0, "báo cáo quý chậm", 9450, 1425},
        {"score_set", "TC4", NO, 2500, 1, NULL, 9500, NO},
    };
    struct office *office = *state;
    judge_at_length(office);
    ASSERT_HISTORY(office, CITY, "TC1.1", first);
    ASSERT_HISTORY(office, BA_DINH_HEAD, "tc4", last);
}

// The leader sees of the unit's own scores those of the last hand-in, and everything that was judged.
static void others_see_what_was_judged(void **state) {
    static const struct expected rows[] = {
        {"nominated", NULL, NO, NO, 0, "Cờ thi đua", NO, 9475},
        {"hold_lifted", NULL, NO, NO, 0, "đã kết luận", NO, 9475},
        {"held", NULL, NO, NO, 0, "đang thanh tra", NO, 9475},
        {"sheets_finalized", NULL, NO, NO, 0, NULL, NO, 9475},
        {"adjusted", NULL, NO, 300, 0, "báo cáo quý chậm", NO, 9475},
        {"lines_appraised", "TC4", 2500, 2400, 2, "thiếu", NO, 9175},
        {"lines_appraised", "TC1.2", NO, 2000, 1, NULL, NO, 9275},
        {"lines_appraised", "TC2", NO, 2000, 1, NULL, NO, 9275},
        {"lines_appraised", "TC3", NO, 1500, 1, NULL, NO, 9275},
        {"lines_appraised", "TC4", NO, 2500, 1, NULL, NO, 9275},
        {"adjusted", "TC4", NO, 150, 0, "báo cáo quý chậm", NO, 1425},
        {"line_explained", "TC1.1", NO, NO, 0, "số liệu đã được kiểm tra lại", NO, 1425},
        {"lines_appraised", "TC1.1", NO, 1425, 2, "đối chiếu", NO, 1425},
        {"sheet_submitted", NULL, NO, NO, 2, NULL, 9450, NO},
        {"score_set", "TC1.1", NO, 1450, 2, NULL, NO, NO},
        {"sheet_returned", NULL, NO, NO, 0, "thiếu minh chứng", NO, 1400},
        {"lines_appraised", "TC1.1", NO, 1400, 1, "thiếu", NO, 1400},
        {"score_set", "TC4", NO, 2500, 1, NULL, NO, NO},
        {"score_set", "TC1.2", NO, 2000, 1, NULL, NO, NO},
        {"score_set", "TC2", NO, 2000, 1, NULL, NO, NO},
        {"score_set", "TC3", NO, 1500, 1, NULL, NO, NO},
    };
    static const struct expected line[] = {
        {"line_explained", "TC1.1", NO, NO, 0, "số liệu đã được kiểm tra lại", NO, 1425},
        {"lines_appraised", "TC1.1", NO, 1425, 2, "đối chiếu", NO, 1425},
        {"score_set", "TC1.1", NO, 1450, 2, NULL, NO, NO},
        {"lines_appraised", "TC1.1", NO, 1400, 1, "thiếu", NO, 1400},
    };
    struct office *office = *state;
    judge_at_length(office);
    ASSERT_HISTORY(office, DONG_DA_HEAD, NULL, rows);
    ASSERT_HISTORY(office, DONG_DA_HEAD, "TC1.1", line);
}

static void a_unit_s_own_deadline_stands_in_the_history(void **state) {
    static const struct expected rows[] = {
        {"deadline_passed", NULL, NO, NO, 0, NULL, 100, NO},
        {"extended", NULL, NO, NO, 0, "bão số 3", 100, NO},
        {"score_set", "TC4", NO, 100, 1, NULL, 100, NO},
    };
    struct office *office = *state;
    int64_t wake_ms, deadline_ms = office->world.fixture.definition->deadline_ms;
    Pb__PeriodExtend message = PB__PERIOD_EXTEND__INIT;
    open_scoring(office);
    assert_ok(SCORE(office, BA_DINH_HEAD, points("TC4", 100)));
    message.unit = "quan-ba-dinh";
    message.has_until_ms = true;
    message.until_ms = deadline_ms + DAY_MS;
    message.reason = "bão số 3";
    assert_ok(write_as(office, COUNCIL, ASK(EXTEND, &message)));
    pass_time(office, deadline_ms + DAY_MS, &wake_ms);
    ASSERT_HISTORY(office, CITY, NULL, rows);
    Pb__HistoryQuery query = PB__HISTORY_QUERY__INIT;
    query.unit = "quan-ba-dinh";
    Pb__HistoryRow *const *shown = read_patiently(office, CITY, ASK(HISTORY, &query))->history->rows;
    assert_string_equal(shown[0]->actor, "daemon");
    assert_false(shown[0]->has_role);
    assert_int_equal(shown[1]->until_ms, message.until_ms);
    assert_false(shown[0]->has_until_ms || shown[2]->has_until_ms || shown[2]->has_final_total_cp);
}

// ---- far back ----

// Scores of one line, after one of another.
static void score_far(struct office *office) {
    open_scoring(office);
    assert_ok(SCORE(office, BA_DINH_HEAD, points("TC1.1", 1500)));
    for (int i = 0; i < FAR; i++)
        assert_ok(SCORE(office, BA_DINH_HEAD, points("TC4", 50 * (i % 50))));
}

static void a_line_s_entry_far_back_is_found(void **state) {
    struct office *office = *state;
    Pb__HistoryQuery query = PB__HISTORY_QUERY__INIT;
    struct cursor cursor = {0};
    unsigned turns = 0;
    score_far(office);
    query.unit = "quan-ba-dinh";
    query.criterion = "TC1.1";
    assert_true(read_turn(office, CITY, ASK(HISTORY, &query), &cursor).again); // no empty frame
    assert_ok(SCORE(office, BA_DINH_HEAD, points("TC1.1", 1400)));             // for a later question
    const Pb__Response *response = read_next(office, CITY, ASK(HISTORY, &query), &cursor, &turns);
    assert_int_equal(turns, 2);
    assert_int_equal(response->history->n_rows, 1);
    assert_int_equal(response->history->rows[0]->points_cp, 1500);
    assert_false(response->more);
}

// The way back to what was handed in leads past every later change.
static void a_sheet_handed_in_far_back_is_found(void **state) {
    struct office *office = *state;
    Pb__SheetQuery query = PB__SHEET_QUERY__INIT;
    struct cursor cursor = {0};
    office->world.fixture.definition->visibility = PB__VISIBILITY__ALWAYS;
    open_scoring(office);
    full_sheet(office, BA_DINH_HEAD, 2000);
    assert_ok(advance_because(office, PB__PERIOD_STATE__APPRAISAL, "họp sớm"));
    assert_ok(give_back(office, CITY, "quan-ba-dinh"));
    for (int i = 0; i < FAR; i++)
        assert_ok(SCORE(office, BA_DINH_HEAD, points("TC4", 50 * (i % 50)), points("TC1.1", 25)));
    query.unit = "quan-ba-dinh";
    assert_true(read_turn(office, DONG_DA_OFFICER, ASK(SHEET, &query), &cursor).again);
    cursor_release(&cursor);
    const Pb__SheetReply *sheet = read_patiently(office, DONG_DA_OFFICER, ASK(SHEET, &query))->sheet;
    assert_int_equal(sheet->total_cp, 9500);
    assert_int_equal(sheet->lines[TC4]->points_cp, 2500);
    assert_int_equal(sheet->lines[TC11]->points_cp, 1500);
    assert_int_equal(sheet->lines[TC4]->revision, 1);
    // Handed in once more while the answer is on its way: it is of that hand-in altogether.
    cursor = (struct cursor){0};
    assert_true(read_turn(office, DONG_DA_OFFICER, ASK(SHEET, &query), &cursor).again);
    assert_ok(SCORE(office, BA_DINH_HEAD, points("TC4", 1000)));
    assert_ok(hand_in(office, BA_DINH_HEAD));
    unsigned turns = 0;
    sheet = read_next(office, DONG_DA_OFFICER, ASK(SHEET, &query), &cursor, &turns)->sheet;
    assert_int_equal(sheet->total_cp, 1000 + 25 + 2000 + 2000 + 1500);
    assert_int_equal(sheet->lines[TC4]->points_cp, 1000);
    assert_int_equal(sheet->lines[TC11]->points_cp, 25);
    assert_null(cursor.kept);
}

// A second period that opens between two frames cannot mix with the first.
static void a_history_keeps_to_the_period_it_began_with(void **state) {
    struct office *office = *state;
    struct cursor cursor = {0};
    bool more;
    score_many(office);
    size_t rows = history_of(office, BA_DINH_OFFICER, NULL, &cursor, &more)->n_rows;
    office->world.fixture.definition->id = "hn-cum-2-2022";
    assert_ok(load_period(office, COUNCIL));
    open_writing(office);
    append_own(office, period_advanced(&office->world, 2, PB__PERIOD_STATE__DRAFT, PB__PERIOD_STATE__SCORING));
    while (more) {
        const Pb__HistoryReply *history = history_of(office, BA_DINH_OFFICER, NULL, &cursor, &more);
        assert_string_equal(history->period, "hn-cum-1-2022");
        rows += history->n_rows;
    }
    assert_int_equal(rows, 2 * MANY + 3);
}

// ---- the journal ----

// Checks one frame of the audit: each entry follows the one before, by number and by hash.
static void check_frame(struct office *office, const Pb__AuditReply *audit, uint64_t *seq, uint8_t hash[32]) {
    for (size_t i = 0; i < audit->n_rows; i++) {
        const Pb__AuditRow *row = audit->rows[i];
        uint8_t own[32];
        assert_memory_equal(row->prev.data, hash, 32);
        assert_true(journal_hash(hash, (struct span){row->record.data, row->record.len}, own));
        assert_memory_equal(row->hash.data, own, 32);
        memcpy(hash, own, 32);
        const Pb__Entry *entry = (const Pb__Entry *)protobuf_c_message_unpack(
            &pb__entry__descriptor, arena_allocator(office->world.arena), row->record.len, row->record.data);
        assert_non_null(entry);
        assert_int_equal(entry->seq, ++*seq);
    }
}

static void the_journal_is_a_chain(void **state) {
    struct office *office = *state;
    Pb__AuditQuery query = PB__AUDIT_QUERY__INIT;
    struct cursor cursor = {0};
    uint8_t hash[32] = {0};
    uint64_t seq = 0;
    score_many(office);
    uint64_t last = ledger_tip(office->world.ledger)->seq;
    for (bool more = true; more;) {
        const Pb__Response *response = read_frame(office, AUDITOR, ASK(AUDIT, &query), &cursor);
        assert_ok(response);
        assert_true(response->audit->n_rows > 0);
        check_frame(office, response->audit, &seq, hash);
        more = response->more;
        assert_ok(SCORE(office, DONG_DA_HEAD, points("TC4", 100))); // for a later question
    }
    assert_int_equal(seq, last);
}

static void the_journal_after_an_entry(void **state) {
    struct office *office = *state;
    Pb__AuditQuery query = PB__AUDIT_QUERY__INIT;
    uint8_t hash[32];
    open_scoring(office);
    uint64_t seq = ledger_tip(office->world.ledger)->seq;
    memcpy(hash, ledger_tip(office->world.ledger)->hash, sizeof hash);
    assert_ok(SCORE(office, DONG_DA_HEAD, points("TC4", 100)));
    assert_ok(SCORE(office, BA_DINH_HEAD, points("TC4", 100)));
    query.has_since = true;
    query.since = seq;
    const Pb__Response *response = read_as(office, CITY, ASK(AUDIT, &query));
    assert_int_equal(response->audit->n_rows, 2);
    assert_string_equal(response->audit->rows[0]->unit, "quan-dong-da");
    assert_string_equal(response->audit->rows[1]->unit, "quan-ba-dinh");
    check_frame(office, response->audit, &seq, hash);
    query.since = seq;
    assert_int_equal(read_as(office, CITY, ASK(AUDIT, &query))->audit->n_rows, 0);
    query.since = seq + 1000;
    assert_int_equal(read_as(office, CITY, ASK(AUDIT, &query))->audit->n_rows, 0);
}

// ---- boards for many ----

static struct shared_bytes *shared_board(struct office *office, enum who who) {
    Pb__TotalsQuery query = PB__TOTALS_QUERY__INIT;
    struct cursor cursor = {0};
    const Pb__Request request = ASK(TOTALS, &query);
    struct read_answer answer = read_on(office, who, &request, &cursor);
    assert_non_null(answer.shared);
    return answer.shared;
}

static void one_encoding_serves_all_who_see_the_same(void **state) {
    struct office *office = *state;
    open_scoring(office);
    assert_ok(SCORE(office, BA_DINH_HEAD, points("TC4", 100)));
    struct shared_bytes *city = shared_board(office, CITY), *council = shared_board(office, COUNCIL);
    struct shared_bytes *head = shared_board(office, BA_DINH_HEAD), *officer = shared_board(office, BA_DINH_OFFICER);
    struct shared_bytes *other = shared_board(office, DONG_DA_HEAD);
    assert_ptr_equal(city, council);
    assert_ptr_equal(head, officer); // of one unit
    assert_ptr_not_equal(head, city);
    assert_ptr_not_equal(head, other);
    struct shared_bytes *all[] = {city, council, head, officer, other};
    for (size_t i = 0; i < 5; i++)
        shared_bytes_release(all[i]);
}

static int32_t total_in(struct office *office, const struct shared_bytes *shared) {
    const Pb__Response *response = message_unpack_response(office->world.arena, shared->bytes, shared->size);
    assert_non_null(response);
    return response->totals->rows[0]->has_total_cp ? response->totals->rows[0]->total_cp : POINTS_NONE;
}

static void a_write_makes_a_new_board(void **state) {
    struct office *office = *state;
    open_scoring(office);
    assert_ok(SCORE(office, BA_DINH_HEAD, points("TC4", 100)));
    struct shared_bytes *before = shared_board(office, CITY);
    assert_ok(SCORE(office, BA_DINH_HEAD, points("TC4", 150)));
    struct shared_bytes *after = shared_board(office, CITY), *again = shared_board(office, CITY);
    assert_ptr_equal(after, again);
    assert_int_equal(total_in(office, before), 100); // whoever still sends it has it whole
    assert_int_equal(total_in(office, after), 150);
    shared_bytes_release(before);
    shared_bytes_release(after);
    shared_bytes_release(again);
}

static void boards_are_kept_by_all_that_decides_them(void **state) {
    (void)state;
    const struct board_key key = {.period = 1, .unit = 2, .seq = 3, .column = 1, .sight = 3};
    struct board_key others[] = {key, key, key, key, key, key, key};
    Pb__Response response = PB__RESPONSE__INIT;
    struct boards *boards = boards_new();
    assert_non_null(boards);
    others[0].period += 256; // the same place
    others[1].unit += 256;
    others[2].seq++;
    others[3].column += 256;
    others[4].sight += 256;
    others[5].explain = true;
    others[6].past = true;
    assert_null(boards_find(boards, &key));
    struct shared_bytes *kept = boards_keep(boards, &key, &response);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_null(boards_find(boards, &others[i]));
    struct shared_bytes *found = boards_find(boards, &key);
    assert_ptr_equal(found, kept);
    assert_int_equal(kept->references, 3);
    struct shared_bytes *newer = boards_keep(boards, &others[2], &response);
    assert_null(boards_find(boards, &key));
    assert_int_equal(kept->references, 2);
    boards_free(boards);
    assert_int_equal(newer->references, 1);
    shared_bytes_release(newer);
    shared_bytes_release(found);
    shared_bytes_release(kept);
    shared_bytes_release(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        OFFICE_TEST(a_history_tells_each_change),
        OFFICE_TEST(a_history_tells_each_lines_note),
        OFFICE_TEST(a_hand_in_stands_in_the_history),
        OFFICE_TEST(others_see_no_drafts_in_a_history),
        OFFICE_TEST(a_long_history_is_whole),
        OFFICE_TEST(the_history_of_a_line_is_whole),
        OFFICE_TEST(a_sheet_without_lines_has_no_history),
        OFFICE_TEST(a_history_tells_what_was_judged),
        OFFICE_TEST(the_history_of_a_line_tells_what_was_judged),
        OFFICE_TEST(others_see_what_was_judged),
        OFFICE_TEST(a_unit_s_own_deadline_stands_in_the_history),
        OFFICE_TEST(a_line_s_entry_far_back_is_found),
        OFFICE_TEST(a_sheet_handed_in_far_back_is_found),
        OFFICE_TEST(a_history_keeps_to_the_period_it_began_with),
        OFFICE_TEST(the_journal_is_a_chain),
        OFFICE_TEST(the_journal_after_an_entry),
        OFFICE_TEST(one_encoding_serves_all_who_see_the_same),
        OFFICE_TEST(a_write_makes_a_new_board),
        cmocka_unit_test(boards_are_kept_by_all_that_decides_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
