// What the council decides: which sheets are final, whose awards wait, and who is nominated.
#include <string.h>

#include "server/commands/context.h"
#include "server/commands/lines.h"
#include "server/commands/sheet_after.h"
#include "server/commands/subject.h"

// ---- finalize ----

enum {
    FINALIZE_BYTES = 6 * 1024 * 1024, // of the memory that one decision, its entry and its answer may take
    FINALIZE_SHEET = 700,             // of it for a sheet, points apart
    FINALIZE_LEAF = 32,               // and for the points of a leaf in four lists, made and encoded
};

static bool choose(struct context *context, bool *chosen, const char *name) {
    int index = period_unit_by_name(context->period, name, context->problems);
    if (index < 0)
        return false;
    if (chosen[index])
        return problem(context->problems, REASON_UNIT_TWICE, arg_text("unit", name));
    return chosen[index] = true;
}

static size_t choose_named(struct context *context, bool *chosen) {
    const Pb__Finalize *finalize = context->request->finalize;
    size_t count = 0;
    for (size_t i = 0; i < finalize->n_units; i++)
        count += choose(context, chosen, finalize->units[i]);
    return count;
}

static size_t choose_all(struct context *context, bool *chosen) {
    const struct period *period = context->period;
    size_t count = 0;
    for (size_t unit = 0; unit < period->n_units; unit++) {
        if (!view_sheet(context->view, period, period->unit_numbers[unit], &context->sheet))
            return 0;
        chosen[unit] = context->sheet.state != PB__SHEET_STATE__FINAL;
        count += chosen[unit];
    }
    if (count == 0)
        problem(context->problems, REASON_FINALIZE_NOTHING, arg_text("period", period->definition->id));
    return count;
}

// An entry has to fit in memory: a period with thousands of units and hundreds of criteria is made final in parts.
static bool is_not_too_much(struct context *context, size_t count) {
    size_t most = FINALIZE_BYTES / (FINALIZE_SHEET + FINALIZE_LEAF * context->period->n_leaves);
    return count <= most ||
           problem(context->problems, REASON_FIELD_COUNT, arg_text("field", "finalize.units"),
                   arg_number("value", (int64_t)count), arg_number("least", 1), arg_number("limit", (int64_t)most));
}

// The units to be made final, by index; *count says how many. NULL: refused.
static bool *chosen_units(struct context *context, size_t *count) {
    bool *chosen = CONTEXT_LIST(context, bool, context->period->n_units);
    if (!chosen)
        return NULL;
    *count = context->request->finalize->n_units ? choose_named(context, chosen) : choose_all(context, chosen);
    return is_not_too_much(context, *count) ? chosen : NULL;
}

static bool nothing_pending(struct context *context, const char *unit) {
    const struct period *period = context->period;
    bool nothing = true;
    for (size_t leaf = 0; leaf < period->n_leaves; leaf++)
        if (line_pending(period, (size_t)context->unit, context->sheet.appraised.points_cp, leaf))
            nothing = problem(context->problems, REASON_LINE_PENDING,
                              arg_text("criterion", period_leaf(period, leaf)->code), arg_text("unit", unit));
    return nothing;
}

// A sheet that is still with its unit is closed as it stands, with a reason.
static bool may_be_final(struct context *context, const char *unit) {
    Pb__SheetState state = context->sheet.state;
    if (sheet_is_handed_in(state))
        return nothing_pending(context, unit);
    return context->request->finalize->reason ||
           problem(context->problems, REASON_FINALIZE_NOT_HANDED_IN, arg_text("unit", unit),
                   arg_text("state", sheet_state_name(state)));
}

// NULL: refused, or the arena is used up.
static Pb__FinalizedSheet *finalize_sheet(struct context *context, size_t index) {
    const char *unit = period_unit(context->period, index)->id;
    if (!subject_any_unit(context, unit) || !context_offers(context, STEP_FINALIZE) || !may_be_final(context, unit))
        return NULL;
    CONTEXT_NEW(context, made, Pb__FinalizedSheet, pb__finalized_sheet__init);
    if (!made)
        return NULL;
    context->sheet.final = context->sheet.appraised;
    made->has_unit = true;
    made->unit = context->unit_number;
    made->after = context_after(context);
    return made->after ? made : NULL;
}

