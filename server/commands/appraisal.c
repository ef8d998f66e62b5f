// Appraisal: those who judge a sheet give it their points or give it back; its unit explains.
#include "server/commands/context.h"
#include "server/commands/lines.h"
#include "server/commands/sheet_after.h"
#include "server/rules/points.h"
#include "server/rules/ranking.h"

// ---- the judgement: of an appraisal and of its preview ----

static bool revision_fits(struct context *context, const Pb__AppraisedInput *input, size_t leaf,
                          const struct line *line) {
    if (!input->has_if_revision || input->if_revision == line->appraised_revision)
        return true;
    return problem(context->problems, REASON_APPRAISAL_MOVED,
                   arg_text("criterion", period_leaf(context->period, leaf)->code),
                   arg_number("revision", line->appraised_revision), arg_number("expected", input->if_revision));
}

// The unit's own points may always be confirmed: those that a formula has given may be off the step.
static bool points_fit(struct context *context, size_t leaf, int32_t points_cp) {
    return points_cp == context->sheet.self_cp[leaf] ||
           points_check(context->period, leaf, points_cp, context->problems);
}

static bool reason_fits(struct context *context, const Pb__Appraise *appraise, size_t leaf, int32_t points_cp) {
    int32_t own_cp = context->sheet.self_cp[leaf];
    if (appraise->reason || points_cp == own_cp)
        return true;
    return problem(context->problems, REASON_APPRAISAL_REASON,
                   arg_text("criterion", period_leaf(context->period, leaf)->code), arg_points("value", points_cp),
                   own_cp == POINTS_NONE ? arg_text("limit", "no points") : arg_points("limit", own_cp));
}

// One line of the event, and the sheet's appraised points changed to it.
static Pb__LineSet *judge_line(struct context *context, const Pb__Appraise *appraise, const Pb__AppraisedInput *input,
                               bool *given) {
    size_t leaf;
    struct line line = {0};
    if (!line_leaf_once(context, input->criterion, given, &leaf))
        return NULL;
    view_line(context->view, context->period->number, context->unit_number, leaf, &line);
    bool fits = points_fit(context, leaf, input->points_cp);
    fits = reason_fits(context, appraise, leaf, input->points_cp) && fits;
    fits = revision_fits(context, input, leaf, &line) && fits;
    CONTEXT_NEW(context, set, Pb__LineSet, pb__line_set__init);
    if (!set || !fits)
        return NULL;
    int32_t *standing_cp = &context->sheet.appraised.points_cp[leaf];
    set->has_leaf = set->has_points_cp = set->has_revision = true;
    set->leaf = (uint32_t)leaf;
    set->points_cp = input->points_cp;
    set->revision = line.appraised_revision + 1;
    set->has_replaces = line.appraised_seq != 0;
    set->replaces = line.appraised_seq;
    set->has_from_cp = *standing_cp != POINTS_NONE;
    set->from_cp = set->has_from_cp ? *standing_cp : 0;
    *standing_cp = input->points_cp;
    return set;
}

// All lines or none: goes through every line, so that one answer names all that is wrong. The context's sheet is then
// the judged one. NULL: refused.
static Pb__LinesAppraised *judge(struct context *context, const Pb__Appraise *appraise) {
    bool *given = CONTEXT_LIST(context, bool, context->period->n_leaves);
    CONTEXT_NEW(context, judged, Pb__LinesAppraised, pb__lines_appraised__init);
    if (!given || !judged || !(judged->lines = CONTEXT_LIST(context, Pb__LineSet *, appraise->n_lines)))
        return NULL;
    for (size_t i = 0; i < appraise->n_lines; i++) {
        Pb__LineSet *line = judge_line(context, appraise, appraise->lines[i], given);
        if (line)
            judged->lines[judged->n_lines++] = line;
    }
    if (judged->n_lines != appraise->n_lines || context->problems->count)
        return NULL;
    figures_settle(context->period, &context->sheet.appraised, context->sheet.deducted_cp);
    EVENT_ABOUT(context, judged);
    judged->reason = appraise->reason;
    return judged;
}

// ---- appraise ----

enum verdict appraisal_set(struct context *context, Pb__Event *event, uint64_t *known) {
    (void)known;
    Pb__LinesAppraised *judged = judge(context, context->request->appraise);
    if (!judged)
        return VERDICT_REFUSED;
    judged->after = context_after(context);
    event->body_case = PB__EVENT__BODY_LINES_APPRAISED;
    event->lines_appraised = judged;
    return VERDICT_EVENT;
}

static uint32_t count_pending(const struct period *period, int unit, const Pb__Figures *figures) {
    uint32_t pending = 0;
    for (size_t leaf = 0; unit >= 0 && leaf < figures->n_points_cp && leaf < period->n_leaves; leaf++)
        pending += line_pending(period, (size_t)unit, figures->points_cp, leaf);
    return pending;
}

