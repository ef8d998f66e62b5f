// Scores: a unit records its own points, and hands in its sheet.
#include <string.h>

#include "proto/formula.h"
#include "server/commands/context.h"
#include "server/commands/deadlines.h"
#include "server/commands/lines.h"
#include "server/commands/sheet_after.h"
#include "server/rules/points.h"

// A deadline judges the first hand-in only: who has handed in before is as late as it was then.
static bool was_handed_in(const struct context *context) {
    return context->sheet.handed_seq != 0;
}

static bool in_time(struct context *context) {
    const Pb__PeriodDefinition *definition = context->period->definition;
    struct deadline deadline = deadline_of(context->period, &context->row, &context->sheet);
    if (!deadline.passed || !definition->hard_close || was_handed_in(context))
        return true;
    return problem(context->problems, REASON_DEADLINE_PASSED, arg_text("period", definition->id),
                   arg_text("unit", context_unit_id(context, context->unit_number)), arg_time("time", deadline.at_ms));
}

static bool is_late(const struct context *context) {
    return was_handed_in(context) ? context->sheet.late
                                  : deadline_of(context->period, &context->row, &context->sheet).passed;
}

// By the clock, which may have gone back since the deadline's entry.
static int64_t how_late_ms(const struct context *context) {
    int64_t since_ms = context->now_ms - deadline_of(context->period, &context->row, &context->sheet).at_ms;
    if (was_handed_in(context))
        return context->sheet.late_ms;
    return since_ms > 0 ? since_ms : 0;
}

// ---- score ----

static bool revision_fits(struct context *context, const Pb__LineInput *input, size_t leaf, const struct line *line) {
    if (!input->has_if_revision || input->if_revision == line->revision)
        return true;
    return problem(context->problems, REASON_REVISION_MOVED,
                   arg_text("criterion", period_leaf(context->period, leaf)->code),
                   arg_number("revision", line->revision),
                   line->revision ? arg_points("value", line->points_cp) : arg_text("value", "no points"),
                   arg_number("expected", input->if_revision));
}

// The points that the input stands for; POINTS_NONE with a problem.
static int32_t points_of(struct context *context, const Pb__LineInput *input, size_t leaf) {
    const Pb__CriterionDefinition *criterion = period_leaf(context->period, leaf);
    bool computed = formula_computes(criterion);
    if (computed && input->has_points_cp) {
        problem(context->problems, REASON_POINTS_COMPUTED, arg_text("criterion", criterion->code));
        return POINTS_NONE;
    }
    if (computed && input->has_actual)
        return points_from_actual(context->period, (size_t)context->unit, leaf, input->actual);
    if (!input->has_points_cp) {
        problem(context->problems, computed ? REASON_POINTS_COMPUTED : REASON_POINTS_MISSING,
                arg_text("criterion", criterion->code));
        return POINTS_NONE;
    }
    return points_check(context->period, leaf, input->points_cp, context->problems) ? input->points_cp : POINTS_NONE;
}

// One line of the event, and the sheet's points changed to it.
static Pb__LineSet *set_line(struct context *context, const Pb__LineInput *input, bool *given) {
    struct line line = {.points_cp = POINTS_NONE};
    size_t leaf;
    if (!line_leaf_once(context, input->criterion, given, &leaf))
        return NULL;
    bool stands = view_line(context->view, context->period->number, context->unit_number, leaf, &line) && line.revision;
    int32_t points_cp = points_of(context, input, leaf);
    CONTEXT_NEW(context, set, Pb__LineSet, pb__line_set__init);
    if (!set || points_cp == POINTS_NONE || !revision_fits(context, input, leaf, &line))
        return NULL;
    set->has_leaf = set->has_points_cp = set->has_revision = true;
    set->leaf = (uint32_t)leaf;
    set->points_cp = points_cp;
    set->has_actual = input->has_actual;
    set->actual = input->actual;
    set->note = input->note;
    set->n_evidence = input->n_evidence;
    set->evidence = input->evidence;
    set->revision = line.revision + 1;
    set->has_replaces = set->has_from_cp = stands;
    set->replaces = line.seq;
    set->from_cp = stands ? line.points_cp : 0;
    context->sheet.self_cp[leaf] = points_cp;
    context->sheet.appraised.points_cp[leaf] = POINTS_NONE; // pending again
    return set;
}

// All lines or none: goes through every line, so that one answer names all that is wrong.
static bool set_lines(struct context *context, Pb__ScoreSet *set) {
    const Pb__Score *score = context->request->score;
    bool *given = CONTEXT_LIST(context, bool, context->period->n_leaves);
    set->lines = CONTEXT_LIST(context, Pb__LineSet *, score->n_lines);
    if (!given || !set->lines)
        return false;
    for (size_t i = 0; i < score->n_lines; i++) {
        Pb__LineSet *line = set_line(context, score->lines[i], given);
        if (line)
            set->lines[set->n_lines++] = line;
    }
    return set->n_lines == score->n_lines && context->problems->count == 0;
}

