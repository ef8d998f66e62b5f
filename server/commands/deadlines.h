// Deadlines: their passing is an entry of its own.
#ifndef THIDUA_COMMANDS_DEADLINES_H
#define THIDUA_COMMANDS_DEADLINES_H

#include "server/ledger/writer.h"

// The event that a deadline owes at `now_ms`, or the next instant at which one may be due (writer_handlers.due).
bool deadlines_due(void *ctx, const struct view *view, int64_t now_ms, struct arena *arena, Pb__Event *event,
                   int64_t *wake_ms);

#endif