void answer_lines_appraised(struct context *context, const Pb__Entry *entry, const uint8_t hash[JOURNAL_HASH],
                            bool replayed, Pb__Response *response) {
    (void)hash;
    const Pb__LinesAppraised *judged = entry->event->lines_appraised;
    const Pb__Figures *figures = judged->after->appraised;
    context->period = view_period(context->view, judged->period);
    CONTEXT_NEW(context, reply, Pb__AppraiseReply, pb__appraise_reply__init);
    if (!reply || !context->period || !figures ||
        !(reply->lines = line_replies(context, judged->lines, judged->n_lines)))
        return;
    REPLY_ABOUT(context, reply, entry, judged, replayed);
    reply->n_lines = judged->n_lines;
    reply->has_pending = true;
    reply->pending = count_pending(context->period, period_unit_by_number(context->period, judged->unit), figures);
    reply->has_total_cp = figures->has_total_cp;
    reply->total_cp = figures->total_cp;
    response->body_case = PB__RESPONSE__BODY_APPRAISE;
    response->appraise = reply;
}

// ---- preview ----

static bool stand(struct context *context, size_t unit, const struct figures *figures, struct standing *out) {
    size_t size = context->period->n_leaves * sizeof *figures->points_cp;
    *out = (struct standing){
        .unit = unit,
        .total_cp = figures->total_cp,
        .deduction_cp = figures->deduction_cp,
        .points_cp = arena_copy(context->arena, figures->points_cp, size),
    };
    return out->points_cp != NULL;
}

// The appraised column of every unit as it stands, in the period's order. NULL: a fault of the view or of memory.
static struct standing *stand_all(struct context *context) {
    const struct period *period = context->period;
    struct sheet sheet;
    struct standing *standings = CONTEXT_LIST(context, struct standing, period->n_units);
    for (size_t unit = 0; standings && unit < period->n_units; unit++)
        if (!view_sheet(context->view, period, period->unit_numbers[unit], &sheet) ||
            !stand(context, unit, &sheet.appraised, &standings[unit]))
            return NULL;
    return standings;
}

static void tell_before(Pb__PreviewRow *row, const struct standing *standing) {
    row->has_rank_before = row->has_total_before_cp = true;
    row->rank_before = standing->rank;
    row->total_before_cp = standing->total_cp;
}

static void tell_after(Pb__PreviewRow *row, const struct standing *standing) {
    row->has_rank_after = row->has_total_after_cp = true;
    row->rank_after = standing->rank;
    row->total_after_cp = standing->total_cp;
}

static void rank(struct context *context, Pb__PreviewReply *reply, struct standing *standings,
                 void (*tell)(Pb__PreviewRow *, const struct standing *)) {
    ranking_order(context->period, standings, reply->n_rows);
    for (size_t i = 0; i < reply->n_rows; i++)
        if (standings[i].total_cp != POINTS_NONE)
            tell(reply->rows[standings[i].unit], &standings[i]);
}

static bool name_rows(struct context *context, Pb__PreviewReply *reply) {
    const struct period *period = context->period;
    if (!(reply->rows = CONTEXT_LIST(context, Pb__PreviewRow *, period->n_units)))
        return false;
    for (size_t unit = 0; unit < period->n_units; unit++) {
        CONTEXT_NEW(context, row, Pb__PreviewRow, pb__preview_row__init);
        if (!row)
            return false;
        row->unit = period_unit(period, unit)->id;
        row->name = period_unit(period, unit)->name;
        reply->rows[reply->n_rows++] = row;
    }
    return true;
}

static bool fill_rows(struct context *context, Pb__PreviewReply *reply) {
    size_t unit = (size_t)context->unit, n_units = context->period->n_units;
    struct standing *before = stand_all(context);
    struct standing *after = CONTEXT_LIST(context, struct standing, n_units);
    if (!before || !after || !name_rows(context, reply))
        return false;
    for (size_t i = 0; i < n_units; i++)
        after[i] = before[i];
    if (!stand(context, unit, &context->sheet.appraised, &after[unit]))
        return false;
    rank(context, reply, before, tell_before);
    rank(context, reply, after, tell_after);
    return true;
}

static Pb__PreviewLine *preview_line(struct context *context, const Pb__LineSet *set) {
    int32_t self_cp = context->sheet.self_cp[set->leaf];
    CONTEXT_NEW(context, line, Pb__PreviewLine, pb__preview_line__init);
    if (!line)
        return NULL;
    line->criterion = period_leaf(context->period, set->leaf)->code;
    line->has_self_cp = self_cp != POINTS_NONE;
    line->self_cp = line->has_self_cp ? self_cp : 0;
    line->has_before_cp = set->has_from_cp;
    line->before_cp = set->from_cp;
    line->has_after_cp = true;
    line->after_cp = set->points_cp;
    return line;
}

