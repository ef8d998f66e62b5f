// Deadlines: which one counts, and that their passing is an entry of its own.
#ifndef THIDUA_COMMANDS_DEADLINES_H
#define THIDUA_COMMANDS_DEADLINES_H

#include "server/ledger/writer.h"

// The deadline that counts for a unit: its own where it has one, else the period's. It has passed once the entry that
// says so stands, whatever the clock reads.
struct deadline {
    int64_t at_ms; // the first instant that is late
    bool passed;
};
struct deadline deadline_of(const struct period *period, const struct period_row *row, const struct sheet *sheet);

// The event that a deadline owes at `now_ms`, or the next instant at which one may be due (writer_handlers.due).
bool deadlines_due(void *ctx, const struct view *view, int64_t now_ms, struct arena *arena, Pb__Event *event,
                   int64_t *wake_ms);

#endif
