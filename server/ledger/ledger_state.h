// What a ledger is made of: for ledger.c, view.c, pending.c, past.c and apply*.c alone.
#ifndef THIDUA_LEDGER_LEDGER_STATE_H
#define THIDUA_LEDGER_LEDGER_STATE_H

#include "server/ledger/ledger.h"

enum { UNPACK_BUDGET = 16 * 1024 * 1024 }; // memory of one definition or entry taken from the store

struct view {
    struct ledger *ledger;
    struct store_txn *txn; // NULL: none is open
    bool writing;          // what is pending comes before what is stored
};

struct cached_period {
    uint64_t definition_seq, used;
    struct period *period;
};

struct ledger {
    struct store *store;
    struct journal *journal;
    struct view reading, writing;

    // compiled definitions
    struct cached_period *cache;
    size_t n_cache;
    uint64_t uses;

    // of the write transaction
    void *sheets, *periods; // trees of pending rows
    struct journal_entry *entries;
    size_t n_entries, room;
    struct journal_tip base, tip; // when it began, and now
    int64_t base_time_ms, tip_time_ms;
    char fault[320];
};

// Forgets compiled definitions beyond a number, the longest unused first.
void cache_trim(struct ledger *ledger);
// Forgets those defined after the entry `seq`: they belong to a transaction that is no more.
void cache_forget_after(struct ledger *ledger, uint64_t seq);
void cache_free(struct ledger *ledger);

// Rows changed but not written yet. Getters answer NULL where there is none.
const struct sheet *pending_sheet(const struct ledger *ledger, uint32_t period, uint32_t unit);
const struct period_row *pending_period(const struct ledger *ledger, uint32_t number);
// Room for the row, which the caller fills in. NULL: out of memory, and the transaction's fault says so.
struct sheet *pending_add_sheet(struct ledger *ledger, uint32_t period, uint32_t unit);
struct period_row *pending_add_period(struct ledger *ledger, uint32_t number);
// Writes all of them, in the order of their keys, and forgets them.
enum store_status pending_flush(struct ledger *ledger);
void pending_clear(struct ledger *ledger);

#endif
