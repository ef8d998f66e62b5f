// Periods: defined, signed, advanced; their deadlines and those of single units.

#include <stdlib.h>
#include <string.h>

#include "server/ledger/apply.h"

// ---- definitions ----

// A unit is known for ever by its id; what else is said of it is the latest.
static bool register_unit(const struct step *step, const Pb__UnitDefinition *unit, uint32_t number, uint32_t *last) {
    uint8_t name[KEY_NAME_MAX], key[4];
    uint32_t known = unit->id ? view_unit_number(step->view, unit->id) : 0;
    struct span name_key = key_of_name('u', unit->id ? unit->id : "", name);
    if (!good(step) || name_key.size == 0 || number != (known ? known : *last + 1))
        return fail(step, "unit %u is not the number of %s", number, unit->id ? unit->id : "a unit without an id");
    if (!known)
        *last = number;
    return put_number(step, STORE_NAMES, name_key, number) &&
           put_message(step, STORE_UNITS, key_of_number(number, key), &unit->base);
}

static bool register_units(const struct step *step, const Pb__PeriodDefined *defined) {
    uint32_t last = view_last_unit(step->view);
    for (size_t i = 0; i < defined->n_units; i++)
        if (!register_unit(step, defined->definition->units[i], defined->units[i], &last))
            return false;
    return good(step);
}

static bool register_period(const struct step *step, const Pb__PeriodDefined *defined) {
    const char *id = defined->definition->id ? defined->definition->id : "";
    uint8_t name[KEY_NAME_MAX];
    struct span name_key = key_of_name('p', id, name);
    uint32_t known = view_period_number(step->view, id), last = view_last_period(step->view);
    struct period_row row;
    if (!good(step) || name_key.size == 0 || defined->period != (known ? known : last + 1))
        return fail(step, "period %u is not the number of '%s'", defined->period, id);
    if (known && (!view_period_row(step->view, known, &row) || row.state != PB__PERIOD_STATE__DRAFT))
        return fail(step, "period %u is no draft", known);
    return put_number(step, STORE_NAMES, name_key, defined->period);
}

static bool put_definition(const struct step *step, const Pb__PeriodDefined *defined) {
    uint8_t key[4];
    struct period_row *row = pending_add_period(step->ledger, defined->period);
    if (!row)
        return false;
    *row = (struct period_row){.number = defined->period,
                               .state = PB__PERIOD_STATE__DRAFT,
                               .definition_seq = step->entry->seq,
                               .seq = step->entry->seq,
                               .own_seq = step->entry->seq};
    return put_message(step, STORE_DEFINITIONS, key_of_number(defined->period, key), &defined->base);
}

static bool is_voided(const Pb__PeriodDefined *defined, uint32_t unit) {
    for (size_t i = 0; i < defined->n_voided; i++)
        if (defined->voided[i] == unit)
            return true;
    return false;
}

// A draft's sheet holds nothing but a signature: it takes the shape of the new definition, or goes with its unit.
static bool reshape_sheet(const struct step *step, const struct period *period, const Pb__PeriodDefined *defined,
                          uint32_t unit) {
    uint8_t bytes[KEY_SHEET], row[ROW_SHEET_MAX];
    struct span key = key_of_sheet(period->number, unit, bytes), stored;
    struct sheet old, sheet;
    if (period_unit_by_number(period, unit) < 0)
        return store_delete(step->txn, STORE_SHEETS, key) == STORE_OK;
    if (store_get(step->txn, STORE_SHEETS, key, &stored) != STORE_OK)
        return false;
    if (!row_to_sheet(stored, &old))
        return store_damaged(step->txn, STORE_SHEETS, key, "not such a row") == STORE_OK;
    if (old.state != PB__SHEET_STATE__NONE)
        return fail(step, "unit %u has scored already", unit);
    bool voided = is_voided(defined, unit);
    sheet_blank(&sheet, period->n_leaves);
    sheet.signed_seq = voided ? 0 : old.signed_seq;
    sheet.seq = voided ? step->entry->seq : old.seq;
    return put(step, STORE_SHEETS, key, row_from_sheet(&sheet, row));
}

// Units that have a sheet in the period; a list for the caller to free, as a write would end the scan.
static uint32_t *sheet_units(const struct step *step, uint32_t period, size_t *count) {
    uint8_t prefix[4];
    struct span key, row, from = key_of_number(period, prefix);
    uint32_t *units = malloc(PERIOD_UNITS_MAX * sizeof *units);
    struct store_scan *scan = store_scan_open(step->txn, STORE_SHEETS, from, from);
    *count = 0;
    if (!units)
        store_fail(step->txn, STORE_FATAL, "out of memory");
    else if (scan)
        while (*count < PERIOD_UNITS_MAX && store_scan_next(scan, &key, &row) == STORE_OK)
            units[(*count)++] = store_key_get_u32(key.bytes + 4);
    store_scan_close(scan);
    return units;
}

static bool reshape_sheets(const struct step *step, const struct period *period, const Pb__PeriodDefined *defined) {
    size_t count;
    uint32_t *units = sheet_units(step, period->number, &count);
    bool done = units && good(step);
    for (size_t i = 0; i < count && done; i++)
        done = reshape_sheet(step, period, defined, units[i]);
    free(units);
    return done;
}

