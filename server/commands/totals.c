// The live board, and who has handed in what. Both show the same figures under the same three views.
#include <string.h>

#include "server/commands/boards.h"
#include "server/commands/context.h"
#include "server/rules/points.h"
#include "server/rules/ranking.h"

// One unit as the caller may see it.
struct seen {
    bool hidden; // its figures are not for the caller's eyes
    Pb__SheetState state;
    bool late;
    const int32_t *points_cp; // by leaf; NULL: the column has no points yet
    int32_t base_cp;          // POINTS_NONE: no line
    uint32_t scored, of;
};

static bool is_handed_in(Pb__SheetState state) {
    return state == PB__SHEET_STATE__SUBMITTED || state == PB__SHEET_STATE__APPRAISED ||
           state == PB__SHEET_STATE__EXPLAINED || state == PB__SHEET_STATE__FINAL;
}

static uint32_t count_scored(const struct period *period, size_t unit, const int32_t *points_cp) {
    uint32_t scored = 0;
    for (size_t leaf = 0; points_cp && leaf < period->n_leaves; leaf++)
        scored += points_cp[leaf] != POINTS_NONE && period_assigned(period, unit, leaf);
    return scored;
}

static const int32_t *keep_points(struct context *context, const int32_t *points_cp) {
    return arena_copy(context->arena, points_cp, context->period->n_leaves * sizeof *points_cp);
}

// The unit's row under the caller's sight; false for a fault of the view or of memory.
static bool see(struct context *context, size_t unit, Pb__Column column, struct seen *seen) {
    const struct period *period = context->period;
    struct sheet *sheet = &context->sheet;
    bool own = period->unit_numbers[unit] == context->actor->unit;
    *seen = (struct seen){.base_cp = POINTS_NONE};
    if (!view_sheet(context->view, period, period->unit_numbers[unit], sheet))
        return false;
    seen->state = sheet->state;
    seen->late = sheet->late;
    seen->hidden = context->sight == SIGHT_OWN && !own;
    if (seen->hidden)
        return true;
    bool current = context->sight != SIGHT_SUBMITTED;
    seen->of = (uint32_t)period_assigned_count(period, unit);
    if (column != PB__COLUMN__SELF)
        return true;
    seen->points_cp = keep_points(context, current ? sheet->self_cp : sheet->handed_cp);
    seen->base_cp = current ? sheet->self_total_cp : sheet->handed_total_cp;
    seen->scored = count_scored(period, unit, seen->points_cp);
    return seen->points_cp != NULL;
}

static struct seen *see_all(struct context *context, Pb__Column column) {
    struct seen *seen = CONTEXT_LIST(context, struct seen, context->period->n_units);
    for (size_t unit = 0; seen && unit < context->period->n_units; unit++)
        if (!see(context, unit, column, &seen[unit]))
            return NULL;
    return seen;
}

// ---- totals ----

static struct standing *rank(struct context *context, const struct seen *seen) {
    const struct period *period = context->period;
    struct standing *standings = CONTEXT_LIST(context, struct standing, period->n_units);
    if (!standings)
        return NULL;
    for (size_t unit = 0; unit < period->n_units; unit++) {
        int32_t base_cp = seen[unit].base_cp;
        standings[unit] = (struct standing){
            .unit = unit,
            .total_cp = base_cp == POINTS_NONE ? POINTS_NONE : points_total(period, base_cp, 0, 0),
            .points_cp = seen[unit].points_cp,
        };
    }
    ranking_order(period, standings, period->n_units);
    return standings;
}

static void fill_figures(const struct context *context, Pb__BoardRow *row, const struct standing *standing,
                         const struct seen *seen) {
    const struct period *period = context->period;
    row->has_scored = row->has_of = true;
    row->scored = seen->scored;
    row->of = seen->of;
    row->n_points_cp = seen->points_cp ? period->n_leaves : 0;
    row->points_cp = (int32_t *)(uintptr_t)seen->points_cp;
    if (standing->total_cp == POINTS_NONE)
        return;
    row->has_base_cp = row->has_bonus_cp = row->has_deduction_cp = row->has_total_cp = true;
    row->base_cp = seen->base_cp;
    row->total_cp = standing->total_cp;
    const Pb__ClassDefinition *class = ranking_class(period, standing->total_cp);
    row->class_ = class ? class->name : NULL;
    if (context->sight == SIGHT_OWN) // a rank would tell of the others
        return;
    row->has_rank = row->has_tied = true;
    row->rank = standing->rank;
    row->tied = standing->tied;
}

static Pb__BoardRow *board_row(struct context *context, const struct standing *standing, const struct seen *seen) {
    CONTEXT_NEW(context, row, Pb__BoardRow, pb__board_row__init);
    if (!row)
        return NULL;
    row->unit = period_unit(context->period, standing->unit)->id;
    row->name = period_unit(context->period, standing->unit)->name;
    row->has_sheet = true;
    row->sheet = seen->state;
    if (!seen->hidden)
        fill_figures(context, row, standing, seen);
    return row;
}

