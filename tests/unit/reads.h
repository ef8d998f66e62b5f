// Reads that take several turns of the loop, in the office of commands_fixture.h; and questions about boards.
#ifndef THIDUA_TESTS_READS_H
#define THIDUA_TESTS_READS_H

#include "tests/unit/judgement_fixture.h"

// One turn of a read: where answer.again is set there is no response yet. What is shared is the caller's to release.
static inline struct read_answer read_turn(struct office *office, enum who who, Pb__Request request,
                                           struct cursor *cursor) {
    const struct live_numbers live = {.unsettled_ms = office->unsettled_ms};
    const char *reason;
    settle_writing(office);
    const struct view *view = ledger_read_begin(office->reader);
    assert_non_null(view);
    struct read_answer answer = command_read(office->commands, view, &office->people[who], office->now_ms, &live,
                                             through_the_door(office, &request), cursor, office->world.arena, &reason);
    assert_non_null(answer.response);
    assert_false(answer.again && (answer.shared || reason || answer.response->body_case));
    if (answer.shared)
        answer.response = message_unpack_response(office->world.arena, answer.shared->bytes, answer.shared->size);
    if (!answer.again)
        answer.response = (Pb__Response *)(uintptr_t)over_the_wire(office, answer.response);
    ledger_read_end(office->reader);
    return answer;
}

// The next frame of the answer; *turns counts those that it has taken.
static inline const Pb__Response *read_next(struct office *office, enum who who, Pb__Request request,
                                            struct cursor *cursor, unsigned *turns) {
    for (;; assert_true(*turns < 1000)) {
        struct read_answer answer = read_turn(office, who, request, cursor);
        ++*turns;
        shared_bytes_release(answer.shared);
        if (!answer.again)
            return answer.response;
    }
}

static inline const Pb__Response *read_patiently(struct office *office, enum who who, Pb__Request request) {
    struct cursor cursor = {0};
    unsigned turns = 0;
    const Pb__Response *response = read_next(office, who, request, &cursor, &turns);
    cursor_release(&cursor);
    return response;
}

// ---- boards ----

static inline Pb__TotalsQuery board_in(Pb__Column column) {
    Pb__TotalsQuery query = PB__TOTALS_QUERY__INIT;
    query.period = "hn-cum-1-2022";
    query.has_column = query.has_explain = query.explain = true;
    query.column = column;
    return query;
}

static inline Pb__TotalsQuery board_at(Pb__Column column, uint64_t seq) {
    Pb__TotalsQuery query = board_in(column);
    query.has_at_seq = true;
    query.at_seq = seq;
    return query;
}

static inline const Pb__Board *ask_board(struct office *office, enum who who, Pb__TotalsQuery query) {
    const Pb__Response *response = read_patiently(office, who, ASK(TOTALS, &query));
    assert_ok(response);
    return response->totals;
}

static inline const Pb__BoardRow *row_of(const Pb__Board *board, const char *unit) {
    for (size_t i = 0; i < board->n_rows; i++)
        if (strcmp(board->rows[i]->unit, unit) == 0)
            return board->rows[i];
    fail_msg("no row of %s", unit);
    return NULL;
}

// POINTS_NONE: it has no total.
static inline int32_t total_of(const Pb__Board *board, const char *unit) {
    const Pb__BoardRow *row = row_of(board, unit);
    return row->has_total_cp ? row->total_cp : POINTS_NONE;
}

#define SELF      PB__COLUMN__SELF
#define APPRAISED PB__COLUMN__COLUMN_APPRAISED
#define FINAL     PB__COLUMN__COLUMN_FINAL

#endif
