// Histories and the journal, which may take many frames; boards kept for many callers.
#include "server/commands/boards.h"
#include "tests/unit/commands_fixture.h"

enum { MANY = 150 }; // entries: more than two frames

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
    return_sheet(office, BA_DINH, 1, 1900);
    const Pb__HistoryReply *history = history_of(office, DONG_DA_HEAD, NULL, &cursor, &more);
    assert_int_equal(history->n_rows, 6);
    assert_int_equal(history->rows[0]->seq, handed);
    for (size_t i = 1; i < history->n_rows; i++) {
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
    struct board_key others[] = {key, key, key, key, key};
    Pb__Response response = PB__RESPONSE__INIT;
    struct boards *boards = boards_new();
    assert_non_null(boards);
    others[0].period += 256; // the same place
    others[1].unit += 256;
    others[2].seq++;
    others[3].column += 256;
    others[4].sight += 256;
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
        OFFICE_TEST(a_hand_in_stands_in_the_history),
        OFFICE_TEST(others_see_no_drafts_in_a_history),
        OFFICE_TEST(a_long_history_is_whole),
        OFFICE_TEST(the_history_of_a_line_is_whole),
        OFFICE_TEST(a_sheet_without_lines_has_no_history),
        OFFICE_TEST(the_journal_is_a_chain),
        OFFICE_TEST(the_journal_after_an_entry),
        OFFICE_TEST(one_encoding_serves_all_who_see_the_same),
        OFFICE_TEST(a_write_makes_a_new_board),
        cmocka_unit_test(boards_are_kept_by_all_that_decides_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
