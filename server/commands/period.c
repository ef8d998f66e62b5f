// Periods: definition, signatures, the way from state to state.
#include <string.h>

#include "server/commands/context.h"
#include "server/rules/period.h"

// ---- load ----

static bool is_draft(struct context *context, uint32_t number, const char *id) {
    struct period_row row;
    if (!view_period_row(context->view, number, &row))
        return false;
    return row.state == PB__PERIOD_STATE__DRAFT ||
           problem(context->problems, REASON_PERIOD_NOT_DRAFT, arg_text("period", id),
                   arg_text("state", period_state_name(row.state)));
}

static bool number_units(struct context *context, Pb__PeriodDefined *defined) {
    const Pb__PeriodDefinition *definition = defined->definition;
    uint32_t next = view_last_unit(context->view) + 1;
    if (!(defined->units = CONTEXT_LIST(context, uint32_t, definition->n_units)))
        return false;
    for (size_t i = 0; i < definition->n_units; i++) {
        uint32_t number = view_unit_number(context->view, definition->units[i]->id);
        defined->units[defined->n_units++] = number ? number : next++;
    }
    return true;
}

// A signature names the definition's hash: another definition voids those that stand.
static bool void_signatures(struct context *context, Pb__PeriodDefined *defined) {
    const struct period *old = view_period(context->view, defined->period);
    if (!old || memcmp(old->hash, defined->hash.data, sizeof old->hash) == 0)
        return old != NULL;
    if (!(defined->voided = CONTEXT_LIST(context, uint32_t, old->n_units)))
        return false;
    for (size_t i = 0; i < old->n_units; i++) {
        if (!view_sheet(context->view, old, old->unit_numbers[i], &context->sheet))
            return false;
        if (context->sheet.signed_seq)
            defined->voided[defined->n_voided++] = old->unit_numbers[i];
    }
    return true;
}

static bool hash_definition(struct context *context, Pb__PeriodDefined *defined) {
    defined->hash.data = context_alloc(context, DIGEST_SIZE);
    defined->hash.len = DIGEST_SIZE;
    return defined->hash.data && message_hash(&defined->definition->base, defined->hash.data);
}

enum verdict period_load(struct context *context, Pb__Event *event, uint64_t *known) {
    (void)known;
    Pb__PeriodDefinition *definition = context->request->period_load->definition;
    CONTEXT_NEW(context, defined, Pb__PeriodDefined, pb__period_defined__init);
    if (!defined || !period_check(definition, context->problems))
        return VERDICT_REFUSED;
    uint32_t standing = view_period_number(context->view, definition->id);
    if (standing && !is_draft(context, standing, definition->id))
        return VERDICT_REFUSED;
    defined->has_period = defined->has_rules = defined->has_hash = true;
    defined->period = standing ? standing : view_last_period(context->view) + 1;
    defined->rules = RULES_CURRENT;
    defined->definition = definition;
    if (!hash_definition(context, defined) || !number_units(context, defined) ||
        (standing && !void_signatures(context, defined)))
        return VERDICT_REFUSED;
    event->body_case = PB__EVENT__BODY_PERIOD_DEFINED;
    event->period_defined = defined;
    return VERDICT_EVENT;
}

void answer_period_defined(struct context *context, const Pb__Entry *entry, const uint8_t hash[JOURNAL_HASH],
                           bool replayed, Pb__Response *response) {
    (void)hash, (void)replayed;
    const Pb__PeriodDefined *defined = entry->event->period_defined;
    CONTEXT_NEW(context, reply, Pb__PeriodWriteReply, pb__period_write_reply__init);
    if (!reply || !(reply->voided = CONTEXT_LIST(context, const char *, defined->n_voided)))
        return;
    reply->has_seq = reply->has_state = reply->has_hash = true;
    reply->seq = entry->seq;
    reply->period = defined->definition->id;
    reply->state = PB__PERIOD_STATE__DRAFT;
    reply->hash = defined->hash;
    for (size_t i = 0; i < defined->n_voided; i++)
        reply->voided[reply->n_voided++] = context_unit_id(context, defined->voided[i]);
    response->body_case = PB__RESPONSE__BODY_PERIOD_LOAD;
    response->period_load = reply;
}