enum verdict score_set(struct context *context, Pb__Event *event, uint64_t *known) {
    (void)known;
    const Pb__Score *score = context->request->score;
    CONTEXT_NEW(context, set, Pb__ScoreSet, pb__score_set__init);
    if (!set || !in_time(context) || !set_lines(context, set))
        return VERDICT_REFUSED;
    struct sheet *sheet = &context->sheet;
    sheet->self_total_cp = points_sum(context->period, sheet->self_cp);
    figures_settle(context->period, &sheet->appraised, sheet->deducted_cp);
    EVENT_ABOUT(context, set);
    set->note = score->note;
    set->n_evidence = score->n_evidence;
    set->evidence = score->evidence;
    set->has_late = true;
    set->late = is_late(context);
    set->after = context_after(context);
    if (!set->after)
        return VERDICT_REFUSED;
    event->body_case = PB__EVENT__BODY_SCORE_SET;
    event->score_set = set;
    return VERDICT_EVENT;
}

void answer_score_set(struct context *context, const Pb__Entry *entry, const uint8_t hash[JOURNAL_HASH], bool replayed,
                      Pb__Response *response) {
    (void)hash;
    const Pb__ScoreSet *set = entry->event->score_set;
    context->period = view_period(context->view, set->period);
    CONTEXT_NEW(context, reply, Pb__ScoreReply, pb__score_reply__init);
    if (!reply || !context->period || !(reply->lines = line_replies(context, set->lines, set->n_lines)))
        return;
    REPLY_ABOUT(context, reply, entry, set, replayed);
    reply->has_late = true;
    reply->late = set->late;
    reply->n_lines = set->n_lines;
    response->body_case = PB__RESPONSE__BODY_SCORE;
    response->score = reply;
}

// ---- submit ----

static bool is_complete(struct context *context) {
    const struct period *period = context->period;
    for (size_t leaf = 0; leaf < period->n_leaves; leaf++)
        if (line_pending(period, (size_t)context->unit, context->sheet.self_cp, leaf))
            problem(context->problems, REASON_SHEET_INCOMPLETE, arg_text("criterion", period_leaf(period, leaf)->code));
    return context->problems->count == 0;
}

static bool total_fits(struct context *context) {
    const Pb__Submit *submit = context->request->submit;
    if (!submit->has_if_total_cp || submit->if_total_cp == context->sheet.self_total_cp)
        return true;
    return problem(context->problems, REASON_TOTAL_MOVED, arg_points("value", context->sheet.self_total_cp),
                   arg_points("expected", submit->if_total_cp));
}

enum verdict score_submit(struct context *context, Pb__Event *event, uint64_t *known) {
    (void)known;
    CONTEXT_NEW(context, submitted, Pb__SheetSubmitted, pb__sheet_submitted__init);
    if (!submitted || !in_time(context) || !is_complete(context) || !total_fits(context))
        return VERDICT_REFUSED;
    context->sheet.sheet_revision++;
    EVENT_ABOUT(context, submitted);
    submitted->has_late = true;
    submitted->late = submitted->has_late_ms = is_late(context);
    submitted->late_ms = submitted->late ? how_late_ms(context) : 0;
    submitted->after = context_after(context);
    if (!submitted->after)
        return VERDICT_REFUSED;
    event->body_case = PB__EVENT__BODY_SHEET_SUBMITTED;
    event->sheet_submitted = submitted;
    return VERDICT_EVENT;
}

// The branch is the entry's own: a resend gets the same receipt after a restored backup has begun another.
static void prove(struct context *context, Pb__SubmitReply *reply, const uint8_t hash[JOURNAL_HASH]) {
    struct branch branch;
    reply->has_hash = true;
    reply->hash = context_bytes(context, hash, JOURNAL_HASH);
    reply->has_branch = view_branch_at(context->view, reply->seq, &branch);
    if (reply->has_branch)
        reply->branch = context_bytes(context, branch.id, sizeof branch.id);
}

void answer_sheet_submitted(struct context *context, const Pb__Entry *entry, const uint8_t hash[JOURNAL_HASH],
                            bool replayed, Pb__Response *response) {
    const Pb__SheetSubmitted *submitted = entry->event->sheet_submitted;
    context->period = view_period(context->view, submitted->period);
    CONTEXT_NEW(context, reply, Pb__SubmitReply, pb__submit_reply__init);
    if (!reply || !context->period)
        return;
    REPLY_ABOUT(context, reply, entry, submitted, replayed);
    reply->has_time_ms = reply->has_sheet_revision = reply->has_total_cp = reply->has_late = true;
    reply->time_ms = entry->time_ms;
    reply->sheet_revision = submitted->after->sheet_revision;
    reply->total_cp = submitted->after->self_total_cp;
    reply->late = submitted->late;
    reply->has_late_ms = submitted->has_late_ms;
    reply->late_ms = submitted->late_ms;
    prove(context, reply, hash);
    response->body_case = PB__RESPONSE__BODY_SUBMIT;
    response->submit = reply;
}
