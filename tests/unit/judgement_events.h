// Events of deadlines of single units, appraisal and what follows it, each as a handler would state it.
#ifndef THIDUA_TESTS_JUDGEMENT_EVENTS_H
#define THIDUA_TESTS_JUDGEMENT_EVENTS_H

#include "server/rules/final_board.h"
#include "tests/unit/event_fixture.h"

// Declares `event` with a body of the kind, about the unit.
#define UNIT_EVENT(CASE, type, member, init)                                                                           \
    Pb__Event event = PB__EVENT__INIT;                                                                                 \
    type *body = made(world, sizeof *body);                                                                            \
    init(body);                                                                                                        \
    body->has_period = body->has_unit = true;                                                                          \
    body->period = period;                                                                                             \
    body->unit = unit;                                                                                                 \
    event.body_case = PB__EVENT__BODY_##CASE;                                                                          \
    event.member = body

// The sheet in another state, its appraised column settled.
static inline Pb__SheetAfter *after_in(struct world *world, uint32_t period, struct sheet *sheet,
                                       Pb__SheetState state) {
    sheet->state = state;
    figures_settle(period_now(world, period), &sheet->appraised, sheet->deducted_cp);
    return after_of(world, sheet);
}

static inline Pb__Event unit_extended(struct world *world, uint32_t period, uint32_t unit, int64_t until_ms) {
    UNIT_EVENT(EXTENDED, Pb__Extended, extended, pb__extended__init);
    struct sheet sheet = sheet_now(world, period, unit);
    body->has_until_ms = true;
    body->until_ms = until_ms;
    body->reason = "bão số 3";
    body->after = after_of(world, &sheet);
    return event;
}

static inline Pb__Event unit_deadline_passed(struct world *world, uint32_t period, uint32_t unit) {
    UNIT_EVENT(DEADLINE_PASSED, Pb__DeadlinePassed, deadline_passed, pb__deadline_passed__init);
    struct sheet sheet = sheet_now(world, period, unit);
    body->has_deadline_ms = true;
    body->deadline_ms = sheet.until_ms;
    body->after = after_of(world, &sheet);
    return event;
}

static inline Pb__LineSet *appraised_line(struct world *world, uint32_t period, uint32_t unit, uint32_t leaf,
                                          int32_t points_cp, struct sheet *sheet) {
    Pb__LineSet *set = made(world, sizeof *set);
    struct line line = {0};
    pb__line_set__init(set);
    view_line(ledger_view(world->ledger), period, unit, leaf, &line);
    set->has_leaf = set->has_points_cp = set->has_revision = true;
    set->leaf = leaf;
    set->points_cp = points_cp;
    set->revision = line.appraised_revision + 1;
    set->has_replaces = line.appraised_seq != 0;
    set->replaces = line.appraised_seq;
    set->has_from_cp = sheet->appraised.points_cp[leaf] != POINTS_NONE;
    set->from_cp = set->has_from_cp ? sheet->appraised.points_cp[leaf] : 0;
    sheet->appraised.points_cp[leaf] = points_cp;
    return set;
}

// Leaves 0, 1, … `count` - 1 with their points.
static inline Pb__Event lines_appraised(struct world *world, uint32_t period, uint32_t unit, size_t count,
                                        const int32_t *points_cp) {
    UNIT_EVENT(LINES_APPRAISED, Pb__LinesAppraised, lines_appraised, pb__lines_appraised__init);
    struct sheet sheet = sheet_now(world, period, unit);
    body->lines = made(world, (count + 1) * sizeof(Pb__LineSet *));
    for (; body->n_lines < count; body->n_lines++)
        body->lines[body->n_lines] =
            appraised_line(world, period, unit, (uint32_t)body->n_lines, points_cp[body->n_lines], &sheet);
    body->reason = "thiếu minh chứng";
    body->after = after_in(world, period, &sheet, PB__SHEET_STATE__APPRAISED);
    return event;
}

// A bonus where the leaf is negative.
static inline Pb__Event sheet_adjusted(struct world *world, uint32_t period, uint32_t unit, int leaf,
                                       int32_t points_cp) {
    UNIT_EVENT(ADJUSTED, Pb__Adjusted, adjusted, pb__adjusted__init);
    struct sheet sheet = sheet_now(world, period, unit);
    body->has_leaf = leaf >= 0;
    body->leaf = leaf >= 0 ? (uint32_t)leaf : 0;
    body->has_points_cp = true;
    body->points_cp = points_cp;
    body->reason = "nộp báo cáo chậm";
    body->has_replaces = sheet.adjusted_seq != 0;
    body->replaces = sheet.adjusted_seq;
    *(leaf >= 0 ? &sheet.deducted_cp[leaf] : &sheet.appraised.bonus_cp) += points_cp;
    body->after = after_in(world, period, &sheet,
                           sheet.state == PB__SHEET_STATE__FINAL ? PB__SHEET_STATE__APPRAISED : sheet.state);
    return event;
}

