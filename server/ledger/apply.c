// What each event does to the rows. An event has been decided: here it is only compared with what stands.

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/ledger/ledger_state.h"
#include "server/ledger/rows.h"
#include "server/rules/points.h"

struct step {
    struct ledger *ledger;
    const struct view *view;
    struct store_txn *txn;
    const Pb__Entry *entry;
    const Pb__Event *event;
};

static const char *event_name(const Pb__Event *event) {
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(&pb__event__descriptor, event->body_case);
    return field ? field->name : "no event";
}

// Always false: what the event states is not what stands. A fault of the store that led here goes first.
static bool fail(const struct step *step, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool fail(const struct step *step, const char *format, ...) {
    char *out = step->ledger->fault;
    size_t room = sizeof step->ledger->fault;
    int n = snprintf(out, room, "entry %llu, %s: ", (unsigned long long)step->entry->seq, event_name(step->event));
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(out + n, room - (size_t)n, format, arguments);
    va_end(arguments);
    return false;
}

static bool good(const struct step *step) {
    return store_fault(step->txn) == STORE_OK;
}

static bool is_hash(ProtobufCBinaryData bytes) {
    return bytes.len == 32 && bytes.data;
}

// ---- writing rows ----

static bool put(const struct step *step, enum store_table table, struct span key, struct span row) {
    return store_put(step->txn, table, key, row) == STORE_OK;
}

static bool put_number(const struct step *step, enum store_table table, struct span key, uint32_t number) {
    uint8_t row[4];
    return put(step, table, key, key_of_number(number, row));
}

static bool put_message(const struct step *step, enum store_table table, struct span key,
                        const ProtobufCMessage *message) {
    size_t size = protobuf_c_message_get_packed_size(message);
    uint8_t *bytes = malloc(size ? size : 1);
    if (!bytes)
        return store_fail(step->txn, STORE_FATAL, "out of memory") == STORE_OK;
    protobuf_c_message_pack(message, bytes);
    bool done = put(step, table, key, (struct span){bytes, size});
    free(bytes);
    return done;
}

static bool put_account(const struct step *step, struct account *account) {
    uint8_t key[4], row[ROW_ACCOUNT_MAX];
    account->seq = step->entry->seq;
    return put(step, STORE_ACCOUNTS, key_of_number(account->number, key), row_from_account(account, row));
}

// The period's row, pending, marked as changed by this entry. NULL: failed.
static struct period_row *change_period(const struct step *step, uint32_t number) {
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

// The unit's sheet, pending, marked as changed by this entry. NULL: failed.
static struct sheet *change_sheet(const struct step *step, const struct period *period, uint32_t unit) {
    struct sheet now;
    if (period_unit_by_number(period, unit) < 0) {
        fail(step, "unit %u takes no part in period %u", unit, period->number);
        return NULL;
    }
    if (!view_sheet(step->view, period, unit, &now))
        return NULL;
    struct sheet *sheet = pending_add_sheet(step->ledger, period->number, unit);
    if (!sheet)
        return NULL;
    *sheet = now;
    sheet->seq = step->entry->seq;
    return sheet;
}

// ---- the ledger itself ----

static bool apply_founded(const struct step *step) {
    const Pb__Founded *founded = step->event->founded;
    uint8_t format[4];
    if (step->entry->seq != 1 || founded->ledger.len != 16)
        return fail(step, "a ledger begins with its id, at entry 1");
    if (founded->format > LEDGER_FORMAT)
        return fail(step, "format %u is newer than this program", founded->format);
    struct span id = {founded->ledger.data, founded->ledger.len};
    return put(step, STORE_META, key_of_text("format"), key_of_number(LEDGER_FORMAT, format)) &&
           put(step, STORE_META, key_of_text("ledger"), id) && put(step, STORE_META, key_of_text("branch"), id);
}

static bool apply_noted(const struct step *step) {
    return good(step);
}

// ---- accounts ----

static bool new_account(const struct step *step, const Pb__Invited *invited, struct account *account) {
    uint32_t last = view_last_account(step->view);
    if (!good(step) || invited->account != last + 1)
        return fail(step, "account %u does not follow %u", invited->account, last);
    *account = (struct account){
        .number = invited->account, .role = invited->role, .unit = invited->unit, .created_ms = step->entry->time_ms};
    return true;
}

static bool old_account(const struct step *step, const Pb__Invited *invited, struct account *account) {
    if (!view_account(step->view, invited->account, account))
        return fail(step, "there is no account %u", invited->account);
    store_delete(step->txn, STORE_INVITES, (struct span){account->code_hash, sizeof account->code_hash});
    return good(step);
}

static bool apply_invited(const struct step *step) {
    const Pb__Invited *invited = step->event->invited;
    struct account account = {0}, other;
    if (!is_hash(invited->code_hash) || (invited->label && strlen(invited->label) > LABEL_MAX))
        return fail(step, "no code, or a label that is too long");
    if (view_account_by_code(step->view, invited->code_hash.data, &other))
        return fail(step, "the code belongs to account %u", other.number);
    if (!(invited->replaces ? old_account : new_account)(step, invited, &account))
        return false;
    if (invited->label)
        snprintf(account.label, sizeof account.label, "%s", invited->label);
    memcpy(account.code_hash, invited->code_hash.data, sizeof account.code_hash);
    account.code_expires_ms = invited->expires_ms;
    account.code_spent = false;
    return put_account(step, &account) &&
           put_number(step, STORE_INVITES, (struct span){account.code_hash, sizeof account.code_hash}, account.number);
}

static bool apply_enrolled(const struct step *step) {
    const Pb__Enrolled *enrolled = step->event->enrolled;
    struct account account;
    if (!view_account(step->view, enrolled->account, &account))
        return fail(step, "there is no account %u", enrolled->account);
    if (!is_hash(enrolled->verifier) || !is_hash(enrolled->code_hash) || account.code_spent ||
        memcmp(account.code_hash, enrolled->code_hash.data, sizeof account.code_hash) != 0)
        return fail(step, "not the code of account %u", enrolled->account);
    account.enrolled = account.code_spent = true;
    account.expires_ms = enrolled->expires_ms;
    memcpy(account.verifier, enrolled->verifier.data, sizeof account.verifier);
    return put_account(step, &account);
}

static bool apply_revoked(const struct step *step) {
    struct account account;
    if (!view_account(step->view, step->event->revoked->account, &account))
        return fail(step, "there is no account %u", step->event->revoked->account);
    account.revoked = true;
    return put_account(step, &account);
}

// ---- periods ----

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
                               .seq = step->entry->seq};
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

static bool apply_period_defined(const struct step *step) {
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

static bool apply_period_advanced(const struct step *step) {
    const Pb__PeriodAdvanced *advanced = step->event->period_advanced;
    struct period_row *row = change_period(step, advanced->period);
    if (!row)
        return false;
    if (row->state != advanced->from)
        return fail(step, "the period is in state %d, not %d", row->state, advanced->from);
    row->state = advanced->state;
    return true;
}

static bool apply_signed(const struct step *step) {
    const Pb__Signed *sign = step->event->signed_;
    struct period_row *row = change_period(step, sign->period);
    const struct period *period = row ? view_period(step->view, sign->period) : NULL;
    struct sheet *sheet = period ? change_sheet(step, period, sign->unit) : NULL;
    if (!sheet)
        return false;
    if (!is_hash(sign->hash) || memcmp(sign->hash.data, period->hash, sizeof period->hash) != 0)
        return fail(step, "the hash is not the definition's");
    sheet->signed_seq = step->entry->seq;
    return true;
}

static bool apply_deadline_passed(const struct step *step) {
    struct period_row *row = change_period(step, step->event->deadline_passed->period);
    if (!row)
        return false;
    row->deadline_passed = true;
    return true;
}

// ---- scores ----

static bool set_line(const struct step *step, const struct period *period, uint32_t unit, const Pb__LineSet *set,
                     struct sheet *sheet) {
    uint8_t key[KEY_LINE], row[ROW_LINE_MAX];
    struct line old = {.points_cp = POINTS_NONE}, line;
    if (set->leaf >= period->n_leaves)
        return fail(step, "there is no leaf %u", set->leaf);
    if (!view_line(step->view, period->number, unit, set->leaf, &old) && !good(step))
        return false;
    if (set->replaces != old.seq || set->revision != old.revision + 1 ||
        (set->has_from_cp ? set->from_cp : POINTS_NONE) != old.points_cp)
        return fail(step, "leaf %u stands at revision %u of entry %llu, with %d", set->leaf, old.revision,
                    (unsigned long long)old.seq, old.points_cp);
    line = (struct line){.points_cp = set->points_cp,
                         .revision = set->revision,
                         .seq = step->entry->seq,
                         .has_actual = set->has_actual,
                         .actual = set->has_actual ? set->actual : 0};
    sheet->self_cp[set->leaf] = set->points_cp;
    return put(step, STORE_LINES, key_of_line(period->number, unit, set->leaf, key), row_from_line(&line, row));
}

// Takes over what the event says of the sheet, which must be what its lines give: a total is the sum of its lines.
static bool settle_sheet(const struct step *step, const struct period *period, uint64_t replaces,
                         const Pb__SheetAfter *after, struct sheet *sheet) {
    if (after->replaces != replaces)
        return fail(step, "the sheet stands at entry %llu", (unsigned long long)replaces);
    if (after->n_self_cp != period->n_leaves ||
        memcmp(after->self_cp, sheet->self_cp, period->n_leaves * sizeof *sheet->self_cp) != 0)
        return fail(step, "the lines are not those of the sheet");
    if (after->self_total_cp != points_sum(period, sheet->self_cp))
        return fail(step, "the total %d is not the sum %d", after->self_total_cp, points_sum(period, sheet->self_cp));
    if (!protobuf_c_enum_descriptor_get_value(&pb__sheet_state__descriptor, (int)after->state))
        return fail(step, "the sheet has no state %d", (int)after->state);
    sheet->state = after->state;
    sheet->sheet_revision = after->sheet_revision;
    sheet->self_total_cp = after->self_total_cp;
    return true;
}

// The sheet to change, and the entry that it replaces.
static struct sheet *open_sheet(const struct step *step, uint32_t number, uint32_t unit, const struct period **period,
                                uint64_t *replaces) {
    struct sheet now;
    *period = change_period(step, number) ? view_period(step->view, number) : NULL;
    if (!*period || !view_sheet(step->view, *period, unit, &now))
        return NULL;
    *replaces = now.seq;
    return change_sheet(step, *period, unit);
}

static bool apply_score_set(const struct step *step) {
    const Pb__ScoreSet *score = step->event->score_set;
    const struct period *period;
    uint64_t replaces;
    struct sheet *sheet = open_sheet(step, score->period, score->unit, &period, &replaces);
    if (!sheet)
        return false;
    for (size_t i = 0; i < score->n_lines; i++)
        if (!set_line(step, period, score->unit, score->lines[i], sheet))
            return false;
    if (!score->after)
        return fail(step, "the sheet after it is missing");
    return settle_sheet(step, period, replaces, score->after, sheet);
}

static bool apply_sheet_submitted(const struct step *step) {
    const Pb__SheetSubmitted *submitted = step->event->sheet_submitted;
    const struct period *period;
    uint64_t replaces;
    struct sheet *sheet = open_sheet(step, submitted->period, submitted->unit, &period, &replaces);
    if (!sheet)
        return false;
    if (!submitted->after || submitted->after->sheet_revision != sheet->sheet_revision + 1 ||
        submitted->after->state != PB__SHEET_STATE__SUBMITTED)
        return fail(step, "it does not follow hand-in %u", sheet->sheet_revision);
    if (!settle_sheet(step, period, replaces, submitted->after, sheet))
        return false;
    memcpy(sheet->handed_cp, sheet->self_cp, sizeof sheet->handed_cp);
    sheet->handed_total_cp = sheet->self_total_cp;
    sheet->handed_seq = step->entry->seq;
    sheet->late = submitted->late;
    return true;
}

// ---- all events ----

static bool (*const appliers[])(const struct step *step) = {
    [PB__EVENT__BODY_FOUNDED] = apply_founded,
    [PB__EVENT__BODY_NOTED] = apply_noted,
    [PB__EVENT__BODY_INVITED] = apply_invited,
    [PB__EVENT__BODY_ENROLLED] = apply_enrolled,
    [PB__EVENT__BODY_REVOKED] = apply_revoked,
    [PB__EVENT__BODY_PERIOD_DEFINED] = apply_period_defined,
    [PB__EVENT__BODY_PERIOD_ADVANCED] = apply_period_advanced,
    [PB__EVENT__BODY_SIGNED] = apply_signed,
    [PB__EVENT__BODY_DEADLINE_PASSED] = apply_deadline_passed,
    [PB__EVENT__BODY_SCORE_SET] = apply_score_set,
    [PB__EVENT__BODY_SHEET_SUBMITTED] = apply_sheet_submitted,
};

static bool apply_event(const struct step *step) {
    size_t number = (size_t)step->event->body_case;
    if (number >= sizeof appliers / sizeof *appliers || !appliers[number])
        return fail(step, "this program does not know the event %zu", number);
    return appliers[number](step) && good(step);
}

// A submission id names its request for ever.
static bool put_submission(const struct step *step) {
    const Pb__Entry *entry = step->entry;
    if (!entry->has_submission)
        return true;
    if (entry->submission.len != 16 || !entry->actor)
        return fail(step, "the submission's id or its actor is missing");
    uint32_t owner = entry->actor->unit ? entry->actor->unit : SUBMISSION_BY_ACCOUNT | entry->actor->account;
    uint64_t known = view_submission(step->view, entry->submission.data, owner);
    if (known)
        return fail(step, "the submission is known as entry %llu", (unsigned long long)known);
    uint8_t key[KEY_SUBMISSION], row[8];
    store_key_u64(row, entry->seq);
    return good(step) && put(step, STORE_SUBMISSIONS, key_of_submission(entry->submission.data, owner, key),
                             (struct span){row, sizeof row});
}

// Keeps a copy of the entry for the journal.
static bool remember(struct ledger *ledger, const struct journal_entry *raw) {
    if (ledger->n_entries == ledger->room) {
        size_t room = ledger->room ? 2 * ledger->room : 64;
        struct journal_entry *grown = realloc(ledger->entries, room * sizeof *grown);
        if (!grown)
            return store_fail(ledger->writing.txn, STORE_FATAL, "out of memory") == STORE_OK;
        ledger->entries = grown;
        ledger->room = room;
    }
    uint8_t *record = malloc(raw->record.size ? raw->record.size : 1);
    if (!record)
        return store_fail(ledger->writing.txn, STORE_FATAL, "out of memory") == STORE_OK;
    memcpy(record, raw->record.bytes, raw->record.size);
    ledger->entries[ledger->n_entries] = *raw;
    ledger->entries[ledger->n_entries++].record.bytes = record;
    return true;
}

static bool in_order(const struct step *step, const struct journal_entry *raw) {
    uint64_t tip = step->ledger->tip.seq;
    if (raw->seq != tip + 1 || step->entry->seq != raw->seq)
        return fail(step, "it does not follow entry %llu", (unsigned long long)tip);
    if (tip == 0 && step->event->body_case != PB__EVENT__BODY_FOUNDED)
        return fail(step, "a ledger begins with its founding");
    return true;
}

bool ledger_apply(struct ledger *ledger, const Pb__Entry *entry, const struct journal_entry *raw) {
    const Pb__Event none = PB__EVENT__INIT;
    struct step step = {ledger, &ledger->writing, ledger->writing.txn, entry, entry->event ? entry->event : &none};
    cache_trim(ledger);
    if (!good(&step) || !in_order(&step, raw) || !remember(ledger, raw) || !apply_event(&step) ||
        !put_submission(&step))
        return false;
    ledger->tip.seq = raw->seq;
    memcpy(ledger->tip.hash, raw->hash, JOURNAL_HASH);
    ledger->tip_time_ms = entry->time_ms;
    return true;
}
