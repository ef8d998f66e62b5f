// What each event does to the rows. An event has been decided: here it is only compared with what stands.

#include "server/ledger/apply.h"

#include <stdlib.h>
#include <string.h>

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

static applier *const appliers[] = {
    [PB__EVENT__BODY_FOUNDED] = apply_founded,
    [PB__EVENT__BODY_NOTED] = apply_noted,
    [PB__EVENT__BODY_RESTORED] = apply_restored,
    [PB__EVENT__BODY_INVITED] = apply_invited,
    [PB__EVENT__BODY_ENROLLED] = apply_enrolled,
    [PB__EVENT__BODY_REVOKED] = apply_revoked,
    [PB__EVENT__BODY_ACCOUNTS_CONFIRMED] = apply_accounts_confirmed,
    [PB__EVENT__BODY_PERIOD_DEFINED] = apply_period_defined,
    [PB__EVENT__BODY_PERIOD_ADVANCED] = apply_period_advanced,
    [PB__EVENT__BODY_SIGNED] = apply_signed,
    [PB__EVENT__BODY_DEADLINE_PASSED] = apply_deadline_passed,
    [PB__EVENT__BODY_EXTENDED] = apply_extended,
    [PB__EVENT__BODY_SCORE_SET] = apply_score_set,
    [PB__EVENT__BODY_SHEET_SUBMITTED] = apply_sheet_submitted,
    [PB__EVENT__BODY_LINES_APPRAISED] = apply_lines_appraised,
    [PB__EVENT__BODY_ADJUSTED] = apply_adjusted,
    [PB__EVENT__BODY_SHEET_RETURNED] = apply_sheet_returned,
    [PB__EVENT__BODY_LINE_EXPLAINED] = apply_line_explained,
    [PB__EVENT__BODY_SHEETS_FINALIZED] = apply_sheets_finalized,
    [PB__EVENT__BODY_HELD] = apply_held,
    [PB__EVENT__BODY_NOMINATED] = apply_nominated,
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

// Its time, and how far the clock went back for it.
static bool in_time(const struct step *step) {
    int64_t before = step->ledger->tip_time_ms, time = step->entry->time_ms;
    int64_t back = step->ledger->tip.seq != 0 && time < before ? before - time : 0;
    if (time < 0)
        return fail(step, "its time is before 1970");
    return step->entry->clock_back_ms == back || fail(step, "the clock went back by %lld ms, and it says %lld",
                                                      (long long)back, (long long)step->entry->clock_back_ms);
}

// Behind these is no account: the daemon's own, and the enrolment by which somebody becomes one.
static bool is_nobodys(const Pb__Event *event) {
    static const Pb__Event__BodyCase events[] = {PB__EVENT__BODY_FOUNDED, PB__EVENT__BODY_NOTED,
                                                 PB__EVENT__BODY_RESTORED, PB__EVENT__BODY_ENROLLED,
                                                 PB__EVENT__BODY_DEADLINE_PASSED};
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        if (events[i] == event->body_case)
            return true;
    return false;
}

static bool has_actor(const struct step *step) {
    const Pb__Actor *actor = step->entry->actor;
    if (!actor)
        return fail(step, "it names nobody who did it");
    bool known = actor->has_role && protobuf_c_enum_descriptor_get_value(&pb__role__descriptor, (int)actor->role);
    return known || (!actor->has_role && is_nobodys(step->event)) || fail(step, "who did it has no such role");
}

bool ledger_apply(struct ledger *ledger, const Pb__Entry *entry, const struct journal_entry *raw) {
    const Pb__Event none = PB__EVENT__INIT;
    struct step step = {ledger, &ledger->writing, ledger->writing.txn, entry, entry->event ? entry->event : &none};
    cache_trim(ledger);
    if (!good(&step) || !in_order(&step, raw) || !in_time(&step) || !has_actor(&step) || !remember(ledger, raw) ||
        !apply_event(&step) || !put_submission(&step))
        return false;
    ledger->tip.seq = raw->seq;
    memcpy(ledger->tip.hash, raw->hash, JOURNAL_HASH);
    ledger->tip_time_ms = entry->time_ms;
    return true;
}