static inline Pb__Event sheet_returned(struct world *world, uint32_t period, uint32_t unit) {
    UNIT_EVENT(SHEET_RETURNED, Pb__SheetReturned, sheet_returned, pb__sheet_returned__init);
    struct sheet sheet = sheet_now(world, period, unit);
    body->reason = "TC2 chưa có số liệu";
    body->after = after_in(world, period, &sheet, PB__SHEET_STATE__RETURNED);
    return event;
}

static inline Pb__Event line_explained(struct world *world, uint32_t period, uint32_t unit, uint32_t leaf) {
    UNIT_EVENT(LINE_EXPLAINED, Pb__LineExplained, line_explained, pb__line_explained__init);
    struct sheet sheet = sheet_now(world, period, unit);
    struct line line = {0};
    view_line(ledger_view(world->ledger), period, unit, leaf, &line);
    body->has_leaf = true;
    body->leaf = leaf;
    body->text = "số liệu đã bổ sung";
    body->has_replaces = line.explained_seq != 0;
    body->replaces = line.explained_seq;
    body->after = after_in(world, period, &sheet, PB__SHEET_STATE__EXPLAINED);
    return event;
}

static inline Pb__Event sheets_finalized(struct world *world, uint32_t period, size_t count, const uint32_t *units) {
    Pb__Event event = PB__EVENT__INIT;
    Pb__SheetsFinalized *body = made(world, sizeof *body);
    pb__sheets_finalized__init(body);
    body->has_period = true;
    body->period = period;
    body->sheets = made(world, (count + 1) * sizeof(Pb__FinalizedSheet *));
    for (size_t i = 0; i < count; i++) {
        Pb__FinalizedSheet *finalized = made(world, sizeof *finalized);
        struct sheet sheet = sheet_now(world, period, units[i]);
        pb__finalized_sheet__init(finalized);
        sheet.final = sheet.appraised;
        finalized->has_unit = true;
        finalized->unit = units[i];
        finalized->after = after_in(world, period, &sheet, PB__SHEET_STATE__FINAL);
        body->sheets[body->n_sheets++] = finalized;
    }
    event.body_case = PB__EVENT__BODY_SHEETS_FINALIZED;
    event.sheets_finalized = body;
    return event;
}

static inline Pb__Event unit_held(struct world *world, uint32_t period, uint32_t unit, bool lift) {
    UNIT_EVENT(HELD, Pb__Held, held, pb__held__init);
    struct sheet sheet = sheet_now(world, period, unit);
    body->reason = "đang thanh tra";
    body->has_lift = lift;
    body->lift = lift;
    body->after = after_of(world, &sheet);
    return event;
}

static inline Pb__Event unit_nominated(struct world *world, uint32_t period, uint32_t unit) {
    UNIT_EVENT(NOMINATED, Pb__Nominated, nominated, pb__nominated__init);
    struct sheet sheet = sheet_now(world, period, unit);
    body->award = "Cờ thi đua";
    body->has_replaces = sheet.nominated_seq != 0;
    body->replaces = sheet.nominated_seq;
    body->after = after_of(world, &sheet);
    return event;
}

// The hash of the final columns as they stand.
static inline ProtobufCBinaryData board_now(struct world *world, uint32_t number) {
    const struct period *period = period_now(world, number);
    struct figures *figures = made(world, (period->n_units + 1) * sizeof *figures);
    const struct figures **list = made(world, (period->n_units + 1) * sizeof *list);
    ProtobufCBinaryData hash = bytes_of(world, 0, BOARD_HASH);
    for (size_t i = 0; i < period->n_units; i++) {
        struct sheet sheet = sheet_now(world, number, period->unit_numbers[i]);
        figures[i] = sheet.final;
        list[i] = &figures[i];
    }
    assert_true(final_board_hash(period, list, hash.data));
    return hash;
}

static inline Pb__Event period_locked(struct world *world, uint32_t period, Pb__PeriodState from) {
    Pb__Event event = period_advanced(world, period, from, PB__PERIOD_STATE__LOCKED);
    event.period_advanced->has_board_hash = true;
    event.period_advanced->board_hash = board_now(world, period);
    return event;
}

// Scores leaves 0 to 2 with the points, 10 less each from leaf to leaf, and hands in: four entries.
static inline void hand_in(struct world *world, uint32_t period, uint32_t unit, int32_t points_cp, bool late) {
    for (uint32_t leaf = 0; leaf < 3; leaf++)
        applied(world, score_set(world, period, unit, leaf, points_cp - 10 * (int32_t)leaf));
    applied(world, sheet_submitted(world, period, unit, late));
}

#endif
