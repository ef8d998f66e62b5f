// What applying has in common: rows changed and written, and what an event says of a sheet compared with it.

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/ledger/apply.h"
#include "server/ledger/event.h"

bool fail(const struct step *step, const char *format, ...) {
    char *out = step->ledger->fault;
    size_t room = sizeof step->ledger->fault;
    int n = snprintf(out, room, "entry %llu, %s: ", (unsigned long long)step->entry->seq, event_name(step->event));
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(out + n, room - (size_t)n, format, arguments);
    va_end(arguments);
    return false;
}

bool good(const struct step *step) {
    return store_fault(step->txn) == STORE_OK;
}

bool is_hash(ProtobufCBinaryData bytes) {
    return bytes.len == 32 && bytes.data;
}

// ---- writing rows ----

bool put(const struct step *step, enum store_table table, struct span key, struct span row) {
    return store_put(step->txn, table, key, row) == STORE_OK;
}

bool put_number(const struct step *step, enum store_table table, struct span key, uint32_t number) {
    uint8_t row[4];
    return put(step, table, key, key_of_number(number, row));
}

bool put_message(const struct step *step, enum store_table table, struct span key, const ProtobufCMessage *message) {
    size_t size = protobuf_c_message_get_packed_size(message);
    uint8_t *bytes = malloc(size ? size : 1);
    if (!bytes)
        return store_fail(step->txn, STORE_FATAL, "out of memory") == STORE_OK;
    protobuf_c_message_pack(message, bytes);
    bool done = put(step, table, key, (struct span){bytes, size});
    free(bytes);
    return done;
}

// ---- periods and sheets ----

struct period_row *change_period(const struct step *step, uint32_t number) {
    struct period_row now;
    if (!view_period_row(step->view, number, &now)) {
        fail(step, "there is no period %u", number);
        return NULL;
    }
    struct period_row *row = pending_add_period(step->ledger, number);
    if (!row)
        return NULL;
    *row = now;
    row->seq = step->entry->seq;
    return row;
}

// The unit's sheet, pending. NULL: failed.
static struct sheet *change_sheet(const struct step *step, const struct period *period, uint32_t unit) {
    struct sheet now;
    if (pending_sheet(step->ledger, period->number, unit))
        return pending_add_sheet(step->ledger, period->number, unit);
    if (!view_sheet(step->view, period, unit, &now))
        return NULL;
    struct sheet *sheet = pending_add_sheet(step->ledger, period->number, unit);
    if (sheet)
        sheet_copy(sheet, &now);
    return sheet;
}

bool open_sheet(const struct step *step, uint32_t number, uint32_t unit, struct change *change) {
    *change = (struct change){.unit = unit, .row = change_period(step, number)};
    change->period = change->row ? view_period(step->view, number) : NULL;
    if (!change->period)
        return false;
    if (period_unit_by_number(change->period, unit) < 0)
        return fail(step, "unit %u takes no part in period %u", unit, number);
    change->sheet = change_sheet(step, change->period, unit);
    if (!change->sheet)
        return false;
    if (change->sheet->seq == step->entry->seq)
        return fail(step, "unit %u is changed twice", unit);
    change->replaces = change->sheet->seq;
    change->sheet->seq = step->entry->seq;
    return true;
}

// ---- lines ----

bool open_line(const struct step *step, const struct change *change, uint32_t leaf, struct line *line) {
    *line = (struct line){.points_cp = POINTS_NONE};
    if (leaf >= change->period->n_leaves)
        return fail(step, "there is no leaf %u", leaf);
    return view_line(step->view, change->period->number, change->unit, leaf, line) || good(step);
}

bool put_line(const struct step *step, const struct change *change, uint32_t leaf, const struct line *line) {
    uint8_t key[KEY_LINE], row[ROW_LINE_MAX];
    return put(step, STORE_LINES, key_of_line(change->period->number, change->unit, leaf, key),
               row_from_line(line, row));
}