// All or none: goes through every unit, so that one answer names all that is wrong.
static bool finalize_chosen(struct context *context, const bool *chosen, size_t count, Pb__SheetsFinalized *finalized) {
    if (!(finalized->sheets = CONTEXT_LIST(context, Pb__FinalizedSheet *, count)))
        return false;
    for (size_t unit = 0; unit < context->period->n_units; unit++) {
        Pb__FinalizedSheet *made = chosen[unit] ? finalize_sheet(context, unit) : NULL;
        if (made)
            finalized->sheets[finalized->n_sheets++] = made;
    }
    return finalized->n_sheets == count && context->problems->count == 0;
}

// Who finalizes what was looked at may say when that was.
static bool stands_as_seen(struct context *context) {
    const Pb__Finalize *finalize = context->request->finalize;
    return !finalize->has_if_seq || finalize->if_seq == context->row.seq ||
           problem(context->problems, REASON_PERIOD_MOVED, arg_text("period", context->period->definition->id),
                   arg_number("expected", (int64_t)finalize->if_seq), arg_number("seq", (int64_t)context->row.seq));
}

enum verdict sheets_finalize(struct context *context, Pb__Event *event, uint64_t *known) {
    (void)known;
    size_t count = 0;
    CONTEXT_NEW(context, finalized, Pb__SheetsFinalized, pb__sheets_finalized__init);
    if (!finalized || !context_offers(context, STEP_FINALIZE)) // in this state of the period, whatever the sheets
        return VERDICT_REFUSED;
    if (!stands_as_seen(context))
        return VERDICT_REFUSED;
    const bool *chosen = chosen_units(context, &count);
    if (!chosen || !finalize_chosen(context, chosen, count, finalized))
        return VERDICT_REFUSED;
    finalized->has_period = true;
    finalized->period = context->period->number;
    finalized->reason = context->request->finalize->reason;
    event->body_case = PB__EVENT__BODY_SHEETS_FINALIZED;
    event->sheets_finalized = finalized;
    return VERDICT_EVENT;
}

static Pb__FinalRow *final_row(struct context *context, const Pb__FinalizedSheet *sheet) {
    const Pb__Figures *figures = sheet->after->final;
    CONTEXT_NEW(context, row, Pb__FinalRow, pb__final_row__init);
    if (!row)
        return NULL;
    row->unit = context_unit_id(context, sheet->unit);
    row->has_total_cp = figures && figures->has_total_cp;
    row->total_cp = row->has_total_cp ? figures->total_cp : 0;
    return row;
}

void answer_sheets_finalized(struct context *context, const Pb__Entry *entry, const uint8_t hash[JOURNAL_HASH],
                             bool replayed, Pb__Response *response) {
    (void)hash;
    const Pb__SheetsFinalized *finalized = entry->event->sheets_finalized;
    context->period = view_period(context->view, finalized->period);
    CONTEXT_NEW(context, reply, Pb__FinalizeReply, pb__finalize_reply__init);
    if (!reply || !context->period || !(reply->rows = CONTEXT_LIST(context, Pb__FinalRow *, finalized->n_sheets)))
        return;
    reply->has_seq = reply->has_replayed = true;
    reply->seq = entry->seq;
    reply->period = context->period->definition->id;
    reply->replayed = replayed;
    for (size_t i = 0; i < finalized->n_sheets; i++) {
        if (!(reply->rows[i] = final_row(context, finalized->sheets[i])))
            return;
        reply->n_rows++;
    }
    response->body_case = PB__RESPONSE__BODY_FINALIZE;
    response->finalize = reply;
}

// ---- hold ----

enum verdict award_hold(struct context *context, Pb__Event *event, uint64_t *known) {
    (void)known;
    const Pb__Hold *hold = context->request->hold;
    bool is_held = context->sheet.held_seq != 0, lift = hold->has_lift && hold->lift;
    CONTEXT_NEW(context, held, Pb__Held, pb__held__init);
    if (is_held != lift)
        problem(context->problems, lift ? REASON_NOT_HELD : REASON_HELD_ALREADY,
                arg_text("unit", context_unit_id(context, context->unit_number)));
    if (!held || is_held != lift)
        return VERDICT_REFUSED;
    EVENT_ABOUT(context, held);
    held->reason = hold->reason;
    held->has_lift = true;
    held->lift = lift;
    held->after = context_after(context);
    event->body_case = PB__EVENT__BODY_HELD;
    event->held = held;
    return VERDICT_EVENT;
}

