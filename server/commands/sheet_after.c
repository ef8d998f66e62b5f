#include "server/commands/sheet_after.h"

#include <string.h>

static bool copy_points(struct context *context, const int32_t *points_cp, size_t count, size_t *n, int32_t **out) {
    *out = CONTEXT_LIST(context, int32_t, count);
    if (!*out)
        return false;
    memcpy(*out, points_cp, count * sizeof *points_cp);
    *n = count;
    return true;
}

static bool any_deduction(const struct sheet *sheet) {
    for (size_t leaf = 0; leaf < sheet->n_leaves; leaf++)
        if (sheet->deducted_cp[leaf])
            return true;
    return false;
}

static bool has_figures(const struct figures *figures) {
    return figures->base_cp != POINTS_NONE || figures->bonus_cp != 0;
}

Pb__Figures *figures_reply(struct context *context, const struct figures *figures) {
    if (!has_figures(figures))
        return NULL;
    CONTEXT_NEW(context, out, Pb__Figures, pb__figures__init);
    if (!out)
        return NULL;
    out->has_bonus_cp = out->has_deduction_cp = true;
    out->bonus_cp = figures->bonus_cp;
    out->deduction_cp = figures->deduction_cp;
    out->has_base_cp = out->has_total_cp = figures->base_cp != POINTS_NONE;
    out->base_cp = out->has_base_cp ? figures->base_cp : 0;
    out->total_cp = out->has_total_cp ? figures->total_cp : 0;
    return out;
}

Pb__Figures *figures_stated(struct context *context, const Pb__Figures *figures) {
    Pb__Figures *out = figures ? context_alloc(context, sizeof *out) : NULL;
    if (!out)
        return NULL;
    *out = *figures;
    out->n_points_cp = 0;
    out->points_cp = NULL;
    return out;
}

// True with *out NULL: the column has no figures.
static bool add_figures(struct context *context, const struct figures *figures, size_t n_leaves, Pb__Figures **out) {
    *out = figures_reply(context, figures);
    if (!*out)
        return !has_figures(figures);
    return copy_points(context, figures->points_cp, n_leaves, &(*out)->n_points_cp, &(*out)->points_cp);
}

static bool add_judgement(struct context *context, const struct sheet *sheet, Pb__SheetAfter *after) {
    if (any_deduction(sheet) &&
        !copy_points(context, sheet->deducted_cp, sheet->n_leaves, &after->n_deducted_cp, &after->deducted_cp))
        return false;
    return add_figures(context, &sheet->appraised, sheet->n_leaves, &after->appraised) &&
           add_figures(context, &sheet->final, sheet->n_leaves, &after->final);
}

Pb__SheetAfter *sheet_after(struct context *context, const struct sheet *sheet) {
    CONTEXT_NEW(context, after, Pb__SheetAfter, pb__sheet_after__init);
    if (!after || !copy_points(context, sheet->self_cp, sheet->n_leaves, &after->n_self_cp, &after->self_cp) ||
        !add_judgement(context, sheet, after))
        return NULL;
    after->has_replaces = sheet->seq != 0;
    after->replaces = sheet->seq;
    after->has_state = after->has_sheet_revision = after->has_self_total_cp = true;
    after->state = sheet->state;
    after->sheet_revision = sheet->sheet_revision;
    after->self_total_cp = sheet->self_total_cp;
    after->has_handed_seq = sheet->handed_seq != 0;
    after->handed_seq = sheet->handed_seq;
    return after;
}
