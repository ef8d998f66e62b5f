#include "server/ledger/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/ledger/folder.h"
#include "server/ledger/ledger_state.h"
#include "server/ledger/rows.h"

struct ledger *ledger_new(struct store *store, struct journal *journal) {
    struct ledger *ledger = calloc(1, sizeof *ledger);
    if (!ledger)
        return NULL;
    ledger->store = store;
    ledger->journal = journal;
    ledger->reading = (struct view){.ledger = ledger};
    ledger->writing = (struct view){.ledger = ledger, .writing = true};
    return ledger;
}

void ledger_free(struct ledger *ledger) {
    if (!ledger)
        return;
    ledger_abort(ledger);
    store_abort(ledger->reading.txn);
    cache_free(ledger);
    free(ledger->entries);
    free(ledger);
}

bool ledger_check_format(struct store *store, char *error, size_t error_size) {
    enum store_status status;
    struct store_txn *txn = store_begin_read(store, &status);
    if (!txn)
        return folder_complain(error, error_size, "%s: the store cannot be read", store_folder(store));
    struct span value;
    struct journal_tip tip = {0};
    status = journal_local_tip(txn, &tip);
    bool empty = status == STORE_OK && tip.seq == 0;
    if (status == STORE_OK)
        status = store_get(txn, STORE_META, key_of_text("format"), &value);
    uint32_t format = status == STORE_OK && value.size == 4 ? store_key_get_u32(value.bytes) : 0;
    bool good = format == LEDGER_FORMAT || (status == STORE_ABSENT && empty);
    if (good)
        *error = '\0';
    else if (format > LEDGER_FORMAT)
        folder_complain(error, error_size,
                        "%s was written by a newer thiduad (format %u; this one knows %d); install that version",
                        store_folder(store), format, LEDGER_FORMAT);
    else
        folder_complain(error, error_size, "%s: %s; restore a backup", store_folder(store),
                        store_fault(txn) ? store_fault_text(txn) : "the store does not say its format");
    store_abort(txn);
    return good;
}

// ---- reading ----

const struct view *ledger_read_begin(struct ledger *ledger) {
    struct view *view = &ledger->reading;
    enum store_status status = STORE_OK;
    cache_trim(ledger);
    if (!view->txn)
        view->txn = store_begin_read(ledger->store, &status);
    else
        status = store_renew(view->txn);
    return view->txn && status == STORE_OK ? view : NULL;
}

void ledger_read_end(struct ledger *ledger) {
    if (ledger->reading.txn)
        store_reset(ledger->reading.txn);
}

// ---- writing ----

static void forget_entries(struct ledger *ledger) {
    for (size_t i = 0; i < ledger->n_entries; i++)
        free((void *)(uintptr_t)ledger->entries[i].record.bytes);
    ledger->n_entries = 0;
}

static void end_write(struct ledger *ledger) {
    ledger->writing.txn = NULL;
    pending_clear(ledger);
    forget_entries(ledger);
}

// The transaction has come to nothing.
static void undo(struct ledger *ledger) {
    end_write(ledger);
    ledger->tip = ledger->base;
    ledger->tip_time_ms = ledger->base_time_ms;
    cache_forget_after(ledger, ledger->base.seq);
}

// The time of the entry at the tip is needed at the first transaction, and after entries that came from elsewhere.
static enum store_status read_tip(struct ledger *ledger) {
    struct store_txn *txn = ledger->writing.txn;
    struct journal_tip tip = {0};
    if (journal_local_tip(txn, &tip) != STORE_OK)
        return store_fault(txn);
    bool known = tip.seq == ledger->base.seq && memcmp(tip.hash, ledger->base.hash, JOURNAL_HASH) == 0;
    if (!known && tip.seq != 0) {
        struct arena *arena = arena_new(UNPACK_BUDGET);
        const Pb__Entry *entry = arena ? view_entry(&ledger->writing, tip.seq, arena, NULL) : NULL;
        ledger->base_time_ms = entry ? entry->time_ms : 0;
        arena_free(arena);
        if (!entry)
            return store_fail(txn, STORE_FATAL, "the last entry: out of memory");
    }
    ledger->base = ledger->tip = tip;
    ledger->tip_time_ms = ledger->base_time_ms;
    return STORE_OK;
}

enum store_status ledger_write_begin(struct ledger *ledger) {
    enum store_status status;
    ledger->fault[0] = '\0';
    cache_trim(ledger);
    ledger->writing.txn = store_begin_write(ledger->store, &status);
    if (!ledger->writing.txn) {
        snprintf(ledger->fault, sizeof ledger->fault, "%s", store_write_error(ledger->store));
        return status;
    }
    status = read_tip(ledger);
    if (status == STORE_OK)
        return STORE_OK;
    ledger_abort(ledger);
    return status;
}

const struct view *ledger_view(struct ledger *ledger) {
    return &ledger->writing;
}

const struct journal_tip *ledger_tip(const struct ledger *ledger) {
    return &ledger->tip;
}