static bool fill_lines(struct context *context, Pb__PreviewReply *reply, const Pb__LinesAppraised *judged) {
    if (!(reply->lines = CONTEXT_LIST(context, Pb__PreviewLine *, judged->n_lines)))
        return false;
    for (size_t i = 0; i < judged->n_lines; i++) {
        const Pb__LineSet *set = judged->lines[i];
        if (set->has_from_cp && set->from_cp == set->points_cp)
            continue;
        if (!(reply->lines[reply->n_lines] = preview_line(context, set)))
            return false;
        reply->n_lines++;
    }
    return true;
}

void appraisal_preview(struct context *context, struct cursor *cursor, Pb__Response *response) {
    (void)cursor;
    Pb__LinesAppraised *judged = judge(context, context->request->appraise_preview);
    CONTEXT_NEW(context, reply, Pb__PreviewReply, pb__preview_reply__init);
    if (!judged || !reply || !fill_lines(context, reply, judged) || !fill_rows(context, reply))
        return;
    reply->period = context->period->definition->id;
    reply->unit = period_unit(context->period, (size_t)context->unit)->id;
    reply->has_seq = true;
    reply->seq = context->row.seq;
    response->body_case = PB__RESPONSE__BODY_APPRAISE_PREVIEW;
    response->appraise_preview = reply;
}

// ---- explain ----

static bool is_appraised(struct context *context, size_t leaf) {
    return context->sheet.appraised.points_cp[leaf] != POINTS_NONE ||
           problem(context->problems, REASON_LINE_PENDING,
                   arg_text("criterion", period_leaf(context->period, leaf)->code),
                   arg_text("unit", context_unit_id(context, context->unit_number)));
}

enum verdict appraisal_explain(struct context *context, Pb__Event *event, uint64_t *known) {
    (void)known;
    const Pb__Explain *explain = context->request->explain;
    size_t leaf;
    struct line line = {0};
    CONTEXT_NEW(context, explained, Pb__LineExplained, pb__line_explained__init);
    if (!explained || !line_leaf(context, explain->criterion, &leaf) || !is_appraised(context, leaf))
        return VERDICT_REFUSED;
    view_line(context->view, context->period->number, context->unit_number, leaf, &line);
    EVENT_ABOUT(context, explained);
    explained->has_leaf = true;
    explained->leaf = (uint32_t)leaf;
    explained->text = explain->text;
    explained->has_replaces = line.explained_seq != 0;
    explained->replaces = line.explained_seq;
    explained->after = context_after(context);
    event->body_case = PB__EVENT__BODY_LINE_EXPLAINED;
    event->line_explained = explained;
    return VERDICT_EVENT;
}

void answer_line_explained(struct context *context, const Pb__Entry *entry, const uint8_t hash[JOURNAL_HASH],
                           bool replayed, Pb__Response *response) {
    (void)hash;
    const Pb__LineExplained *explained = entry->event->line_explained;
    context->period = view_period(context->view, explained->period);
    CONTEXT_NEW(context, reply, Pb__ExplainReply, pb__explain_reply__init);
    if (!reply || !context->period)
        return;
    REPLY_ABOUT(context, reply, entry, explained, replayed);
    reply->criterion = period_leaf(context->period, explained->leaf)->code;
    response->body_case = PB__RESPONSE__BODY_EXPLAIN;
    response->explain = reply;
}

// ---- return ----

enum verdict sheet_return(struct context *context, Pb__Event *event, uint64_t *known) {
    (void)known;
    CONTEXT_NEW(context, returned, Pb__SheetReturned, pb__sheet_returned__init);
    if (!returned)
        return VERDICT_REFUSED;
    EVENT_ABOUT(context, returned);
    returned->reason = context->request->return_sheet->reason;
    returned->after = context_after(context);
    event->body_case = PB__EVENT__BODY_SHEET_RETURNED;
    event->sheet_returned = returned;
    return VERDICT_EVENT;
}

void answer_sheet_returned(struct context *context, const Pb__Entry *entry, const uint8_t hash[JOURNAL_HASH],
                           bool replayed, Pb__Response *response) {
    (void)hash;
    const Pb__SheetReturned *returned = entry->event->sheet_returned;
    context->period = view_period(context->view, returned->period);
    CONTEXT_NEW(context, reply, Pb__SheetWriteReply, pb__sheet_write_reply__init);
    if (!reply || !context->period)
        return;
    REPLY_ABOUT(context, reply, entry, returned, replayed);
    reply->has_state = true;
    reply->state = returned->after->state;
    response->body_case = PB__RESPONSE__BODY_RETURN_SHEET;
    response->return_sheet = reply;
}
