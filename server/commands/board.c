#include "server/commands/board.h"

#include "server/rules/points.h"
#include "server/rules/ranking.h"

static struct standing *rank(struct context *context, const struct seen *seen) {
    const struct period *period = context->period;
    struct standing *standings = CONTEXT_LIST(context, struct standing, period->n_units);
    if (!standings)
        return NULL;
    for (size_t unit = 0; unit < period->n_units; unit++)
        standings[unit] = (struct standing){.unit = unit,
                                            .total_cp = seen[unit].total_cp,
                                            .deduction_cp = seen[unit].deduction_cp,
                                            .points_cp = seen[unit].points_cp};
    ranking_order(period, standings, period->n_units);
    return standings;
}

// ---- rows ----

static void fill_total(const struct context *context, Pb__BoardRow *row, const struct standing *standing,
                       const struct seen *seen) {
    row->has_base_cp = row->has_total_cp = true;
    row->base_cp = seen->base_cp;
    row->total_cp = seen->total_cp;
    const Pb__ClassDefinition *class = ranking_class(context->period, seen->total_cp);
    row->class_ = class ? class->name : NULL;
    if (context->sight == SIGHT_OWN) // a rank would tell of the others
        return;
    row->has_rank = row->has_tied = true;
    row->rank = standing->rank;
    row->tied = standing->tied;
}

static void fill_figures(const struct context *context, Pb__BoardRow *row, const struct standing *standing,
                         const struct seen *seen) {
    row->has_scored = row->has_of = true;
    row->scored = seen->scored;
    row->of = seen->of;
    row->has_max_cp = true;
    row->max_cp = points_most(context->period, standing->unit);
    row->n_points_cp = context->period->n_leaves;
    row->points_cp = (int32_t *)(uintptr_t)seen->points_cp;
    row->has_bonus_cp = row->has_deduction_cp = seen->total_cp != POINTS_NONE || seen->bonus_cp != 0;
    row->bonus_cp = seen->bonus_cp;
    row->deduction_cp = seen->deduction_cp;
    if (seen->total_cp != POINTS_NONE)
        fill_total(context, row, standing, seen);
}

static Pb__BoardRow *board_row(struct context *context, const struct standing *standing, const struct seen *seen) {
    CONTEXT_NEW(context, row, Pb__BoardRow, pb__board_row__init);
    if (!row)
        return NULL;
    row->unit = period_unit(context->period, standing->unit)->id;
    row->name = period_unit(context->period, standing->unit)->name;
    row->has_place = row->has_sheet = true;
    row->place = (uint32_t)standing->unit;
    row->sheet = seen->state;
    if (!seen->hidden)
        fill_figures(context, row, standing, seen);
    return row;
}

Pb__BoardRow *board_row_unranked(struct context *context, size_t unit, Pb__Column column) {
    struct seen seen;
    if (!view_sheet(context->view, context->period, context->period->unit_numbers[unit], &context->sheet) ||
        !see(context, unit, &context->sheet, column, &seen))
        return NULL;
    return board_row(context, &(struct standing){.unit = unit}, &seen);
}

static const char *what_sets_apart(const struct period *period, const struct distance *distance) {
    return distance->by == APART_BY_TOTAL ? "total" : period->definition->tie_breaks[distance->tie_break];
}

static int32_t narrow(int64_t points_cp) {
    return points_cp > INT32_MAX ? INT32_MAX : (int32_t)points_cp;
}

// Why the standing is where it is: what sets it apart from the one above it.
static Pb__Why *why(struct context *context, const struct standing *standing, const struct standing *above) {
    struct distance distance = ranking_distance(context->period, standing, above);
    CONTEXT_NEW(context, why, Pb__Why, pb__why__init);
    if (!why)
        return NULL;
    why->above = period_unit(context->period, above->unit)->id;
    if (distance.by == APART_BY_NOTHING)
        return why;
    why->by = what_sets_apart(context->period, &distance);
    why->has_own_cp = distance.own_cp != POINTS_NONE;
    why->own_cp = narrow(distance.own_cp);
    why->has_above_cp = distance.above_cp != POINTS_NONE;
    why->above_cp = narrow(distance.above_cp);
    return why;
}

static bool add_reasons(struct context *context, Pb__Board *board, const struct standing *standings) {
    for (size_t i = 1; i < board->n_rows && standings[i].rank != 0; i++)
        if (!(board->rows[i]->why = why(context, &standings[i], &standings[i - 1])))
            return false;
    return true;
}

static bool fill_rows(struct context *context, Pb__Board *board, const struct seen *seen, bool explain) {
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
        board->units_submitted += seen[standings[i].unit].handed_in;
    }
    board->n_rows = period->n_units;
    return !explain || context->sight == SIGHT_OWN || add_reasons(context, board, standings);
}

// ---- the board ----

static bool fill_criteria(struct context *context, Pb__Board *board) {
    if (!(board->criteria = CONTEXT_LIST(context, const char *, context->period->n_leaves)))
        return false;
    for (size_t leaf = 0; leaf < context->period->n_leaves; leaf++)
        board->criteria[board->n_criteria++] = period_leaf(context->period, leaf)->code;
    return true;
}

static bool fill_moment(struct walk *walk, Pb__Board *board, uint64_t seq) {
    const Pb__Entry *entry = walk_to(walk, seq);
    board->has_seq = board->has_time_ms = true;
    board->seq = seq;
    board->time_ms = entry ? entry->time_ms : 0;
    return entry != NULL;
}

static void fill_state(const struct context *context, Pb__Board *board) {
    const struct period_row *row = &context->row;
    const Pb__PeriodDefinition *definition = context->period->definition;
    board->period = definition->id;
    board->has_state = board->has_provisional = true;
    board->state = row->state;
    board->provisional = period_is_provisional(row->state);
    board->n_tie_breaks = definition->n_tie_breaks;
    board->tie_breaks = definition->tie_breaks;
    board->has_board_hash = row->state == PB__PERIOD_STATE__LOCKED && board->column == PB__COLUMN__COLUMN_FINAL;
    if (board->has_board_hash)
        board->board_hash = (ProtobufCBinaryData){sizeof row->board_hash, (uint8_t *)(uintptr_t)row->board_hash};
}

Pb__Board *board_make(struct walk *walk, Pb__Column column, uint64_t seq, const struct seen *seen, bool explain) {
    struct context *context = walk->context;
    CONTEXT_NEW(context, board, Pb__Board, pb__board__init);
    if (!seen || !board || !fill_criteria(context, board) || !fill_rows(context, board, seen, explain) ||
        !fill_moment(walk, board, seq))
        return NULL;
    board->has_column = true;
    board->column = column;
    fill_state(context, board);
    board->has_units_submitted = board->has_units = true;
    board->units = (uint32_t)context->period->n_units;
    return board;
}
