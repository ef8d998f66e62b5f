// The journal: accepted writes in order, each with the hash that chains it to the one before. Four calls, so that
// another journal can stand in for the embedded one; only the writer, and one file per journal, know which is in use.
#ifndef THIDUA_LEDGER_JOURNAL_H
#define THIDUA_LEDGER_JOURNAL_H

#include "server/ledger/store.h"

enum { JOURNAL_HASH = 32 };

enum journal_result {
    JOURNAL_OK,
    JOURNAL_MOVED,   // the sequence is taken: apply what came, decide again
    JOURNAL_FULL,    // nothing was appended; may be tried later (the transaction's fault tells disk from map)
    JOURNAL_UNKNOWN, // settle it by reading that sequence and comparing hashes
    JOURNAL_FATAL,
};

struct journal_entry {
    uint64_t seq;
    struct span record;         // the bytes of an Entry
    uint8_t hash[JOURNAL_HASH]; // SHA-256(hash of the entry before, record)
};

struct journal_tip {
    uint64_t seq; // 0: empty
    uint8_t hash[JOURNAL_HASH];
};

struct journal {
    enum journal_result (*tip)(struct journal *journal, struct store_txn *txn, struct journal_tip *tip);
    // The entry `seq`; its record is valid as long as a value of the transaction. JOURNAL_MOVED: there is none yet.
    enum journal_result (*read)(struct journal *journal, struct store_txn *txn, uint64_t seq,
                                struct journal_entry *entry);
    // All or none of the entries, the first at `first_seq`. Durable once the transaction has been committed.
    enum journal_result (*append)(struct journal *journal, struct store_txn *txn, uint64_t first_seq,
                                  const struct journal_entry *entries, size_t count);
    void (*close)(struct journal *journal);
};

// The journal that this daemon was built with. NULL: out of memory.
struct journal *journal_open(void);

// The local copy of the journal, which every daemon has: where the embedded journal keeps its entries.
enum store_status journal_local_read(struct store_txn *txn, uint64_t seq, struct journal_entry *entry);
enum store_status journal_local_tip(struct store_txn *txn, struct journal_tip *tip);
enum store_status journal_local_append(struct store_txn *txn, const struct journal_entry *entry);

// SHA-256(prev || record). False: out of memory.
bool journal_hash(const uint8_t prev[JOURNAL_HASH], struct span record, uint8_t hash[JOURNAL_HASH]);

#endif
