// Sheets and periods as they stood after an earlier entry. Each event names the one that it replaces: the way goes back
// from the present along these links, without an index and without replaying.
#ifndef THIDUA_LEDGER_PAST_H
#define THIDUA_LEDGER_PAST_H

#include "server/ledger/ledger.h"

enum past {
    PAST_FOUND,
    PAST_MORE,   // the steps are used up: call again, with *seq as it was left
    PAST_FAILED, // the view has a fault, or the arena is exhausted
};

// Goes back from *seq, an entry that changed the unit's sheet (the sheet's seq to begin with), to the last one at or
// before `until`; *seq is then that entry, or 0: the sheet was blank. Counts *steps down, one for each entry read, and
// to 0 at once where half of the arena is used: it wants a new one.
enum past past_find_sheet(const struct view *view, uint32_t unit, uint64_t until, uint64_t *seq, unsigned *steps,
                          struct arena *arena);

// The sheet as the entry `seq`, found as above, left it; 0: blank. Holds, nominations, adjustments but their sums,
// returns, signature and the unit's own deadline are not told. False: as PAST_FAILED.
bool past_sheet(const struct view *view, const struct period *period, uint32_t unit, uint64_t seq, struct sheet *sheet,
                struct arena *arena);

// The period's row as it stood after the entry `until`: definition_seq, state, deadline_passed, board_hash (zeros
// unless it was locked then), and in own_seq the entry that made it so; nothing else of it. own_seq 0: the definition
// in force is younger. Few entries change a row: no slices are needed. False: as PAST_FAILED, or there is no such
// period.
bool past_period(const struct view *view, uint32_t number, uint64_t until, struct period_row *row, struct arena *arena);

// The last entry at or before the instant; 0: none, or as PAST_FAILED. It stays the same as the journal grows, once no
// entry can come any more that has this time. That is not so where the clock went back, or had gone ahead: there times
// are not in order, and an entry is surely named by its number alone.
uint64_t past_seq_at(const struct view *view, int64_t time_ms, struct arena *arena);

#endif