int64_t ledger_tip_time(const struct ledger *ledger) {
    return ledger->tip_time_ms;
}

const struct journal_entry *ledger_pending(const struct ledger *ledger, size_t *count) {
    *count = ledger->n_entries;
    return ledger->entries;
}

struct store_txn *ledger_txn(struct ledger *ledger) {
    return ledger->writing.txn;
}

bool ledger_enter(struct ledger *ledger, Pb__Entry *entry, int64_t now_ms, struct arena *arena,
                  struct journal_entry *raw) {
    int64_t before = ledger->tip_time_ms;
    entry->has_seq = entry->has_time_ms = true;
    entry->seq = ledger->tip.seq + 1;
    entry->time_ms = now_ms;
    entry->has_clock_back_ms = now_ms < before;
    entry->clock_back_ms = now_ms < before ? before - now_ms : 0;
    size_t size = pb__entry__get_packed_size(entry);
    uint8_t *bytes = arena_alloc(arena, size);
    *raw = (struct journal_entry){.seq = entry->seq, .record = {bytes, size}};
    if (bytes)
        pb__entry__pack(entry, bytes);
    if (!bytes || !journal_hash(ledger->tip.hash, raw->record, raw->hash))
        return store_fail(ledger->writing.txn, STORE_FATAL, "an entry: out of memory") == STORE_OK;
    return ledger_apply(ledger, entry, raw);
}

enum store_status ledger_flush(struct ledger *ledger) {
    return pending_flush(ledger);
}

enum store_status ledger_keep(struct ledger *ledger) {
    struct store_txn *txn = ledger->writing.txn;
    for (size_t i = 0; i < ledger->n_entries; i++)
        if (journal_local_append(txn, &ledger->entries[i]) != STORE_OK)
            return store_fault(txn);
    forget_entries(ledger);
    return STORE_OK;
}

// One entry of the journal that this store does not have yet.
static bool take_over(struct ledger *ledger, uint64_t seq, struct arena *arena) {
    struct store_txn *txn = ledger->writing.txn;
    struct journal_entry raw;
    uint8_t hash[JOURNAL_HASH];
    if (ledger->journal->read(ledger->journal, txn, seq, &raw) != JOURNAL_OK)
        return store_fail(txn, STORE_FATAL, "the journal cannot be read") == STORE_OK;
    if (!journal_hash(ledger->tip.hash, raw.record, hash) || memcmp(hash, raw.hash, JOURNAL_HASH) != 0)
        return store_fail(txn, STORE_FATAL, "the journal's chain of hashes is broken") == STORE_OK;
    arena_reset(arena);
    const Pb__Entry *entry = pb__entry__unpack(arena_allocator(arena), raw.record.size, raw.record.bytes);
    if (!entry)
        return store_fail(txn, STORE_FATAL, "an entry of the journal cannot be decoded") == STORE_OK;
    if (!ledger_apply(ledger, entry, &raw))
        return store_fail(txn, STORE_FATAL, ledger_fault(ledger)) == STORE_OK;
    return ledger_keep(ledger) == STORE_OK;
}

enum store_status ledger_catch_up(struct ledger *ledger, size_t limit, size_t *count) {
    struct store_txn *txn = ledger->writing.txn;
    struct journal_tip tip;
    *count = 0;
    if (ledger->journal->tip(ledger->journal, txn, &tip) != JOURNAL_OK)
        return store_fail(txn, STORE_FATAL, "the journal cannot be read");
    if (tip.seq <= ledger->tip.seq)
        return STORE_OK;
    struct arena *arena = arena_new(UNPACK_BUDGET);
    if (!arena)
        return store_fail(txn, STORE_FATAL, "out of memory");
    while (ledger->tip.seq < tip.seq && *count < limit && take_over(ledger, ledger->tip.seq + 1, arena))
        ++*count;
    arena_free(arena);
    return store_fault(txn);
}

enum store_status ledger_commit(struct ledger *ledger) {
    enum store_status status = store_commit(ledger->writing.txn);
    if (status == STORE_OK) {
        ledger->base = ledger->tip;
        ledger->base_time_ms = ledger->tip_time_ms;
        end_write(ledger);
        return STORE_OK;
    }
    undo(ledger);
    snprintf(ledger->fault, sizeof ledger->fault, "%s", store_write_error(ledger->store));
    return status;
}

void ledger_abort(struct ledger *ledger) {
    if (!ledger->writing.txn)
        return;
    if (store_fault(ledger->writing.txn) != STORE_OK)
        snprintf(ledger->fault, sizeof ledger->fault, "%s", store_fault_text(ledger->writing.txn));
    store_abort(ledger->writing.txn);
    undo(ledger);
}

const char *ledger_fault(const struct ledger *ledger) {
    if (ledger->writing.txn && store_fault(ledger->writing.txn) != STORE_OK)
        return store_fault_text(ledger->writing.txn);
    return ledger->fault;
}
