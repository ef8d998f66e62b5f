// Periods: definition, signatures, and what is said of them.
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

// Whether the unit's kind, as given here, may be another one than some period says: a place in the list of doubts.
static bool is_doubtful(struct context *context, const Pb__UnitDefinition *unit) {
    uint32_t number = unit->kind ? view_unit_number(context->view, unit->id) : 0;
    const Pb__UnitDefinition *known = number ? view_unit(context->view, number, context->arena) : NULL;
    return known && (!known->kind || strcmp(known->kind, unit->kind) != 0);
}

static bool kind_fits(struct context *context, const Pb__UnitDefinition *unit, const struct period *other) {
    int index = period_unit_by_number(other, view_unit_number(context->view, unit->id));
    const char *kind = index >= 0 ? period_unit(other, (size_t)index)->kind : NULL;
    return !kind || strcmp(kind, unit->kind) == 0 ||
           problem(context->problems, REASON_DEFINITION_KIND, arg_text("unit", unit->id), arg_text("value", unit->kind),
                   arg_text("limit", kind), arg_text("period", other->definition->id));
}

// A unit of another kind is another unit: each period that holds it, `own` apart, is asked, those that are drafts too.
static bool kind_stands(struct context *context, const Pb__UnitDefinition *unit, uint32_t own) {
    uint32_t last = view_last_period(context->view);
    for (uint32_t number = 1; number <= last; number++) {
        const struct period *other = number != own ? view_period(context->view, number) : NULL;
        if (other && !kind_fits(context, unit, other))
            return false;
    }
    return true;
}

static bool kinds_stand(struct context *context, const Pb__PeriodDefinition *definition, uint32_t own) {
    for (size_t i = 0; i < definition->n_units; i++)
        if (is_doubtful(context, definition->units[i]))
            kind_stands(context, definition->units[i], own);
    return context->problems->count == 0;
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
    if ((standing && !is_draft(context, standing, definition->id)) || !kinds_stand(context, definition, standing))
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

static Pb__Extension *extension_of(struct context *context, size_t unit) {
    CONTEXT_NEW(context, extension, Pb__Extension, pb__extension__init);
    if (!extension)
        return NULL;
    extension->unit = period_unit(context->period, unit)->id;
    extension->has_until_ms = extension->has_passed = true;
    extension->until_ms = context->sheet.until_ms;
    extension->passed = context->sheet.until_passed;
    return extension;
}

// Who has signed, and who has a deadline of its own.
static bool list_units(struct context *context, Pb__PeriodReply *reply) {
    const struct period *period = context->period;
    reply->signed_ = CONTEXT_LIST(context, const char *, period->n_units);
    reply->extensions = CONTEXT_LIST(context, Pb__Extension *, period->n_units);
    if (!reply->signed_ || !reply->extensions)
        return false;
    for (size_t i = 0; i < period->n_units; i++) {
        if (!view_sheet(context->view, period, period->unit_numbers[i], &context->sheet))
            return false;
        if (context->sheet.signed_seq)
            reply->signed_[reply->n_signed_++] = period_unit(period, i)->id;
        if (!context->sheet.until_ms)
            continue;
        if (!(reply->extensions[reply->n_extensions] = extension_of(context, i)))
            return false;
        reply->n_extensions++;
    }
    return true;
}

void period_show(struct context *context, struct cursor *cursor, Pb__Response *response) {
    (void)cursor;
    const struct period *period = context->period;
    CONTEXT_NEW(context, reply, Pb__PeriodReply, pb__period_reply__init);
    if (!reply || !list_units(context, reply))
        return;
    // The answer is packed before the next request: the definition need not be copied.
    reply->definition = (Pb__PeriodDefinition *)(uintptr_t)period->definition;
    reply->has_state = reply->has_hash = reply->has_seq = reply->has_deadline_passed = true;
    reply->state = context->row.state;
    reply->hash.data = (uint8_t *)(uintptr_t)period->hash;
    reply->hash.len = sizeof period->hash;
    reply->seq = context->row.seq;
    reply->deadline_passed = context->row.deadline_passed;
    reply->has_board_hash = context->row.state == PB__PERIOD_STATE__LOCKED;
    if (reply->has_board_hash)
        reply->board_hash = context_bytes(context, context->row.board_hash, sizeof context->row.board_hash);
    response->body_case = PB__RESPONSE__BODY_PERIOD;
    response->period = reply;
}
