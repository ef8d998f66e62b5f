// The audit log is the journal: every entry with the bytes that were hashed.
#include <stdlib.h>
#include <string.h>

#include "server/commands/said.h"
#include "server/commands/subject.h"
#include "server/commands/walk.h"
#include "server/ledger/event.h"

// Of one frame: entries shown, their bytes, and entries looked at.
enum { ENTRIES_PER_FRAME = 64, BYTES_PER_FRAME = 48 * 1024, LOOKS_PER_FRAME = 2000 };

// Which entries are asked for, and those that were found.
struct search {
    struct walk walk;
    struct context *context;
    uint32_t unit;     // 0: any
    const char *actor; // NULL: any
    Pb__AuditReply *reply;
    size_t bytes;
};

// The unit that an entry is about: its event's, or its actor's.
static uint32_t unit_of(const Pb__Entry *entry) {
    uint32_t unit = event_unit(entry->event);
    return unit || !entry->actor ? unit : entry->actor->unit;
}

// ---- the question ----

static bool is_number(const char *text) {
    size_t digits = strspn(text, "0123456789");
    return digits > 0 && digits <= 10 && text[digits] == '\0' && (text[0] != '0' || digits == 1) &&
           strtoull(text, NULL, 10) <= UINT32_MAX;
}

// Whether actor_name can write it so.
static bool is_actor(const char *text) {
    static const char account[] = "account:", local[] = "local:";
    if (strncmp(text, account, sizeof account - 1) == 0)
        return is_number(text + sizeof account - 1) && strcmp(text + sizeof account - 1, "0") != 0;
    if (strncmp(text, local, sizeof local - 1) == 0)
        return is_number(text + sizeof local - 1);
    return strcmp(text, "daemon") == 0;
}

static bool read_question(struct search *search) {
    struct context *context = search->context;
    const Pb__AuditQuery *query = context->request->audit;
    search->actor = query->actor;
    if (query->actor && !is_actor(query->actor))
        return problem(context->problems, REASON_FIELD_VALUE, arg_text("field", "audit.actor"),
                       arg_text("value", query->actor));
    if (query->unit)
        search->unit = subject_registered_unit(context, query->unit);
    return !query->unit || search->unit != 0;
}

static bool is_asked_for(const struct search *search, const Pb__Entry *entry) {
    char actor[ACTOR_NAME_MAX];
    if (search->actor && strcmp(actor_name(entry->actor, actor), search->actor) != 0)
        return false;
    return !search->unit || event_concerns(entry->event, search->unit) ||
           (entry->actor && entry->actor->unit == search->unit);
}

// ---- the entries ----

static bool add_row(struct search *search, const Pb__Entry *entry, const struct journal_entry *raw,
                    const uint8_t prev[JOURNAL_HASH]) {
    struct context *context = search->context;
    uint32_t unit = unit_of(entry);
    CONTEXT_NEW(context, row, Pb__AuditRow, pb__audit_row__init);
    if (!row)
        return false;
    row->record = context_bytes(context, raw->record.bytes, raw->record.size);
    row->prev = context_bytes(context, prev, JOURNAL_HASH);
    row->hash = context_bytes(context, raw->hash, JOURNAL_HASH);
    if (!row->record.data || !row->prev.data || !row->hash.data)
        return false;
    row->has_record = row->has_prev = row->has_hash = true;
    row->unit = unit ? context_unit_id(context, unit) : NULL;
    search->bytes += row->record.len;
    search->reply->rows[search->reply->n_rows++] = row;
    return true;
}

static bool hash_before(struct search *search, uint64_t seq, uint8_t hash[JOURNAL_HASH]) {
    struct journal_entry raw;
    memset(hash, 0, JOURNAL_HASH);
    if (seq <= 1)
        return true;
    if (!walk_to_raw(&search->walk, seq - 1, &raw))
        return false;
    memcpy(hash, raw.hash, JOURNAL_HASH);
    return true;
}

static bool look_at(struct search *search, uint64_t seq, uint8_t hash[JOURNAL_HASH]) {
    struct journal_entry raw;
    const Pb__Entry *entry = walk_to_raw(&search->walk, seq, &raw);
    if (!entry || (is_asked_for(search, entry) && !add_row(search, entry, &raw, hash)))
        return false;
    memcpy(hash, raw.hash, JOURNAL_HASH);
    return true;
}

static bool fill_frame(struct search *search, struct cursor *cursor) {
    uint8_t hash[JOURNAL_HASH];
    if (cursor->seq < cursor->position && !hash_before(search, cursor->seq + 1, hash))
        return false;
    while (cursor->seq < cursor->position && search->reply->n_rows < ENTRIES_PER_FRAME &&
           search->bytes < BYTES_PER_FRAME && walk_goes_on(&search->walk))
        if (!look_at(search, ++cursor->seq, hash))
            return false;
    return true;
}

// An empty frame is sent only where it is the last one.
static void show_frame(const struct search *search, const struct cursor *cursor, Pb__Response *response) {
    bool more = cursor->seq < cursor->position;
    search->context->again = more && search->reply->n_rows == 0;
    if (search->context->again)
        return;
    response->has_more = response->more = more;
    response->body_case = PB__RESPONSE__BODY_AUDIT;
    response->audit = search->reply;
}

// The entries that stood when the first frame was made; later ones are for a later question.
void audit_list(struct context *context, struct cursor *cursor, Pb__Response *response) {
    struct search search = {.context = context};
    CONTEXT_NEW(context, reply, Pb__AuditReply, pb__audit_reply__init);
    if (!cursor->begun) {
        cursor->seq = context->request->audit->since;
        cursor->position = view_seq(context->view);
        cursor->begun = true;
    }
    if (!reply || !(reply->rows = CONTEXT_LIST(context, Pb__AuditRow *, ENTRIES_PER_FRAME)) || !read_question(&search))
        return;
    search.reply = reply;
    if (walk_begin(&search.walk, context, LOOKS_PER_FRAME) && fill_frame(&search, cursor))
        show_frame(&search, cursor, response);
    walk_end(&search.walk);
}

// ---- receipts ----

static Pb__ReceiptVerdict judge(struct context *context, const Pb__ReceiptQuery *receipt, const Pb__Entry **entry) {
    struct branch branch;
    struct journal_entry raw;
    if (!view_branch(context->view, receipt->branch.data, &branch))
        return PB__RECEIPT_VERDICT__ANOTHER_LEDGER;
    if (receipt->seq > branch.last)
        return PB__RECEIPT_VERDICT__LOST_BY_RESTORE;
    if (receipt->seq < branch.first)
        return PB__RECEIPT_VERDICT__ANOTHER_ENTRY;
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