bool follows(const struct step *step, const Pb__LineSet *set, uint32_t revision, uint64_t seq, int32_t points_cp) {
    if (!set->has_points_cp || set->points_cp < 0)
        return fail(step, "leaf %u gets no points", set->leaf);
    if (set->replaces != seq || set->revision != revision + 1 ||
        (set->has_from_cp ? set->from_cp : POINTS_NONE) != points_cp)
        return fail(step, "leaf %u stands at revision %u of entry %llu, with %d", set->leaf, revision,
                    (unsigned long long)seq, points_cp);
    return true;
}

// ---- the sheet after an event ----

static bool same_points(const int32_t *stated, size_t n_stated, const int32_t *points_cp, size_t n_leaves) {
    return n_stated == n_leaves && memcmp(stated, points_cp, n_leaves * sizeof *points_cp) == 0;
}

static bool same_sum(protobuf_c_boolean stated, int32_t value, int32_t sum_cp) {
    return (stated ? value : POINTS_NONE) == sum_cp;
}

static bool same_figures(const Pb__Figures *stated, const struct figures *figures, size_t n_leaves) {
    if (!stated)
        return figures_empty(figures);
    return same_points(stated->points_cp, stated->n_points_cp, figures->points_cp, n_leaves) &&
           same_sum(stated->has_base_cp, stated->base_cp, figures->base_cp) &&
           same_sum(stated->has_total_cp, stated->total_cp, figures->total_cp) &&
           stated->bonus_cp == figures->bonus_cp && stated->deduction_cp == figures->deduction_cp;
}

static bool same_self(const struct step *step, const struct change *change, const Pb__SheetAfter *after) {
    int32_t total_cp = points_sum(change->period, change->sheet->self_cp);
    if (!same_points(after->self_cp, after->n_self_cp, change->sheet->self_cp, change->period->n_leaves))
        return fail(step, "the lines are not those of the sheet");
    if (after->self_total_cp != total_cp)
        return fail(step, "the total %d is not the sum %d", after->self_total_cp, total_cp);
    change->sheet->self_total_cp = total_cp;
    return true;
}

static bool same_judgement(const struct step *step, const struct change *change, const Pb__SheetAfter *after) {
    const struct sheet *sheet = change->sheet;
    size_t n_leaves = change->period->n_leaves;
    if (!same_figures(after->appraised, &sheet->appraised, n_leaves))
        return fail(step, "the appraised column is not that of the sheet, with a total of %d",
                    sheet->appraised.total_cp);
    if (!same_figures(after->final, &sheet->final, n_leaves))
        return fail(step, "the final column is not that of the sheet, with a total of %d", sheet->final.total_cp);
    if (after->n_deducted_cp == 0
            ? sheet_has_deductions(sheet)
            : !same_points(after->deducted_cp, after->n_deducted_cp, sheet->deducted_cp, n_leaves))
        return fail(step, "the deductions are not those of the sheet");
    return true;
}

bool settle_sheet(const struct step *step, const struct change *change, const Pb__SheetAfter *after) {
    struct sheet *sheet = change->sheet;
    if (!after)
        return fail(step, "the sheet after it is missing");
    if (after->replaces != change->replaces)
        return fail(step, "the sheet stands at entry %llu", (unsigned long long)change->replaces);
    if (after->sheet_revision != sheet->sheet_revision || after->handed_seq != sheet->handed_seq)
        return fail(step, "the sheet stands at hand-in %u, entry %llu", sheet->sheet_revision,
                    (unsigned long long)sheet->handed_seq);
    if (!same_self(step, change, after) || !same_judgement(step, change, after))
        return false;
    if (!protobuf_c_enum_descriptor_get_value(&pb__sheet_state__descriptor, (int)after->state))
        return fail(step, "the sheet has no state %d", (int)after->state);
    sheet->state = after->state;
    return true;
}
