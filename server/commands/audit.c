// The audit log is the journal: every entry with the bytes that were hashed.
#include <string.h>

#include "server/commands/context.h"

enum { ENTRIES_PER_FRAME = 64, BYTES_PER_FRAME = 48 * 1024 };

// The unit that an entry is about: its event's, or its actor's.
static uint32_t unit_of(const Pb__Entry *entry) {
    switch (entry->event->body_case) {
    case PB__EVENT__BODY_INVITED:
        return entry->event->invited->unit;
    case PB__EVENT__BODY_SIGNED:
        return entry->event->signed_->unit;
    case PB__EVENT__BODY_SCORE_SET:
        return entry->event->score_set->unit;
    case PB__EVENT__BODY_SHEET_SUBMITTED:
        return entry->event->sheet_submitted->unit;
    default:
        return entry->actor ? entry->actor->unit : 0;
    }
}

static Pb__AuditRow *audit_row(struct context *context, uint64_t seq, const uint8_t prev[JOURNAL_HASH],
                               uint8_t hash[JOURNAL_HASH]) {
    struct journal_entry raw;
    const Pb__Entry *entry = view_entry(context->view, seq, context->arena, &raw);
    CONTEXT_NEW(context, row, Pb__AuditRow, pb__audit_row__init);
    if (!entry || !row)
        return NULL;
    memcpy(hash, raw.hash, JOURNAL_HASH);
    row->record = context_bytes(context, raw.record.bytes, raw.record.size);
    row->prev = context_bytes(context, prev, JOURNAL_HASH);
    row->hash = context_bytes(context, hash, JOURNAL_HASH);
    if (!row->record.data || !row->prev.data || !row->hash.data)
        return NULL;
    row->has_record = row->has_prev = row->has_hash = true;
    uint32_t unit = unit_of(entry);
    row->unit = unit ? context_unit_id(context, unit) : NULL;
    return row;
}

static bool hash_before(struct context *context, uint64_t seq, uint8_t hash[JOURNAL_HASH]) {
    struct journal_entry raw;
    memset(hash, 0, JOURNAL_HASH);
    if (seq <= 1)
        return true;
    if (!view_entry(context->view, seq - 1, context->arena, &raw))
        return false;
    memcpy(hash, raw.hash, JOURNAL_HASH);
    return true;
}

// The entries that stood when the first frame was made; later ones are for a later question.
void audit_list(struct context *context, struct cursor *cursor, Pb__Response *response) {
    uint8_t hash[JOURNAL_HASH];
    size_t bytes = 0;
    CONTEXT_NEW(context, reply, Pb__AuditReply, pb__audit_reply__init);
    if (!cursor->begun) {
        cursor->seq = context->request->audit->since;
        cursor->position = view_seq(context->view);
        cursor->begun = true;
    }
    if (!reply || !(reply->rows = CONTEXT_LIST(context, Pb__AuditRow *, ENTRIES_PER_FRAME)))
        return;
    if (cursor->seq < cursor->position && !hash_before(context, cursor->seq + 1, hash))
        return;
    while (cursor->seq < cursor->position && reply->n_rows < ENTRIES_PER_FRAME && bytes < BYTES_PER_FRAME) {
        uint8_t prev[JOURNAL_HASH];
        memcpy(prev, hash, sizeof prev);
        Pb__AuditRow *row = audit_row(context, ++cursor->seq, prev, hash);
        if (!row)
            return;
        bytes += row->record.len;
        reply->rows[reply->n_rows++] = row;
    }
    response->has_more = response->more = cursor->seq < cursor->position;
    response->body_case = PB__RESPONSE__BODY_AUDIT;
    response->audit = reply;
}

// ---- receipts ----

static Pb__ReceiptVerdict judge(struct context *context, const Pb__ReceiptQuery *receipt, const Pb__Entry **entry) {
    uint8_t ledger[LEDGER_ID_SIZE], branch[LEDGER_ID_SIZE];
    struct journal_entry raw;
    if (!view_ledger_id(context->view, ledger, branch) || memcmp(branch, receipt->branch.data, sizeof branch) != 0)
        return PB__RECEIPT_VERDICT__ANOTHER_LEDGER;
    if (receipt->seq > view_seq(context->view))
        return PB__RECEIPT_VERDICT__NO_SUCH_ENTRY;
    *entry = view_entry(context->view, receipt->seq, context->arena, &raw);
    bool same =
        *entry && (*entry)->time_ms == receipt->time_ms && memcmp(raw.hash, receipt->hash.data, JOURNAL_HASH) == 0;
    return same ? PB__RECEIPT_VERDICT__GENUINE : PB__RECEIPT_VERDICT__ANOTHER_ENTRY;
}

void receipt_verify(struct context *context, struct cursor *cursor, Pb__Response *response) {
    (void)cursor;
    const Pb__Entry *entry = NULL;
    CONTEXT_NEW(context, reply, Pb__ReceiptReply, pb__receipt_reply__init);
    if (!reply)
        return;
    reply->has_verdict = true;
    reply->verdict = judge(context, context->request->receipt, &entry);
    if (reply->verdict == PB__RECEIPT_VERDICT__GENUINE) {
        uint32_t unit = unit_of(entry);
        reply->event = protobuf_c_message_descriptor_get_field(&pb__event__descriptor, entry->event->body_case)->name;
        reply->unit = unit ? context_unit_id(context, unit) : NULL;
    }
    response->body_case = PB__RESPONSE__BODY_RECEIPT;
    response->receipt = reply;
}
