// The year's way from state to state, and a unit's own deadline.
#include "server/commands/context.h"
#include "server/commands/deadlines.h"
#include "server/commands/seen.h"
#include "server/commands/sheet_after.h"

// ---- guards: every obstacle is a problem ----

typedef void guard(struct context *context, const Pb__PeriodAdvance *advance);

// Whether the unit's sheet could be read, into context->sheet.
static bool take_sheet(struct context *context, size_t unit) {
    return view_sheet(context->view, context->period, context->period->unit_numbers[unit], &context->sheet);
}

static void guard_signed(struct context *context, const Pb__PeriodAdvance *advance) {
    (void)advance;
    const struct period *period = context->period;
    period_ready_to_sign(period, context->problems);
    for (size_t i = 0; i < period->n_units && take_sheet(context, i); i++)
        if (!context->sheet.signed_seq)
            problem(context->problems, REASON_ADVANCE_NOT_SIGNED, arg_text("unit", period_unit(period, i)->id),
                    arg_text("period", period->definition->id));
}

static void guard_scoring(struct context *context, const Pb__PeriodAdvance *advance) {
    (void)advance;
    const Pb__PeriodDefinition *definition = context->period->definition;
    if (!definition->has_deadline_ms)
        problem(context->problems, REASON_ADVANCE_NO_DEADLINE, arg_text("period", definition->id));
}

// The deadline or the last sheet, whichever is first; a reason goes before both.
static void guard_appraisal(struct context *context, const Pb__PeriodAdvance *advance) {
    const struct period *period = context->period;
    for (size_t i = 0; !advance->reason && i < period->n_units && take_sheet(context, i); i++)
        if (!sheet_stands_handed_in(&context->sheet) && !deadline_of(period, &context->row, &context->sheet).passed)
            problem(context->problems, REASON_ADVANCE_TOO_EARLY, arg_text("unit", period_unit(period, i)->id));
}

static void guard_final(struct context *context, const Pb__PeriodAdvance *advance) {
    (void)advance;
    const struct period *period = context->period;
    for (size_t i = 0; i < period->n_units && take_sheet(context, i); i++)
        if (context->sheet.state != PB__SHEET_STATE__FINAL)
            problem(context->problems, REASON_ADVANCE_NOT_FINAL, arg_text("unit", period_unit(period, i)->id),
                    arg_text("state", sheet_state_name(context->sheet.state)),
                    arg_text("period", period->definition->id));
}

static void guard_reopened(struct context *context, const Pb__PeriodAdvance *advance) {
    if (!advance->decision || !advance->reason)
        problem(context->problems, REASON_ADVANCE_NO_DECISION, arg_text("period", context->period->definition->id));
}

static guard *const guards[] = {
    [PB__PERIOD_STATE__SIGNED] = guard_signed,       [PB__PERIOD_STATE__SCORING] = guard_scoring,
    [PB__PERIOD_STATE__APPRAISAL] = guard_appraisal, [PB__PERIOD_STATE__FINALIZED] = guard_final,
    [PB__PERIOD_STATE__LOCKED] = guard_final,        [PB__PERIOD_STATE__REOPENED] = guard_reopened,
};

static bool may_advance(struct context *context, const Pb__PeriodAdvance *advance) {
    char needed[128];
    Pb__PeriodState from = context->row.state, to = advance->state;
    context->transition = workflow_advance(from, to);
    if (!context->transition)
        return problem(context->problems, REASON_ADVANCE_NOT_NEXT, arg_text("period", context->period->definition->id),
                       arg_text("state", period_state_name(from)), arg_text("value", period_state_name(to)),
                       arg_text("needed", period_state_names(period_next_states(from), needed, sizeof needed)));
    if ((size_t)to < sizeof guards / sizeof guards[0] && guards[to])
        guards[to](context, advance);
    return context->problems->count == 0 && !view_fault(context->view);
}

static bool hash_board(struct context *context, Pb__PeriodAdvanced *advanced) {
    advanced->has_board_hash = true;
    advanced->board_hash.len = BOARD_HASH;
    advanced->board_hash.data = context_alloc(context, BOARD_HASH);
    return advanced->board_hash.data &&
           (view_board_hash(context->view, context->period, advanced->board_hash.data) ||
            problem(context->problems, REASON_DEFECT, arg_text("value", "the board's hash: out of memory")));
}