bool apply_period_defined(const struct step *step) {
    const Pb__PeriodDefined *defined = step->event->period_defined;
    if (!defined->definition || defined->n_units != defined->definition->n_units ||
        defined->n_units > PERIOD_UNITS_MAX || !is_hash(defined->hash))
        return fail(step, "the definition is not whole");
    if (!register_period(step, defined) || !register_units(step, defined) || !put_definition(step, defined) ||
        pending_flush(step->ledger) != STORE_OK)
        return false;
    const struct period *period = view_period(step->view, defined->period);
    if (!period)
        return false;
    if (memcmp(period->hash, defined->hash.data, sizeof period->hash) != 0)
        return fail(step, "the hash is not the definition's");
    return reshape_sheets(step, period, defined);
}

bool apply_signed(const struct step *step) {
    const Pb__Signed *sign = step->event->signed_;
    struct change change;
    if (!open_sheet(step, sign->period, sign->unit, &change))
        return false;
    if (!is_hash(sign->hash) || memcmp(sign->hash.data, change.period->hash, sizeof change.period->hash) != 0)
        return fail(step, "the hash is not the definition's");
    change.sheet->signed_seq = step->entry->seq;
    return true;
}

// ---- the row itself ----

// Changes of a period's own row follow each other.
static bool change_row(const struct step *step, struct period_row *row, uint64_t replaces) {
    if (replaces != row->own_seq)
        return fail(step, "the period's row stands at entry %llu", (unsigned long long)row->own_seq);
    row->own_seq = step->entry->seq;
    return true;
}

// A period that is locked names its final board.
static bool lock_board(const struct step *step, const Pb__PeriodAdvanced *advanced, struct period_row *row) {
    const struct period *period = view_period(step->view, advanced->period);
    if (!period || !view_board_hash(step->view, period, row->board_hash))
        return good(step) && store_fail(step->txn, STORE_FATAL, "out of memory") == STORE_OK;
    return (is_hash(advanced->board_hash) && memcmp(advanced->board_hash.data, row->board_hash, BOARD_HASH) == 0) ||
           fail(step, "the hash is not that of the final board");
}

bool apply_period_advanced(const struct step *step) {
    const Pb__PeriodAdvanced *advanced = step->event->period_advanced;
    struct period_row *row = change_period(step, advanced->period);
    if (!row)
        return false;
    if (row->state != advanced->from)
        return fail(step, "the period is in state %d, not %d", row->state, advanced->from);
    if (!protobuf_c_enum_descriptor_get_value(&pb__period_state__descriptor, (int)advanced->state))
        return fail(step, "a period has no state %d", (int)advanced->state);
    if (!change_row(step, row, advanced->replaces))
        return false;
    row->state = advanced->state;
    if (advanced->state == PB__PERIOD_STATE__LOCKED)
        return lock_board(step, advanced, row);
    return !advanced->has_board_hash || fail(step, "a board is stated, but the period is not locked");
}

// ---- deadlines ----

static bool has_own_deadline(const struct sheet *sheet) {
    return sheet->until_ms != 0 && !sheet->until_passed;
}

// Those that have not passed stand in a table of their own, where the first one is found at once.
static bool put_deadline(const struct step *step, const struct change *change) {
    uint8_t key[KEY_DEADLINE];
    return put(step, STORE_DEADLINES,
               key_of_deadline(change->period->number, change->sheet->until_ms, change->unit, key), (struct span){0});
}

static bool drop_deadline(const struct step *step, const struct change *change) {
    uint8_t key[KEY_DEADLINE];
    struct span row = key_of_deadline(change->period->number, change->sheet->until_ms, change->unit, key);
    return store_delete(step->txn, STORE_DEADLINES, row) == STORE_OK ||
           fail(step, "the deadline of unit %u is not among those that run", change->unit);
}

static bool pass_of_unit(const struct step *step, const Pb__DeadlinePassed *passed) {
    struct change change;
    if (!open_sheet(step, passed->period, passed->unit, &change))
        return false;
    if (!has_own_deadline(change.sheet) || passed->deadline_ms != change.sheet->until_ms || change.row->extended == 0)
        return fail(step, "unit %u has no such deadline of its own", passed->unit);
    change.sheet->until_passed = true;
    change.row->extended--;
    return drop_deadline(step, &change) && settle_sheet(step, &change, passed->after);
}

static bool pass_of_period(const struct step *step, const Pb__DeadlinePassed *passed) {
    struct period_row *row = change_period(step, passed->period);
    const struct period *period = row ? view_period(step->view, passed->period) : NULL;
    if (!period || !change_row(step, row, passed->replaces))
        return false;
    if (row->deadline_passed || passed->deadline_ms != period->definition->deadline_ms)
        return fail(step, "the period has no such deadline ahead");
    row->deadline_passed = true;
    return true;
}

bool apply_deadline_passed(const struct step *step) {
    const Pb__DeadlinePassed *passed = step->event->deadline_passed;
    return (passed->unit ? pass_of_unit : pass_of_period)(step, passed);
}

bool apply_extended(const struct step *step) {
    const Pb__Extended *extended = step->event->extended;
    struct change change;
    if (!open_sheet(step, extended->period, extended->unit, &change))
        return false;
    if (extended->until_ms <= 0)
        return fail(step, "it names no instant");
    bool replaces = has_own_deadline(change.sheet);
    if (replaces && !drop_deadline(step, &change))
        return false;
    change.row->extended += !replaces;
    change.sheet->until_ms = extended->until_ms;
    change.sheet->until_passed = false;
    return put_deadline(step, &change) && settle_sheet(step, &change, extended->after);
}