// ---- advance ----

static bool all_have_signed(struct context *context) {
    const struct period *period = context->period;
    for (size_t i = 0; i < period->n_units; i++) {
        if (!view_sheet(context->view, period, period->unit_numbers[i], &context->sheet))
            return false;
        if (!context->sheet.signed_seq)
            problem(context->problems, REASON_ADVANCE_NOT_SIGNED, arg_text("unit", period_unit(period, i)->id));
    }
    return context->problems->count == 0;
}

static bool guard_signed(struct context *context) {
    bool ready = period_ready_to_sign(context->period, context->problems);
    return all_have_signed(context) && ready;
}

static bool guard_scoring(struct context *context) {
    return context->period->definition->has_deadline_ms ||
           problem(context->problems, REASON_ADVANCE_NO_DEADLINE, arg_text("period", context->period->definition->id));
}

static bool (*const guards[])(struct context *) = {
    [PB__PERIOD_STATE__SIGNED] = guard_signed,
    [PB__PERIOD_STATE__SCORING] = guard_scoring,
};

static bool may_advance(struct context *context, Pb__PeriodState to) {
    char needed[128];
    if (!period_may_become(context->row.state, to))
        return problem(
            context->problems, REASON_ADVANCE_NOT_NEXT, arg_text("period", context->period->definition->id),
            arg_text("state", period_state_name(context->row.state)), arg_text("value", period_state_name(to)),
            arg_text("needed", period_state_names(period_next_states(context->row.state), needed, sizeof needed)));
    if ((size_t)to >= sizeof guards / sizeof guards[0])
        return problem(context->problems, REASON_ADVANCE_NOT_OFFERED, arg_text("value", period_state_name(to)));
    return guards[to](context);
}

enum verdict period_advance(struct context *context, Pb__Event *event, uint64_t *known) {
    (void)known;
    const Pb__PeriodAdvance *advance = context->request->period_advance;
    CONTEXT_NEW(context, advanced, Pb__PeriodAdvanced, pb__period_advanced__init);
    if (!advanced || !may_advance(context, advance->state))
        return VERDICT_REFUSED;
    advanced->has_period = advanced->has_from = advanced->has_state = true;
    advanced->period = context->period->number;
    advanced->from = context->row.state;
    advanced->state = advance->state;
    advanced->decision = advance->decision;
    advanced->reason = advance->reason;
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
    response->body_case = PB__RESPONSE__BODY_PERIOD_ADVANCE;
    response->period_advance = reply;
}

// ---- sign ----

enum verdict period_sign(struct context *context, Pb__Event *event, uint64_t *known) {
    (void)known;
    const Pb__Sign *sign = context->request->sign;
    const struct period *period = context->period;
    CONTEXT_NEW(context, signature, Pb__Signed, pb__signed__init);
    if (sign->has_hash && memcmp(sign->hash.data, period->hash, sizeof period->hash) != 0)
        problem(context->problems, REASON_DEFINITION_CHANGED, arg_text("period", period->definition->id));
    else if (context->sheet.signed_seq)
        problem(context->problems, REASON_ALREADY_SIGNED,
                arg_text("unit", context_unit_id(context, context->unit_number)));
    if (!signature || context->problems->count)
        return VERDICT_REFUSED;
    signature->has_period = signature->has_unit = signature->has_hash = true;
    signature->period = period->number;
    signature->unit = context->unit_number;
    signature->hash = context_bytes(context, period->hash, sizeof period->hash);
    event->body_case = PB__EVENT__BODY_SIGNED;
    event->signed_ = signature;
    return VERDICT_EVENT;
}

