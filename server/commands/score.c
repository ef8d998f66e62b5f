// Scores: a unit records its own points, and hands in its sheet.
#include <string.h>

#include "server/commands/context.h"
#include "server/rules/points.h"

static bool in_time(struct context *context) {
    const Pb__PeriodDefinition *definition = context->period->definition;
    if (!context->row.deadline_passed || !definition->hard_close)
        return true;
    return problem(context->problems, REASON_DEADLINE_PASSED, arg_text("period", definition->id),
                   arg_time("time", definition->deadline_ms));
}

// In the period state appraisal only a returned sheet is the unit's to change.
static bool is_editable(struct context *context) {
    char needed[64];
    if (context->row.state != PB__PERIOD_STATE__APPRAISAL || context->sheet.state == PB__SHEET_STATE__RETURNED)
        return true;
    return problem(context->problems, REASON_PERIOD_STATE, arg_text("period", context->period->definition->id),
                   arg_text("state", period_state_name(context->row.state)),
                   arg_text("needed", period_state_names(IN_STATE(PB__PERIOD_STATE__SCORING), needed, sizeof needed)));
}

// The sheet as it stands in the context, as an event states it.
static Pb__SheetAfter *sheet_after(struct context *context) {
    const struct sheet *sheet = &context->sheet;
    CONTEXT_NEW(context, after, Pb__SheetAfter, pb__sheet_after__init);
    if (!after || !(after->self_cp = CONTEXT_LIST(context, int32_t, sheet->n_leaves)))
        return NULL;
    after->has_replaces = sheet->seq != 0;
    after->replaces = sheet->seq;
    after->has_state = after->has_sheet_revision = after->has_self_total_cp = true;
    after->state = sheet->state;
    after->sheet_revision = sheet->sheet_revision;
    after->n_self_cp = sheet->n_leaves;
    memcpy(after->self_cp, sheet->self_cp, sheet->n_leaves * sizeof *sheet->self_cp);
    after->self_total_cp = sheet->self_total_cp;
    return after;
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
    bool computed = criterion->formula == PB__FORMULA__LINEAR || criterion->formula == PB__FORMULA__BANDS;
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

static bool is_assigned(struct context *context, size_t leaf) {
    return period_assigned(context->period, (size_t)context->unit, leaf) ||
           problem(context->problems, REASON_CRITERION_NOT_ASSIGNED,
                   arg_text("criterion", period_leaf(context->period, leaf)->code),
                   arg_text("unit", period_unit(context->period, (size_t)context->unit)->id));
}

// One line of the event, and the sheet's points changed to it.
static Pb__LineSet *set_line(struct context *context, const Pb__LineInput *input, bool *given) {
    struct line line = {.points_cp = POINTS_NONE};
    int found = period_leaf_by_code(context->period, input->criterion, context->problems);
    if (found < 0)
        return NULL;
    size_t leaf = (size_t)found;
    if (given[leaf]) {
        problem(context->problems, REASON_CRITERION_TWICE, arg_text("criterion", input->criterion));
        return NULL;
    }
    given[leaf] = true;
    bool stands = view_line(context->view, context->period->number, context->unit_number, leaf, &line);
    int32_t points_cp = is_assigned(context, leaf) ? points_of(context, input, leaf) : POINTS_NONE;
    CONTEXT_NEW(context, set, Pb__LineSet, pb__line_set__init);
    if (!set || points_cp == POINTS_NONE || !revision_fits(context, input, leaf, &line))
        return NULL;
    set->has_leaf = set->has_points_cp = set->has_revision = true;
    set->leaf = (uint32_t)leaf;
    set->points_cp = points_cp;
    set->has_actual = input->has_actual;
    set->actual = input->actual;
    set->revision = line.revision + 1;
    set->has_replaces = set->has_from_cp = stands;
    set->replaces = line.seq;
    set->from_cp = stands ? line.points_cp : 0;
    context->sheet.self_cp[leaf] = points_cp;
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
    if (!set || !in_time(context) || !is_editable(context) || !set_lines(context, set))
        return VERDICT_REFUSED;
    struct sheet *sheet = &context->sheet;
    sheet->self_total_cp = points_sum(context->period, sheet->self_cp);
    if (sheet->state == PB__SHEET_STATE__NONE)
        sheet->state = PB__SHEET_STATE__SHEET_DRAFT;
    set->has_period = set->has_unit = set->has_late = true;
    set->period = context->period->number;
    set->unit = context->unit_number;
    set->note = score->note;
    set->n_evidence = score->n_evidence;
    set->evidence = score->evidence;
    set->late = context->row.deadline_passed;
    set->after = sheet_after(context);
    event->body_case = PB__EVENT__BODY_SCORE_SET;
    event->score_set = set;
    return VERDICT_EVENT;
}

static Pb__LineReply *line_reply(struct context *context, const Pb__LineSet *set) {
    CONTEXT_NEW(context, line, Pb__LineReply, pb__line_reply__init);
    if (!line)
        return NULL;
    line->criterion = period_leaf(context->period, set->leaf)->code;
    line->has_points_cp = line->has_revision = true;
    line->points_cp = set->points_cp;
    line->revision = set->revision;
    return line;
}

void answer_score_set(struct context *context, const Pb__Entry *entry, const uint8_t hash[JOURNAL_HASH], bool replayed,
                      Pb__Response *response) {
    (void)hash;
    const Pb__ScoreSet *set = entry->event->score_set;
    context->period = view_period(context->view, set->period);
    CONTEXT_NEW(context, reply, Pb__ScoreReply, pb__score_reply__init);
    if (!reply || !context->period || !(reply->lines = CONTEXT_LIST(context, Pb__LineReply *, set->n_lines)))
        return;
    reply->has_seq = reply->has_late = reply->has_replayed = true;
    reply->seq = entry->seq;
    reply->period = context->period->definition->id;
    reply->unit = context_unit_id(context, set->unit);
    reply->late = set->late;
    reply->replayed = replayed;
    for (size_t i = 0; i < set->n_lines; i++) {
        if (!(reply->lines[i] = line_reply(context, set->lines[i])))
            return;
        reply->n_lines++;
    }
    response->body_case = PB__RESPONSE__BODY_SCORE;
    response->score = reply;
}

// ---- submit ----

static bool is_complete(struct context *context) {
    const struct period *period = context->period;
    for (size_t leaf = 0; leaf < period->n_leaves; leaf++)
        if (context->sheet.self_cp[leaf] == POINTS_NONE && period_assigned(period, (size_t)context->unit, leaf))
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
    if (!submitted || !in_time(context) || !is_editable(context) || !is_complete(context) || !total_fits(context))
        return VERDICT_REFUSED;
    context->sheet.state = PB__SHEET_STATE__SUBMITTED;
    context->sheet.sheet_revision++;
    submitted->has_period = submitted->has_unit = submitted->has_late = true;
    submitted->period = context->period->number;
    submitted->unit = context->unit_number;
    submitted->late = context->row.deadline_passed;
    submitted->after = sheet_after(context);
    event->body_case = PB__EVENT__BODY_SHEET_SUBMITTED;
    event->sheet_submitted = submitted;
    return VERDICT_EVENT;
}

static void prove(struct context *context, Pb__SubmitReply *reply, const uint8_t hash[JOURNAL_HASH]) {
    uint8_t ledger[LEDGER_ID_SIZE], branch[LEDGER_ID_SIZE];
    reply->has_hash = true;
    reply->hash = context_bytes(context, hash, JOURNAL_HASH);
    reply->has_branch = view_ledger_id(context->view, ledger, branch);
    if (reply->has_branch)
        reply->branch = context_bytes(context, branch, sizeof branch);
}

void answer_sheet_submitted(struct context *context, const Pb__Entry *entry, const uint8_t hash[JOURNAL_HASH],
                            bool replayed, Pb__Response *response) {
    const Pb__SheetSubmitted *submitted = entry->event->sheet_submitted;
    context->period = view_period(context->view, submitted->period);
    CONTEXT_NEW(context, reply, Pb__SubmitReply, pb__submit_reply__init);
    if (!reply || !context->period)
        return;
    reply->has_seq = reply->has_time_ms = reply->has_sheet_revision = reply->has_total_cp = true;
    reply->has_late = reply->has_replayed = true;
    reply->seq = entry->seq;
    reply->time_ms = entry->time_ms;
    reply->period = context->period->definition->id;
    reply->unit = context_unit_id(context, submitted->unit);
    reply->sheet_revision = submitted->after->sheet_revision;
    reply->total_cp = submitted->after->self_total_cp;
    reply->late = submitted->late;
    reply->replayed = replayed;
    prove(context, reply, hash);
    response->body_case = PB__RESPONSE__BODY_SUBMIT;
    response->submit = reply;
}