static bool fill_rows(struct context *context, Pb__Board *board, const struct seen *seen) {
    const struct period *period = context->period;
    struct standing *standings = rank(context, seen);
    if (!standings || !(board->rows = CONTEXT_LIST(context, Pb__BoardRow *, period->n_units)))
        return false;
    for (size_t i = 0; i < period->n_units; i++) {
        // Where ranks are hidden the order would tell them: rows then stand in the period's order.
        size_t at = context->sight == SIGHT_OWN ? standings[i].unit : i;
        board->rows[at] = board_row(context, &standings[i], &seen[standings[i].unit]);
        if (!board->rows[at])
            return false;
        board->units_submitted += is_handed_in(seen[standings[i].unit].state);
    }
    board->n_rows = period->n_units;
    return true;
}

static bool fill_criteria(struct context *context, Pb__Board *board) {
    if (!(board->criteria = CONTEXT_LIST(context, const char *, context->period->n_leaves)))
        return false;
    for (size_t leaf = 0; leaf < context->period->n_leaves; leaf++)
        board->criteria[board->n_criteria++] = period_leaf(context->period, leaf)->code;
    return true;
}

static Pb__Board *make_board(struct context *context, Pb__Column column) {
    const struct seen *seen = see_all(context, column);
    CONTEXT_NEW(context, board, Pb__Board, pb__board__init);
    if (!seen || !board || !fill_criteria(context, board) || !fill_rows(context, board, seen))
        return NULL;
    board->period = context->period->definition->id;
    board->has_state = board->has_column = board->has_seq = board->has_provisional = true;
    board->state = context->row.state;
    board->column = column;
    board->seq = context->row.seq;
    board->provisional = period_is_provisional(context->row.state);
    board->has_units_submitted = board->has_units = true;
    board->units = (uint32_t)context->period->n_units;
    return board;
}

void totals_show(struct context *context, struct cursor *cursor, Pb__Response *response) {
    (void)cursor;
    const Pb__TotalsQuery *query = context->request->totals;
    Pb__Column column = query->has_column ? query->column : PB__COLUMN__SELF;
    struct board_key key = {.period = context->period->number,
                            .seq = context->row.seq,
                            .column = (int)column,
                            .sight = (int)context->sight};
    key.unit = context->sight == SIGHT_OWN ? context->actor->unit : 0;
    context->shared = boards_find(context->boards, &key);
    if (context->shared)
        return;
    Pb__Board *board = make_board(context, column);
    if (!board || view_fault(context->view))
        return;
    response->body_case = PB__RESPONSE__BODY_TOTALS;
    response->totals = board;
    context->shared = boards_keep(context->boards, &key, response);
}

// ---- status ----

static bool fill_missing(struct context *context, Pb__StatusRow *row, size_t unit, const struct seen *seen) {
    const struct period *period = context->period;
    if (!(row->missing = CONTEXT_LIST(context, const char *, period->n_leaves)))
        return false;
    for (size_t leaf = 0; leaf < period->n_leaves; leaf++)
        if (seen->points_cp[leaf] == POINTS_NONE && period_assigned(period, unit, leaf))
            row->missing[row->n_missing++] = period_leaf(period, leaf)->code;
    return true;
}

static Pb__StatusRow *status_row(struct context *context, size_t unit, const struct seen *seen) {
    CONTEXT_NEW(context, row, Pb__StatusRow, pb__status_row__init);
    if (!row)
        return NULL;
    row->unit = period_unit(context->period, unit)->id;
    row->name = period_unit(context->period, unit)->name;
    row->has_sheet = row->has_late = row->has_hidden = true;
    row->sheet = seen->state;
    row->late = seen->late;
    row->hidden = seen->hidden;
    if (seen->hidden)
        return row;
    row->has_scored = row->has_of = row->has_appraised = true;
    row->scored = seen->scored;
    row->of = seen->of;
    return fill_missing(context, row, unit, seen) ? row : NULL;
}

void status_show(struct context *context, struct cursor *cursor, Pb__Response *response) {
    (void)cursor;
    const struct period *period = context->period;
    const struct seen *seen = see_all(context, PB__COLUMN__SELF);
    CONTEXT_NEW(context, reply, Pb__StatusReply, pb__status_reply__init);
    if (!seen || !reply || !(reply->rows = CONTEXT_LIST(context, Pb__StatusRow *, period->n_units)))
        return;
    reply->period = period->definition->id;
    reply->has_seq = reply->has_complete = reply->complete = true;
    reply->seq = context->row.seq;
    for (size_t unit = 0; unit < period->n_units; unit++) {
        if (!(reply->rows[unit] = status_row(context, unit, &seen[unit])))
            return;
        reply->n_rows++;
        reply->complete = reply->complete && is_handed_in(seen[unit].state);
    }
    response->body_case = PB__RESPONSE__BODY_STATUS_ROWS;
    response->status_rows = reply;
}
