// Who has handed in what, and what is said of each unit beside its points.
#include "server/commands/said.h"
#include "server/commands/seen.h"
#include "server/commands/walk.h"
#include "server/rules/points.h"

static bool fill_missing(struct context *context, Pb__StatusRow *row, size_t unit, const struct seen *seen) {
    const struct period *period = context->period;
    if (!(row->missing = CONTEXT_LIST(context, const char *, period->n_leaves)))
        return false;
    for (size_t leaf = 0; leaf < period->n_leaves; leaf++)
        if (seen->points_cp[leaf] == POINTS_NONE && period_assigned(period, unit, leaf))
            row->missing[row->n_missing++] = period_leaf(period, leaf)->code;
    return true;
}

static bool fill_figures(struct walk *walk, Pb__StatusRow *row, size_t unit, const struct seen *seen) {
    struct context *context = walk->context;
    const struct sheet *sheet = &context->sheet;
    row->has_scored = row->has_of = row->has_appraised = row->has_held = true;
    row->scored = seen->scored;
    row->of = seen->of;
    row->appraised = count_points(context->period, unit, sheet->appraised.points_cp);
    row->held = sheet->held_seq != 0;
    row->has_late_ms = sheet->late;
    row->late_ms = sheet->late_ms;
    row->has_until_ms = sheet->until_ms != 0;
    row->until_ms = sheet->until_ms;
    return fill_missing(context, row, unit, seen) &&
           awards_of(walk, sheet->nominated_seq, &row->n_awards, &row->awards);
}

// The own row shows what stands, and not what was handed in: nobody else gets this answer.
static bool see_row(struct context *context, size_t unit, struct seen *seen) {
    enum sight sight = context->sight;
    if (context->period->unit_numbers[unit] == context->actor->unit)
        context->sight = SIGHT_OWN;
    bool done = see(context, unit, &context->sheet, PB__COLUMN__SELF, seen);
    context->sight = sight;
    return done;
}

static Pb__StatusRow *status_row(struct walk *walk, size_t unit) {
    struct context *context = walk->context;
    const struct period *period = context->period;
    struct seen seen;
    CONTEXT_NEW(context, row, Pb__StatusRow, pb__status_row__init);
    if (!row || !view_sheet(context->view, period, period->unit_numbers[unit], &context->sheet) ||
        !see_row(context, unit, &seen))
        return NULL;
    row->unit = period_unit(period, unit)->id;
    row->name = period_unit(period, unit)->name;
    row->has_sheet = row->has_late = row->has_hidden = true;
    row->sheet = seen.state;
    row->late = context->sheet.late;
    row->hidden = seen.hidden;
    return seen.hidden || fill_figures(walk, row, unit, &seen) ? row : NULL;
}

static Pb__StatusReply *status_reply(struct walk *walk) {
    struct context *context = walk->context;
    const struct period *period = context->period;
    CONTEXT_NEW(context, reply, Pb__StatusReply, pb__status_reply__init);
    if (!reply || !(reply->rows = CONTEXT_LIST(context, Pb__StatusRow *, period->n_units)))
        return NULL;
    reply->period = period->definition->id;
    reply->has_seq = reply->has_complete = reply->complete = true;
    reply->seq = context->row.seq;
    for (size_t unit = 0; unit < period->n_units; unit++) {
        if (!(reply->rows[unit] = status_row(walk, unit)))
            return NULL;
        reply->n_rows++;
        reply->complete = reply->complete && sheet_stands_handed_in(&context->sheet);
    }
    return reply;
}

void status_show(struct context *context, struct cursor *cursor, Pb__Response *response) {
    (void)cursor;
    struct walk walk;
    Pb__StatusReply *reply = walk_begin(&walk, context, WALK_ENTRIES) ? status_reply(&walk) : NULL;
    walk_end(&walk);
    if (!reply)
        return;
    response->body_case = PB__RESPONSE__BODY_STATUS_ROWS;
    response->status_rows = reply;
}