// ---- advance ----

enum verdict period_advance(struct context *context, Pb__Event *event, uint64_t *known) {
    (void)known;
    const Pb__PeriodAdvance *advance = context->request->period_advance;
    CONTEXT_NEW(context, advanced, Pb__PeriodAdvanced, pb__period_advanced__init);
    if (!advanced || !may_advance(context, advance))
        return VERDICT_REFUSED;
    advanced->has_period = advanced->has_from = advanced->has_state = advanced->has_replaces = true;
    advanced->period = context->period->number;
    advanced->from = context->row.state;
    advanced->state = (Pb__PeriodState)context->transition->period_next;
    advanced->replaces = context->row.own_seq;
    advanced->decision = advance->decision;
    advanced->reason = advance->reason;
    if (advanced->state == PB__PERIOD_STATE__LOCKED && !hash_board(context, advanced))
        return VERDICT_REFUSED;
    event->body_case = PB__EVENT__BODY_PERIOD_ADVANCED;
    event->period_advanced = advanced;
    return VERDICT_EVENT;
}

void answer_period_advanced(struct context *context, const Pb__Entry *entry, const uint8_t hash[JOURNAL_HASH],
                            bool replayed, Pb__Response *response) {
    (void)hash, (void)replayed;
    const Pb__PeriodAdvanced *advanced = entry->event->period_advanced;
    const struct period *period = view_period(context->view, advanced->period);
    CONTEXT_NEW(context, reply, Pb__PeriodWriteReply, pb__period_write_reply__init);
    if (!reply || !period)
        return;
    reply->has_seq = reply->has_state = reply->has_hash = true;
    reply->seq = entry->seq;
    reply->period = period->definition->id;
    reply->state = advanced->state;
    reply->hash = context_bytes(context, period->hash, sizeof period->hash);
    reply->has_board_hash = advanced->has_board_hash;
    reply->board_hash = advanced->board_hash;
    response->body_case = PB__RESPONSE__BODY_PERIOD_ADVANCE;
    response->period_advance = reply;
}

// ---- extend ----

static bool may_extend(struct context *context, int64_t until_ms) {
    struct deadline standing = deadline_of(context->period, &context->row, &context->sheet);
    if (until_ms <= context->now_ms)
        return problem(context->problems, REASON_UNTIL_PASSED, arg_time("time", until_ms));
    return until_ms > standing.at_ms ||
           problem(context->problems, REASON_UNTIL_NOT_LATER, arg_time("time", until_ms),
                   arg_text("unit", context_unit_id(context, context->unit_number)), arg_time("limit", standing.at_ms));
}

enum verdict period_extend(struct context *context, Pb__Event *event, uint64_t *known) {
    (void)known;
    const Pb__PeriodExtend *extend = context->request->extend;
    CONTEXT_NEW(context, extended, Pb__Extended, pb__extended__init);
    if (!extended || !may_extend(context, extend->until_ms) || !(extended->after = context_after(context)))
        return VERDICT_REFUSED;
    EVENT_ABOUT(context, extended);
    extended->has_until_ms = true;
    extended->until_ms = extend->until_ms;
    extended->reason = extend->reason;
    event->body_case = PB__EVENT__BODY_EXTENDED;
    event->extended = extended;
    return VERDICT_EVENT;
}

void answer_extended(struct context *context, const Pb__Entry *entry, const uint8_t hash[JOURNAL_HASH], bool replayed,
                     Pb__Response *response) {
    (void)hash;
    const Pb__Extended *extended = entry->event->extended;
    context->period = view_period(context->view, extended->period);
    CONTEXT_NEW(context, reply, Pb__ExtendReply, pb__extend_reply__init);
    if (!reply || !context->period)
        return;
    REPLY_ABOUT(context, reply, entry, extended, replayed);
    reply->has_until_ms = true;
    reply->until_ms = extended->until_ms;
    response->body_case = PB__RESPONSE__BODY_EXTEND;
    response->extend = reply;
}