void answer_signed(struct context *context, const Pb__Entry *entry, const uint8_t hash[JOURNAL_HASH], bool replayed,
                   Pb__Response *response) {
    (void)hash, (void)replayed;
    const Pb__Signed *signature = entry->event->signed_;
    context->period = view_period(context->view, signature->period);
    CONTEXT_NEW(context, reply, Pb__SignReply, pb__sign_reply__init);
    if (!reply || !context->period)
        return;
    reply->has_seq = true;
    reply->seq = entry->seq;
    reply->period = context->period->definition->id;
    reply->unit = context_unit_id(context, signature->unit);
    reply->has_hash = signature->has_hash;
    reply->hash = signature->hash;
    response->body_case = PB__RESPONSE__BODY_SIGN;
    response->sign = reply;
}

// ---- reading ----

static Pb__PeriodRow *row_of(struct context *context, uint32_t number) {
    struct period_row row;
    const struct period *period = view_period(context->view, number);
    CONTEXT_NEW(context, out, Pb__PeriodRow, pb__period_row__init);
    if (!out || !period || !view_period_row(context->view, number, &row))
        return NULL;
    const Pb__PeriodDefinition *definition = period->definition;
    // The cache may let go of the definition before the answer is packed.
    out->id = arena_strdup(context->arena, definition->id);
    out->name = arena_strdup(context->arena, definition->name);
    out->cluster = arena_strdup(context->arena, definition->cluster);
    out->has_year = out->has_state = out->has_units = out->has_criteria = true;
    out->year = definition->year;
    out->state = row.state;
    out->units = (uint32_t)period->n_units;
    out->criteria = (uint32_t)period->n_leaves;
    out->has_deadline_ms = definition->has_deadline_ms;
    out->deadline_ms = definition->deadline_ms;
    return out;
}

enum { PERIODS_PER_FRAME = 64 };

void period_list(struct context *context, struct cursor *cursor, Pb__Response *response) {
    uint32_t last = view_last_period(context->view);
    CONTEXT_NEW(context, reply, Pb__PeriodsReply, pb__periods_reply__init);
    if (!reply || !(reply->rows = CONTEXT_LIST(context, Pb__PeriodRow *, PERIODS_PER_FRAME)))
        return;
    while (cursor->position < last && reply->n_rows < PERIODS_PER_FRAME) {
        Pb__PeriodRow *row = row_of(context, (uint32_t)++cursor->position);
        if (!row)
            return;
        reply->rows[reply->n_rows++] = row;
    }
    response->has_more = response->more = cursor->position < last;
    response->body_case = PB__RESPONSE__BODY_PERIODS;
    response->periods = reply;
}

static bool list_signed(struct context *context, Pb__PeriodReply *reply) {
    const struct period *period = context->period;
    if (!(reply->signed_ = CONTEXT_LIST(context, const char *, period->n_units)))
        return false;
    for (size_t i = 0; i < period->n_units; i++) {
        if (!view_sheet(context->view, period, period->unit_numbers[i], &context->sheet))
            return false;
        if (context->sheet.signed_seq)
            reply->signed_[reply->n_signed_++] = period_unit(period, i)->id;
    }
    return true;
}

void period_show(struct context *context, struct cursor *cursor, Pb__Response *response) {
    (void)cursor;
    const struct period *period = context->period;
    CONTEXT_NEW(context, reply, Pb__PeriodReply, pb__period_reply__init);
    if (!reply || !list_signed(context, reply))
        return;
    // The answer is packed before the next request: the definition need not be copied.
    reply->definition = (Pb__PeriodDefinition *)(uintptr_t)period->definition;
    reply->has_state = reply->has_hash = reply->has_seq = reply->has_deadline_passed = true;
    reply->state = context->row.state;
    reply->hash.data = (uint8_t *)(uintptr_t)period->hash;
    reply->hash.len = sizeof period->hash;
    reply->seq = context->row.seq;
    reply->deadline_passed = context->row.deadline_passed;
    response->body_case = PB__RESPONSE__BODY_PERIOD;
    response->period = reply;
}