void answer_held(struct context *context, const Pb__Entry *entry, const uint8_t hash[JOURNAL_HASH], bool replayed,
                 Pb__Response *response) {
    (void)hash;
    const Pb__Held *held = entry->event->held;
    context->period = view_period(context->view, held->period);
    CONTEXT_NEW(context, reply, Pb__HoldReply, pb__hold_reply__init);
    if (!reply || !context->period)
        return;
    REPLY_ABOUT(context, reply, entry, held, replayed);
    reply->has_held = true;
    reply->held = !held->lift;
    response->body_case = PB__RESPONSE__BODY_HOLD;
    response->hold = reply;
}

// ---- nominate ----

static bool is_not_held(struct context *context, const char *unit) {
    uint64_t seq = context->sheet.held_seq;
    if (!seq)
        return true;
    const Pb__Entry *entry = view_entry(context->view, seq, context->arena, NULL);
    bool tells = entry && entry->event->body_case == PB__EVENT__BODY_HELD;
    return problem(context->problems, REASON_AWARD_HELD, arg_text("unit", unit),
                   arg_text("value", tells ? entry->event->held->reason : ""));
}

enum { NOMINATIONS_MAX = 20 }; // of a unit in a period

static bool are_few(struct context *context, const char *unit) {
    return context->sheet.n_nominated < NOMINATIONS_MAX ||
           problem(context->problems, REASON_NOMINATIONS_MANY, arg_text("unit", unit),
                   arg_number("limit", NOMINATIONS_MAX));
}

// Goes through the unit's nominations, which are few, from the last one back.
static bool is_new_award(struct context *context, const char *unit, const char *award) {
    uint64_t seq = context->sheet.nominated_seq;
    while (seq) {
        const Pb__Entry *entry = view_entry(context->view, seq, context->arena, NULL);
        if (!entry || entry->event->body_case != PB__EVENT__BODY_NOMINATED)
            return problem(context->problems, REASON_DEFECT, arg_text("value", "a nomination cannot be read"));
        const Pb__Nominated *nominated = entry->event->nominated;
        if (strcmp(nominated->award, award) == 0)
            return problem(context->problems, REASON_NOMINATED_ALREADY, arg_text("unit", unit),
                           arg_text("value", award));
        seq = nominated->replaces;
    }
    return true;
}

enum verdict award_nominate(struct context *context, Pb__Event *event, uint64_t *known) {
    (void)known;
    const char *award = context->request->nominate->award;
    const char *unit = context_unit_id(context, context->unit_number);
    CONTEXT_NEW(context, nominated, Pb__Nominated, pb__nominated__init);
    if (!nominated || !is_not_held(context, unit) || !is_new_award(context, unit, award) || !are_few(context, unit))
        return VERDICT_REFUSED;
    EVENT_ABOUT(context, nominated);
    nominated->award = award;
    nominated->has_replaces = context->sheet.nominated_seq != 0;
    nominated->replaces = context->sheet.nominated_seq;
    nominated->after = context_after(context);
    event->body_case = PB__EVENT__BODY_NOMINATED;
    event->nominated = nominated;
    return VERDICT_EVENT;
}

void answer_nominated(struct context *context, const Pb__Entry *entry, const uint8_t hash[JOURNAL_HASH], bool replayed,
                      Pb__Response *response) {
    (void)hash;
    const Pb__Nominated *nominated = entry->event->nominated;
    context->period = view_period(context->view, nominated->period);
    CONTEXT_NEW(context, reply, Pb__NominateReply, pb__nominate_reply__init);
    if (!reply || !context->period)
        return;
    REPLY_ABOUT(context, reply, entry, nominated, replayed);
    reply->award = nominated->award;
    response->body_case = PB__RESPONSE__BODY_NOMINATE;
    response->nominate = reply;
}
