// The journal in the daemon's own store: its entries are the local copy, made in the same transaction.

#include <stdlib.h>

#include "server/ledger/journal.h"

static enum journal_result result_of(enum store_status status) {
    switch (status) {
    case STORE_OK:
        return JOURNAL_OK;
    case STORE_ABSENT:
        return JOURNAL_MOVED;
    case STORE_MAP_FULL:
    case STORE_DISK_FULL:
        return JOURNAL_FULL;
    default:
        return JOURNAL_FATAL;
    }
}

static enum journal_result embedded_tip(struct journal *journal, struct store_txn *txn, struct journal_tip *tip) {
    (void)journal;
    return result_of(journal_local_tip(txn, tip));
}

static enum journal_result embedded_read(struct journal *journal, struct store_txn *txn, uint64_t seq,
                                         struct journal_entry *entry) {
    (void)journal;
    return result_of(journal_local_read(txn, seq, entry));
}

static enum journal_result embedded_append(struct journal *journal, struct store_txn *txn, uint64_t first_seq,
                                           const struct journal_entry *entries, size_t count) {
    (void)journal;
    for (size_t i = 0; i < count; i++) {
        if (entries[i].seq != first_seq + i)
            return result_of(store_fail(txn, STORE_FATAL, "journal: entries out of order"));
        enum store_status status = journal_local_append(txn, &entries[i]);
        if (status != STORE_OK)
            return result_of(status);
    }
    return JOURNAL_OK;
}

static void embedded_close(struct journal *journal) {
    free(journal);
}

struct journal *journal_open(void) {
    struct journal *journal = malloc(sizeof *journal);
    if (journal)
        *journal = (struct journal){embedded_tip, embedded_read, embedded_append, embedded_close};
    return journal;
}
