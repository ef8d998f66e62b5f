#include "server/commands/seen.h"

#include "server/rules/points.h"

uint32_t count_points(const struct period *period, size_t unit, const int32_t *points_cp) {
    uint32_t count = 0;
    for (size_t leaf = 0; leaf < period->n_leaves; leaf++)
        count += points_cp[leaf] != POINTS_NONE && period_assigned(period, unit, leaf);
    return count;
}

bool sheet_stands_handed_in(const struct sheet *sheet) {
    return sheet->handed_seq != 0 && sheet_is_handed_in(sheet->state);
}

static const int32_t *own_points(const struct context *context, const struct sheet *sheet, struct seen *seen) {
    bool handed = context->sight == SIGHT_SUBMITTED;
    seen->base_cp = handed ? sheet->handed_total_cp : sheet->self_total_cp;
    seen->total_cp = points_total(context->period, seen->base_cp, 0, 0);
    return handed ? sheet->handed_cp : sheet->self_cp;
}

static const int32_t *judged_points(const struct figures *figures, struct seen *seen) {
    seen->base_cp = figures->base_cp;
    seen->bonus_cp = figures->bonus_cp;
    seen->deduction_cp = figures->deduction_cp;
    seen->total_cp = figures->total_cp;
    return figures->points_cp;
}

static const int32_t *column_points(const struct context *context, const struct sheet *sheet, Pb__Column column,
                                    struct seen *seen) {
    switch (column) {
    case PB__COLUMN__COLUMN_APPRAISED:
        return judged_points(&sheet->appraised, seen);
    case PB__COLUMN__COLUMN_FINAL:
        return judged_points(&sheet->final, seen);
    case PB__COLUMN__SELF:
    default:
        return own_points(context, sheet, seen);
    }
}

bool see(struct context *context, size_t unit, const struct sheet *sheet, Pb__Column column, struct seen *seen) {
    const struct period *period = context->period;
    *seen = (struct seen){.state = sheet->state,
                          .handed_in = sheet_stands_handed_in(sheet),
                          .base_cp = POINTS_NONE,
                          .total_cp = POINTS_NONE};
    seen->hidden = context->sight == SIGHT_OWN && period->unit_numbers[unit] != context->actor->unit;
    if (seen->hidden)
        return true;
    const int32_t *points_cp = column_points(context, sheet, column, seen);
    seen->of = (uint32_t)period_assigned_count(period, unit);
    seen->scored = count_points(period, unit, points_cp);
    seen->points_cp = arena_copy(context->arena, points_cp, period->n_leaves * sizeof *points_cp);
    return seen->points_cp != NULL;
}

struct seen *see_all(struct context *context, Pb__Column column) {
    const struct period *period = context->period;
    struct seen *seen = CONTEXT_LIST(context, struct seen, period->n_units);
    for (size_t unit = 0; seen && unit < period->n_units; unit++)
        if (!view_sheet(context->view, period, period->unit_numbers[unit], &context->sheet) ||
            !see(context, unit, &context->sheet, column, &seen[unit]))
            return NULL;
    return seen;
}
