// The rows of a board as they stood after an earlier entry. The way back may be long: it is gone in slices.
#ifndef THIDUA_COMMANDS_PAST_ROWS_H
#define THIDUA_COMMANDS_PAST_ROWS_H

#include "server/commands/seen.h"
#include "server/commands/walk.h"

enum moment {
    MOMENT_NOW,  // nothing of the period has changed since
    MOMENT_PAST, // the cursor remembers which
    MOMENT_NONE, // refused or failed
};

// The moment that the question names by at_seq or at_ms. In the turns that follow the first it is what it was.
enum moment past_moment(struct walk *walk, struct cursor *cursor);

// Sets the context's row and sight to what they were at that moment; *at is the entry that it is named by. False:
// refused or failed, or context->again.
bool past_sight(struct walk *walk, struct cursor *cursor, uint64_t *at);

// What the caller saw of all units at that moment, in the period's order, valid until cursor_release; *seq is the last
// entry that had changed the period by then. After past_sight in the same turn. NULL: failed, or context->again.
const struct seen *past_rows(struct walk *walk, struct cursor *cursor, Pb__Column column, uint64_t *seq);

#endif
